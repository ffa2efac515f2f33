import ArgumentParser
import Inspection

/// What `get`, `describe` and `logs` share: they fail as kubectl does, with exit code 1.
enum KubectlError {
  static func fail(_ text: String) -> ExitCode {
    Console.tell(text)
    return ExitCode(1)
  }

  /// `csr`, or `csr/NAME`.
  static func resource(_ typed: String) throws -> (resource: Resource, name: String?) {
    let parts = typed.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let resource = Resource(String(parts[0])) else {
      throw fail("error: the server doesn't have a resource type \"\(parts[0])\"")
    }
    return (resource, parts.count > 1 ? String(parts[1]) : nil)
  }
}

extension ResourceView.Format: ExpressibleByArgument {}

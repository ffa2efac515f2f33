import ArgumentParser
import Inspection

/// How `get` and `describe` fail: as kubectl does, with exit code 1.
enum KubectlError {
  /// After what was found.
  static func tell(_ missing: [ResourceView.NotFound]) throws {
    if !missing.isEmpty { throw fail(missing.map(\.description).joined(separator: "\n")) }
  }

  static func fail(_ text: String) -> ExitCode {
    Console.tell(text)
    return ExitCode(1)
  }
}

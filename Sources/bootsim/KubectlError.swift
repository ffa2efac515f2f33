import ArgumentParser
import Inspection

/// How `get` and `describe` fail: in kubectl's words.
enum KubectlError {
  /// After what was found; exit code 1, as kubectl's.
  static func tell(_ missing: [ResourceView.NotFound]) throws {
    if !missing.isEmpty { throw fail(missing.map(\.description).joined(separator: "\n"), 1) }
  }

  static func fail(_ text: String, _ code: Int32) -> ExitCode {
    Console.tell(text)
    return ExitCode(code)
  }
}

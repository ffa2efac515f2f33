import ArgumentParser
import Inspection

/// What `get`, `describe` and `logs` share: they fail as kubectl does, with exit code 1.
enum KubectlError {
  static func fail(_ text: String) -> ExitCode {
    Console.tell(text)
    return ExitCode(1)
  }
}

extension ResourceView.Format: ExpressibleByArgument {}

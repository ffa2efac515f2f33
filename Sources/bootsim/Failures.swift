import ArgumentParser
import Calibration
import Conformance
// `stdout` is a variable of C.
@preconcurrency import Foundation
import Reporting
import Scenarios
import TraceStore

/// Runs a command's body; what it throws is told on standard error and becomes the exit code.
///
/// 65: a scenario or a trace that cannot be used. 70: what no command expects. 74: input or output failed, as
/// where a path leads to nothing, or to a folder. 129, 130, 143: interrupted.
func withExitCodes(interrupted: String = "interrupted", _ body: () throws -> Void) throws {
  do {
    do {
      try body()
    } catch let code as ExitCode {
      // A result that nobody gets is worse than the result itself.
      try flushOutput()
      throw code
    }
    try flushOutput()
  } catch let errors as ScenarioErrors {
    errors.tell()
    throw ExitCode(errors.exitCode)
  } catch let error as TraceError {
    Console.tell("\(error)")
    throw ExitCode(error.isInputOutput ? 74 : 65)
  } catch let interruption as Interruption {
    Console.tell(interrupted)
    throw ExitCode(interruption.exitCode)
  } catch let error
    where error is OutputFailure || error is UnreadableLog || error is RecordingError
  {
    Console.tell("\(error)")
    throw ExitCode(74)
  } catch let error
    where !(error is ExitCode || error is ValidationError || error is CleanExit)
  {
    // ArgumentParser would have it end with 1, which says that an expectation failed.
    Console.tell("a bug of bootsim: \(error)")
    throw ExitCode(70)
  }
}

private func flushOutput() throws {
  guard fflush(nil) == 0, ferror(stdout) == 0 else {
    throw OutputFailure(
      description: "standard output cannot be written: \(String(cString: strerror(errno)))")
  }
}

extension ScenarioErrors {
  var exitCode: Int32 { isUnreadableFile ? 74 : 65 }

  func tell() {
    for note in notes { Console.tell("note: \(note)") }
    Console.tell("\(self)")
  }
}

/// A file could not be written or read.
struct OutputFailure: Error, CustomStringConvertible {
  let description: String
}

extension OutputFailure {
  /// - Parameter option: which option names the file; nil: nothing more is to be said of it.
  init(_ path: String, _ error: any Error, option: String? = nil) {
    description =
      "\(path) cannot be written: \(FileTrouble.reason(error)); give a path that can be written"
      + (option.map { " with \($0)" } ?? "")
  }
}

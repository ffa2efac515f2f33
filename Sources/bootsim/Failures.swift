import ArgumentParser
import Calibration
import Conformance
import Foundation
import Scenarios
import TraceStore

/// Runs a command's body; what it throws is told on standard error and becomes the exit code.
///
/// 65: a scenario or a trace that cannot be used. 74: input or output failed. 130, 143: interrupted.
func withExitCodes(interrupted: String = "interrupted", _ body: () throws -> Void) throws {
  do {
    try body()
    guard fflush(nil) == 0 else {
      throw OutputFailure(
        description: "standard output cannot be written: \(String(cString: strerror(errno)))")
    }
  } catch let errors as ScenarioErrors {
    Console.tell(errors.description)
    throw ExitCode(65)
  } catch let error as TraceError {
    Console.tell(error.description)
    throw ExitCode(65)
  } catch let interruption as Interruption {
    Console.tell(interrupted)
    throw ExitCode(interruption.exitCode)
  } catch let failure as OutputFailure {
    Console.tell(failure.description)
    throw ExitCode(74)
  } catch let failure as UnreadableLog {
    Console.tell(failure.description)
    throw ExitCode(74)
  } catch let failure as RecordingError {
    Console.tell(failure.description)
    throw ExitCode(74)
  }
}

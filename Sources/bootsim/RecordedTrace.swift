import ArgumentParser
import Inspection
import Reporting
import SimulationKernel

/// The run that a command looks at.
struct RecordedTrace: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The trace (SQLite), from bootsim run.", valueName: "run"),
    completion: .file(extensions: ["sqlite"]))
  var trace: String

  /// - Parameter instant: at which it is to be looked at; a note says so where it had ended before.
  /// - Throws: `TraceError`.
  func opened(at instant: Instant? = nil) throws -> RecordedRun {
    let recorded = try RecordedRun(path: trace)
    let end = Instant(nanoseconds: recorded.run.end)
    if let instant, instant > end {
      Console.tell("note: the run ended at \(Text.clock(end)), and is shown as it was then")
    }
    return recorded
  }
}

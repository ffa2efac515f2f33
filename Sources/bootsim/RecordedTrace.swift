import ArgumentParser
import Inspection

/// The run that a command looks at.
struct RecordedTrace: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The trace (SQLite), from bootsim run.", valueName: "run"),
    completion: .file(extensions: ["sqlite"]))
  var trace: String

  /// - Throws: `TraceError`.
  func opened() throws -> RecordedRun { try RecordedRun(path: trace) }
}

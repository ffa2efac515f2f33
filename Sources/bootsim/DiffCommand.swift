import ArgumentParser
import Inspection
import Regression

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares two recorded runs: where they part, and what came of it.",
    discussion: """
      Names the first event that differs with what led to it on both sides, the inputs that differ, and \
      what changed: nodes, times to Ready, causes of failure, approvals. A trace of level steps is \
      completed by playing it again.

      Exit codes: 0 equal, 1 different, 64 usage, 65 no complete trace, 70 a bug of bootsim, 74 a \
      trace that cannot be read.
      """)

  @Argument(help: "A trace.", completion: .file(extensions: ["sqlite"]))
  var left: String

  @Argument(help: "The trace that it is compared with.", completion: .file(extensions: ["sqlite"]))
  var right: String

  @OptionGroup var printed: PrintedFormat

  func run() throws {
    try withExitCodes {
      let diff = try RunDiff(RecordedRun(path: left), RecordedRun(path: right))
      switch printed.format {
      case .summary: print(diff.text)
      case .json: print(try diff.json())
      }
      if !diff.areEqual { throw ExitCode(1) }
    }
  }
}

import ArgumentParser
import Reporting
import Scenarios

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists scenarios with what each of them shows.",
    discussion: """
      What a scenario shows is the first sentence of the comment at its top; the number of a failure \
      mode, such as O17, stands before it. Files that are no good scenario are told on standard error; \
      the others are listed all the same.

      Exit codes: 0 good, 64 usage, 65 a scenario that cannot be used, 74 a file or folder that cannot \
      be read.
      """)

  @Argument(help: "Folders, or scenario files.", completion: .directory)
  var paths = ["scenarios"]

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp("What is printed: text or json.", valueName: "format"))
  var format = LintCommand.LintFormat.text

  private struct Row: Encodable {
    var file: String
    var name: String
    var nodes: Int
    var failureMode: String?
    var shows: String
  }

  func run() throws {
    try withExitCodes {
      var rows: [Row] = []
      var bad: [ScenarioErrors] = []
      for file in try ScenarioPaths.all(in: paths) {
        do {
          rows.append(try row(file))
        } catch let errors as ScenarioErrors {
          bad.append(errors)
        }
      }
      switch format {
      case .text: print(Self.table(rows), terminator: "")
      case .json: print(try JSONText.pretty(rows))
      }
      bad.forEach { $0.tell() }
      if let worst = bad.map(\.exitCode).max() { throw ExitCode(worst) }
    }
  }

  private func row(_ file: String) throws -> Row {
    let loaded = try ScenarioFile.load(path: file)
    let story = ScenarioStory(loaded)
    return Row(
      file: file, name: loaded.scenario.name,
      nodes: loaded.scenario.groups.reduce(0) { $0 + $1.nodeNames.count },
      failureMode: story.failureMode.map { "O\($0)" }, shows: story.summary)
  }

  private static func table(_ rows: [Row]) -> String {
    let head = ["SCENARIO", "NODES", "FAILURE", "SHOWS"]
    let lines =
      [head] + rows.map { [$0.file, "\($0.nodes)", $0.failureMode ?? "-", $0.shows] }
    let widths = (0..<3).map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let cells = zip(line, widths).map { Text.left($0, $1) }
      return (cells + [line[3]]).joined(separator: "  ") + "\n"
    }.joined()
  }
}

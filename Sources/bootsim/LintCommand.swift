import ArgumentParser
import Foundation
import Reporting
import Scenarios

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Looks for what in scenarios will hardly do what is meant, without playing.",
    discussion: """
      A comment # bootsim-lint: disable=RULE on a line of its own disables a rule for the file, behind \
      a value for that line. Of folders every file with a Scenario is looked at. With \
      GITHUB_ACTIONS=true text also has each finding as an annotation.

      Exit codes: 0 good, 1 a finding of level error, 64 usage, 65 a scenario that cannot be played, 74 \
      input or output failed.
      """)

  @Argument(
    help: "Scenario files, or folders; - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var paths: [String] = []

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp("What is printed: text or json.", valueName: "format"))
  var format = LintFormat.text

  @Option(
    help: ArgumentHelp("Also writes the findings as SARIF 2.1.0.", valueName: "file"),
    completion: .file(extensions: ["sarif"]))
  var sarif: String?

  @Flag(help: "Lets --sarif replace a file.")
  var force = false

  @Option(help: "From which level on a finding fails: error, warning or note.")
  var failOn = LintSeverity.error

  @Flag(help: "Prints the rules instead.")
  var rules = false

  enum LintFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

  func validate() throws {
    if paths.isEmpty && !rules {
      throw ValidationError("Missing expected argument '<paths> ...'")
    }
  }

  func run() throws {
    if rules {
      print(
        LintRule.all.map { "\($0.id) (\($0.severity.rawValue))\n    \($0.text)" }.joined(
          separator: "\n"))
      return
    }
    try withExitCodes {
      let files = try ScenarioPaths.all(
        in: paths.map { $0 == "-" ? RunCommand.standardInput : $0 })
      if let sarif { try OutputFile.check(sarif, reads: files) }
      let reports = files.map { LintReport.of(path: $0) }
      let text = LintText(reports.flatMap(\.findings), files: files.count)
      if let sarif {
        try OutputFile.write(
          try text.sarif(version: bootsimVersion, below: SourceRoot.path), to: sarif, force: force)
      }
      print(format == .json ? try text.json() : text.text, terminator: "")
      if format == .text, ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true" {
        print(text.annotations, terminator: "")
      }
      for note in reports.flatMap({ $0.errors?.notes ?? [] }) { Console.tell("note: \(note)") }
      if let worst = reports.compactMap({ $0.errors?.exitCode }).max() { throw ExitCode(worst) }
      if text.findings.contains(where: { $0.severity <= failOn }) { throw ExitCode(1) }
    }
  }
}

extension LintSeverity: ExpressibleByArgument {}

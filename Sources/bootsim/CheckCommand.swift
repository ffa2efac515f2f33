import ArgumentParser
import Foundation
import Regression
import Scenarios

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Plays scenarios and compares what they come to with golden files.",
    discussion: """
      Compares digest, nodes, times to Ready, causes of failure and the scenario's own expect:, names \
      the first event that differs with what led to it, and says what changed. In GitHub Actions it also \
      writes annotations and the step summary.

      Exit codes: 0 good, 1 a scenario came out otherwise or has no golden file, 64 usage, 65 a \
      scenario or golden file cannot be used, 70 a bug of bootsim, 74 input or output failed, 129, \
      130 or 143 interrupted.
      """)

  @Argument(help: "Scenario files, or folders with them at any depth.", completion: .file())
  var paths: [String]

  @Option(help: "The folder of golden files.", completion: .directory)
  var golden = "results/golden"

  @Flag(help: "Writes the golden files instead of comparing with them.")
  var update = false

  @Flag(
    help: ArgumentHelp(
      "With --update: also keeps a full trace beside each golden file.",
      discussion: "With it the first event that differs is named in runs of any size.")
  )
  var traces = false

  @Flag(help: "With --update: also deletes golden files of scenarios that are gone.")
  var prune = false

  @Option(help: "Also writes a JUnit XML file.", completion: .file(extensions: ["xml"]))
  var junit: String?

  @Option(help: "Also writes a SARIF 2.1.0 file.", completion: .file(extensions: ["sarif"]))
  var sarif: String?

  @OptionGroup var printed: PrintedFormat

  func validate() throws {
    if traces && !update { throw ValidationError("--traces needs --update") }
    try OutputFile.checkDiffer(["--junit": junit, "--sarif": sarif])
    if prune && !update { throw ValidationError("--prune needs --update") }
  }

  func run() throws {
    let written = update ? "; golden files are as they were written so far" : ""
    try withExitCodes(interrupted: "interrupted\(written)") {
      do {
        let report = CheckReport(try check(), version: bootsimVersion)
        try handleStale()
        try write(report)
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
      } catch let failure as GoldenFailure {
        throw OutputFailure(description: failure.description)
      }
    }
  }

  private func check() throws -> [CheckedScenario] {
    var check = GoldenCheck(GoldenFolder(golden))
    check.updates = update
    check.keepsTraces = traces
    check.version = bootsimVersion
    check.reading = { try Interruption.listen(after: $0) }
    let files = try ScenarioPaths.all(in: paths)
    try checkOutputs(reads: files)
    let progress = ProgressLine()
    defer { progress.clear() }
    return try files.enumerated().map { number, file in
      progress.show("\(number + 1) of \(files.count): \(file)")
      let checked = try check.check(file, isInterrupted: { Interruption.current != nil })
      guard let checked else { throw Interruption.current ?? Interruption(signal: SIGINT) }
      return checked
    }
  }

  private func handleStale() throws {
    let folder = GoldenFolder(golden)
    for file in folder.stale() {
      if prune {
        try folder.remove(file)
        Console.tell("deleted \(file): its scenario is gone")
      } else {
        Console.tell(
          "note: \(file): its scenario is gone; the same command with --update --prune deletes it")
      }
    }
  }

  /// Before anything is played: its files replace nothing but earlier ones of theirs.
  private func checkOutputs(reads files: [String]) throws {
    if let junit { try OutputFile.check(junit, reads: files, replaces: "<testsuite") }
    if let sarif { try OutputFile.check(sarif, reads: files, replaces: "sarif") }
  }

  private func write(_ report: CheckReport) throws {
    if let junit {
      try OutputFile.write(report.junit(golden: golden), to: junit, option: "--junit")
    }
    if let sarif {
      let log = try report.sarif(below: SourceRoot.path)
      try OutputFile.write(log, to: sarif, option: "--sarif")
    }
    let environment = ProcessInfo.processInfo.environment
    if environment["GITHUB_ACTIONS"] == "true" {
      report.annotations.forEach(Console.tell)
      if let summary = environment["GITHUB_STEP_SUMMARY"] {
        try OutputFile.append(report.markdown, to: summary)
      }
    }
    switch printed.format {
    case .summary: print(report.text)
    case .json: print(try report.json())
    }
  }
}

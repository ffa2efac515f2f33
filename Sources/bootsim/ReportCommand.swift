import ArgumentParser
import HTMLReport
import Inspection

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes a run, or two side by side, as one HTML file for a browser.",
    discussion: """
      The file needs nothing else: no network, no other files. It has what happened in one paragraph, \
      nodes by step, queues and answers over time, the times to Ready, failures by cause, the steps of \
      the slowest, the median and the failed nodes, and a search for any node.

      Exit codes: 0 good, 64 usage, 65 a trace that cannot be used, 70 a bug of bootsim, 74 input or \
      output failed.
      """)

  @Argument(
    help: "One or two traces, as bootsim run writes them.",
    completion: .file(extensions: ["sqlite"]))
  var runs: [String]

  @Option(
    name: .shortAndLong, help: "Where the report goes; - is standard output.",
    completion: .file(extensions: ["html"]))
  var output = "report.html"

  func validate() throws {
    try OutputFile.checkIsNoFormat(output, instead: "-o report.html")
    if runs.count > 2 { throw ValidationError("give one or two traces, not \(runs.count)") }
  }

  func run() throws {
    try withExitCodes {
      if output != "-" { try OutputFile.check(output, reads: runs, replaces: "<html") }
      let page = try ReportPage(try runs.map { try RecordedRun(path: $0) })
      if output == "-" { return print(page.text, terminator: "") }
      try OutputFile.write(page.text, to: output)
      Console.tell("wrote \(output)")
    }
  }
}

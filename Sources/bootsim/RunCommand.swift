import ArgumentParser
import Foundation
import Reporting
import Scenarios
import TLSBootstrap

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Plays a scenario, prints a summary and records a trace.",
    discussion: """
      Exit codes: 0 good, 1 an expectation failed, 64 usage, 65 bad scenario, 70 a bug of bootsim, \
      74 input or output failed, 129, 130 or 143 interrupted.
      """)

  @Argument(
    help: "The scenario file (YAML); - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(parsing: .unconditional, help: "Seed of every draw, in place of spec.seed.")
  var seed: UInt64?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Sets a key, as in spec.controllerManager.kubeAPIQPS=100. The same key twice plays both.",
      valueName: "key=value"))
  var overrides: [String] = []

  @Option(
    help: "Where the trace goes; without it results/<scenario>-<seed>.sqlite.",
    completion: .file(extensions: ["sqlite"]))
  var output: String?

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp(
      "What is printed: summary or json; of several runs json is a list of objects.",
      valueName: "format"))
  var format = OutputFormat.summary

  @Option(
    help: ArgumentHelp(
      "How much is recorded: none, steps or full; without it full up to 20,000 nodes.",
      discussion: "With none and --output the trace has only what the run is played again from."))
  var trace: TraceLevel?

  @Flag(help: "With --trace full: lists each request of nodes that wait without a certificate.")
  var anonymous = false

  @Flag(
    help: "Also prints Little's law on every queue, the use of every limiter, and which binds.")
  var analyze = false

  static let standardInput = "/dev/stdin"

  /// The largest run that is recorded in full unless asked.
  static let fullTraceNodes = 20_000

  mutating func validate() throws {
    if file == "-" { file = Self.standardInput }
    if anonymous, let trace, trace != .full {
      throw ValidationError("--anonymous needs --trace full, not --trace \(trace.rawValue)")
    }
    if seed != nil, overrides.contains(where: { Override($0).path == "spec.seed" }) {
      throw ValidationError("--seed and --set spec.seed are one key; give one of them")
    }
    if let override = overrides.first(where: { Override($0).path == nil }) {
      throw ValidationError("--set \(override): no `=`; write --set spec.key=value")
    }
  }

  func run() throws {
    try withExitCodes(interrupted: "interrupted; no trace was written") {
      let variants = Variant.all(of: overrides)
      if variants.count == 1 {
        try runOnce()
      } else {
        try runSideBySide(variants)
      }
    }
  }

  private func runOnce() throws {
    var request = traceRequest
    request.printsSteps = format == .summary
    let played = try PlayedRun(
      file: file, overrides: overrides, seed: seed, request: request)
    switch format {
    case .summary:
      let command = repeatCommand(seed: played.report.seed, overrides: overrides)
      print(played.summaryText(repeatCommand: command))
      if analyze { print("\n\(played.report.analysis.text)") }
    case .json: print(try played.json())
    }
    try fail(played.brokenExpectations())
  }

  private func runSideBySide(_ variants: [Variant]) throws {
    var played: [PlayedRun] = []
    for variant in variants {
      Console.tell("playing \(variant.name)")
      var request = traceRequest
      request.suffix = variant.fileSuffix
      request.command = repeatCommand(seed: seed, overrides: variant.overrides)
      played.append(
        try PlayedRun(file: file, overrides: variant.overrides, seed: seed, request: request))
    }
    switch format {
    case .summary:
      print(
        Comparison(zip(variants, played).map { (name: $0.name, report: $1.report) }).text)
    case .json:
      let reports = try played.map { try $0.json() }
      print("[\n\(reports.joined(separator: ",\n"))\n]")
    }
    try fail(zip(variants, played).flatMap { $1.brokenExpectations(variant: $0.name) })
  }

  private func fail(_ broken: [String]) throws {
    broken.forEach(Console.tell)
    if !broken.isEmpty { throw ExitCode(1) }
  }

  private var traceRequest: TraceRequest {
    TraceRequest(
      output: output, level: trace, listsAnonymousRequests: anonymous,
      command: repeatCommand(seed: seed, overrides: overrides))
  }

  /// The one command that plays the same again.
  private func repeatCommand(seed: UInt64?, overrides: [String]) -> String {
    (["bootsim run \(file == Self.standardInput ? "-" : ShellWord.quoted(file))"]
      + (seed.map { ["--seed \($0)"] } ?? [])
      + ShellWord.options(overrides)).joined(separator: " ")
  }
}

extension TraceLevel: ExpressibleByArgument {}

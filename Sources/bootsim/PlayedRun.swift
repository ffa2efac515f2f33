import ArgumentParser
import Foundation
import Inspection
import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap
import TraceStore

/// What the user wants recorded, and where.
struct TraceRequest {
  var output: String?
  var level: TraceLevel?
  var listsAnonymousRequests = false
  /// Whether the steps of a small run are printed.
  var printsSteps = false
  /// Added to the name of a file that the user did not name, or that several runs share.
  var suffix = ""
  /// The command that repeats the run, without what only says where its output goes.
  var command = ""
}

/// A scenario that was read, played and recorded.
///
/// A class, so that nobody who holds it copies its world.
final class PlayedRun {
  let report: RunReport
  /// nil: nothing was recorded.
  let tracePath: String?
  private let world: World
  private let loaded: LoadedScenario
  /// The first steps, a line each, and how many there are beyond them.
  private let steps: [String]
  private let furtherSteps: Int
  private let file: String
  /// The expectations of the scenario, each with what breaks it.
  private lazy var checked: [(Expectation, String?)] = {
    let outcome = Outcome(world)
    return loaded.expectations.map { ($0, $0.check(outcome)) }
  }()

  /// The most nodes whose steps are printed one by one.
  static let nodesWithSteps = 2
  /// The most steps that are printed.
  ///
  /// 1,000. Assumption: nobody reads more; a node that never joins makes millions.
  static let mostSteps = 1_000

  /// - Throws: `ScenarioErrors`, `OutputFailure`, `Interruption`.
  init(file: String, overrides: [String], seed: UInt64?, request: TraceRequest) throws {
    self.file = file
    let loaded = try Interruption.listen {
      try ScenarioFile.load(path: file, overrides: overrides, seed: seed)
    }
    for note in loaded.notes { Console.tell("note: \(note)") }
    let scenario = loaded.scenario
    let nodes = scenario.groups.reduce(0) { $0 + $1.nodeNames.count }
    let level = Self.level(request, nodes: nodes)
    let path = level == .none && request.output == nil ? nil : Self.path(request, scenario)
    if let path { try OutputFile.check(trace: path, reads: loaded.inputs.map(\.path)) }
    let recorder = try path.map {
      try Self.recorder(path: $0, loaded, level, request)
    }
    let mostSteps = request.printsSteps && nodes <= Self.nodesWithSteps ? Self.mostSteps : 0
    let kept: TraceLevel = mostSteps > 0 && level == .none ? .steps : level
    // Where a trace is written, a run waits for that.
    if recorder == nil { LargePages.reserve(nodes: nodes) }
    var world = World(scenario, inputs: loaded.canonicalInputs, level: kept)
    if request.listsAnonymousRequests { world.listedWaits = .all }
    let sink = RunSink(recorder: recorder, mostSteps: mostSteps)
    let ending = try Self.play(&world, of: file, into: sink, recorder)
    report = RunReport(world, ending: ending)
    tracePath = path
    self.loaded = loaded
    self.world = world
    let text = TextTrace(world)
    steps = sink.steps.compactMap(text.line)
    furtherSteps = sink.furtherSteps
  }

  private static func level(_ request: TraceRequest, nodes: Int) -> TraceLevel {
    if let level = request.level { return level }
    if nodes <= RunCommand.fullTraceNodes { return .full }
    Console.tell(
      "note: \(nodes) nodes are more than \(RunCommand.fullTraceNodes), so only their steps are "
        + "recorded; --trace full records everything")
    return .steps
  }

  private static func path(_ request: TraceRequest, _ scenario: Scenario) -> String {
    guard let output = request.output else {
      return "results/\(scenario.name)-\(scenario.seed)\(request.suffix).sqlite"
    }
    guard !request.suffix.isEmpty else { return output }
    let url = URL(fileURLWithPath: output)
    let name = url.deletingPathExtension().path + request.suffix
    return url.pathExtension.isEmpty ? name : "\(name).\(url.pathExtension)"
  }
}

// MARK: Playing

extension PlayedRun {
  private static func recorder(
    path: String, _ loaded: LoadedScenario, _ level: TraceLevel, _ request: TraceRequest
  ) throws -> SQLiteTrace {
    try OutputFile.makeFolder(of: path, option: "--output")
    do {
      return try SQLiteTrace(
        path: path,
        run: RunInputs(loaded, version: bootsimVersion, command: request.command),
        level: level, listsAnonymousRequests: request.listsAnonymousRequests)
    } catch let error as TraceError {
      throw OutputFailure(description: error.description)
    } catch {
      throw OutputFailure(path, error, option: "--output")
    }
  }

  private static func play(
    _ world: inout World, of file: String, into sink: RunSink, _ recorder: SQLiteTrace?
  ) throws -> World.Ending {
    var bar = ProgressBar()
    do {
      var target: (any TraceSink)? = sink
      let ending = try world.run(
        into: &target, isInterrupted: { Interruption.current != nil },
        progress: { world in
          bar.show(
            done: world.readyCount + world.failedCount, of: world.nodeCount,
            at: Text.clock(world.now))
        })
      bar.clear()
      if ending == .interrupted, let interruption = Interruption.current { throw interruption }
      if let errors = ScenarioErrors(ending, of: world, file: file) { throw errors }
      try recorder?.finish(
        directory: world,
        outcome: RunOutcome(world))
      return ending
    } catch let error where error is Interruption || error is ScenarioErrors {
      bar.clear()
      recorder?.abandon()
      throw error
    } catch let error as TraceError {
      recorder?.abandon()
      throw OutputFailure(description: error.description)
    } catch {
      recorder?.abandon()
      throw OutputFailure(description: "the trace cannot be written: \(error)")
    }
  }

  func summaryText(repeatCommand: String) -> String {
    let place = tracePath ?? "none (--trace none)"
    let explanation = tracePath.map { "bootsim explain \(ShellWord.quoted($0))" }
    let summary = Summary(
      report, trace: place, command: repeatCommand, explanation: explanation
    ).text
    if steps.isEmpty { return summary }
    let further =
      furtherSteps > 0
      ? ["… and \(Quantity.count(furtherSteps)) further steps, of which a trace has all"] : []
    return (steps + further + ["", summary]).joined(separator: "\n")
  }

  func json() throws -> String {
    try JSONReport(report, expectations: checked, trace: tracePath).text()
  }

  /// The expectations of the scenario that do not hold, a line each.
  ///
  /// - Parameter variant: what sets the run apart from others beside it; empty where there are none.
  func brokenExpectations(variant: String = "") -> [String] {
    let with = variant.isEmpty ? "" : "with \(variant): "
    return checked.compactMap { expectation, problem in
      problem.map { "\(expectation.place): \(with)`\(expectation.text)`: \($0)" }
    }
  }
}

/// Hands events to the trace, and keeps the first steps of small runs for the summary.
final class RunSink: TraceSink {
  private var recorder: SQLiteTrace?
  private let mostSteps: Int
  private(set) var steps: [TraceEvent] = []
  /// How many there were after the most that are kept.
  private(set) var furtherSteps = 0

  init(recorder: SQLiteTrace?, mostSteps: Int) {
    self.recorder = recorder
    self.mostSteps = mostSteps
  }

  func record(_ events: UnsafeBufferPointer<TraceEvent>) throws {
    try recorder?.record(events)
    guard mostSteps > 0 else { return }
    let reached = events.lazy.filter { $0.step != 0 }
    let count = steps.count
    steps.append(contentsOf: reached.prefix(mostSteps - count))
    if steps.count == mostSteps { furtherSteps += reached.count - (steps.count - count) }
  }

  func record(_ requests: WaitingRequests) throws {
    try recorder?.record(requests)
  }

  func record(_ requests: [WaitingRequest]) throws {
    try recorder?.record(requests)
  }
}

import Foundation
import Reporting
import Scenarios
import SimulationKernel
import TestSupport
import TLSBootstrap

/// A scenario of the repository, played in this process with all its events kept.
struct PlayedScenario {
  let world: World
  let ending: World.Ending
  let events: [TraceEvent]
  let nodes: Int
  let expectations: [Expectation]

  init(_ name: String, overrides: [String] = []) throws {
    let loaded = try ScenarioFile.load(
      path: Repository.path(ofScenario: name), overrides: overrides)
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    var sink: (any TraceSink)? = EventList()
    ending = try world.run(into: &sink)
    events = (sink as? EventList)?.events ?? []
    nodes = world.nodeCount
    expectations = loaded.expectations
    self.world = world
  }

  var outcome: Outcome { Outcome(world) }

  /// What a golden file holds: the summary, and each step of each node.
  var goldenText: String {
    let report = RunReport(world, ending: ending)
    let summary = Summary(report, trace: "-", command: "-").text
    let lines = nodes < 500 ? events.compactMap(TextTrace(world, onlySteps: nodes > 2).line) : []
    return ([summary, ""] + lines).joined(separator: "\n") + "\n"
  }
}

private struct EventList: TraceSink {
  var events: [TraceEvent] = []

  mutating func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events.append(contentsOf: events)
  }
  mutating func record(_ requests: WaitingRequests) {}
  mutating func record(_ requests: [WaitingRequest]) {}
}

import Scenarios
import SimulationKernel
import TLSBootstrap

/// A scenario, written out, that was played with all its events kept.
struct PlayedText {
  let world: World
  let events: [TraceEvent]
  /// The requests of nodes that waited without a certificate, one by one.
  let waiting: [WaitingRequest]

  init(_ scenario: String, seed: UInt64? = nil) throws {
    let loaded = try Self.load(scenario, seed: seed)
    var world = World(loaded.scenario, level: .full)
    world.listedWaits = .all
    var sink: (any TraceSink)? = EventList()
    _ = try world.run(into: &sink)
    let list = sink as? EventList
    events = list?.events ?? []
    waiting = list?.waiting ?? []
    self.world = world
  }

  static func load(_ scenario: String, seed: UInt64? = nil) throws -> LoadedScenario {
    try ScenarioFile.load(text: scenario, path: "conformance.yaml", seed: seed) { path in
      try String(contentsOfFile: path, encoding: .utf8)
    }
  }

  /// Seconds from the start of the run at which answers to this call came.
  func seconds(of call: Call) -> [Double] {
    events.filter {
      $0.call == call && ($0.kind == .requestAnswered || $0.kind == .connectionFailed)
    }
    .map { $0.time.seconds }
  }

  /// The same, of requests that all are refused alike while a node waits.
  func waitingSeconds(of call: Call) -> [Double] {
    waiting.filter { $0.call == call }.map { $0.time.seconds }
  }

  func seconds(of kind: TraceEvent.Kind) -> [Double] {
    events.filter { $0.kind == kind }.map { $0.time.seconds }
  }
}

private struct EventList: TraceSink {
  var events: [TraceEvent] = []
  var waiting: [WaitingRequest] = []

  mutating func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events.append(contentsOf: events)
  }
  mutating func record(_ requests: WaitingRequests) {}
  mutating func record(_ requests: [WaitingRequest]) { waiting.append(contentsOf: requests) }
}

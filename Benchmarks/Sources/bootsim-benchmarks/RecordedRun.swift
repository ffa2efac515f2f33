import Foundation
import Scenarios
import TLSBootstrap
import TraceStore

/// The run of 5,000 kubeadm workers, played once, with everything that it hands to its trace.
struct RecordedRun {
  private let world: World
  private let deliveries: [Delivery]

  /// What the world hands over at once.
  enum Delivery {
    case events([TraceEvent])
    case waiting(WaitingRequests)
  }

  var events: Int { Int(world.eventCount) }

  init(scenario: String) throws {
    var world = World(try ScenarioFile.load(path: scenario).scenario, level: .full)
    let deliveries = Deliveries()
    var sink: (any TraceSink)? = deliveries
    _ = try world.run(into: &sink)
    self.world = world
    self.deliveries = deliveries.all
  }

  struct Times {
    /// Until every event and every waiting request is in the database.
    var rows: Double
    var closing: RecordingTimes

    /// From the first row to the file under its final name.
    var whole: Double { rows + closing.tables + closing.indexes + closing.rename }
  }

  func record(to path: String) throws -> Times {
    let inputs = RunInputs(
      scenario: "recording", inputs: [], seed: 1, version: "", start: 0, command: "")
    let trace = try SQLiteTrace(path: path, run: inputs, level: .full)
    let clock = ContinuousClock()
    let start = clock.now
    for delivery in deliveries {
      switch delivery {
      case .events(let events): try events.withUnsafeBufferPointer { try trace.record($0) }
      case .waiting(let requests): try trace.record(requests)
      }
    }
    let handedOver = (clock.now - start).seconds
    let closing = try trace.finish(
      directory: world,
      outcome: RunOutcome(end: world.now.nanoseconds, events: events, digest: world.digest.text))
    return Times(rows: handedOver + closing.rows, closing: closing)
  }
}

private final class Deliveries: TraceSink {
  private(set) var all: [RecordedRun.Delivery] = []

  func record(_ events: UnsafeBufferPointer<TraceEvent>) { all.append(.events(Array(events))) }
  func record(_ requests: WaitingRequests) { all.append(.waiting(requests)) }
  func record(_ requests: [WaitingRequest]) {}
}

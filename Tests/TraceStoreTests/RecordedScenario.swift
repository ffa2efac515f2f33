import Foundation
import GRDB
import Scenarios
import TestSupport

@testable import TLSBootstrap
@testable import TraceStore

/// A scenario of the repository, recorded in full, with everything that was recorded beside it.
struct RecordedScenario {
  let world: World
  let events: [TraceEvent]
  let waits: [WaitingRequests]
  private let folder = TemporaryFolder()

  /// - Parameter messagesKept: of how many events with a message of their own.
  init(
    _ name: String, overrides: [String] = [], messagesKept: Int = EventWriter.mostKept
  ) throws {
    let loaded = try ScenarioFile.load(
      path: Repository.path(ofScenario: name), overrides: overrides)
    let trace = try SQLiteTrace(
      path: folder.file(), run: SyntheticRun.inputs, level: .full, maximumPages: nil,
      messagesKept: messagesKept)
    let witness = Witness(trace)
    var sink: (any TraceSink)? = witness
    var world = World(loaded.scenario, inputs: [UInt8](), level: .full)
    _ = try world.run(into: &sink)
    try trace.finish(
      directory: world,
      outcome: RunOutcome(world))
    self.world = world
    events = witness.events
    waits = witness.waits
  }

  func rows(_ sql: String) throws -> [String] { try folder.rows(sql) }

  var bytes: Data {
    get throws { try Data(contentsOf: URL(fileURLWithPath: folder.file())) }
  }

  /// The events of the file.
  func eventsOfFile() throws -> [TraceEvent] {
    try DatabaseQueue(path: folder.file()).read { database in
      let rows = try EventRows(database, after: 0)
      var events: [TraceEvent] = []
      while let event = try rows.next() { events.append(event) }
      return events
    }
  }
}

/// Keeps what it hands on.
private final class Witness: TraceSink {
  private(set) var events: [TraceEvent] = []
  private(set) var waits: [WaitingRequests] = []
  private let trace: SQLiteTrace

  init(_ trace: SQLiteTrace) { self.trace = trace }

  func record(_ events: UnsafeBufferPointer<TraceEvent>) throws {
    self.events.append(contentsOf: events)
    try trace.record(events)
  }

  func record(_ requests: WaitingRequests) throws {
    waits.append(requests)
    try trace.record(requests)
  }

  func record(_ requests: [WaitingRequest]) throws { try trace.record(requests) }
}

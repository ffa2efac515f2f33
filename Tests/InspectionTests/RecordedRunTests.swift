import Foundation
import GRDB
import Inspection
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing
import TraceStore

struct RecordedRunTests {
  @Test(arguments: TraceLevel.allCases)
  func `the world at an instant is the world that the run went through`(_ level: TraceLevel) throws
  {
    let recording = try Recording("first-node", level: level)
    let instant = Instant.zero + .seconds(90)
    var expected = World(recording.loaded.scenario, inputs: recording.loaded.canonicalInputs)
    expected.advance(to: instant)
    let world = try recording.opened().world(at: instant)
    #expect(world.digest == expected.digest)
    #expect(try recording.opened().world().digest == recording.end.digest)
  }

  @Test func `of one node each request without a certificate is listed, of no other`() throws {
    let recording = try Recording("missing-create-binding", overrides: ["spec.duration=1m"])
    let list = RequestList()
    try recording.opened().replay(into: list, listing: .node(1))
    #expect(!list.requests.isEmpty && list.requests.allSatisfy { $0.node == 1 })
    let sums = try TraceFile(path: recording.path).rows(
      "SELECT sum(count) FROM waiting_request WHERE node = 1"
    ) { $0[0] as Int }
    #expect(sums == [list.requests.count])
    let everyone = RequestList()
    try recording.opened().replay(into: everyone, listing: .all)
    #expect(everyone.requests.count > 2 * list.requests.count)
    // A node's come when its wait is over, not all nodes' at once.
    #expect(everyone.batches > 2)
    let none = RequestList()
    try recording.opened().replay(into: none)
    #expect(none.requests.isEmpty)
  }

  @Test func `overrides and seed are played again`() throws {
    let recording = try Recording(
      "kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=7", "spec.seed=5"],
      level: .steps)
    let run = try recording.opened()
    #expect(run.run.seed == 5)
    #expect(try run.world().nodeCount == 7)
  }

  @Test(arguments: [TraceLevel.none, .steps])
  func `a trace without all events is completed by playing it again`(_ level: TraceLevel) throws {
    let recording = try Recording("first-node", level: level)
    let complete = try recording.opened().completed()
    let events = try complete.file.run().events
    #expect(try complete.file.rows("SELECT count(*) FROM event") { $0[0] as Int } == [events])
    #expect(try complete.file.run().level == .full)
  }

  @Test func `a trace of level none has inputs and objects, and no event`() throws {
    let trace = try Recording("first-node", level: .none).opened().trace
    #expect(try trace.rows("SELECT count(*) FROM event") { $0[0] as Int } == [0])
    #expect(try trace.rows("SELECT count(*) FROM node") { $0[0] as Int } == [1])
    #expect(try trace.run().level == .none)
  }

  @Test func `a run that does not come out again says so, and what to do`() throws {
    let recording = try Recording("first-node", level: .steps)
    try DatabaseQueue(path: recording.path).write {
      try $0.execute(sql: "UPDATE run SET digest = 'other'")
    }
    let error = try #require(throws: TraceError.self) { try recording.opened().completed() }
    #expect(error.problem.contains("recorded by another build"))
    #expect(error.cure == "record it again")
  }

  @Test func `a scenario that can no longer be read is named with its mistakes`() throws {
    let recording = try Recording("first-node", level: .steps)
    try DatabaseQueue(path: recording.path).write {
      let text = recording.loaded.inputs[0].text.replacing("spec:", with: "spek:")
      try $0.execute(
        sql: "UPDATE input SET text = ?, sha256 = ?",
        arguments: [text, SHA256.hexadecimal(of: text.utf8)])
    }
    let error = try #require(throws: TraceError.self) { try recording.opened() }
    #expect(error.problem.contains("cannot be read any more"))
    #expect(error.problem.contains("spek"))
  }

  @Test(arguments: [
    (
      "UPDATE input SET text = replace(text, 'count: 1', 'count: 2') || '# '",
      "its inputs were changed"
    ),
    ("DELETE FROM input", "no input is stored in it"),
  ])
  func `inputs that are not those of the run are no other build's`(
    change: String, problem: String
  ) throws {
    let recording = try Recording("first-node", level: .steps)
    try DatabaseQueue(path: recording.path).write { try $0.execute(sql: change) }
    let ended = try Program.bootsim(["explain", recording.path])
    #expect(ended.code == 65)
    #expect(
      ended.errors == "\(recording.path): \(problem): it is damaged; record it again\n")
  }

  @Test(arguments: [["diff", "OTHER"], ["export", "--format", "csv"]])
  func `a full trace that lacks events is damaged`(command: [String]) throws {
    let (recording, other) = (try Recording("first-node"), try Recording("first-node"))
    try DatabaseQueue(path: recording.path).write {
      try $0.execute(sql: "DELETE FROM event WHERE id > 20")
    }
    let words = command.map { $0 == "OTHER" ? other.path : $0 }
    let ended = try Program.bootsim([words[0], recording.path] + words.dropFirst())
    #expect(ended.code == 65)
    let count = other.end.eventCount
    #expect(
      ended.errors.hasSuffix(
        "has 20 events, and its run had \(count): it is damaged; record it again\n"),
      "\(ended.errors)")
  }
}

private final class RequestList: TraceSink {
  private(set) var requests: [WaitingRequest] = []
  private(set) var batches = 0

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {}
  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {
    self.requests += requests
    batches += 1
  }
}

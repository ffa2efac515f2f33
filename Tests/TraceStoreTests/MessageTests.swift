import Testing

@testable import TLSBootstrap

/// Messages are stored once for many rows; the views give each row its own.
struct MessageTests {
  @Test(arguments: [
    "first-node", "missing-create-binding", "missing-approve-binding", "expired-token",
    "skewed-clocks", "manual-approval",
  ])
  func `every row has the message that the world spells`(scenario: String) throws {
    let recorded = try RecordedScenario(scenario)
    let events = try recorded.rows("SELECT id, coalesce(message, '') FROM events ORDER BY id")
    let spelled = recorded.events.map { event in
      "\(event.id)|\(recorded.world.message(of: event) ?? "")"
    }
    #expect(events.count == spelled.count)
    #expect(zip(events, spelled).first { $0 != $1 } == nil)
    // Those with a message of their own come last.
    let waits = try recorded.rows("SELECT node, first_ns, message FROM waiting_requests")
    let waitsSpelled = recorded.waits.map { wait in
      let node = recorded.world.node(at: Int(wait.node)).name
      let message = recorded.world.message(of: wait) ?? ""
      return "\(node)|\(wait.first.nanoseconds)|\(message)"
    }
    #expect(waits.sorted() == waitsSpelled.sorted())
  }

  @Test(arguments: ["first-node", "apiserver-outage", "three-api-servers", "kubeadm-join"])
  func `events are read from the file as they were recorded`(scenario: String) throws {
    let recorded = try RecordedScenario(scenario)
    let read = try recorded.eventsOfFile()
    #expect(read.count == recorded.events.count)
    #expect(zip(read, recorded.events).first { $0 != $1 } == nil)
  }

  @Test(arguments: [0, 3])
  func `a run with more messages than are kept writes the same file`(kept: Int) throws {
    let recorded = try RecordedScenario("apiserver-outage")
    let messages = try recorded.rows("SELECT count(*) FROM event_message").first.flatMap { Int($0) }
    #expect(try #require(messages) > 3)
    #expect(try RecordedScenario("apiserver-outage", messagesKept: kept).bytes == recorded.bytes)
  }
}

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
}

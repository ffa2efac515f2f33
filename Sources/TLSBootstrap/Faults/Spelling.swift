/// What messages are spelt with and acts may change: an event's are spelt with what held when it happened.
struct Spelling: Sendable {
  /// The last event that happened while it held.
  let lastEvent: UInt32
  let tokens: TokenTable
  let apiServerClock: Clock
  let managerClock: Clock
  let signingCANotAfter: Int64

  init(_ facts: Facts, through lastEvent: UInt32) {
    self.lastEvent = lastEvent
    tokens = facts.tokens
    apiServerClock = facts.apiServerClock
    managerClock = facts.managerClock
    signingCANotAfter = facts.signingCANotAfter
  }
}

extension World {
  func spelling(of event: TraceEvent) -> Spelling {
    acts.earlierSpellings.first { event.id <= $0.lastEvent }
      ?? Spelling(turn.facts, through: .max)
  }
}

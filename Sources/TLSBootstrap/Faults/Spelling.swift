import SimulationKernel

/// What messages are spelt with and acts may change: an event's are spelt with what held when it happened.
struct Spelling: Sendable {
  /// The last event that happened while it held.
  let lastEvent: UInt32
  /// When it ceased to hold.
  let end: Instant
  let tokens: TokenTable
  let apiServerClock: Clock
  let apiServerClocks: [Clock]
  let managerClock: Clock
  let signingCANotAfter: Int64
  let clientCANotAfter: Int64
  let servingCertificateValidity: ClosedRange<Int64>

  init(_ facts: Facts, through lastEvent: UInt32, until end: Instant) {
    self.lastEvent = lastEvent
    self.end = end
    tokens = facts.tokens
    apiServerClock = facts.apiServerClock
    apiServerClocks = facts.apiServerClocks
    managerClock = facts.managerClock
    signingCANotAfter = facts.signingCANotAfter
    clientCANotAfter = facts.clientCANotAfter
    servingCertificateValidity = facts.servingCertificateValidity
  }
}

/// How a node's clock went before an act changed it.
struct EarlierClock: Sendable {
  /// The last event that happened while it went so, and when it ceased to.
  let lastEvent: UInt32
  let end: Instant
  let clock: Clock
}

extension World {
  /// A node's clock as it went when this happened.
  ///
  /// - Parameter event: nil where only the instant is known.
  func clock(of node: UInt32, at instant: Instant, event: UInt32?) -> Clock {
    let earlier = acts.earlierClocks[node]?.first { clock in
      event.map { $0 <= clock.lastEvent } ?? (instant < clock.end)
    }
    return earlier?.clock ?? clock(of: node)
  }

  func spelling(of event: TraceEvent) -> Spelling { spelling(at: event.id) }

  /// - Parameter event: the number of an event.
  func spelling(at event: UInt32) -> Spelling {
    acts.earlierSpellings.first { event <= $0.lastEvent }
      ?? Spelling(turn.facts, through: .max, until: .never)
  }

  /// NotBefore and NotAfter of the API server's certificate then.
  ///
  /// - Parameter event: nil where only the instant is known.
  func servingValidity(_ instant: Instant, event: UInt32?) -> ClosedRange<Int64> {
    let earlier = acts.earlierSpellings.first { spelling in
      event.map { $0 <= spelling.lastEvent } ?? (instant < spelling.end)
    }
    return earlier?.servingCertificateValidity ?? turn.facts.servingCertificateValidity
  }
}

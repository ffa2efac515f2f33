import SimulationKernel

/// What a run has told so far: the digest over every event, and those not yet handed to the recorder.
struct Journal: Sendable {
  /// How much is kept for the recorder; the digest covers everything at every level.
  var level = TraceLevel.none
  private(set) var digest = Digest()
  /// Number of events so far, and the id of the latest.
  private(set) var count: UInt32 = 0
  /// How many events there may be before the run is ended.
  ///
  /// 4 × 10⁹: what one batch of turns tells more can still be numbered in 32 bits.
  var most: UInt32 = 4_000_000_000
  var isFull: Bool { count >= most }
  /// Nothing is told, so that no event has a number: worlds with one future are then equal, whatever
  /// their pasts.
  var isSilent = false
  var statistics = Statistics()
  var pending: [TraceEvent] = []
  var pendingWaits: [WaitingRequests] = []
  /// Of whose waits each request is kept too.
  var listedWaits = ListedWaits.none
  var pendingRequests: [WaitingRequest] = []
  /// Every bearer token that an API server looked up; nil: they are not listed.
  var tokenLookups: [TokenLookup]?
  /// Every request that lost its client in the API server; nil: they are not listed.
  var brokenRequests: [BrokenRequest]?

  mutating func absorb(inputs: some Sequence<UInt8>, seed: UInt64) {
    digest.absorb(inputs)
    digest.absorb(seed)
  }

  /// Numbers the event, takes it into the digest and, where wanted, keeps it.
  @discardableResult
  mutating func record(_ event: TraceEvent) -> UInt32 {
    if isSilent { return 0 }
    precondition(count < .max, "more than 2³² events")
    count += 1
    event.absorb(into: &digest)
    statistics.note(event)
    switch level {
    case .none: break
    case .steps: if event.step != 0 { keep(event) }
    case .full: keep(event)
    }
    return count
  }

  private mutating func keep(_ event: TraceEvent) {
    pending.append(event)
    pending[pending.count - 1].id = count
  }

  mutating func record(_ wait: WaitingRequests) {
    if isSilent { return }
    wait.absorb(into: &digest)
    if level == .full { pendingWaits.append(wait) }
  }
}

/// Of which nodes each request without a certificate is told, instead of how many there were.
public enum ListedWaits: Hashable, Sendable {
  case none, all
  case node(UInt32)

  func includes(_ node: NodeID) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .node(let index): node.index == index
    }
  }
}

/// How much of a run is recorded.
public enum TraceLevel: String, CaseIterable, Hashable, Sendable {
  case none, steps, full
}

extension TraceEvent {
  /// Takes all but the number into the digest.
  @inline(__always)
  package func absorb(into digest: inout Digest) {
    digest.absorb(UInt64(bitPattern: time.nanoseconds), UInt64(bitPattern: value))
    digest.absorb(
      UInt64(node) << 32 | UInt64(request), UInt64(cause) << 32 | UInt64(identity))
    digest.absorb(packedWords)
  }

  /// The small fields in one word, for the digest.
  fileprivate var packedWords: UInt64 {
    UInt64(attempt) << 40 | UInt64(component.rawValue) << 32 | UInt64(step) << 24
      | UInt64(kind.rawValue) << 16 | UInt64(call.rawValue) << 8 | UInt64(answer.rawValue)
  }
}

extension WaitingRequests {
  package func absorb(into digest: inout Digest) {
    let ways = UInt64(call.rawValue) << 8 | UInt64(answer.rawValue)
    digest.absorb(
      UInt64(node) << 32 | UInt64(count), UInt64(cause) << 32 | UInt64(attempt) << 16 | ways)
    digest.absorb(
      UInt64(bitPattern: first.nanoseconds), UInt64(bitPattern: last.nanoseconds))
  }
}

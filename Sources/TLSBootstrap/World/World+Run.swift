import SimulationKernel

extension World {
  /// Why a run ended.
  public enum Ending: String, Sendable {
    case allReady, settled, duration, limit, nothingLeft, interrupted
    /// More than can be numbered.
    case tooManyEvents
  }

  /// The bound of a run without `spec.duration`. Source: the scenario format, 24 h.
  public static let defaultLimit = Duration.hours(24)

  /// The instant of the latest event, or where a duration ended the run.
  public var now: Instant { turn.now }
  /// Events recorded or not, which the digest covers.
  public var eventCount: UInt32 { turn.journal.count }
  /// After so many events a run ends.
  public var mostEvents: UInt32 {
    get { turn.journal.most }
    set { turn.journal.most = newValue }
  }
  /// Of all inputs, the seed and every event so far.
  public var digest: Digest { turn.journal.digest }
  /// Events in the queue.
  public var pendingEvents: Int { queue.count }
  /// Of which nodes the sink gets each request without a certificate.
  public var listedWaits: ListedWaits {
    get { turn.journal.listedWaits }
    set { turn.journal.listedWaits = newValue }
  }
  /// Whether `tokenLookups` lists what happens from now on.
  public var listsTokenLookups: Bool {
    get { turn.journal.tokenLookups != nil }
    set { turn.journal.tokenLookups = newValue ? tokenLookups : nil }
  }
  /// Every bearer token that an API server looked up, in the order of time.
  public var tokenLookups: [TokenLookup] { turn.journal.tokenLookups ?? [] }
  /// Where the time went so far.
  public var statistics: Statistics {
    var statistics = turn.journal.statistics
    for level in PriorityLevel.allCases {
      statistics.seats[Int(level.rawValue)].waits.count = fairness.reduce(0) {
        $0 + $1[level].executed
      }
    }
    return statistics
  }
  /// As it was given, apart from what components changed in its objects.
  public var scenario: Scenario { acts.base }
  /// Nodes that are Ready, that only an outside act can help, and the rest.
  public var readyCount: Int { tally.ready }
  public var failedCount: Int { tally.failed }
  public var waitingCount: Int { tally.waiting }

  /// Plays until the scenario's end, handing what happens to the sink in batches.
  ///
  /// - Parameters:
  ///   - isInterrupted: asked between batches; true ends the run.
  ///   - progress: told between batches.
  /// - Throws: what the sink throws.
  public mutating func run(
    into sink: inout (any TraceSink)?, isInterrupted: () -> Bool = { false },
    progress: (World) -> Void = { _ in }
  ) throws -> Ending {
    let duration = turn.facts.scenario.duration
    let limit = Instant.zero + (duration ?? Self.defaultLimit)
    var ending: Ending?
    while ending == nil {
      ending = play(turns: 4_096, until: limit)
      if ending == .limit {
        ending = duration == nil ? .limit : .duration
        turn.now = limit
      }
      if ending == nil {
        try flush(into: &sink)
        progress(self)
        if isInterrupted() { return .interrupted }
        if turn.journal.isFull { return .tooManyEvents }
      }
    }
    try endWaits(into: &sink)
    return ending ?? .nothingLeft
  }

  /// Plays to the end without recording.
  @discardableResult
  public mutating func run() -> Ending {
    var sink: (any TraceSink)?
    do {
      return try run(into: &sink)
    } catch {
      preconditionFailure("a run without a sink threw \(error)")
    }
  }

  /// Lets everything happen up to and including this instant, as a run does before its end.
  public mutating func advance(to instant: Instant) {
    while let next = queue.nextInstant, next <= instant, step() {}
  }

  /// The same, handing what happens to the sink in batches; between two faults there is at least one.
  ///
  /// - Throws: what the sink throws.
  public mutating func advance(to instant: Instant, into sink: any TraceSink) throws {
    var target: (any TraceSink)? = sink
    while let next = queue.nextInstant, next <= instant {
      if next >= acts.nextBoundary {
        acts.passBoundary()
        try flush(into: &target)
      }
      step()
      if turns % 4_096 == 0 { try flush(into: &target) }
    }
    try flush(into: &target)
  }

  /// Plays so many turns; returns why there are no more, if so.
  private mutating func play(turns: Int, until limit: Instant) -> Ending? {
    let stop = turn.facts.scenario.stop
    for _ in 0..<turns {
      if let reached = stopReached(stop) { return reached }
      guard let next = queue.nextInstant else { return .nothingLeft }
      if next > limit { return .limit }
      if next >= acts.nextBoundary {
        // The messages of what was told so far are spelt with the objects of then.
        acts.passBoundary()
        return nil
      }
      step()
    }
    return nil
  }

  private func stopReached(_ stop: Scenario.StopCondition) -> Ending? {
    switch stop {
    case .duration: nil
    case .ready: tally.ready == tally.nodes ? .allReady : nil
    case .settled:
      if tally.waiting > 0 || outstandingActs > 0 {
        nil
      } else {
        tally.ready == tally.nodes ? .allReady : .settled
      }
    }
  }

  /// The requests of nodes that still wait are told at the end, listed ones node by node: in a day a
  /// node has 170,000.
  private mutating func endWaits(into sink: inout (any TraceSink)?) throws {
    for index in kubelets.indices {
      kubelets[index].endWaiting(&turn)
      if !turn.journal.pendingRequests.isEmpty { try flush(into: &sink) }
    }
    try flush(into: &sink)
  }

  private mutating func flush(into sink: inout (any TraceSink)?) throws {
    guard !turn.journal.pending.isEmpty || !turn.journal.pendingWaits.isEmpty else { return }
    try turn.journal.pending.withUnsafeBufferPointer { try sink?.record($0) }
    for wait in turn.journal.pendingWaits { try sink?.record(wait) }
    turn.journal.pending.removeAll(keepingCapacity: true)
    if !turn.journal.pendingRequests.isEmpty { try sink?.record(turn.journal.pendingRequests) }
    turn.journal.pendingWaits.removeAll(keepingCapacity: true)
    turn.journal.pendingRequests.removeAll(keepingCapacity: true)
  }
}

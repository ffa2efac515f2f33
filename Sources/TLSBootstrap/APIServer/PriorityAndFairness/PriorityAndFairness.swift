import SimulationKernel

/// Which requests an API server executes, lets wait and refuses (protocol.md K.1 to K.3).
///
/// A value without references to calls: a request is a ticket, a number of its owner's. On an idle
/// server a request costs a few counters. Whoever owns it
/// - asks `arrive` after authentication and before authorization (C.1), and keeps the `Seat`;
/// - gives the seat back by `finish` when the request is done (for a watch: when it is initialized) and
///   lets the `started` of `changes` begin;
/// - calls `timerFired` at `nextTimer`, which is `.never` while nobody waits, and answers the
///   `rejected` of `changes`;
/// - calls `withdraw` for one that waits and whose client has gone.
///
/// Recorded: creates, lists and watches are refused alike, by the queue they meet. 500 clients of one
/// token at once: 83 creates, 55 lists, 1 watch; 1,000: 516, 120, 133; 200: none.
struct PriorityAndFairness: Hashable, Sendable {
  private var levels: [LevelState]
  private let total: Int
  /// What the limits in force were computed from.
  private var allocation = SeatAllocation()
  private var nextTick: Instant
  /// The next tick, or the next change of the nodes' load, whichever is earlier.
  private var nextChange: Instant
  private(set) var nodes = WaitingNodes(
    loads: Array(repeating: 0, count: WaitingNodes.classes))
  /// Requests that wait, on all levels.
  private(set) var waiting = 0

  /// How often limits are computed anew.
  ///
  /// 10 s. Source: K.2.
  static let borrowingPeriod = Duration.seconds(10)

  /// - Parameters:
  ///   - total: `--max-requests-inflight` + `--max-mutating-requests-inflight`.
  ///   - start: when the server starts. Limits begin as those of an idle server.
  ///   - firstTick: when they are computed anew for the first time; nil: 10 s later.
  init(total: Int = 600, start: Instant = .zero, firstTick: Instant? = nil) {
    levels = PriorityLevel.allCases.map { level in
      let settings = LevelSettings(level, total: total)
      return LevelState(settings, limit: settings.initial, start: start)
    }
    self.total = levels.reduce(0) { $0 + $1.settings.nominal }
    nextTick = firstTick ?? start + Self.borrowingPeriod
    nextChange = nextTick
    allocate(at: start)
  }

  /// A server without priority and fairness, which only counts; 0: no limit.
  init(maxRequestsInFlight reads: Int, maxMutatingRequestsInFlight writes: Int) {
    levels = PriorityLevel.allCases.map { level in
      let limit = level == .readOnly ? reads : level == .mutating ? writes : 0
      let settings = LevelSettings(inFlight: level, limit: limit)
      return LevelState(settings, limit: settings.nominal, start: .zero)
    }
    total = 0
    nextTick = .never
    nextChange = .never
  }

  init(_ settings: APIServerSettings) {
    let (reads, writes) = (settings.maxRequestsInFlight, settings.maxMutatingRequestsInFlight)
    if settings.enablePriorityAndFairness {
      self.init(total: reads + writes)
    } else {
      self.init(maxRequestsInFlight: reads, maxMutatingRequestsInFlight: writes)
    }
  }

  /// Another process of the server: nothing is executed or waits, and limits are those of an idle one.
  mutating func restart(at now: Instant) {
    waiting = 0
    for index in levels.indices { levels[index].restart(at: now) }
    allocation = SeatAllocation()
    if nextTick < .never {
      nextTick = now + Self.borrowingPeriod
      allocate(at: now)
      setNodes(at: now)
      nextChange = min(nextTick, nodes.nextChange)
    }
  }

  subscript(level: PriorityLevel) -> LevelState { levels[Int(level.rawValue)] }

  /// How long a request may wait in a queue.
  ///
  /// A quarter of what is left until its deadline, at most 1 min. Source: K.3.
  static func patience(untilDeadline left: Duration = .seconds(60)) -> Duration {
    min(left.scaled(by: 1, over: 4), .minutes(1))
  }
}

// MARK: What comes out

extension PriorityAndFairness {
  enum Verdict: Hashable, Sendable {
    case executes(Seat)
    /// It waits; `changes` tell what becomes of it.
    case queued(QueuedPlace)
    /// 429 with this Retry-After in seconds.
    case rejected(retryAfter: Int64)
  }

  /// The seat of a request that executes; every request takes one. 16 bytes.
  struct Seat: Hashable, Sendable {
    let level: PriorityLevel
    private let queueOrNone: UInt8
    let started: Instant

    /// The queue that it waited in.
    var queue: Int? { queueOrNone == .max ? nil : Int(queueOrNone) }

    init(level: PriorityLevel, queue: Int?, started: Instant) {
      self.level = level
      queueOrNone = queue.map { UInt8($0) } ?? .max
      self.started = started
    }
  }

  struct Started: Hashable, Sendable {
    let ticket: UInt32
    let seat: Seat
    let waited: Duration
  }

  /// Its patience is over: 429 with this Retry-After in seconds (K.3, reason time-out).
  struct Rejected: Hashable, Sendable {
    let ticket: UInt32
    let level: PriorityLevel
    let retryAfter: Int64
  }

  /// What a step brought for requests that waited, in order. Keep one and empty it after use.
  struct Changes: Hashable, Sendable {
    var started: [Started] = []
    var rejected: [Rejected] = []

    var isEmpty: Bool { started.isEmpty && rejected.isEmpty }

    mutating func removeAll() {
      started.removeAll(keepingCapacity: true)
      rejected.removeAll(keepingCapacity: true)
    }
  }
}

// MARK: What comes in

extension PriorityAndFairness {
  /// Takes a seat where nobody has to wait, which is the rule; false: `arrive` decides.
  ///
  /// This and `returnsSeat` are inlined for speed: each request of a run comes by them.
  @inline(__always)
  mutating func takesSeat(on level: PriorityLevel, at now: Instant) -> Bool {
    // While somebody waits, the owner's timer lets the tick happen.
    if now >= nextChange, waiting == 0 { catchUp(to: now) }
    return levels[Int(level.rawValue)].takesSeat(at: now)
  }

  /// Gives such a seat back where nobody waits for it; false: `finish` decides.
  @inline(__always)
  mutating func returnsSeat(on level: PriorityLevel, at now: Instant) -> Bool {
    guard waiting == 0, now < nextChange else { return false }
    return levels[Int(level.rawValue)].returnsSeat(at: now)
  }

  /// A request has been authenticated.
  ///
  /// - Parameters:
  ///   - ticket: what names it in `Changes`.
  ///   - hash: of its flow (`FlowTable.hash`); asked for only when it may have to wait.
  mutating func arrive(
    _ ticket: UInt32, _ level: PriorityLevel, patience: Duration = patience(), at now: Instant,
    hash: @autoclosure () -> UInt64
  ) -> Verdict {
    // While somebody waits, the owner's timer lets the tick happen.
    if now >= nextChange, waiting == 0 { catchUp(to: now) }
    let request = QueuedRequest(ticket: ticket, arrived: now, expiry: now + patience)
    let verdict = levels[Int(level.rawValue)].arrive(request, hash: hash)
    if case .queued = verdict { waiting += 1 }
    return verdict
  }

  mutating func finish(_ seat: Seat, at now: Instant, _ changes: inout Changes) {
    if now >= nextChange { tick(at: now, &changes) }
    levels[Int(seat.level.rawValue)].finish(seat, at: now)
    if waiting > 0 { start(Int(seat.level.rawValue), at: now, &changes) }
  }

  /// The client of a waiting request has gone.
  ///
  /// - Returns: whether it was still waiting.
  mutating func withdraw(
    _ place: QueuedPlace, _ level: PriorityLevel, at now: Instant, _ changes: inout Changes
  ) -> Bool {
    guard levels[Int(level.rawValue)].remove(place, at: now) != nil else { return false }
    waiting -= 1
    start(Int(level.rawValue), at: now, &changes)
    return true
  }

  /// When `timerFired` has to be called next, if nothing comes in before.
  var nextTimer: Instant {
    guard waiting > 0 else { return .never }
    return levels.reduce(nextChange) { min($0, $1.queues.nextExpiry) }
  }

  mutating func timerFired(at now: Instant, _ changes: inout Changes) {
    if now >= nextChange { tick(at: now, &changes) }
    for index in levels.indices { expire(index, at: now, &changes) }
  }

  private mutating func expire(_ index: Int, at now: Instant, _ changes: inout Changes) {
    guard levels[index].queues.nextExpiry <= now else { return }
    while let place = levels[index].queues.expired(by: now),
      let request = levels[index].remove(place, at: now)
    {
      waiting -= 1
      changes.rejected.append(
        Rejected(
          ticket: request.ticket, level: levels[index].settings.level,
          retryAfter: levels[index].refuse(at: now)))
    }
    start(index, at: now, &changes)
  }

  private mutating func start(_ index: Int, at now: Instant, _ changes: inout Changes) {
    let before = changes.started.count
    levels[index].startAll(at: now, &changes.started)
    waiting -= changes.started.count - before
  }
}

// MARK: Nodes without a certificate (L.2)

extension PriorityAndFairness {
  /// Whether a tick or another load is due.
  func isBehind(at now: Instant) -> Bool { now >= nextChange }

  /// From now on the load of nodes that wait is taken from this table.
  mutating func expect(_ nodes: WaitingNodes) { self.nodes = nodes }

  mutating func beginWait(began: Instant, at now: Instant) {
    nodes.begin(began: began, at: now)
    setNodes(at: now)
    nextChange = min(nextTick, nodes.nextChange)
  }

  mutating func endWait(began: Instant, at now: Instant) {
    nodes.end(began: began, at: now)
    setNodes(at: now)
    nextChange = min(nextTick, nodes.nextChange)
  }

  private mutating func setNodes(at now: Instant) {
    nodes.advance(to: now)
    let level = Int(PriorityLevel.globalDefault.rawValue)
    guard levels[level].background != nodes.seats else { return }
    levels[level].setBackground(nodes.seats, at: now)
  }
}

// MARK: Borrowing (K.2)

extension PriorityAndFairness {
  private mutating func tick(at now: Instant, _ changes: inout Changes) {
    catchUp(to: now)
    for index in levels.indices where waiting > 0 { start(index, at: now, &changes) }
  }

  /// Lets the ticks happen that nobody has waited for, and the nodes' load change.
  private mutating func catchUp(to now: Instant) {
    while nextChange <= now {
      let instant = nextChange
      if nodes.nextChange <= instant { setNodes(at: instant) }
      if nextTick <= instant { endPeriod(before: min(now, nodes.nextChange)) }
      nextChange = min(nextTick, nodes.nextChange)
    }
  }

  private mutating func endPeriod(before end: Instant) {
    // Nothing changes any more: only the last tick need happen.
    if end > nextTick, levels.allSatisfy(\.demand.isSteady) {
      let period = Self.borrowingPeriod
      let missed = (end - nextTick).nanoseconds / period.nanoseconds
      nextTick = nextTick + period * missed
    }
    for index in levels.indices { levels[index].endPeriod(at: nextTick) }
    allocate(at: nextTick)
    nextTick = nextTick + Self.borrowingPeriod
  }

  /// Limits are a function of the claims, so equal claims leave them as they are.
  private mutating func allocate(at now: Instant) {
    var allocation = SeatAllocation()
    for level in PriorityLevel.sharing {
      allocation.add(self[level].settings, self[level].demand)
    }
    guard allocation != self.allocation else { return }
    self.allocation = allocation
    for (level, limit) in zip(PriorityLevel.sharing, allocation.limits(total: total)) {
      levels[Int(level.rawValue)].setLimit(limit, at: now)
    }
  }
}

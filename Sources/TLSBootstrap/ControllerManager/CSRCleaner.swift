import SimulationKernel

/// csrcleaner: deletes CSRs that are over, in a pass an hour (protocol.md I.1).
///
/// A pass that finds no CSR is no event: one is planned while there are any.
struct CSRCleaner: Hashable, Sendable {
  /// From the end of one pass to the next. Source: cleaner.go `pollingInterval`, 1 h.
  private static let interval = Duration.hours(1)

  /// When the next pass is, whether or not it is an event.
  private(set) var nextPass = Instant.zero + interval
  /// Whether the next pass, or what a pass under way waits for, will be an event.
  private(set) var isPlanned = false
  /// J.1: its own client's bucket.
  private var limiter: TokenBucket?
  /// What the pass under way has still to delete, first one last.
  private var doomed: [UInt32] = []
  /// Every CSR before this one is deleted.
  private var oldest = 0

  init(_ settings: ControllerManagerSettings) {
    limiter = settings.clientLimit?.bucket
  }

  /// A pass is over.
  mutating func finishPass(at now: Instant, _ clock: Clock) {
    isPlanned = false
    nextPass = now + clock.trueDuration(Self.interval)
  }

  /// There is something to look at: the next pass will be an event.
  mutating func plan(at now: Instant, _ clock: Clock) {
    isPlanned = true
    while nextPass < now { nextPass = nextPass + clock.trueDuration(Self.interval) }
  }

  /// The next CSR to delete; nil: none is left.
  var next: UInt32? { doomed.last }

  /// How long the next request waits for its token.
  mutating func reserve(at now: Instant) -> Duration { limiter?.reserve(at: now) ?? .zero }

  mutating func finishDeletion() { doomed.removeLast() }

  /// A pass begins: looks at everything that the informer has, oldest first.
  mutating func look(
    _ server: borrowing APIServer, _ cache: borrowing [ControllerManager.CachedRequest],
    _ turn: inout Turn
  ) {
    // A pass comes later than its timer says, however little: what is as old as its limit, is older.
    let now = turn.facts.managerClock.reading(at: turn.now) + 1
    var found: [UInt32] = []
    passOver(cache)
    for index in oldest..<cache.count where !cache[index].conditions.contains(.deleted) {
      let failure = server.failures[UInt32(index)]
      if Self.isOver(server.requests[index], failure, at: now, turn.certificates) {
        found.append(UInt32(index))
      }
    }
    doomed = found.reversed()
  }

  /// Whether the informer has a CSR that a later pass may find over.
  mutating func hasWork(_ cache: borrowing [ControllerManager.CachedRequest]) -> Bool {
    passOver(cache)
    return oldest < cache.count
  }

  private mutating func passOver(_ cache: borrowing [ControllerManager.CachedRequest]) {
    while oldest < cache.count, cache[oldest].conditions.contains(.deleted) { oldest += 1 }
  }
}

// MARK: The rules

extension CSRCleaner {
  /// How long decided CSRs stay. Source: cleaner.go `approvedExpiration`, `deniedExpiration`, 1 h.
  private static let decidedLife = Duration.hours(1)
  /// How long CSRs stay that nobody decides, or nobody signs. Source: cleaner.go `pendingExpiration`, 24 h.
  private static let openLife = Duration.hours(24)

  /// Whether any rule of I.1 holds, each by the date of its own condition, at this reading of the
  /// controller-manager's clock.
  private static func isOver(
    _ request: CertificateSigningRequest, _ failure: RequestFailure?, at now: Int64,
    _ certificates: borrowing [Certificate]
  ) -> Bool {
    let conditions = request.conditions
    if let failure, isOlder(failure.date, than: decidedLife, at: now) { return true }
    let decided = failure?.decisionDate ?? request.date
    if conditions.contains(.denied) { return isOlder(decided, than: decidedLife, at: now) }
    if conditions.isSuperset(of: [.approved, .issued]) {
      return isOlder(decided, than: decidedLife, at: now)
        || certificates[Int(request.certificate)].notAfter < now
    }
    if conditions.contains(.approved) { return isOlder(decided, than: openLife, at: now) }
    // The last rule is of CSRs without any condition.
    return conditions.isDisjoint(with: [.failed, .other])
      && isOlder(request.date, than: openLife, at: now)
  }

  private static func isOlder(_ seconds: Int64, than limit: Duration, at now: Int64) -> Bool {
    now - seconds * 1_000_000_000 > limit.nanoseconds
  }
}

extension ControllerManager {
  /// A CSR came, and no pass was planned.
  mutating func planCleaning(_ turn: inout Turn) {
    cleaner.plan(at: turn.now, turn.facts.managerClock)
    turn.schedule(.cleanerTimer(life.process), at: cleaner.nextPass)
  }

  /// The time of a pass has come, or that of a pass's next request.
  mutating func clean(_ server: borrowing APIServer, _ turn: inout Turn) {
    guard cleaner.next == nil else {
      delete(&turn)
      return
    }
    cleaner.look(server, cache, &turn)
    deleteNext(&turn)
  }

  mutating func receiveForCleaner(_ turn: inout Turn) {
    // An error is logged; the next pass tries again (I.1).
    cleaner.finishDeletion()
    deleteNext(&turn)
  }

  private mutating func deleteNext(_ turn: inout Turn) {
    guard cleaner.next != nil else {
      cleaner.finishPass(at: turn.now, turn.facts.managerClock)
      if cleaner.hasWork(cache) { planCleaning(&turn) }
      return
    }
    let wait = cleaner.reserve(at: turn.now)
    if wait > .zero {
      turn.schedule(.cleanerTimer(life.process), after: wait)
    } else {
      delete(&turn)
    }
  }

  private mutating func delete(_ turn: inout Turn) {
    guard let request = cleaner.next else { return }
    turn.managerCalls += 1
    var call = PendingCall(
      call: .deleteRequest, client: .csrcleaner, owner: turn.managerCalls, node: TraceEvent.none,
      credential: .none)
    call.request = request
    send(call, &turn)
  }
}

import SimulationKernel

/// The Lease `kube-system/kube-controller-manager` as the API server has it (protocol.md J.3).
///
/// A healthy holder's renewals are no events: they follow from when it began.
struct LeaderLease: Hashable, Sendable {
  /// The process that holds it, by `ManagerProcess.packed`.
  private(set) var holder: UInt32 = 0
  /// How often it changed hands; 0: there is no Lease yet.
  private(set) var version: UInt32 = 0
  /// Whether its holder goes on renewing it.
  private(set) var isRenewed = false
  /// The latest renewal where there are no more; else one of them.
  private(set) var lastRenewal = Instant.zero

  mutating func execute(_ call: inout PendingCall, at now: Instant) {
    switch call.call {
    case .getLeaderLease:
      if version == 0 { call.answer = .notFound }
    case .createLeaderLease:
      call.answer = version == 0 ? .created : .alreadyExists
      if version == 0 { take(call.generation, at: now) }
    case .updateLeaderLease:
      if call.resourceVersion == version {
        take(call.generation, at: now)
      } else {
        call.answer = .conflict
      }
    case let call: preconditionFailure("\(call) is no call about the Lease")
    }
    call.key = holder
    call.resourceVersion = version
  }

  mutating func take(_ process: UInt32, at now: Instant) {
    if holder != process || version == 0 { version += 1 }
    holder = process
    isRenewed = true
    lastRenewal = now
  }

  /// The holder renews it no more, having done so once every `period` until now.
  mutating func stop(at now: Instant, period: Duration) {
    isRenewed = false
    let renewals = (now - lastRenewal).nanoseconds / max(1, period.nanoseconds)
    lastRenewal = lastRenewal + period * renewals
  }

  /// This process learnt that it holds it, and renews it from now on.
  mutating func goOn(_ process: UInt32) {
    if holder == process { isRenewed = true }
  }
}

/// A process that polls the Lease; only those polls are events that find something to do.
struct Candidate: Hashable, Sendable {
  /// The latest poll that is over, and the next one; further ones are drawn as they are needed.
  private(set) var lastPoll = Instant.never
  private(set) var nextPoll = Instant.zero
  private var polls: UInt32 = 0
  /// When it last saw that the Lease had changed, by which alone it judges its age (M.1 row 17); later than now
  /// where it is going to see it.
  private(set) var observed = Instant.zero
  /// Its renewals, once it leads.
  var renewal = LeaseRenewals()

  /// J.3: from the end of one poll to the next, retryPeriod × U[1, 2.2). Source: client-go `JitterFactor`,
  /// 1.2.
  private mutating func gap(_ process: ManagerProcess, _ turn: inout Turn) -> Duration {
    polls += 1
    let gap = turn.chance.jitter(
      turn.facts.scenario.controllerManager.retryPeriod, by: 6, over: 5, .leaderElection,
      process.packed, polls)
    return turn.facts.managerClock.trueDuration(gap)
  }

  /// It polls since before the run; the first poll of the run is some time within a gap.
  mutating func standBy(_ process: ManagerProcess, _ turn: inout Turn) {
    lastPoll = .zero
    let gap = gap(process, &turn)
    var stream = turn.chance.stream(.leaderElection, process.packed, 0)
    let passed = turn.chance.isLowest ? 0 : stream.next(in: 0..<gap.nanoseconds)
    nextPoll = .zero + gap - Duration(nanoseconds: passed)
  }

  /// A poll read the Lease.
  ///
  /// - Parameter due: when the poll was to be; `.never`: some time by now.
  mutating func poll(
    _ lease: LeaderLease, _ process: ManagerProcess, due: Instant, _ turn: inout Turn
  ) {
    let isFirst = lastPoll == .never
    if !isFirst { passPolls(to: min(due, turn.now), process, &turn) }
    if isFirst || lease.isRenewed || lease.lastRenewal > lastPoll { observed = turn.now }
    lastPoll = turn.now
    nextPoll = turn.now + gap(process, &turn)
  }

  /// A poll could not read the Lease.
  mutating func pollInVain(_ process: ManagerProcess, _ turn: inout Turn) {
    nextPoll = turn.now + gap(process, &turn)
  }

  /// Whether the Lease is old enough to be taken, by this process's own observation.
  func mayTake(_ turn: inout Turn) -> Bool { turn.now >= observed + leaseDuration(&turn) }

  /// The poll that takes over if the holder's last renewal was at `lastRenewal`. The polls until then stay to be
  /// drawn: where the holder renews again, they look for another change.
  ///
  /// - Parameter wasRenewed: until now, so that each poll saw a change.
  mutating func takeover(
    after lastRenewal: Instant, wasRenewed: Bool, _ process: ManagerProcess, _ turn: inout Turn
  ) -> Instant {
    let passed = passPolls(to: turn.now, process, &turn)
    if wasRenewed, passed { observed = lastPoll }
    var plan = self
    if lastPoll < lastRenewal {
      plan.passPolls(to: lastRenewal, process, &turn)
      observed = plan.nextPoll
    }
    plan.passPolls(to: max(observed + leaseDuration(&turn), turn.now), process, &turn)
    return plan.nextPoll
  }

  /// Draws polls up to the first one that is not before this instant.
  ///
  /// - Returns: whether there were any.
  @discardableResult
  private mutating func passPolls(
    to instant: Instant, _ process: ManagerProcess, _ turn: inout Turn
  ) -> Bool {
    let read = turn.facts.latency.read.median
    let first = nextPoll
    while nextPoll < instant {
      lastPoll = nextPoll
      nextPoll = nextPoll + read + gap(process, &turn)
    }
    return nextPoll > first
  }

  private func leaseDuration(_ turn: inout Turn) -> Duration {
    turn.facts.managerClock.trueDuration(turn.facts.scenario.controllerManager.leaseDuration)
  }
}

/// A leader's renewals, where they are played: each is a series of tries.
struct LeaseRenewals: Hashable, Sendable {
  /// The Lease's version when this process wrote it last.
  private(set) var version: UInt32 = 0
  /// When the series on its way began, and its latest try; `.never`: none is.
  private(set) var began = Instant.never
  private(set) var tried = Instant.never
  /// Of the timer of the next try.
  private(set) var due = Instant.never

  mutating func plan(at instant: Instant) { due = instant }

  /// A try begins.
  ///
  /// - Returns: whether it is the first of its series.
  mutating func beginTry(at now: Instant) -> Bool {
    let isFirst = began == .never
    if isFirst { began = now }
    tried = now
    due = .never
    return isFirst
  }

  /// The Lease is written.
  mutating func succeed(_ version: UInt32) {
    self = LeaseRenewals()
    self.version = version
  }

  /// J.3: whether the series has lasted so long that the process gives up.
  func isOver(at now: Instant, after deadline: Duration) -> Bool {
    began < .never && now >= began + deadline
  }
}

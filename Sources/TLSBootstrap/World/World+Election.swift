import SimulationKernel

/// Who leads the controller-managers (protocol.md J.3).
///
/// A renewal that cannot fail, or a poll that finds the Lease renewed, is no event. What is played: the polls of a
/// process that has just started, the poll that takes over, and a leader's renewals where they may fail.
extension World {
  /// A candidate looks at the Lease.
  mutating func pollLease(_ process: ManagerProcess) {
    askLease(.getLeaderLease, process)
  }

  /// - Parameter isOptimistic: a leader writes what it wrote last, without a look at the Lease.
  mutating func askLease(
    _ call: Call, _ process: ManagerProcess, version: UInt32 = 0, isOptimistic: Bool = false
  ) {
    var pending = PendingCall(call, of: process, number: &turn.managerCalls)
    pending.resourceVersion = version
    pending.flag = isOptimistic
    turn.call(pending)
  }

  mutating func receiveLease(_ call: PendingCall, _ process: ManagerProcess) {
    let isCandidate = managers[process.index].life.phase == .candidate
    switch (call.call, call.answer) {
    case (.getLeaderLease, .ok) where isCandidate: foundLease(call, process)
    case (.getLeaderLease, .notFound) where isCandidate: askLease(.createLeaderLease, process)
    case (.createLeaderLease, .created), (.updateLeaderLease, .ok):
      managers[process.index].life.candidate.renewal.succeed(call.resourceVersion)
      server.leaderLease.goOn(process.packed)
      if isCandidate {
        managers[process.index].life.due = .never
        tell(.leaderElected, process)
        managers[process.index].lead(&turn)
      }
      lookAtRenewals()
    case (_, _) where isCandidate: pollLater(process)
    case (_, _): goOnRenewing(call, process)
    }
  }

  private mutating func foundLease(_ call: PendingCall, _ process: ManagerProcess) {
    let due = managers[process.index].life.due
    managers[process.index].life.candidate.poll(server.leaderLease, process, due: due, &turn)
    managers[process.index].life.due = .never
    if server.leaderLease.isRenewed { return }
    // One that it wrote without learning so is its own.
    let isOwn = call.key == process.packed
    if isOwn || managers[process.index].life.candidate.mayTake(&turn) {
      askLease(.updateLeaderLease, process, version: call.resourceVersion)
    } else {
      planTakeover(process, wasRenewed: false)
    }
  }

  /// The Lease could be neither read nor written: the next poll is played too.
  private mutating func pollLater(_ process: ManagerProcess) {
    managers[process.index].life.candidate.pollInVain(process, &turn)
    setTimer(process, at: managers[process.index].life.candidate.nextPoll)
  }

  private mutating func planTakeover(_ process: ManagerProcess, wasRenewed: Bool) {
    let next = managers[process.index].life.candidate.takeover(
      after: server.leaderLease.lastRenewal, wasRenewed: wasRenewed, process, &turn)
    setTimer(process, at: next)
  }

  private mutating func setTimer(_ process: ManagerProcess, at instant: Instant) {
    managers[process.index].life.due = instant
    turn.schedule(.managerTimer(process), at: instant)
  }

  /// From one renewal of a healthy leader to the next.
  var renewalPeriod: Duration {
    retryPeriod + turn.facts.latency.write.median
  }

  /// A holder's renewals end: by its crash, or while it is paused.
  mutating func stopRenewing(_ process: ManagerProcess) {
    guard server.leaderLease.holder == process.packed, server.leaderLease.isRenewed else { return }
    server.leaderLease.stop(at: turn.now, period: renewalPeriod)
    for index in managers.indices {
      let life = managers[index].life
      if life.phase == .candidate, life.candidate.lastPoll < .never, !life.isPaused {
        planTakeover(life.process, wasRenewed: true)
      }
    }
  }
}

// MARK: Renewals

extension World {
  /// What a process that was paused does about the Lease first: its timers are overdue.
  mutating func goOnElecting(_ process: ManagerProcess) {
    let settings = turn.facts.scenario.controllerManager
    switch managers[process.index].life.phase {
    case .down, .starting: break
    case .candidate:
      managers[process.index].life.due = .never
      pollLease(process)
    case .awaitingServer, .building, .listing, .syncing, .leading:
      if settings.leaderElect { renew(process) }
    }
  }

  /// A leader tries to renew the Lease, or gives up.
  mutating func renew(_ process: ManagerProcess) {
    let deadline = renewDeadline
    if managers[process.index].life.candidate.renewal.isOver(at: turn.now, after: deadline) {
      exit(process)
      // None of them will lead: who waits for an approval waits in vain.
      if !mayHoldLease { judgeAnew() }
      return
    }
    if managers[process.index].life.candidate.renewal.beginTry(at: turn.now) {
      turn.schedule(.managerTimer(process), after: deadline)
    }
    let lease = server.leaderLease
    let age = turn.facts.managerClock.trueDuration(
      turn.facts.scenario.controllerManager.leaseDuration)
    if lease.holder == process.packed, turn.now < lease.lastRenewal + age {
      let version = managers[process.index].life.candidate.renewal.version
      askLease(.updateLeaderLease, process, version: version, isOptimistic: true)
    } else {
      askLease(.getLeaderLease, process)
    }
  }

  /// A request of a try has been answered: where the optimistic write failed, the Lease is read, and written if it
  /// is still its own. Source: client-go tools/leaderelection `tryAcquireOrRenew`.
  private mutating func goOnRenewing(_ call: PendingCall, _ process: ManagerProcess) {
    let tried = managers[process.index].life.candidate.renewal.tried
    // A poll of before it led, or of before it was paused.
    guard tried < .never else { return }
    switch (call.call, call.answer) {
    case (.getLeaderLease, .ok) where call.key == process.packed:
      askLease(.updateLeaderLease, process, version: call.resourceVersion)
    case (.updateLeaderLease, _) where call.flag: askLease(.getLeaderLease, process)
    case (_, _): planRenewal(process, at: max(turn.now, tried + retryPeriod))
    }
  }

  private mutating func planRenewal(_ process: ManagerProcess, at instant: Instant) {
    managers[process.index].life.candidate.renewal.plan(at: instant)
    turn.schedule(.managerTimer(process), at: instant)
  }

  /// How long a leader tries to renew before it gives up.
  var renewDeadline: Duration {
    turn.facts.managerClock.trueDuration(turn.facts.scenario.controllerManager.renewDeadline)
  }

  private var retryPeriod: Duration {
    turn.facts.managerClock.trueDuration(turn.facts.scenario.controllerManager.retryPeriod)
  }

  /// The next renewal of each leader that renews is played, where it may fail.
  mutating func lookAtRenewals() {
    let mayFail = mayRenewalsFail
    for index in managers.indices
    where !managers[index].life.isPaused && (mayFail || network.delays(manager: index)) {
      let process = managers[index].life.process
      if server.leaderLease.holder == process.packed, managers[index].life.phase != .down {
        playRenewal(process)
      }
    }
  }

  /// A healthy leader's next renewal is when it would have been anyway.
  mutating func playRenewal(_ process: ManagerProcess) {
    guard server.leaderLease.isRenewed else { return }
    stopRenewing(process)
    planRenewal(process, at: max(turn.now, server.leaderLease.lastRenewal + retryPeriod))
  }

  /// While the API server is up: by RBAC, by a limit of requests in flight, or because an answer may take too long.
  private var mayRenewalsFail: Bool {
    let settings = turn.facts.scenario.controllerManager
    guard settings.leaderElect else { return false }
    return !mayHoldLease || !turn.facts.scenario.apiServer.enablePriorityAndFairness
      || turn.facts.latency.write.mayExceed(RequestDeadline.ofElection(settings))
  }

  /// Whether RBAC lets a controller-manager renew the Lease.
  var mayHoldLease: Bool {
    turn.facts.authorizer.allows(
      Identity(.controllerManager), .updateLeaderLease, caller: "", node: "", request: "")
  }

  /// K.4: the write of a renewal that was answered 504 reaches the storage; nobody goes on from it.
  mutating func commitLease(_ number: UInt32) {
    guard turn.calls[number].answer.isSuccess else { return }
    let process = ManagerProcess(packed: turn.calls[number].generation)
    _ = server.execute(number, &turn)
    stopRenewing(process)
  }
}

extension Distribution {
  /// Whether a draw may be greater than this.
  fileprivate func mayExceed(_ limit: Duration) -> Bool {
    switch self {
    case .constant(let length): length > limit
    case .uniform(_, let to): to > limit
    case .exponential(let mean): mean > .zero
    case .quantiles(let quantiles): quantiles.greatest > limit
    }
  }
}

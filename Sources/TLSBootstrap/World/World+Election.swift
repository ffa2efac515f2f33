import SimulationKernel

/// Who leads the controller-managers (protocol.md J.3).
///
/// A renewal, or a poll that finds the Lease renewed, is no event. What is played: the polls of a process
/// that has just started, the poll that takes over, and a leader's renewals after a pause.
extension World {
  /// A candidate looks at the Lease.
  mutating func pollLease(_ process: ManagerProcess) {
    askLease(.getLeaderLease, process)
  }

  private mutating func askLease(_ call: Call, _ process: ManagerProcess, version: UInt32 = 0) {
    var pending = PendingCall(call, of: process, number: &turn.managerCalls)
    pending.resourceVersion = version
    turn.call(pending)
  }

  mutating func receiveLease(_ call: PendingCall, _ process: ManagerProcess) {
    let isCandidate = managers[process.index].life.phase == .candidate
    switch (call.call, call.answer) {
    case (.getLeaderLease, .ok) where isCandidate: foundLease(call, process)
    case (.getLeaderLease, .notFound) where isCandidate: askLease(.createLeaderLease, process)
    case (.getLeaderLease, .ok) where call.key == process.packed:
      askLease(.updateLeaderLease, process, version: call.resourceVersion)
    case (.createLeaderLease, .created), (.updateLeaderLease, .ok):
      managers[process.index].life.candidate.version = call.resourceVersion
      managers[process.index].life.candidate.renewalsFailedSince = .never
      managers[process.index].life.candidate.renewalDue = .never
      server.leaderLease.goOn(process.packed)
      guard isCandidate else { return }
      tell(.leaderElected, process)
      managers[process.index].lead(&turn)
    case (_, _) where isCandidate: pollLater(process)
    case (_, _): failRenewal(call, process)
    }
  }

  private mutating func foundLease(_ call: PendingCall, _ process: ManagerProcess) {
    managers[process.index].life.candidate.poll(server.leaderLease, process, &turn)
    managers[process.index].life.due = .never
    if server.leaderLease.isRenewed { return }
    if managers[process.index].life.candidate.mayTake(&turn) {
      askLease(.updateLeaderLease, process, version: call.resourceVersion)
    } else {
      planTakeover(process)
    }
  }

  /// The Lease could be neither read nor written: the next poll is played too.
  private mutating func pollLater(_ process: ManagerProcess) {
    managers[process.index].life.candidate.pollInVain(process, &turn)
    setTimer(process, at: managers[process.index].life.candidate.nextPoll)
  }

  private mutating func planTakeover(_ process: ManagerProcess) {
    let next = managers[process.index].life.candidate.takeover(
      after: server.leaderLease.lastRenewal, process, &turn)
    setTimer(process, at: next)
  }

  private mutating func setTimer(_ process: ManagerProcess, at instant: Instant) {
    managers[process.index].life.due = instant
    turn.schedule(.managerTimer(process), at: instant)
  }

  /// From one renewal of a healthy leader to the next.
  var renewalPeriod: Duration {
    turn.facts.managerClock.trueDuration(turn.facts.scenario.controllerManager.retryPeriod)
      + turn.facts.latency.write.median
  }

  /// A holder's renewals end: by its crash, or while it is paused.
  mutating func stopRenewing(_ process: ManagerProcess) {
    guard server.leaderLease.holder == process.packed, server.leaderLease.isRenewed else { return }
    server.leaderLease.stop(at: turn.now, period: renewalPeriod)
    for index in managers.indices {
      let life = managers[index].life
      if life.phase == .candidate, life.candidate.lastPoll < .never, !life.isPaused {
        planTakeover(life.process)
      }
    }
  }
}

// MARK: After a pause

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

  /// A leader renews as if it still held the Lease; if it does not, it learns so.
  mutating func renew(_ process: ManagerProcess) {
    let candidate = managers[process.index].life.candidate
    managers[process.index].life.candidate.renewalDue = .never
    let deadline = turn.facts.managerClock.trueDuration(
      turn.facts.scenario.controllerManager.renewDeadline)
    if candidate.renewalsFailedSince == .never {
      askLease(.updateLeaderLease, process, version: candidate.version)
    } else if turn.now - candidate.renewalsFailedSince < deadline {
      askLease(.getLeaderLease, process)
    } else {
      exit(process)
    }
  }

  /// J.3: it tries for renewDeadline more, and then exits.
  private mutating func failRenewal(_ call: PendingCall, _ process: ManagerProcess) {
    let settings = turn.facts.scenario.controllerManager
    if managers[process.index].life.candidate.renewalsFailedSince == .never {
      managers[process.index].life.candidate.renewalsFailedSince = turn.now
    }
    let began = managers[process.index].life.candidate.renewalsFailedSince
    let next = min(
      turn.now + turn.facts.managerClock.trueDuration(settings.retryPeriod),
      began + turn.facts.managerClock.trueDuration(settings.renewDeadline))
    managers[process.index].life.candidate.renewalDue = next
    turn.schedule(.managerTimer(process), at: next)
  }
}

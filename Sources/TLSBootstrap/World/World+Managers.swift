import SimulationKernel

/// The processes of kube-controller-manager: what reaches them, their crashes, pauses and starts.
extension World {
  /// Whether an event of this process reaches it now. What comes while it is paused is kept; what
  /// belonged to a process that is over is nobody's.
  @inline(__always)
  mutating func reaches(_ process: ManagerProcess, _ event: Event) -> Bool {
    if managers[process.index].life.isReached(by: process) { return true }
    hold(event, for: process)
    return false
  }

  @inline(__always)
  mutating func reaches(_ process: ManagerProcess, answer call: PendingCall) -> Bool {
    if managers[process.index].life.isReached(by: process) { return true }
    miss(call, process)
    return false
  }

  @inline(never)
  private mutating func hold(_ event: Event, for process: ManagerProcess) {
    let life = managers[process.index].life
    guard life.isPaused, life.process == process else { return }
    managers[process.index].life.held.append(Scheduled(event: event, cause: turn.cause))
  }

  @inline(never)
  private mutating func miss(_ call: PendingCall, _ process: ManagerProcess) {
    let life = managers[process.index].life
    if life.isPaused, life.process == process {
      hold(.answerArrives(turn.calls.add(call)), for: process)
    }
    // What it wrote stays written: it holds a Lease that it will not renew.
    let takes = call.call == .createLeaderLease || call.call == .updateLeaderLease
    if takes, call.answer.isSuccess { stopRenewing(process) }
  }

  /// An answer reached the process that asked.
  @inline(__always)
  mutating func receiveForManager(_ call: PendingCall, _ process: ManagerProcess) {
    guard call.client.isOfManager, call.client != .csrcleaner else {
      managers[process.index].receive(call, &turn)
      return
    }
    receiveForProcess(call, process)
  }

  @inline(never)
  private mutating func receiveForProcess(_ call: PendingCall, _ process: ManagerProcess) {
    switch call.call {
    case .getLeaderLease, .createLeaderLease, .updateLeaderLease:
      receiveLease(call, process)
    case .deleteSecret, .updateClusterInfo: receiveForTokens(call, process)
    default:
      managers[process.index].receive(call, &turn)
      if managers[process.index].life.hasFailed { exit(process) }
    }
  }

  mutating func managerTimerFired(_ process: ManagerProcess) {
    let life = managers[process.index].life
    let renewal = life.candidate.renewal
    let deadline = renewDeadline
    if renewal.due == turn.now || renewal.isOver(at: turn.now, after: deadline) {
      renew(process)
      return
    }
    // A process that was paused while it started finds its timer overdue; a candidate has polled at once.
    guard life.phase == .candidate ? life.due == turn.now : life.due <= turn.now else { return }
    if life.phase != .candidate { managers[process.index].life.due = .never }
    switch life.phase {
    case .starting where turn.facts.scenario.controllerManager.leaderElect:
      managers[process.index].life.phase = .candidate
      pollLease(process)
    case .starting: managers[process.index].lead(&turn)
    case .candidate: pollLease(process)
    case .awaitingServer, .building, .listing, .syncing:
      managers[process.index].goOnStarting(&turn)
      if managers[process.index].life.phase == .leading { beginControllers(process) }
      noteAttendance()
    case .down, .leading: break
    }
  }

  /// What the controllers read of a CSR.
  ///
  /// Mutating for speed only: else each call copies the world, 4.5 kB.
  @inline(__always)
  mutating func cached(
    _ stored: CertificateSigningRequest, _ conditions: RequestConditions, version: UInt16
  ) -> ControllerManager.CachedRequest {
    stored.isKubeletsOwn
      ? ControllerManager.CachedRequest(own: stored, conditions, version: version)
      : cachedByShape(stored, conditions, version: version)
  }

  private mutating func beginControllers(_ process: ManagerProcess) {
    lookAtTokens(process)
    lookAtNodes(process)
  }

  mutating func resync(_ process: ManagerProcess) { managers[process.index].resync(&turn) }

  /// The informer's watch was accepted: it begins with a list, and goes on with what changes from now.
  mutating func openInformer(_ call: PendingCall) {
    let process = ManagerProcess(packed: call.generation)
    guard managers[process.index].life.process == process else { return }
    let phase = managers[process.index].life.phase
    if phase == .syncing || phase == .leading { reopenInformer(process) }
    guard phase == .listing else { return }
    managers[process.index].life.isInformerOpen = true
    let stored = server.requests
    managers[process.index].list = InitialList(
      stored, stored.map { cached($0, $0.conditions, version: $0.shortVersion) },
      turn.chance.stream(.backlog, process.packed, 0))
    let drawn = turn.chance.length(
      turn.facts.latency.watchDelivery, .watch, .max, process.packed)
    queue.push(
      Scheduled(event: .informerLists(process), cause: call.cause),
      at: managers[process.index].life.delivery(drawn: turn.now + drawn))
  }
}

// MARK: Starts

extension ControllerManager {
  /// The replicas as they are at the start of the run: those that ran before it have one leader.
  static func replicas(_ settings: ControllerManagerSettings) -> [ControllerManager] {
    (0..<settings.replicas).map { replica in
      var life = ManagerLife(ManagerProcess(replica: replica, generation: 0))
      if settings.running, settings.startsAt == nil {
        if replica == 0 || !settings.leaderElect { life.leadFromTheStart() } else { life.standBy() }
      }
      return ControllerManager(settings, life)
    }
  }
}

extension World {
  mutating func startManagers() {
    let settings = turn.facts.scenario.controllerManager
    guard settings.running else { return noteAttendance() }
    for index in managers.indices {
      let process = managers[index].life.process
      if let startsAt = settings.startsAt {
        queue.push(Scheduled(event: .managerStarts(process), cause: 0), at: .zero + startsAt)
      } else if managers[index].life.phase == .candidate {
        managers[index].life.candidate.standBy(process, &turn)
      } else if settings.leaderElect {
        server.leaderLease.take(process.packed, at: .zero)
        managers[index].life.candidate.renewal.succeed(server.leaderLease.version)
      }
    }
    lookAtRenewals()
    noteAttendance()
  }

  /// The kubelet of the control-plane node starts the process that follows this one.
  mutating func startManager(after process: ManagerProcess) {
    let life = managers[process.index].life
    guard life.process == process, life.phase == .down, !life.isKeptDown else { return }
    start(process.index)
  }

  private mutating func start(_ replica: Int) {
    managers[replica].life.start(at: turn.now)
    let process = managers[replica].life.process
    managers[replica] = ControllerManager(
      turn.facts.scenario.controllerManager, managers[replica].life)
    tell(.managerStarted, process)
    let delay = turn.chance.length(
      turn.facts.latency.controllerManagerStart, .managerStart, process.packed, 0)
    managers[replica].life.due = turn.now + delay
    turn.schedule(.managerTimer(process), after: delay)
  }

  mutating func tell(_ kind: TraceEvent.Kind, _ process: ManagerProcess) {
    turn.emit(TraceEvent(kind, by: .controllerManager, value: Int64(process.index)))
  }
}

// MARK: What an act of the scenario does to a replica

extension World {
  /// The process is killed; the kubelet starts it again.
  mutating func crashManager(replica: Int) {
    guard managers[replica].life.phase != .down else { return }
    let process = managers[replica].life.process
    tell(.managerKilled, process)
    end(process)
    planRestart(process)
  }

  /// The process is killed, and kept from starting until `startManager`.
  mutating func stopManager(replica: Int) {
    let process = managers[replica].life.process
    managers[replica].life.hold()
    guard managers[replica].life.phase != .down else { return }
    tell(.managerKilled, process)
    end(process)
  }

  /// The process starts now, if it does not run.
  mutating func startManager(replica: Int) {
    managers[replica].life.release()
    guard managers[replica].life.phase == .down, !managers[replica].life.isKeptDown else { return }
    start(replica)
  }

  /// The process is frozen (SIGSTOP): it does nothing, and what reaches it waits.
  mutating func pauseManager(replica: Int) {
    let life = managers[replica].life
    guard life.phase != .down else { return }
    tell(.managerPaused, life.process)
    managers[replica].life.pause()
    noteAttendance()
    stopRenewing(life.process)
  }

  mutating func resumeManager(replica: Int) {
    let life = managers[replica].life
    guard life.isPaused else { return }
    guard managers[replica].life.resume() else { return }
    noteAttendance()
    tell(.managerResumed, life.process)
    managers[replica].life.held = []
    for scheduled in life.held {
      turn.effects.append(
        .schedule(scheduled.event, at: turn.now, cause: scheduled.cause))
    }
    goOnElecting(life.process)
  }

  /// The process gives up by itself.
  mutating func exit(_ process: ManagerProcess) {
    tell(.managerExited, process)
    end(process)
    planRestart(process)
  }

  /// All that the process knew is lost; what it wrote stays, and calls on their way are still served.
  private mutating func end(_ process: ManagerProcess) {
    stopRenewing(process)
    managers[process.index].abandon(&turn)
    managers[process.index] = ControllerManager(
      turn.facts.scenario.controllerManager, managers[process.index].life.ended)
    noteAttendance()
  }

  private mutating func planRestart(_ process: ManagerProcess) {
    let delay = managers[process.index].life.restarts.next(at: turn.now)
    turn.emit(
      TraceEvent(.managerRestartPlanned, by: .controllerManager, value: delay.nanoseconds))
    turn.schedule(.managerStarts(process), after: delay)
  }
}

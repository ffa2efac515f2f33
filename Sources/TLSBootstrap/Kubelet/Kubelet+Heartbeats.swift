import SimulationKernel

// A Ready node's heartbeats are events only where the scenario asks for their load: nothing else could
// make one fail than the end of the certificate, which is an event of its own.

// MARK: Lease (L.5)

extension Kubelet {
  /// How often the Lease is renewed, ×U[1, 1.04). Source: L.5, a quarter of its 40 s.
  static let leaseRenewal = Duration.seconds(10)
  /// How many tries an update has, one after the other. Source: L.4, L.5.
  static let updateTries: UInt8 = 5

  /// The Lease that the kubelet knows is updated at once; else it is read or created first.
  mutating func askForLease(_ turn: inout Turn) {
    ask(work.state.contains(.leaseHeld) ? .updateLease : .getLease, for: .lease, &turn)
  }

  mutating func receiveLease(_ call: PendingCall, _ turn: inout Turn) {
    switch (call.call, call.answer) {
    case (.getLease, .ok) where work.state.contains(.leaseHeld):
      ask(.updateLease, for: .lease, &turn)
    case (.getLease, .ok):
      hold(&turn)
      // One that was there already is updated, with five tries of its own.
      guard turn.facts.kubeletSettings(of: node).playsHeartbeats else { return }
      memory.work.renewalFailures = Self.updateTries
      ask(.updateLease, for: .lease, &turn)
    case (.createLease, .created), (.createLease, .alreadyExists):
      hold(&turn)
      noteHeartbeat(isSent: true, &turn)
      planRenewal(&turn)
    case (.updateLease, .ok):
      noteHeartbeat(isSent: true, &turn)
      planRenewal(&turn)
    case (.updateLease, _):
      failRenewal(isOutdated: call.answer == .conflict, &turn)
    case (.getLease, .notFound):
      ask(.getNode, for: .lease, &turn)
    case (.getNode, .ok):
      ask(.createLease, for: .lease, &turn)
    case (.getNode, .notFound):
      // Without the Node there is no owner: the create is skipped until the next tick.
      tell(.leaseSkipped, &turn)
      startTimer(.lease, after: leaseTick(&turn), &turn)
    case (_, _):
      memory.work.leaseTry += 1
      sleep(.lease, WorkLoops.leaseSleep(work.leaseTry - 1), &turn)
    }
  }

  private mutating func hold(_ turn: inout Turn) {
    if work.renewalFailures == 0 { tell(.leaseCreated, &turn) }
    memory.work.state.insert(.leaseHeld)
    memory.work.leaseTry = 0
  }

  private mutating func planRenewal(_ turn: inout Turn) {
    memory.work.renewalFailures = 0
    guard turn.facts.kubeletSettings(of: node).playsHeartbeats else { return }
    startTimer(.lease, after: leaseTick(&turn), &turn)
  }

  /// Five tries; then the Lease is read or created anew, and if that one's five fail too, it has time
  /// until the next tick.
  ///
  /// - Parameter isOutdated: somebody else wrote the Lease, which is read before the next try.
  private mutating func failRenewal(isOutdated: Bool, _ turn: inout Turn) {
    memory.work.renewalFailures += 1
    if work.renewalFailures == Self.updateTries {
      noteHeartbeat(isSent: false, &turn)
      memory.work.state.remove(.leaseHeld)
      ask(.getLease, for: .lease, &turn)
    } else if work.renewalFailures < 2 * Self.updateTries {
      ask(isOutdated ? .getLease : .updateLease, for: .lease, &turn)
    } else {
      planRenewal(&turn)
    }
  }

  /// Where heartbeats are played, node-lifecycle goes by them.
  ///
  /// Mutating for speed only: else each call copies the kubelet, 0.4 kB.
  private mutating func noteHeartbeat(isSent: Bool, isReport: Bool = false, _ turn: inout Turn) {
    guard turn.facts.kubeletSettings(of: node).playsHeartbeats else { return }
    turn.effects.append(.heartbeat(node, isSent: isSent, isReport: isReport))
  }

  private mutating func leaseTick(_ turn: inout Turn) -> Duration {
    draws.status += 1
    return turn.chance.jitter(
      Self.leaseRenewal, by: 1, over: 25, .status, node.index, draws.status)
  }
}

// MARK: Status (L.4)

extension Kubelet {
  mutating func updateStatus(_ turn: inout Turn) {
    guard turn.now >= work.statusUpdate else { return }
    memory.work.statusUpdate = .never
    // Only before it is Ready is there a fast path beside the loop.
    if work.state.contains(.ready) { memory.work.statusLoop = turn.now }
    sendStatus(&turn)
  }

  mutating func sendStatus(_ turn: inout Turn) {
    memory.work.reported = work.state
    ask(.patchNodeStatus, for: .statusUpdate, &turn)
  }

  /// The first try patches the Node of the informer, each further one reads it before.
  mutating func receiveStatus(_ call: PendingCall, _ turn: inout Turn) {
    guard work.state.contains(.registered) else { return receiveLook(call, &turn) }
    guard call.answer.isSuccess else {
      memory.work.statusFailures += 1
      if work.statusFailures < Self.updateTries {
        ask(.getNode, for: .statusUpdate, &turn)
      } else {
        finishStatus(isSent: false, &turn)
      }
      return
    }
    if call.call == .getNode {
      sendStatus(&turn)
    } else {
      finishStatus(isSent: true, &turn)
    }
  }

  private mutating func finishStatus(isSent: Bool, _ turn: inout Turn) {
    memory.work.statusFailures = 0
    if !work.state.contains(.statusSent) {
      let gap = statusGap(&turn)
      memory.work.statusLoop = turn.now + gap
      if isSent { tell(.statusPatched, &turn) }
      gain(.statusSent, &turn)
    } else if work.state.contains(.ready), work.reported.isSuperset(of: .prerequisites) {
      noteHeartbeat(isSent: isSent, isReport: true, &turn)
      planReport(after: isSent ? reportFrequency(&turn) : Duration(nanoseconds: 1), &turn)
      // What it has to say since is due at the loop's next run.
      planStatusUpdate(&turn)
    } else if isSent, !work.reported.isSuperset(of: .prerequisites) {
      memory.work.statusLoop = turn.now + statusGap(&turn)
      tell(.statusPatched, &turn)
      if !work.reported.contains(.runtimeAnswers) {
        noteHeartbeat(isSent: true, isReport: true, &turn)
        reportedLoss(&turn)
      }
      planStatusUpdate(&turn)
    } else if isSent {
      memory.work.state.insert(.ready)
      // One that was planned while this one was on its way has nothing left to say.
      memory.work.statusUpdate = .never
      if ready == .never { ready = turn.now }
      tell(.nodeReady, step: .nodeIsReady, value: (turn.now - started).nanoseconds, &turn)
      settle(.ready, &turn)
      planFirstReport(&turn)
    } else {
      if work.state.contains(.ready) { noteHeartbeat(isSent: false, isReport: true, &turn) }
      memory.work.reported = []
      planStatusUpdate(failed: true, &turn)
    }
  }

  /// After a change the next report is due after the frequency × U[0.5, 1.5), so that not all nodes
  /// that changed at once report at once.
  private mutating func planFirstReport(_ turn: inout Turn) {
    draws.status += 1
    let half = reportFrequency(&turn).scaled(by: 1, over: 2)
    let delay = turn.chance.jitter(
      half, by: 2, over: 1, .status, node.index, draws.status)
    planReport(after: delay, &turn)
  }

  /// At the first run of the 10 s loop that finds it due: the runs before send nothing.
  mutating func planReport(after delay: Duration, _ turn: inout Turn) {
    guard turn.facts.kubeletSettings(of: node).playsHeartbeats else { return }
    // A clock that gains makes less than a nanosecond of one.
    planStatus(
      notBefore: turn.now + max(clock.trueDuration(delay), Duration(nanoseconds: 1)), &turn)
  }

  /// A status that the loop's first run from an instant on will send; a change may have to be told before.
  mutating func planStatus(notBefore due: Instant, _ turn: inout Turn) {
    let latest = work.statusLoop
    memory.work.statusUpdate = statusLoop(notBefore: due, &turn)
    startTimer(.statusUpdate, at: work.statusUpdate, &turn)
    memory.work.statusLoop = latest
  }

  /// The Node's conditions are not its own: the next run of the loop, some time within its period, sends them.
  mutating func reportAgain(_ turn: inout Turn) {
    guard work.state.contains(.ready) else { return }
    let period = statusGap(&turn)
    var stream = turn.chance.stream(.status, node.index, draws.status)
    let wait =
      turn.chance.isLowest
      ? period : Duration(nanoseconds: stream.next(in: 0..<period.nanoseconds))
    memory.work.statusLoop = turn.now + wait
    memory.work.statusUpdate = work.statusLoop
    startTimer(.statusUpdate, at: work.statusUpdate, &turn)
  }

  func reportFrequency(_ turn: inout Turn) -> Duration {
    turn.facts.kubeletSettings(of: node).nodeStatusReportFrequency
  }
}

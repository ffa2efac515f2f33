import SimulationKernel

/// What node-lifecycle knows of a node's heartbeats (protocol.md L.6). Those that go on are no events.
struct NodeHealth: Hashable, Sendable {
  /// When they stopped; `.never`: they go on.
  var stopped = Instant.never
  /// When the conditions became Unknown; `.never`: they are not.
  var unknown = Instant.never
  /// How often they stopped; what was planned for an earlier stop is void.
  var stops: UInt16 = 0
  /// M.1 row 18: until then a renewTime does not increase, because the node's clock was stepped back.
  var behindUntil = Instant.zero
  /// Where heartbeats are played: when the latest one was sent.
  var lastSent = Instant.zero
  /// Whether the kubelet still has the connection that the latest one went by.
  var isConnected = false
}

extension Kubelet {
  /// Whether there is a Node of its own that gets, or got, heartbeats (L.6).
  fileprivate var hasNode: Bool { ready < .never || work.state.contains(.registered) }

  /// Whether the process renews the Lease and reports the status of that Node.
  fileprivate var beats: Bool {
    phase == .running && !faults.isPaused && work.state.contains(.registered)
  }
}

/// node-lifecycle: a node that is registered sends heartbeats; whether they arrive is found anew whenever
/// something changed that they depend on.
extension World {
  /// Of every node, after an act.
  mutating func reviewHeartbeats() {
    let cause = turn.cause
    for index in kubelets.indices {
      turn.cause = cause
      reviewHeartbeats(of: NodeID(index))
    }
    turn.cause = cause
  }

  /// Those that no longer arrive stop; those that do again are seen at the next try to renew the Lease.
  mutating func reviewHeartbeats(of node: NodeID) {
    let index = Int(node.index)
    guard hasKubelet(node) else { return }
    if let cut = network.cut(of: node.index), outlastsConnections(cut) {
      health[index].isConnected = false
      kubelets[index].memory.work.isConnected = false
    }
    guard kubelets[index].hasNode else { return }
    if !health[index].isConnected { kubelets[index].loseOutdatedConnections() }
    if !heartbeatsArrive(from: node) {
      stopHeartbeats(of: node)
      if health[index].unknown < .never { kubelets[index].settleIfUnknown(&turn) }
    } else if health[index].stopped == .never {
      if !playsHeartbeats(node) { health[index].isConnected = true }
      // They went on by a connection that outlived its certificate at the node (M.2).
      if kubelets[index].settlement != .ready { kubelets[index].beReady(&turn) }
    } else if !playsHeartbeats(node), turn.now >= health[index].behindUntil {
      planHeartbeat(of: node, within: Kubelet.leaseRenewal, atTheLatest: .never)
    }
  }

  /// Whether a heartbeat that the kubelet sends now is taken, as soon as an API server is up.
  private func heartbeatsArrive(from node: NodeID) -> Bool {
    let index = Int(node.index)
    let kubelet = kubelets[index]
    guard kubelet.beats, network.cut(of: node.index) == nil,
      kubelet.memory.presented != TraceEvent.none
    else { return false }
    let certificate = turn.certificates[Int(kubelet.memory.presented)]
    guard certificate.isTrusted,
      !turn.facts.allRefuse(before: certificate.notBefore, at: turn.now),
      !turn.facts.allRefuse(after: turn.facts.end(of: certificate), at: turn.now)
    else { return false }
    let identity = Identity(.node, Int(certificate.node.index))
    guard mayBeat(identity, of: node) else { return false }
    return health[index].isConnected
      || turn.facts.connectionFault(
        of: node, usesOwn: kubelet.usesGivenKubeconfig, clock: kubelet.clock, at: turn.now) == nil
  }

  /// L.6: either heartbeat counts.
  private func mayBeat(_ identity: Identity, of node: NodeID) -> Bool {
    [Call.updateLease, .patchNodeStatus].contains { call in
      switch turn.facts.authorizer.permission(identity, call) {
      case .always: true
      case .never: false
      case .byName:
        turn.facts.authorizer.allows(
          identity, call, caller: turn.facts.callerName(identity),
          node: turn.facts.name(of: node), request: "")
      }
    }
  }

  private func playsHeartbeats(_ node: NodeID) -> Bool {
    turn.facts.kubeletSettings(of: node).playsHeartbeats
  }

  @inline(__always)
  mutating func noteHeartbeats(of node: NodeID, _ before: Settlement, _ after: Settlement) {
    if before == .ready { reviewHeartbeats(of: node) }
    if after == .ready { resumeHeartbeats(of: node) }
  }

  /// - Parameter sent: when the latest one was; nil: where they are derived, some time within the 10 s before.
  private mutating func stopHeartbeats(of node: NodeID, after sent: Instant? = nil) {
    let index = Int(node.index)
    guard health[index].stopped == .never else { return }
    health[index].stopped = turn.now
    health[index].stops &+= 1
    let last = sent ?? (playsHeartbeats(node) ? health[index].lastSent : drawnHeartbeat(of: node))
    for manager in managers where manager.life.phase == .leading {
      let ready = kubelets[index].ready
      planUnknown(node, lastHeartbeat: ready == .never ? last : max(last, ready), manager.life)
    }
  }

  private func drawnHeartbeat(of node: NodeID) -> Instant {
    if turn.chance.isLowest { return turn.now }
    var stream = turn.chance.stream(
      .heartbeat, node.index, UInt32(health[Int(node.index)].stops))
    let passed = Duration(nanoseconds: stream.next(in: 0..<Kubelet.leaseRenewal.nanoseconds))
    return passed > turn.now - .zero ? .zero : turn.now - passed
  }

  mutating func resumeHeartbeats(of node: NodeID) {
    let index = Int(node.index)
    health[index].isConnected = true
    guard health[index].stopped < .never else { return }
    health[index].stopped = .never
    let unknown = health[index].unknown
    if unknown < .never {
      health[index].unknown = .never
      turn.emit(
        TraceEvent(
          .nodeKnown, by: .nodeLifecycle, node: node.index, attempt: kubelets[index].attempt,
          value: (turn.now - unknown).nanoseconds))
    }
    guard turn.now < health[index].behindUntil else { return }
    stopHeartbeats(of: node, after: turn.now)
    planReport(of: node)
  }

  /// A new leader has seen no heartbeat of anyone: its grace begins with its first scan.
  mutating func lookAtNodes(_ process: ManagerProcess) {
    let life = managers[process.index].life
    for index in health.indices
    where health[index].stopped < .never && health[index].unknown == .never {
      planUnknown(NodeID(index), lastHeartbeat: life.began, life)
    }
  }

  /// L.6: the scan that notices the last heartbeat begins the grace; one at its end finds it over, because each
  /// comes later than its timer says, however little.
  private mutating func planUnknown(
    _ node: NodeID, lastHeartbeat: Instant, _ life: ManagerLife
  ) {
    let settings = turn.facts.scenario.controllerManager
    guard settings.nodelifecycle else { return }
    let period = turn.facts.managerClock.trueDuration(settings.nodeMonitorPeriod)
    let (grace, scan) = (settings.nodeMonitorGracePeriod, settings.nodeMonitorPeriod)
    let scans = (grace.nanoseconds + scan.nanoseconds - 1) / scan.nanoseconds
    let noticed = Instant.tick(of: period, since: life.began, notBefore: lastHeartbeat)
    let instant = noticed + period * scans
    queue.push(
      Scheduled(
        event: .nodeTurnsUnknown(node, stop: health[Int(node.index)].stops, life.process),
        cause: turn.cause),
      at: max(instant, turn.now))
  }

  mutating func markUnknown(_ node: NodeID, _ stop: UInt16) {
    let index = Int(node.index)
    guard health[index].stops == stop, health[index].stopped < .never,
      health[index].unknown == .never
    else { return }
    health[index].unknown = turn.now
    turn.emit(
      TraceEvent(
        .nodeUnknown, by: .nodeLifecycle, node: node.index, attempt: kubelets[index].attempt,
        value: (turn.now - health[index].stopped).nanoseconds))
    kubelets[index].lose(&turn)
    // L.4: the kubelet's next status loop finds a status that is not its own, and patches it.
    guard turn.now < health[index].behindUntil, heartbeatsArrive(from: node) else { return }
    if playsHeartbeats(node) {
      kubelets[index].reportAgain(&turn)
    } else {
      planHeartbeat(of: node, within: .seconds(10))
    }
  }
}

// MARK: Heartbeats that are played

extension World {
  /// One was sent, or failed as often as a kubelet tries.
  mutating func noteHeartbeat(of node: NodeID, isSent: Bool, isReport: Bool) {
    let index = Int(node.index)
    health[index].isConnected = isSent
    guard isSent else { return stopHeartbeats(of: node, after: health[index].lastSent) }
    health[index].lastSent = turn.now
    // M.1 row 18: a renewTime that does not increase is none.
    guard health[index].stopped < .never, isReport || turn.now >= health[index].behindUntil else {
      return
    }
    resumeHeartbeats(of: node)
    kubelets[index].beReady(&turn)
  }

  /// Whether a heartbeat goes by a connection that is open.
  @inline(never)
  mutating func keepsConnection(_ number: UInt32) -> Bool {
    let call = turn.calls[number]
    return call.isHeartbeat && call.credential.kind == .certificate
      && health[Int(call.owner)].isConnected
  }

  /// Whether any request does, so that the server's certificate is not looked at again (M.1 row 6).
  @inline(never)
  mutating func needsNoHandshake(_ number: UInt32) -> Bool {
    let call = turn.calls[number]
    guard call.client == .kubelet, call.credential.kind == .certificate else { return false }
    return kubelets[Int(call.owner)].work.isConnected || keepsConnection(number)
  }

  /// B.6: informers watch again at once, which opens the next connection.
  mutating func closeForNewCertificate(of node: NodeID) {
    let index = Int(node.index)
    health[index].isConnected = false
    let fault = turn.facts.connectionFault(
      of: node, usesOwn: kubelets[index].usesGivenKubeconfig, clock: kubelets[index].clock,
      at: turn.now)
    if turn.isTroubled || fault != nil { kubelets[index].memory.work.isConnected = false }
  }
}

// MARK: Heartbeats that come again (M.2)

extension World {
  /// M.2: no renewTime increases until the clock has caught up; a status report, every 5 min, counts.
  mutating func stepBack(_ node: NodeID, by step: Duration) {
    let index = Int(node.index)
    guard hasKubelet(node), kubelets[index].settlement == .ready else { return }
    health[index].behindUntil = turn.now + step
    stopHeartbeats(of: node)
    planReport(of: node)
  }

  private mutating func planReport(of node: NodeID) {
    if playsHeartbeats(node) { return }
    let frequency = turn.facts.kubeletSettings(of: node).nodeStatusReportFrequency
    planHeartbeat(of: node, within: frequency)
  }

  /// Some time within this, or when the clock has caught up.
  private mutating func planHeartbeat(
    of node: NodeID, within most: Duration, atTheLatest end: Instant? = nil
  ) {
    let index = Int(node.index)
    let stop = health[index].stops
    var stream = turn.chance.stream(.heartbeat, node.index, UInt32(stop) | 0x1_0000)
    if health[index].unknown < .never { _ = stream.next() }
    let drawn =
      turn.chance.isLowest ? most : Duration(nanoseconds: stream.next(in: 0..<most.nanoseconds))
    let instant = max(turn.now, min(turn.now + drawn, end ?? health[index].behindUntil))
    planHeartbeat(of: node, at: instant)
  }

  private mutating func planHeartbeat(of node: NodeID, at instant: Instant) {
    let stop = health[Int(node.index)].stops
    queue.push(
      Scheduled(event: .heartbeatCounts(node, stop: stop), cause: turn.cause), at: instant)
  }

  mutating func heartbeatIsDue(of node: NodeID, _ stop: UInt16) {
    let index = Int(node.index)
    guard health[index].stops == stop, !seeHeartbeat(of: node),
      turn.now < health[index].behindUntil
    else { return }
    planHeartbeat(of: node, at: health[index].behindUntil)
  }

  /// A kubelet sends a heartbeat now.
  ///
  /// - Returns: whether it is seen.
  @discardableResult
  mutating func seeHeartbeat(of node: NodeID) -> Bool {
    guard !playsHeartbeats(node), health[Int(node.index)].stopped < .never,
      heartbeatsArrive(from: node), server.replicas.contains(where: { !$0.isDown })
    else { return false }
    // Where it was Unknown, becoming Ready says so.
    resumeHeartbeats(of: node)
    kubelets[Int(node.index)].beReady(&turn)
    return true
  }
}

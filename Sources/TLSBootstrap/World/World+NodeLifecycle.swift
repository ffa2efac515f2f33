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
  /// Where heartbeats are played: when the latest one was sent, and whether the kubelet still has the connection
  /// that it went by.
  var lastSent = Instant.zero
  var isConnected = false
}

extension Kubelet {
  /// Whether its Node gets heartbeats: it is Ready, or registered and never was Ready yet (L.6).
  var sendsHeartbeats: Bool { settlement == .ready || phase == .running && isNew }

  /// It has registered its Node, which has not been Ready yet.
  fileprivate var isNew: Bool { ready == .never && work.state.contains(.registered) }
}

/// node-lifecycle: a node that is Ready, or new, sends heartbeats, one that is off or paused does not.
extension World {
  /// A kubelet's process is over: that of a node that is Ready has been told by its settlement.
  mutating func endHeartbeats(of node: NodeID) {
    let index = Int(node.index)
    health[index].isConnected = false
    if hasKubelet(node), kubelets[index].isNew { stopHeartbeats(of: node) }
  }

  @inline(__always)
  mutating func noteHeartbeats(of node: NodeID, _ before: Settlement, _ after: Settlement) {
    if before == .ready { stopHeartbeats(of: node) }
    if after == .ready { resumeHeartbeats(of: node) }
  }

  /// - Parameter sent: when the latest one was; nil: some time within the 10 s before.
  mutating func stopHeartbeats(of node: NodeID, after sent: Instant? = nil) {
    let index = Int(node.index)
    guard health[index].stopped == .never else { return }
    health[index].stopped = turn.now
    health[index].stops &+= 1
    var stream = turn.chance.stream(.heartbeat, node.index, UInt32(health[index].stops))
    let passed =
      turn.chance.isLowest
      ? Duration.zero : Duration(nanoseconds: stream.next(in: 0..<Kubelet.leaseRenewal.nanoseconds))
    let since = turn.now - Instant.zero
    let last = sent ?? (passed > since ? Instant.zero : turn.now - passed)
    for manager in managers where manager.life.phase == .leading {
      let ready = kubelets[index].ready
      planUnknown(node, lastHeartbeat: ready == .never ? last : max(last, ready), manager.life)
    }
  }

  mutating func resumeHeartbeats(of node: NodeID) {
    let index = Int(node.index)
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
    stopHeartbeats(of: node)
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

  /// L.6: the scan that notices the last heartbeat begins the grace; a scan after its end finds it over.
  private mutating func planUnknown(
    _ node: NodeID, lastHeartbeat: Instant, _ life: ManagerLife
  ) {
    let settings = turn.facts.scenario.controllerManager
    guard settings.nodelifecycle else { return }
    let period = turn.facts.managerClock.trueDuration(settings.nodeMonitorPeriod).nanoseconds
    let grace = settings.nodeMonitorGracePeriod.nanoseconds / settings.nodeMonitorPeriod.nanoseconds
    let passed = max(0, (lastHeartbeat - life.began).nanoseconds)
    let noticed = passed / period + (passed % period == 0 ? 0 : 1)
    let instant = life.began + Duration(nanoseconds: period * (noticed + grace + 1))
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
    if turn.now < health[index].behindUntil { planHeartbeat(of: node, within: .seconds(10)) }
  }
}

// MARK: Heartbeats that are played

extension World {
  /// One was sent, or failed as often as a kubelet tries.
  mutating func noteHeartbeat(of node: NodeID, isSent: Bool, isReport: Bool) {
    let index = Int(node.index)
    health[index].isConnected = isSent
    guard isSent else {
      if kubelets[index].settlement == .ready {
        stopHeartbeats(of: node, after: health[index].lastSent)
      }
      return
    }
    health[index].lastSent = turn.now
    // M.1 row 18: a renewTime that does not increase is none.
    guard health[index].stopped < .never, isReport || turn.now >= health[index].behindUntil else {
      return
    }
    if kubelets[index].settlement == .ready { resumeHeartbeats(of: node) }
    kubelets[index].beReady(&turn)
  }

  /// Whether a request goes by a connection that is open, so that the server's certificate is not looked at again.
  @inline(never)
  func keepsConnection(_ number: UInt32) -> Bool {
    let call = turn.calls[number]
    return call.isHeartbeat && call.credential.kind == .certificate
      && health[Int(call.owner)].isConnected
  }
}

// MARK: Nodes that are cut off

extension World {
  /// Through a partition no heartbeat comes.
  mutating func cutHeartbeats(of nodes: [NodeID]) {
    for node in nodes where hasKubelet(node) && kubelets[Int(node.index)].sendsHeartbeats {
      stopHeartbeats(of: node)
    }
  }

  /// It is over: the next try to renew the Lease comes some time within its 10 s (L.1, L.5).
  mutating func mendHeartbeats(of nodes: [NodeID]) {
    for node in nodes where hasKubelet(node) && health[Int(node.index)].stopped < .never {
      planHeartbeat(of: node, within: Kubelet.leaseRenewal, atTheLatest: .never)
    }
  }
}

// MARK: Nodes that are paused, or whose clock was stepped back (M.2)

extension World {
  /// A paused kubelet goes on: its timers are overdue, so it sends a heartbeat at once.
  mutating func goOnBeating(_ node: NodeID) {
    let index = Int(node.index)
    if network.cut(of: node.index) != nil { return }
    if kubelets[index].sendsHeartbeats { resumeHeartbeats(of: node) }
    kubelets[index].beReady(&turn)
  }

  /// M.2: no renewTime increases until the clock has caught up; a status report, every 5 min, counts.
  mutating func stepBack(_ node: NodeID, by step: Duration) {
    let index = Int(node.index)
    guard hasKubelet(node), kubelets[index].settlement == .ready else { return }
    health[index].behindUntil = turn.now + step
    stopHeartbeats(of: node)
    planReport(of: node)
  }

  private mutating func planReport(of node: NodeID) {
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
    queue.push(
      Scheduled(event: .heartbeatCounts(node, stop: stop), cause: turn.cause), at: instant)
  }

  mutating func seeHeartbeat(of node: NodeID, _ stop: UInt16) {
    let index = Int(node.index)
    guard health[index].stops == stop, health[index].stopped < .never,
      network.cut(of: node.index) == nil
    else { return }
    // Where it was Unknown, becoming Ready says so.
    if kubelets[index].sendsHeartbeats { resumeHeartbeats(of: node) }
    kubelets[index].beReady(&turn)
  }
}

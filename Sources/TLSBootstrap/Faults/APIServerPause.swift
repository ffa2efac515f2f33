import SimulationKernel

/// kube-apiserver is paused (SIGSTOP): its host goes on to take connections, and nobody answers (protocol.md A.11).
///
/// What reaches it waits, and is served when it goes on; clients give up before, each after its own time.
extension World {
  /// - Parameter replica: nil: every one.
  mutating func pauseServers(_ replica: Int?) {
    endWaits(of: allNodes)
    for replica in server.replicas(hitBy: replica)
    where server.replicas[replica].pause(at: turn.now) {
      trouble()
      giveUpEarly(on: replica)
      let count = server.replicas[replica].pauseCount
      turn.schedule(.pauseIsNoticed(UInt8(replica), count: count), after: Network.detection)
      playRenewals(of: replica)
    }
  }

  mutating func resumeServers(_ replica: Int?) {
    for replica in server.replicas(hitBy: replica) { server.replicas[replica].resume() }
    trouble()
  }

  /// Clients with timeouts of their own do not wait until the connection is found dead.
  private mutating func giveUpEarly(on replica: Int) {
    let end = pauseEnd(of: replica)
    for number in turn.calls.inHand(on: replica) where turn.calls[number].fate == .inHand {
      let call = turn.calls[number]
      guard let timeout = timeLeft(of: call), call.received + timeout < end else { continue }
      abandon(number)
      // A try of /healthz has a timer of its own.
      if call.isHealthCheck { continue }
      fail(turn.calls.add(call), .deadlineExceeded, at: max(turn.now, call.received + timeout))
    }
  }

  /// Connections that were open are dead: no read for 30 s, and no answer to a ping for 15 s (A.11).
  mutating func noticePause(of replica: Int, count: UInt32) {
    guard server.replicas[replica].isPaused, server.replicas[replica].pauseCount == count else {
      return
    }
    for number in turn.calls.inHand(on: replica) where turn.calls[number].fate == .inHand {
      let call = turn.calls[number]
      abandon(number)
      fail(turn.calls.add(call), .connectionLost, at: turn.now)
    }
    for request in server.openWatches(on: replica) {
      let generation = server.requests[Int(request.index)].generation
      queue.push(
        Scheduled(event: .watchBreaks(request, generation: generation), cause: turn.cause),
        at: turn.now)
      server.closeWatch(of: request.index)
    }
    let lost = hasReplicas ? balancer.drop(replica) : allNodes
    for node in lost { health[Int(node.index)].isConnected = false }
    forEach(of: lost) { $0.loseConnections(&$1) }
    breakInformers(of: replica)
  }

  /// A request reaches a server that is paused: it is served when that goes on, if its client waits so long.
  @inline(never)
  mutating func hold(_ number: UInt32, on replica: Int) {
    let call = turn.calls[number]
    let end = pauseEnd(of: replica)
    let (limit, answer) = patience(of: call, with: replica)
    if end < limit {
      queue.push(Scheduled(event: .requestArrives(number), cause: call.cause), at: end)
    } else if call.isHealthCheck {
      turn.calls.release(number)
    } else {
      if hasReplicas { closeConnection(of: call) }
      fail(number, answer, at: limit)
    }
  }

  /// Until when a client waits for a server that was silent since it was paused, and what it tells then.
  private func patience(of call: PendingCall, with replica: Int) -> (Instant, Answer) {
    let lost = server.replicas[replica].pausedSince + Network.detection
    if let timeout = timeLeft(of: call) { return (turn.now + timeout, .deadlineExceeded) }
    if turn.now < lost, goesByOpenConnection(call, with: replica) { return (lost, .connectionLost) }
    return (turn.now + Network.handshakeTimeout, .handshakeTimeout)
  }

  private func goesByOpenConnection(_ call: PendingCall, with replica: Int) -> Bool {
    switch call.client {
    case .approver, .signer, .controllerManager, .csrcleaner, .tokenCleaner, .bootstrapSigner:
      return hasConnection(from: call, since: server.replicas[replica].pausedSince)
    case .externalApprover: return true
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .kubeadm, .csrClient,
      .administrator, .client:
      return false
    }
  }

  /// What is left of a client's own timeout for a request; nil: it has none.
  func timeLeft(of call: PendingCall) -> Duration? {
    ownTimeout(of: call).map { timeout in
      let clock = call.client.isOnNode ? clock(of: call.owner) : turn.facts.managerClock
      return call.timeLeft == 0
        ? clock.trueDuration(timeout) : .milliseconds(Int64(call.timeLeft))
    }
  }

  /// Whether what a server was to do with a request now has to wait until it goes on.
  @inline(never)
  mutating func isHeldBack(_ event: Event, of number: UInt32) -> Bool {
    let call = turn.calls[number]
    guard [.inHand, .abandoned].contains(call.fate), server.replicas[call.seat.replica].isPaused
    else { return false }
    let end = pauseEnd(of: call.seat.replica)
    if end < .never { queue.push(Scheduled(event: event, cause: call.cause), at: end) }
    return true
  }

  /// When a node sees what its server has for its watch; nil: never, because the watch is going to break.
  mutating func delivery(of request: UInt32, to node: UInt32, at drawn: Instant) -> Instant? {
    guard let instant = delivery(to: node, at: drawn).instant else { return nil }
    return delivery(from: Int(server.requests[Int(request)].watchingReplica), at: instant)
  }

  /// When what a server tells gets to who watches there; nil: the connection is found dead before.
  func delivery(from replica: Int, at drawn: Instant) -> Instant? {
    guard server.replicas[replica].isPaused else { return drawn }
    let end = pauseEnd(of: replica)
    let isSeen = end <= server.replicas[replica].pausedSince + Network.detection
    return isSeen ? max(drawn, end) : nil
  }
}

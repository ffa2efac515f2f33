import SimulationKernel

/// kube-apiserver is down (K.4): it refuses connections, watches end, and what it was about to write is
/// not written, unless it is done within the grace period.
extension World {
  /// - Parameter replica: nil: every one.
  mutating func beginOutage(of replica: Int?, grace: Duration) {
    for replica in server.replicas(hitBy: replica) { takeDown(replica, grace: grace) }
    trouble()
  }

  private mutating func takeDown(_ replica: Int, grace: Duration) {
    server.replicas[replica].goDown(at: turn.now)
    if grace > .zero {
      let start = server.replicas[replica].start
      turn.schedule(.graceEnds(UInt8(replica), start: start), after: grace)
    } else {
      end(replica)
    }
    for request in server.openWatches(on: replica) {
      queue.push(
        Scheduled(
          event: .watchBreaks(request, generation: server.requests[Int(request.index)].generation),
          cause: turn.cause), at: turn.now)
      server.closeWatch(of: request.index)
    }
    let lost = hasReplicas ? balancer.lose(replica) : allNodes
    // While others listen, kubelets without a certificate go on with them, by a new connection each time.
    let isLast = server.replicas.allSatisfy(\.isDown)
    trouble()
    for node in lost { health[Int(node.index)].isConnected = false }
    forEach(of: isLast ? allNodes : lost) { $0.loseConnections(&$1) }
    disconnectManagers(of: replica)
  }

  /// SIGKILL for a process that was started as this number, and is not done yet.
  mutating func endGrace(of replica: Int, start: UInt32) {
    guard server.replicas[replica].start == start else { return }
    end(replica)
    judgeAnew()
  }

  /// The process ends: its connections break at once, with all that it had in hand, and the next one begins
  /// with empty queues.
  private mutating func end(_ replica: Int) {
    for number in turn.calls.inHand(on: replica) {
      let call = turn.calls[number]
      let isQueued = turn.calls.isQueued(number)
      if isQueued { leaveQueue(number, of: turn.facts.flows[call.identity, call.call].level) }
      turn.calls[number].fate = .lost
      turn.calls.endWait(of: number)
      if call.fate == .inHand {
        let latency = call.client.isOnNode ? networkLatency(of: call.owner) : .zero
        fail(turn.calls.add(call), .connectionLost, at: turn.now + latency)
      }
      // Nothing is planned for one that waited for its seat.
      if isQueued { turn.calls.release(number) }
    }
    fairness[replica].restart(at: turn.now)
  }

  mutating func endOutage(of replica: Int?) {
    for replica in server.replicas(hitBy: replica) where server.start(replica) {
      server.replicas[replica].restarts.start(at: turn.now)
      server.replicas[replica].listSecrets(turn.facts.tokens.tokens)
      if hasReplicas { balancer.regain(replica) }
    }
    trouble()
  }

  /// The processes are killed; the kubelets of their nodes start them again (J.3).
  mutating func killServers(_ replica: Int?) {
    for replica in server.replicas(hitBy: replica) where !server.replicas[replica].isDown {
      takeDown(replica, grace: .zero)
      let delay = server.replicas[replica].restarts.next(at: turn.now) + APIServerReplica.startUp
      turn.schedule(.serverStarts(UInt8(replica)), after: delay)
      outstandingActs += 1
    }
  }

  /// One that was killed listens again.
  mutating func startServer(_ replica: Int) {
    endOutage(of: replica)
    finishAct()
  }

  /// Whether there is anything that a request may meet on its way.
  mutating func trouble() {
    // While one listens, the balancer finds it.
    let isSilent =
      server.replicas.allSatisfy(\.isDown) || server.replicas.contains(where: \.isPaused)
    turn.troubledNodes = isSilent ? .all : network.troubledNodes
    turn.isTroubled = server.replicas.contains { $0.isDown || $0.isPaused } || !network.isCalm
  }

  /// Whether a request cannot reach a server; then it is taken care of.
  ///
  /// - Parameters:
  ///   - delay: until it leaves.
  ///   - latency: gets what the network's faults add to its way.
  @inline(never)
  mutating func meetsTrouble(
    _ number: UInt32, after delay: Duration, _ latency: inout Duration
  ) -> Bool {
    let client = turn.calls[number].client
    let owner = turn.calls[number].owner
    if client.isOnNode, let cut = network.cut(of: owner) {
      connectThrough(cut, number, from: turn.now + delay)
      return true
    }
    if let cut = managerCut(of: turn.calls[number]) {
      sendThrough(cut, number, from: turn.now + delay)
      return true
    }
    guard findsNoServer(client, turn.calls[number].generation) else {
      return client.isOnNode
        ? isTooSlow(number, after: delay, &latency) : isLate(number, after: delay, &latency)
    }
    let way = client.isOnNode ? networkLatency(of: owner) : .zero
    let answer: Answer = isReopened(number) ? .connectionLost : .connectionRefused
    fail(number, answer, at: turn.now + delay + way)
    return true
  }

  /// Whether a watch is opened again at the instant at which it broke: it still goes by the connection that breaks.
  ///
  /// Source: recorded, a pending kubelet across an API outage: the next try is 1 s later (A.11), before any back-off.
  private mutating func isReopened(_ number: UInt32) -> Bool {
    turn.calls[number].isWatch && server.replicas.contains { $0.wentDown == turn.now }
  }

  /// A request arrives where no server listens.
  @inline(never)
  mutating func refuseConnection(_ number: UInt32) {
    let client = turn.calls[number].client
    let latency = client.isOnNode ? networkLatency(of: turn.calls[number].owner) : .zero
    fail(number, .connectionRefused, at: turn.now + latency)
  }
}

extension Kubelet {
  /// Every connection broke: the informers that had theirs open it again, and loops that would have been
  /// worked out are played, because their answers are no longer known beforehand.
  mutating func loseConnections(_ turn: inout Turn) {
    memory.work.isConnected = false
    guard phase == .running, memory.work.began < .never else { return }
    connectAnew(&turn)
    if isWaiting { resumeWork(&turn) } else { watchAgain(&turn) }
  }
}

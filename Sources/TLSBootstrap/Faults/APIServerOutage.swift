import SimulationKernel

/// kube-apiserver is down (K.4): it refuses connections, those that it had are broken, and what it was
/// about to write is not written.
extension World {
  mutating func beginOutage() {
    server.goDown()
    turn.calls.loseAll()
    for request in server.openWatches {
      queue.push(
        Scheduled(
          event: .watchBreaks(request, generation: server.requests[Int(request.index)].generation),
          cause: turn.cause), at: turn.now)
      server.closeWatch(of: request.index)
    }
    trouble()
    forEach(of: allNodes) { $0.loseConnections(&$1) }
    disconnectManagers()
  }

  mutating func endOutage() {
    server.comeUp()
    trouble()
  }

  /// Whether there is anything that a request may meet on its way.
  mutating func trouble() {
    turn.isTroubled = server.isDown || !network.isCalm
  }

  /// Whether a request cannot even leave; then it is taken care of.
  ///
  /// - Parameter delay: until it leaves.
  @inline(never)
  mutating func meetsTrouble(_ number: UInt32, after delay: Duration) -> Bool {
    let client = turn.calls[number].client
    let owner = turn.calls[number].owner
    if client.isOnNode, let cut = network.cut(of: owner) {
      connectThrough(cut, number, from: turn.now + delay)
      return true
    }
    guard server.isDown else { return false }
    let latency = client.isOnNode ? networkLatency(of: owner) : .zero
    fail(number, .connectionRefused, at: turn.now + delay + latency)
    return true
  }

  /// A request arrives at a server that is down.
  @inline(never)
  mutating func refuseConnection(_ number: UInt32) {
    let client = turn.calls[number].client
    let latency = client.isOnNode ? networkLatency(of: turn.calls[number].owner) : .zero
    fail(number, .connectionRefused, at: turn.now + latency)
  }

  /// The server went down while it had the request.
  @inline(never)
  mutating func answerLost(_ number: UInt32) {
    turn.calls[number].fate = .awaited
    if let level = turn.calls[number].level {
      freeSeat(of: number, on: level, by: turn.calls[number].cause)
    }
    fail(number, .connectionLost, at: turn.now)
  }
}

extension APIServer {
  fileprivate mutating func goDown() {
    outages += 1
    // Tokens are looked up anew by the next process.
    forgetTokens()
  }

  fileprivate mutating func comeUp() {
    outages -= 1
    if !isDown { starts += 1 }
  }
}

extension Kubelet {
  /// Every connection broke: the informers that had theirs open it again, and loops that would have been
  /// worked out are played, because their answers are no longer known beforehand.
  fileprivate mutating func loseConnections(_ turn: inout Turn) {
    guard phase == .running, memory.work.began < .never else { return }
    if memory.work.waitCause != nil { resumeWork(&turn) } else { watchAgain(&turn) }
  }
}

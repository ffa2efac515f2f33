import SimulationKernel

/// Nothing gets through between a controller-manager and its API server (protocol.md A.11, J.3).
///
/// Its connections stay open until they are found dead; what is dialled meanwhile comes about by a SYN that is sent
/// again after the end, or not at all.
extension World {
  /// - Parameter replica: nil: every one.
  mutating func cutOff(_ replica: Int?, by number: UInt16) {
    let end = acts.base.faults[Int(number)].length.map { turn.now + $0 } ?? .never
    let cut = Network.ManagerCut(fault: number, replica: replica, began: turn.now, end: end)
    network.add(cut)
    trouble()
    for index in managers.indices
    where replica ?? index == index && managers[index].life.phase != .down {
      let life = managers[index].life
      if cut.lost < end { turn.schedule(.informerBreaks(life.process), after: Network.detection) }
      if server.leaderLease.holder == life.process.packed, !life.isPaused {
        playRenewal(life.process)
      }
    }
  }

  /// The connection of a process's informer is found dead.
  mutating func noticeCut(of process: ManagerProcess) {
    let life = managers[process.index].life
    if life.process == process, life.isInformerOpen { breakInformer(of: process.index) }
  }

  /// The partition around the controller-manager whose request it is; nil: there is none, or it is another's.
  mutating func managerCut(of call: PendingCall) -> Network.ManagerCut? {
    call.client.isInManager
      ? network.cut(ofManager: ManagerProcess(packed: call.generation).index) : nil
  }

  /// A request leaves from within a partition.
  mutating func sendThrough(_ cut: Network.ManagerCut, _ number: UInt32, from start: Instant) {
    let call = turn.calls[number]
    let isOpen = start < cut.lost && hasConnection(from: call, since: cut.began)
    let dialled = Network.synTries.first { start + $0 >= cut.end }.map { start + $0 }
    let arrival = isOpen ? max(start, cut.end) : dialled ?? .never
    var (limit, answer) =
      isOpen
      ? (cut.lost, Answer.connectionLost) : (start + Network.dialTimeout, Answer.dialTimeout)
    if let timeout = timeLeft(of: call), start + timeout < limit {
      (limit, answer) = (start + timeout, .deadlineExceeded)
    }
    if arrival < limit {
      queue.push(Scheduled(event: .requestArrives(number), cause: call.cause), at: arrival)
    } else {
      fail(number, answer, at: limit)
    }
  }

  /// The answer to a controller-manager that is cut off: it waits for the end, or is lost with its connection.
  mutating func answerThrough(_ cut: Network.ManagerCut, _ number: UInt32) {
    turn.calls[number].fate = .awaited
    let call = turn.calls[number]
    var (limit, answer) = (max(cut.lost, turn.now), Answer.connectionLost)
    if let timeout = timeLeft(of: call), call.received + timeout < limit {
      (limit, answer) = (max(turn.now, call.received + timeout), .deadlineExceeded)
    }
    if cut.end < limit {
      queue.push(Scheduled(event: .answerArrives(number), cause: call.cause), at: cut.end)
    } else {
      fail(number, answer, at: limit)
    }
  }

  /// When what a server tells gets to a controller-manager's informer; nil: its connection is found dead before.
  mutating func delivery(toManager index: Int, at drawn: Instant) -> Instant? {
    guard var told = delivery(from: ownServer(ofManager: index), at: drawn) else { return nil }
    told = told + network.delay(ofManager: index, from: turn.now, turn.chance).total
    guard let cut = network.cut(ofManager: index) else { return told }
    return cut.end <= cut.lost ? max(told, cut.end) : nil
  }

  /// Whether the process that asks had its connections already at that instant.
  func hasConnection(from call: PendingCall, since instant: Instant) -> Bool {
    managers[ManagerProcess(packed: call.generation).index].life.restarts.started < instant
  }
}

import SimulationKernel

/// Requests that find no seat at once: queued, executed later, refused, given up (protocol.md K.3).
extension World {
  /// Whoever has to wait, or is refused before.
  @inline(never)
  mutating func findSeat(_ number: UInt32, _ flow: Flow) {
    let call = turn.calls[number]
    let hash = turn.facts.flows.hash(
      of: call.identity, call.call, nodeName: turn.facts.callerName(call.identity))
    let patience = PriorityAndFairness.patience(untilDeadline: deadline(of: call))
    switch fairness[call.seat.replica].arrive(
      number, flow.level, patience: patience, at: turn.now, hash: hash)
    {
    case .executes(let seat):
      turn.calls.endWait(of: number, for: seat)
      executeLater(number)
    case .queued(let place):
      turn.calls.beginWait(of: number, at: place)
      turn.journal.statistics.seats[Int(flow.level.rawValue)].queue.enter(at: turn.now)
    case .rejected(let retryAfter):
      refuse(number, on: flow.level, retryAfter)
    }
    planSeatTimer(call.seat.replica)
  }

  /// 429, at once or after a wait in vain.
  private mutating func refuse(
    _ number: UInt32, on level: PriorityLevel, _ retryAfter: Int64
  ) {
    turn.journal.statistics.seats[Int(level.rawValue)].refused += 1
    turn.calls[number].answer = .tooManyRequests
    turn.calls[number].retryAfter = UInt8(retryAfter)
    refuse(number)
  }

  /// `execute` for those that do not come by `arrive`, with code of its own.
  @inline(never)
  private mutating func executeLater(_ number: UInt32) {
    let flow = turn.facts.flows[turn.calls[number].identity, turn.calls[number].call]
    turn.calls[number].seat.level = flow.level
    execute(number, flow)
  }

  /// A request is done, as the event `end` says; its seat goes to whose turn it is.
  @inline(never)
  mutating func freeSeat(of number: UInt32, on level: PriorityLevel, by end: UInt32) {
    let seat =
      turn.calls.takeSeat(of: number)
      ?? PriorityAndFairness.Seat(level: level, queue: nil, started: turn.now)
    let replica = turn.calls[number].seat.replica
    fairness[replica].finish(seat, at: turn.now, &fairnessChanges)
    if !fairnessChanges.isEmpty { applySeatChanges(endedBy: end) }
  }

  mutating func seatTimerFired(_ replica: Int) {
    // One that a later one replaced is void.
    guard turn.now == seatTimers[replica] else { return }
    if server.replicas[replica].isPaused {
      seatTimers[replica] = pauseEnd(of: replica)
      guard seatTimers[replica] < .never else { return }
      queue.push(
        Scheduled(event: .seatTimer(UInt8(replica)), cause: 0), at: seatTimers[replica])
      return
    }
    seatTimers[replica] = .never
    fairness[replica].timerFired(at: turn.now, &fairnessChanges)
    applySeatChanges(endedBy: 0)
  }

  /// K.3: the context of a request ends with its client's process.
  @inline(never)
  mutating func withdraw(queuedBy node: NodeID) {
    guard fairness.contains(where: { $0.waiting > 0 }) else { return }
    for (number, place) in turn.calls.queued {
      let call = turn.calls[number]
      guard call.client.isOnNode, call.owner == node.index else { continue }
      // One that has its turn by the withdrawal of another goes on, and its answer is nobody's.
      if withdraw(number, from: place) { noteBroken(call, isQueued: true) }
    }
    applySeatChanges(endedBy: 0)
  }

  /// A request leaves the queue and is no more; false: it has had its turn.
  private mutating func withdraw(_ number: UInt32, from place: QueuedPlace) -> Bool {
    let call = turn.calls[number]
    let level = turn.facts.flows[call.identity, call.call].level
    guard fairness[call.seat.replica].withdraw(place, level, at: turn.now, &fairnessChanges)
    else { return false }
    leaveQueue(number, of: level)
    turn.calls.endWait(of: number)
    turn.calls.release(number)
    return true
  }

  /// B.6: the context of a request ends with its connection. What is under way to the storage is not called
  /// back.
  mutating func abandon(_ number: UInt32) {
    if let place = turn.calls.place(of: number), withdraw(number, from: place) {
      return applySeatChanges(endedBy: 0)
    }
    turn.calls[number].fate = .abandoned
    if let level = turn.calls[number].seat.level {
      freeSeat(of: number, on: level, by: turn.cause)
    }
  }

  private mutating func applySeatChanges(endedBy end: UInt32) {
    for started in fairnessChanges.started {
      leaveQueue(started.ticket, of: started.seat.level)
      turn.calls.endWait(of: started.ticket, for: started.seat)
      turn.calls[started.ticket].cause = recordSeat(
        of: turn.calls[started.ticket], after: started.waited, endedBy: end)
      turn.journal.statistics.seats[Int(started.seat.level.rawValue)].add(started.waited)
      executeLater(started.ticket)
    }
    for rejected in fairnessChanges.rejected {
      leaveQueue(rejected.ticket, of: rejected.level)
      turn.calls.endWait(of: rejected.ticket)
      refuse(rejected.ticket, on: rejected.level, rejected.retryAfter)
    }
    fairnessChanges.removeAll()
    for replica in fairness.indices { planSeatTimer(replica) }
  }

  /// A request waits in its level's queue no longer; it has been there since it arrived.
  mutating func leaveQueue(_ number: UInt32, of level: PriorityLevel) {
    turn.journal.statistics.seats[Int(level.rawValue)].queue.leave(
      since: turn.calls[number].received, at: turn.now)
  }

  private mutating func recordSeat(
    of call: PendingCall, after wait: Duration, endedBy end: UInt32
  ) -> UInt32 {
    var named = call
    named.identity = Identity(packed: end)
    return record(.seatAwaited, named, value: wait.nanoseconds)
  }

  private mutating func planSeatTimer(_ replica: Int) {
    // What has not been caught up with is due now.
    let next = max(fairness[replica].nextTimer, turn.now)
    guard next < seatTimers[replica] else { return }
    seatTimers[replica] = next
    queue.push(Scheduled(event: .seatTimer(UInt8(replica)), cause: 0), at: next)
  }
}

// MARK: Deadlines (K.4)

/// By when a request has to be done.
enum RequestDeadline {
  /// `--request-timeout`, from the request's arrival; not for watches. Source: K.4, 60 s.
  static let request = Duration.seconds(60)
  /// What the heartbeat client asks for by `?timeout=`, and waits itself. Source: L.1, 10 s.
  static let heartbeat = Duration.seconds(10)
  /// The same of kubeadm's clients. Source: kubeadm util/kubeconfig/kubeconfig.go, `ToClientSet`, 10 s.
  static let kubeadm = Duration.seconds(10)
  /// What a handler that writes may take. Source: K.4, 34 s.
  static let write = Duration.seconds(34)
  /// A service time that meets each of them, even after the longest wait for a seat: the shortest deadline
  /// less its patience. Computed for speed: it is asked for with each request.
  static var alwaysMet: Duration { .milliseconds(750) }

  /// What leader election asks for by `?timeout=`, and waits itself. Source: J.1, renewDeadline / 2.
  static func ofElection(_ settings: ControllerManagerSettings) -> Duration {
    settings.renewDeadline.scaled(by: 1, over: 2)
  }
}

extension PendingCall {
  /// J.3: about the Lease of the controller-managers.
  var isOfElection: Bool {
    [.getLeaderLease, .createLeaderLease, .updateLeaderLease].contains(call)
  }
}

/// Both inlined for speed: a call of a function of the world that changes nothing copies it.
extension World {
  @inline(__always)
  private func deadline(of call: PendingCall) -> Duration {
    ownTimeout(of: call) ?? RequestDeadline.request
  }

  /// What the client of a request waits for its answer, over all of its retries; nil: as long as it takes.
  @inline(__always)
  func ownTimeout(of call: PendingCall) -> Duration? {
    if call.isHealthCheck { return ForegroundBootstrap.healthzTimeout }
    if call.isHeartbeat { return RequestDeadline.heartbeat }
    if call.client == .kubeadm { return RequestDeadline.kubeadm }
    guard call.isOfElection else { return nil }
    return RequestDeadline.ofElection(turn.facts.scenario.controllerManager)
  }
}

extension World {
  /// A request that takes this long may not be done in time.
  @inline(never)
  mutating func planTimeout(_ number: UInt32, _ service: Duration) {
    let call = turn.calls[number]
    let verb = call.call.shape.verb
    guard verb != "watch" else { return }
    let isRead = verb == "get" || verb == "list"
    var end = call.received + deadline(of: call)
    if !isRead { end = min(end, turn.now + RequestDeadline.write) }
    guard turn.now + service > end else { return }
    queue.push(Scheduled(event: .requestTimesOut(number), cause: call.cause), at: end)
  }

  /// 504: nobody waits for it any more, but what is under way to the storage is not called back.
  mutating func timeOut(_ number: UInt32) {
    // The server went down before.
    guard turn.calls[number].fate == .inHand else { return }
    if turn.isTroubled, isHeldBack(.requestTimesOut(number), of: number) { return }
    turn.calls[number].fate = .abandoned
    var answered = turn.calls[number]
    answered.answer = .timeout
    answered.cause = record(
      .requestAnswered, answered, value: (turn.now - answered.received).nanoseconds)
    if let level = answered.seat.level { freeSeat(of: number, on: level, by: answered.cause) }
    let latency = answered.client.isOnNode ? networkLatency(of: answered.owner) : .zero
    turn.cause = answered.cause
    if latency == .zero { return receiveAnswer(answered) }
    queue.push(
      Scheduled(event: .answerArrives(turn.calls.add(answered)), cause: answered.cause),
      at: turn.now + latency)
  }

  /// O43: the write of a request that was answered 504 reaches the storage.
  @inline(never)
  mutating func commit(abandoned number: UInt32) {
    defer { turn.calls.release(number) }
    if turn.calls[number].isOfElection { return commitLease(number) }
    guard turn.calls[number].answer.isSuccess,
      turn.calls[number].client == .client ? perform(number) : server.execute(number, &turn)
    else { return }
    noteWrite(turn.calls[number])
    turn.calls[number].cause = record(
      .writeCommitted, number, step: writtenStep(of: number),
      value: (turn.now - turn.calls[number].received).nanoseconds)
    if concernsRequest(turn.calls[number].call) { notifyWatchers(of: turn.calls[number]) }
  }
}

// MARK: Nodes without a certificate (L.2)

extension World {
  /// The node's requests are not played; without priority and fairness nothing counts them.
  mutating func beginWait(began: Instant) {
    guard turn.facts.scenario.apiServer.enablePriorityAndFairness else { return }
    catchUpSeats()
    for replica in fairness.indices { fairness[replica].beginWait(began: began, at: turn.now) }
  }

  mutating func endWait(began: Instant) {
    guard turn.facts.scenario.apiServer.enablePriorityAndFairness else { return }
    catchUpSeats()
    for replica in fairness.indices { fairness[replica].endWait(began: began, at: turn.now) }
  }

  /// Lets what was due before this instant happen before it.
  private mutating func catchUpSeats() {
    for replica in fairness.indices where fairness[replica].isBehind(at: turn.now) {
      fairness[replica].timerFired(at: turn.now, &fairnessChanges)
      if !fairnessChanges.isEmpty { applySeatChanges(endedBy: 0) }
    }
  }
}

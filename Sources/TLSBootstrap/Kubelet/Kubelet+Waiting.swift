import SimulationKernel

/// A kubelet without a certificate whose loops are worked out instead of played (protocol.md L.2).
extension Kubelet {
  /// Whether its loops wait for a certificate, without being played.
  var isWaiting: Bool { phase == .running && memory.work.waitCause != nil }

  /// From now on its loops are worked out, where every request of theirs is refused.
  ///
  /// - Parameter began: when they began.
  /// - Returns: whether they are.
  mutating func wait(since began: Instant, _ turn: inout Turn) -> Bool {
    if turn.troubledNodes.contains(node) { return false }
    let fault = connectionFault(by: clock, at: turn.now, &turn)
    let isRefused =
      fault != nil
      || turn.facts.anonymous.areRefused
        && (!turn.facts.anonymous.dependOnName || turn.facts.refusesAnonymous(node))
    guard isRefused, registersNode(&turn) else { return false }
    memory.work.waitCause = turn.cause
    memory.work.loadsServer = fault == nil && turn.facts.anonymous.areTaken
    if work.loadsServer { turn.effects.append(.beginWaiting(since: began)) }
    if let change = turn.facts.nextConnectionChange(by: clock, after: turn.now) {
      startTimer(.waitingChanges, at: change, &turn)
    }
    return true
  }

  /// The certificate is there, or something changes what the requests of a kubelet without one come to (L.2): each
  /// loop goes on at its own next try.
  mutating func resumeWork(_ turn: inout Turn) {
    guard let resumption = endWaiting(&turn) else { return }
    memory.work.waitCause = nil
    memory.work.registrationTry = resumption.registration.number
    memory.work.leaseTry = resumption.lease.number
    for (index, reflector) in resumption.reflectors.enumerated() {
      memory.work.reflectorCycles[index] = reflector.number
      memory.work.reflectorSteps[index] = reflector.step
      memory.work.reflectorRestarts[index] = reflector.restarted.nanoseconds
    }
    let tries = PlayedTries(resumption, generation)
    for (place, timer) in PlayedTries.timers.enumerated()
    where work.openTimers & 1 << UInt8(place) == 0 {
      startTimer(timer, at: tries[place], &turn)
    }
    memory.work.openTimers = 0
    if memory.certificate == TraceEvent.none {
      turn.playedTries[node.index] = tries
    } else if !turn.playedTries.isEmpty {
      turn.playedTries[node.index] = nil
    }
  }

  /// Records what the loops asked in vain until now; nil: they were not waiting.
  ///
  /// Mutating for speed only, as `ask`.
  @discardableResult
  mutating func endWaiting(_ turn: inout Turn) -> WaitingLoops.Resumption? {
    guard let cause = memory.work.waitCause else { return nil }
    if work.loadsServer { turn.effects.append(.endWaiting(since: work.began)) }
    let fault = connectionFault(by: clock, at: turn.now - Duration(nanoseconds: 1), &turn)
    let chance = turn.chance
    let resumption = waitingLoops(fault, &turn).run(until: turn.now, chance) { series in
      turn.journal.record(
        WaitingRequests(
          node: node.index, attempt: attempt, call: series.call,
          answer: fault ?? turn.facts.anonymous[series.call],
          count: series.count, first: series.first, last: series.last, cause: cause))
    }
    if turn.journal.listedWaits.includes(node) { listRequests(fault, &turn) }
    return resumption
  }

  private func listRequests(_ fault: Answer?, _ turn: inout Turn) {
    var list: [WaitingRequest] = []
    let loops = waitingLoops(fault, &turn)
    _ = loops.run(until: turn.now, turn.chance, listsCycles: true) { series in
      let answer = fault ?? turn.facts.anonymous[series.call]
      let gaps = max(1, Int64(series.count) - 1)
      let period = (series.last - series.first).nanoseconds / gaps
      for number in 0..<Int64(series.count) {
        list.append(
          WaitingRequest(
            time: series.first + Duration(nanoseconds: period * number), node: node.index,
            call: series.call, answer: answer))
      }
    }
    list.sort { ($0.time, $0.call.rawValue) < ($1.time, $1.call.rawValue) }
    turn.journal.pendingRequests += list
  }

  /// - Parameter fault: why no request reaches the server.
  private func waitingLoops(_ fault: Answer?, _ turn: inout Turn) -> WaitingLoops {
    let way = turn.facts.latency.network.median
    return WaitingLoops(
      began: memory.work.began,
      callTime: fault == nil ? turn.facts.latency.refusal.median + way * 2 : way,
      node: node, generation: generation, clock: clock,
      looksForNode: fault == nil && turn.facts.anonymous[.createNode] == .forbidden,
      start: turn.playedTries.isEmpty ? nil : playedTries(&turn)?.resumption(work))
  }
}

// MARK: Changes of clocks and connections

extension Kubelet {
  /// Its clock is going to be another, which goes as fast: where its connections come to the same by that, it goes
  /// on waiting.
  mutating func wait(by clock: Clock, _ turn: inout Turn) {
    let before = connectionFault(by: self.clock, at: turn.now, &turn)
    guard connectionFault(by: clock, at: turn.now, &turn) == before else {
      return resumeWork(&turn)
    }
    if let change = turn.facts.nextConnectionChange(by: clock, after: turn.now) {
      startTimer(.waitingChanges, at: change, &turn)
    }
  }

  /// By its clock, unless that was stepped meanwhile, its connections come to something else from now on.
  mutating func noticeConnections(_ turn: inout Turn) {
    let before = connectionFault(by: clock, at: turn.now - Duration(nanoseconds: 1), &turn)
    if connectionFault(by: clock, at: turn.now, &turn) != before { resumeWork(&turn) }
  }

  /// Why its connections fail that are opened then; all of a wait come to the same.
  private func connectionFault(by clock: Clock, at instant: Instant, _ turn: inout Turn) -> Answer?
  {
    turn.facts.connectionFault(
      of: node, usesOwn: usesGivenKubeconfig, clock: clock, at: instant)
  }
}

// MARK: Waiting again

extension Kubelet {
  /// A loop's try has failed: the next one comes after this.
  ///
  /// Without a certificate the kubelet waits again, as soon as nothing disturbs its requests and all loops sleep.
  mutating func sleep(_ timer: KubeletTimer, _ length: Duration, _ turn: inout Turn) {
    sleep(timer, until: turn.now + clock.trueDuration(length), &turn)
  }

  mutating func sleep(_ timer: KubeletTimer, until next: Instant, _ turn: inout Turn) {
    startTimer(timer, at: next, &turn)
    if memory.certificate == TraceEvent.none { noteTry(timer, at: next, &turn) }
  }

  @inline(never)
  private mutating func noteTry(_ timer: KubeletTimer, at next: Instant, _ turn: inout Turn) {
    guard let place = PlayedTries.timers.firstIndex(of: timer) else { return }
    var tries = playedTries(&turn) ?? PlayedTries(generation)
    tries[place] = next
    turn.playedTries[node.index] = tries
    guard work.requests == 0, work.openWatches == 0, work.state == .runtimeAnswers,
      tries.areKnown(after: turn.now), wait(since: work.began, &turn)
    else { return }
    memory.work.openTimers = PlayedTries.all
  }

  /// Whether a timer that fires is for a try that is worked out.
  @inline(never)
  mutating func isWorkedOut(_ timer: KubeletTimer) -> Bool {
    guard let place = PlayedTries.timers.firstIndex(of: timer) else { return false }
    memory.work.openTimers &= ~(1 << UInt8(place))
    return true
  }

  private func playedTries(_ turn: inout Turn) -> PlayedTries? {
    guard let tries = turn.playedTries[node.index], tries.generation == generation else {
      return nil
    }
    return tries
  }
}

/// When each loop of a kubelet without a certificate tries next, as far as it is played.
struct PlayedTries: Hashable, Sendable {
  let generation: UInt32
  private var instants = SIMD8<Int64>(repeating: -1)

  static let timers: [KubeletTimer] =
    [.registration, .lease, .csiNode] + Kubelet.reflectorTimers
  /// A bit of each.
  static let all: UInt8 = 1 << UInt8(timers.count) - 1

  init(_ generation: UInt32) { self.generation = generation }

  init(_ resumption: WaitingLoops.Resumption, _ generation: UInt32) {
    self.generation = generation
    self[0] = resumption.registration.at
    self[1] = resumption.lease.at
    self[2] = resumption.csiNode
    for (index, reflector) in resumption.reflectors.enumerated() { self[3 + index] = reflector.at }
  }

  subscript(place: Int) -> Instant {
    get { Instant(nanoseconds: instants[place]) }
    set { instants[place] = newValue.nanoseconds }
  }

  /// Whether every loop sleeps.
  func areKnown(after now: Instant) -> Bool {
    Self.timers.indices.allSatisfy { self[$0] > now }
  }

  func resumption(_ work: Work) -> WaitingLoops.Resumption {
    var resumption = WaitingLoops.Resumption()
    resumption.registration = (self[0], work.registrationTry)
    resumption.lease = (self[1], work.leaseTry)
    resumption.csiNode = self[2]
    resumption.reflectors = Kubelet.reflectorTimers.indices.map { index in
      WaitingLoops.Resumption.Reflector(
        at: self[3 + index], number: work.reflectorCycles[index],
        step: work.reflectorSteps[index],
        restarted: Instant(nanoseconds: work.reflectorRestarts[index]))
    }
    return resumption
  }
}

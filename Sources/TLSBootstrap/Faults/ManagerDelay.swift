import SimulationKernel

/// Packets between a controller-manager and its API server are late or lost (protocol.md A.11, J.3).
///
/// Its connections stay open; a new one takes no longer than a request.
extension NetworkFault {
  /// - Parameter replica: nil: every one.
  func begin(_ world: inout World, _ number: UInt16, ofManager replica: Int?) {
    if self == .partition { return world.cutOff(replica, by: number) }
    let end = world.acts.base.faults[Int(number)].length.map { world.turn.now + $0 } ?? .never
    world.network.add(
      Network.ManagerDelay(number: number, fault: self, replica: replica, end: end))
    world.trouble()
    world.lookAtRenewals()
  }
}

extension World {
  mutating func endManagerFault(_ number: UInt16) {
    network.removeManagerFault(number)
    trouble()
  }

  /// Which controller-manager sends a request; nil: none does.
  private func manager(of call: PendingCall) -> Int? {
    call.client.isInManager ? ManagerProcess(packed: call.generation).index : nil
  }

  /// Whether a controller-manager's own timeout ends its request on its way; else the way takes longer.
  mutating func isLate(_ number: UInt32, after wait: Duration, _ latency: inout Duration) -> Bool {
    let call = turn.calls[number]
    guard let manager = manager(of: call), network.delays(manager: manager) else { return false }
    let start = turn.now + wait
    let delay = network.delay(ofManager: manager, from: start, turn.chance).total
    if let limit = limit(of: call, from: start, delay) {
      fail(number, limit.answer, at: limit.instant)
      return true
    }
    if let timeout = timeLeft(of: call) {
      let left = (timeout - delay).nanoseconds / 1_000_000
      turn.calls[number].timeLeft = UInt16(clamping: max(1, left))
    }
    latency = latency + delay
    return false
  }

  /// Whether the answer to a controller-manager comes later than it is given, or not at all.
  mutating func answersLate(_ number: UInt32) -> Bool {
    let call = turn.calls[number]
    guard let manager = manager(of: call), network.delays(manager: manager) else { return false }
    turn.calls[number].fate = .awaited
    let delay = network.delay(ofManager: manager, from: turn.now, turn.chance).total
    let arrival = turn.now + delay
    if let limit = limit(of: call, from: call.received, arrival - call.received) {
      fail(number, limit.answer, at: max(turn.now, limit.instant))
    } else {
      queue.push(Scheduled(event: .answerArrives(number), cause: call.cause), at: arrival)
    }
    return true
  }

  /// What ends a request that takes this long; nil: nothing does.
  private func limit(
    of call: PendingCall, from start: Instant, _ length: Duration
  ) -> (instant: Instant, answer: Answer)? {
    if let timeout = timeLeft(of: call), length >= timeout {
      return (start + timeout, .deadlineExceeded)
    }
    return length > Network.detection ? (start + Network.detection, .connectionLost) : nil
  }
}

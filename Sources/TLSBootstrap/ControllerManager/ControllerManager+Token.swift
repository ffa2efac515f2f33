import SimulationKernel

/// How the controllers' requests get their credentials (protocol.md J.2).
extension ControllerManager {
  /// Past the client's limiter: the request leaves as soon as there is a token to sign it with.
  mutating func send(_ call: PendingCall, _ turn: inout Turn) {
    guard let credential = token.credential(at: turn.now) else {
      token.wait(call, &turn)
      return
    }
    var call = call
    call.credential = credential
    call.generation = life.process.packed
    turn.call(call)
  }

  mutating func tokenTimerFired(_ turn: inout Turn) { token.timerFired(&turn) }

  mutating func receiveForToken(_ answer: PendingCall, _ turn: inout Turn) {
    let fetched = token.receive(answer, &turn)
    let cause = turn.cause
    for (place, (waiter, credential)) in fetched.enumerated() {
      // The first one's wait ended with this answer; the others keep to their own chains.
      turn.cause = place == 0 ? cause : waiter.cause
      resume(waiter, credential, &turn)
    }
  }

  private mutating func resume(
    _ waiter: ServiceAccountToken.Waiter, _ credential: Credential?, _ turn: inout Turn
  ) {
    var call = waiter.call
    let waited = turn.now - waiter.since
    if waited > .zero {
      turn.emitAbout(
        TraceEvent(
          .tokenAwaited, by: call.client.component,
          request: call.request, value: waited.nanoseconds))
    }
    guard let credential else {
      call.answer = .unauthorized
      receive(call, &turn)
      return
    }
    call.credential = credential
    call.generation = life.process.packed
    turn.call(call)
  }
}

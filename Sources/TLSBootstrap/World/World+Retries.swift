import SimulationKernel

/// What client-go does about a 429, in every component alike, before the caller hears of it
/// (protocol.md A.11).
extension World {
  /// How often a request is sent again. Source: A.11; client-go rest/request.go `maxRetries`, 10.
  static let mostRetries: UInt8 = 10

  mutating func receiveAnswer(_ call: PendingCall) {
    switch call.answer {
    case .tooManyRequests: deliverRefusal(call)
    case .connectionLost where call.isRead, .connectionClosed where call.isRead:
      // A.11: as if Retry-After said 1 s.
      var lost = call
      lost.retryAfter = 1
      deliverRefusal(lost)
    default: deliver(call)
    }
  }

  /// A 429: client-go sends the request again, or its caller gets the error.
  @inline(never)
  mutating func deliverRefusal(_ call: PendingCall) {
    if !planRetry(call) { deliver(call) }
  }

  /// Plans to send a refused request again; false: its caller gets the error.
  private mutating func planRetry(_ refused: PendingCall) -> Bool {
    guard refused.retries < Self.mostRetries else { return false }
    guard isClientAlive(of: refused) else { return true }
    // A.4: its client's own second is over before any pause; the client's timer says so.
    if refused.isHealthCheck { return true }
    var call = refused
    call.retries += 1
    call.answer = .ok
    var pause = Duration.seconds(Int64(call.retryAfter))
    if call.client.isOnNode { pause = clock(of: call.owner).trueDuration(pause) }
    if let timeout = ownTimeout(of: call), let left = timeLeft(of: &call, timeout, after: pause) {
      let number = turn.calls.add(call)
      turn.calls[number].fate = .paused
      fail(number, .deadlineExceeded, at: turn.now + left)
      return true
    }
    let number = turn.calls.add(call)
    turn.calls[number].fate = .paused
    queue.push(
      Scheduled(event: .retryAfterEnds(number), cause: call.cause), at: turn.now + pause)
    return true
  }

  /// What is left of a client's own timeout, which covers all retries of a call, where it ends before the
  /// pause does.
  private func timeLeft(
    of call: inout PendingCall, _ timeout: Duration, after pause: Duration
  ) -> Duration? {
    let patience = call.timeLeft == 0 ? timeout : .milliseconds(Int64(call.timeLeft))
    let left = patience - (turn.now - call.received)
    if left <= pause { return max(.zero, left) }
    call.timeLeft = UInt16(clamping: (left - pause).nanoseconds / 1_000_000)
    return nil
  }

  /// Retry-After is over: the client takes a token of its limiter again.
  mutating func takeRetryToken(_ number: UInt32) {
    guard isClientAlive(of: turn.calls[number]) else { return turn.calls.release(number) }
    let pause = Duration.seconds(Int64(turn.calls[number].retryAfter))
    let cause = record(.retryAfterWaited, number, value: pause.nanoseconds)
    turn.calls[number].cause = cause
    turn.calls[number].received = turn.now
    let wait = retryTokenWait(of: turn.calls[number])
    if wait == .zero {
      turn.calls[number].fate = .awaited
      return send(number, after: .zero)
    }
    queue.push(Scheduled(event: .retryTokenIsDue(number), cause: cause), at: turn.now + wait)
  }

  /// The limiter's token is due.
  mutating func sendAgain(_ number: UInt32) {
    guard isClientAlive(of: turn.calls[number]) else { return turn.calls.release(number) }
    let waited = turn.now - turn.calls[number].received
    endTokenWait(of: turn.calls[number])
    turn.calls[number].cause = record(.limiterWaited, number, value: waited.nanoseconds)
    turn.calls[number].fate = .awaited
    send(number, after: .zero)
  }

  private mutating func retryTokenWait(of call: PendingCall) -> Duration {
    switch call.client {
    case .approver, .signer, .controllerManager, .csrcleaner, .tokenCleaner, .bootstrapSigner:
      managers[ManagerProcess(packed: call.generation).index].reserveToken(for: call, &turn)
    case .externalApprover:
      externals[Int(call.owner >> 16)]?.reserveToken(&turn) ?? .zero
    // Retries of one call are a second apart at least, too slow for the 5 a second of these to bind.
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .administrator, .client,
      .kubeadm, .csrClient:
      .zero
    }
  }

  private mutating func endTokenWait(of call: PendingCall) {
    switch call.client {
    case .approver, .signer, .controllerManager, .csrcleaner, .tokenCleaner, .bootstrapSigner:
      managers[ManagerProcess(packed: call.generation).index].endTokenWait(
        of: call, since: call.received, &turn)
    case .externalApprover:
      externals[Int(call.owner >> 16)]?.endTokenWait(since: call.received, &turn)
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .administrator,
      .client, .kubeadm, .csrClient:
      break
    }
  }

  private func isClientAlive(of call: PendingCall) -> Bool {
    switch call.client {
    case .clientCertificateManager, .servingCertificateManager, .kubelet:
      kubelets[Int(call.owner)].isAlive(call.generation)
    case .approver, .signer, .administrator, .externalApprover, .controllerManager, .client,
      .kubeadm, .csrClient, .csrcleaner, .tokenCleaner, .bootstrapSigner:
      true
    }
  }
}

extension PendingCall {
  var isWatch: Bool { call.shape.verb == "watch" }

  fileprivate var isRead: Bool { ["get", "list", "watch"].contains(call.shape.verb) }

  /// A.4: MODE-F's GET /healthz, with a timeout of its own.
  var isHealthCheck: Bool { call == .getHealthz && client == .kubelet }

  /// L.1: whether the heartbeat client sends it, which has no limiter and a timeout of its own.
  var isHeartbeat: Bool {
    client == .kubelet && (purpose == .lease || purpose == .statusUpdate)
  }
}

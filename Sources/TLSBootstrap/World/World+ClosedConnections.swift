import SimulationKernel

/// A kubelet closes its connections, to use a new certificate: what it waits for fails (protocol.md B.6).
///
/// Its certificate managers ask by clients of their own (B.4), whose connections stay.
extension World {
  @inline(never)
  mutating func breakRequests(of node: NodeID) {
    let place = Int(node.index)
    guard kubelets[place].work.requests > 0 else { return }
    let generation = kubelets[place].generation
    for number in turn.calls.awaited(by: node.index, generation: generation) {
      // What is sent again is sent by the next connection.
      breakOff(number, goingOnWith: kubelets[place].presentedCredential)
    }
  }

  private mutating func breakOff(_ number: UInt32, goingOnWith credential: Credential) {
    var broken = turn.calls[number]
    switch broken.fate {
    case .paused:
      turn.calls[number].credential = credential
      return
    case .inHand:
      // One of this very instant is sent after it.
      if broken.received == turn.now { return }
      noteBroken(broken, isQueued: turn.calls.place(of: number) != nil)
      abandon(number)
    case .awaited:
      if broken.answer.isOfDial { return }
      turn.calls[number].fate = .lost
      // It never arrived.
      if broken.received == .zero { broken.received = turn.now }
    case .lost, .abandoned, .free:
      preconditionFailure("nobody waits for call \(number), which is \(broken.fate)")
    }
    broken.credential = credential
    broken.cause = turn.cause
    fail(turn.calls.add(broken), .connectionClosed, at: turn.now)
  }

  /// Whether a call's connection was closed on its way; then that was all.
  @inline(__always)
  mutating func wasLost(_ number: UInt32) -> Bool {
    guard turn.calls[number].fate == .lost else { return false }
    turn.calls.release(number)
    return true
  }
}

extension Answer {
  /// Whether the connection did not come about; the client still dials, or is about to be told.
  fileprivate var isOfDial: Bool {
    switch self {
    case .connectionRefused, .dialTimeout, .handshakeTimeout, .unknownAuthority,
      .servingCertificateExpired, .servingCertificateNotYetValid:
      true
    case .ok, .created, .unauthorized, .forbidden, .forbiddenToApprove, .forbiddenToSign,
      .forbiddenCommonName, .notFound, .alreadyExists, .conflict, .replaced, .methodNotAllowed,
      .internalError, .exclusiveConditions,
      .badRequest, .invalid, .forbiddenByAdmission, .connectionLost, .gone, .tooManyRequests,
      .timeout, .deadlineExceeded, .tooLarge, .unsupportedMediaType, .unknownError,
      .connectionClosed:
      false
    }
  }
}

/// What people ask of other clients (`spec.requests`) who look at a world; no component asks it.
extension World {
  /// The entry of an `Identity` of the kind `client`, and whether its certificate is what it is known by.
  public func client(
    of identity: Identity
  ) -> (request: ClientRequest, presentsCertificate: Bool) {
    let entry = turn.facts.clients.entry(of: identity)
    return (scenario.requests[entry], identity == ClientTable.byCertificate(entry))
  }

  /// The same of one that may be anonymous, or refused; nil: it is no client's.
  public func entry(ofClient identity: Identity) -> ClientRequest? {
    switch identity.kind {
    case .client: client(of: identity).request
    case .anonymous, .nobody: identity.entry.map { scenario.requests[$0] }
    default: nil
    }
  }

  /// The CSRs that an entry created under its own name, in order.
  public func requests(ofClient name: String) -> [Int] {
    server.requests.indices.filter { index in
      let requestor = server.requests[index].requestor
      return requestor.kind == .client
        && scenario.requests[turn.facts.clients.entry(of: requestor)].name == name
    }
  }

  /// What dates the condition that a write of this user sets (F.2; M.1 row 14), as it went when that happened;
  /// nil: the host of a client of `spec.requests`, or a server of several that go by clocks of their own.
  ///
  /// - Parameter event: the write's number.
  public func datingClock(of identity: Identity, at event: UInt32) -> Clock? {
    let isOneOfSeveral = scenario.faults.contains { timed in
      if case .serverClock(_, replica: .some) = timed.fault { true } else { false }
    }
    return switch identity.kind {
    case .approver: clock(ofApprover: identity.number)
    case .client: nil
    case .nobody, .anonymous, .bootstrapToken, .node, .certificateController, .controllerManager,
      .tokenCleaner, .bootstrapSigner:
      isOneOfSeveral
        ? nil
        : spelling(at: event).apiServerClock
    }
  }

  /// Why the creator of a CSR may, or may not, create certificatesigningrequests/nodeclient, or selfnodeclient
  /// (F.2), in an authorizer's words; nil: by the bindings of now it is otherwise, or there is nothing to say.
  public func reviewReason(ofRequest index: Int, isSelf: Bool, isAllowed: Bool) -> String? {
    let requestor = server.requests[index].requestor
    let authorizer = turn.facts.authorizer
    let decision = authorizer.decide(
      Authorizer.review(selfNodeClient: isSelf),
      by: authorizer.user(requestor, node: turn.facts.callerName(requestor)))
    guard decision.isAllowed == isAllowed else { return nil }
    let reason =
      isAllowed ? decision.allowance?.text ?? "" : decision.reasons.joined(separator: "\n")
    return reason.isEmpty ? nil : reason
  }
}

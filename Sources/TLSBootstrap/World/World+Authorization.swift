extension World {
  /// Whether a request that has been authenticated may be made (protocol.md D).
  ///
  /// Mutating for speed only: the call of a function that is not copies the world's fields, 3 kB,
  /// which was an eighth of the 5,000-worker run.
  @inline(__always)
  mutating func isAllowed(_ number: UInt32, _ permission: Permission) -> Bool {
    switch permission {
    case .always: true
    case .never: false
    case .byName: isAllowedByName(turn.calls[number])
    }
  }

  private mutating func isAllowedByName(_ call: PendingCall) -> Bool {
    let node =
      call.node == TraceEvent.none ? "" : turn.facts.name(of: NodeID(Int(call.node)))
    return turn.facts.authorizer.allows(
      call.identity, call.call, caller: turn.facts.callerName(call.identity), node: node,
      request: call.request == TraceEvent.none ? "" : requestName(Int(call.request)))
  }
}

extension World {
  /// What the audit log says of why a call was allowed or forbidden, by the bindings of now.
  ///
  /// - Parameters:
  ///   - node: the name of the node that is asked for.
  ///   - request: the name of the CSR that is asked for.
  public func authorizationReason(
    of call: Call, by identity: Identity, node: String, request: String
  ) -> String {
    reason(
      of: turn.facts.authorizer.attributes(of: call, node: node, request: request), by: identity)
  }

  /// The same of what an entry of `spec.requests` asks for.
  package func authorizationReason(
    of request: ForeignRequest, by identity: Identity
  ) -> String {
    reason(of: request.attributes, by: identity)
  }

  private func reason(of attributes: RequestAttributes, by identity: Identity) -> String {
    let authorizer = turn.facts.authorizer
    let user = authorizer.user(identity, node: turn.facts.callerName(identity))
    let decision = authorizer.decide(attributes, by: user)
    return decision.isAllowed
      ? decision.allowance?.text ?? "" : decision.reasons.joined(separator: "\n")
  }
}

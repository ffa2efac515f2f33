import SimulationKernel

/// Clients of `spec.requests` that act as others, between authentication and priority and fairness (C.1).
extension World {
  /// Who asks from here on; nil: it may not act as that user, and is refused.
  ///
  /// Source: apiserver pkg/server/config.go `DefaultBuildHandlerChain`.
  mutating func impersonate(_ number: UInt32, by requestor: Identity, on replica: Int) -> Identity?
  {
    let entry = Int(turn.calls[number].owner)
    guard let wanted = turn.facts.scenario.requests[entry].credentials.impersonated else {
      return requestor
    }
    if let problem = Impersonation.problem(with: wanted) {
      clients.refusals[number] = ClientRecords.Refusal(
        requestor: requestor, answer: .badRequest, words: problem)
      return nil
    }
    let (user, authorizer) = (clientUser(requestor), turn.facts.authorizer)
    let attributes = attributes(of: turn.calls[number])
    let impersonation = Impersonation(wanted: wanted, request: attributes) {
      authorizer.decide($0, by: user).isAllowed
    }
    let known = "\(server.replicas[replica].start)/\(user.name)"
    switch impersonation.verdict(latest: clients.impersonations[known]) {
    case .allowed(let mode):
      clients.impersonations[known] = mode
      return turn.facts.clients.impersonated(
        by: requestor, entry: entry, isConstrained: mode != .legacy)
    case .refused(let refusal):
      clients.refusals[number] = ClientRecords.Refusal(
        requestor: requestor, answer: .forbidden,
        words: forbidden(refusal.attributes, user, because: refusal.reason.map { [$0] }))
      return nil
    }
  }

  /// Whether something else than its credentials keeps a client's request from getting any further.
  mutating func isRefusedAtDoor(_ number: UInt32) -> Bool {
    guard let refusal = clients.refusals[number] else { return false }
    turn.calls[number].identity = refusal.requestor
    turn.calls[number].answer = refusal.answer
    if refusal.answer == .forbidden {
      let cause = record(.authorizationFailed, number)
      turn.calls[number].cause = cause
      clients.note(refusal.words, of: cause)
    }
    refuse(number)
    return true
  }
}

extension World {
  /// Who acts as this one, as whom, and by which constrained permission (nil: by `impersonate`); nil: it is itself.
  public func impersonation(
    of identity: Identity
  ) -> (requestor: Identity, wanted: ImpersonatedUser, constraint: String?)? {
    guard let found = turn.facts.clients.impersonator(of: identity),
      let wanted = client(of: identity).request.credentials.impersonated
    else { return nil }
    let mode: Impersonation.Mode =
      Impersonation.node(wanted.name) != nil
      ? .arbitraryNode
      : User.groups(ofServiceAccount: wanted.name) != nil ? .serviceAccount : .userInfo
    return (
      found.identity, wanted, found.isConstrained ? "impersonate:\(mode.rawValue)" : nil
    )
  }
}

import SimulationKernel

/// Authenticate (C.2 to C.5): tokens, certificates and service accounts by the clock of one process.
extension APIServer {
  /// How long a successful token lookup stays cached, on the server's clock (M.1 row 3). Source: C.4, 10 s.
  static let tokenCacheTTL = Duration.seconds(10)

  /// Who presents this credential, or nobody: 401 (C.2 to C.5).
  @inline(__always)
  mutating func authenticate(
    _ credential: Credential, on replica: Int, _ turn: inout Turn
  ) -> Identity {
    switch credential.kind {
    case .none:
      turn.facts.anonymous.areTaken
        ? Identity(.anonymous, Int(credential.number)) : .nobody
    case .component: authenticate(Identity(packed: credential.number), on: replica, &turn)
    case .token: authenticate(token: Int(credential.number), on: replica, &turn)
    case .serviceAccountToken: authenticateController(Int(credential.number), on: replica, &turn)
    case .certificate: authenticate(turn.certificates[Int(credential.number)], on: replica, &turn)
    case .client:
      preconditionFailure("entry \(credential.number) of spec.requests is not asked for its user")
    }
  }

  mutating func authenticate(
    token number: Int, on replica: Int, _ turn: inout Turn
  ) -> Identity {
    let identity = known(token: number, on: replica, &turn)
    note(
      TokenLookup.Token(holder: Identity(.bootstrapToken, number), issue: 0), of: identity,
      on: replica, &turn)
    return identity
  }

  private mutating func known(
    token number: Int, on replica: Int, _ turn: inout Turn
  ) -> Identity {
    let identity = Identity(.bootstrapToken, number)
    if turn.now < replicas[replica].cachedUntil[number] { return identity }
    let token = replicas[replica].token(number, of: turn.facts.tokens.tokens)
    guard case .known(_, _, let expiration) = token.verdict else { return .nobody }
    // Row 7: expired iff expiration − now ≤ 0, by the API server's clock, without tolerance.
    if expiration != .never,
      expiration.hasPassed(at: turn.facts.serverClock(replica).reading(at: turn.now))
    {
      return .nobody
    }
    replicas[replica].cachedUntil[number] =
      turn.now + turn.facts.serverClock(replica).trueDuration(Self.tokenCacheTTL)
    return identity
  }

  /// M.1 row 21: how long past its expiration a service account's token still counts. Source: go-jose
  /// `DefaultLeeway`, 1 min.
  static let serviceAccountLeeway = Duration.minutes(1)

  /// Inlined for speed, as all that does not change the server: a call copies it.
  @inline(__always)
  private func authenticateController(
    _ token: Int, on replica: Int, _ turn: inout Turn
  ) -> Identity {
    let end = tokenExpirations[token] + Self.serviceAccountLeeway.nanoseconds
    let holder = Identity(.certificateController)
    let identity =
      turn.facts.serverClock(replica).reading(at: turn.now) > end ? .nobody : holder
    note(
      TokenLookup.Token(holder: holder, issue: UInt32(token)), of: identity, on: replica, &turn)
    return identity
  }

  /// A component of the control plane, or an approver, has credentials that never fail.
  @inline(__always)
  private func authenticate(
    _ component: Identity, on replica: Int, _ turn: inout Turn
  ) -> Identity {
    note(TokenLookup.Token(holder: component, issue: 0), of: component, on: replica, &turn)
    return component
  }

  @inline(__always)
  private func note(
    _ token: TokenLookup.Token, of identity: Identity, on replica: Int, _ turn: inout Turn
  ) {
    guard turn.journal.tokenLookups != nil else { return }
    turn.journal.tokenLookups?.append(
      TokenLookup(
        time: turn.now, token: token, server: replicas[replica].start,
        isKnown: identity != .nobody,
        lifetime: turn.facts.serverClock(replica).trueDuration(Self.tokenCacheTTL)))
  }

  /// C.5: NotBefore ≤ now ≤ NotAfter by the API server's clock, at every request.
  @inline(__always)
  private func authenticate(
    _ certificate: Certificate, on replica: Int, _ turn: inout Turn
  ) -> Identity {
    let now = turn.facts.serverClock(replica).reading(at: turn.now)
    guard certificate.isTrusted, certificate.notBefore <= now,
      now <= turn.facts.end(of: certificate)
    else { return .nobody }
    return Identity(.node, Int(certificate.node.index))
  }
}

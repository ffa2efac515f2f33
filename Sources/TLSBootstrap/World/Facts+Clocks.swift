import SimulationKernel

/// The clocks of API servers, of which each may have its own (M).
///
/// All inlined for speed: a call copies all facts, 2.4 kB.
extension Facts {
  @inline(__always)
  func serverClock(_ replica: Int) -> Clock {
    serversDiffer ? apiServerClocks[replica] : apiServerClock
  }

  /// Whether one of several API servers, by its own clock, takes a token that another one refused.
  @inline(__always)
  func isTakenSomewhere(_ credential: Credential, at now: Instant) -> Bool {
    guard serversDiffer, credential.kind == .token,
      case .known(_, _, .at(let expiration)) = tokens.tokens[Int(credential.number)].verdict
    else { return false }
    return apiServerClocks.contains { $0.reading(at: now) < expiration }
  }

  /// C.5: until when a certificate is taken, with the CA above it.
  @inline(__always)
  func end(of certificate: Certificate) -> Int64 { min(certificate.notAfter, clientCANotAfter) }

  /// From when on every one of them holds a certificate of this NotAfter for expired; one that takes it is enough
  /// for a node, which connects anew after a 401 (B.7).
  @inline(__always)
  func refusal(after notAfter: Int64, from now: Instant) -> Instant {
    apiServerClocks.reduce(now) { max($0, $1.instant(of: notAfter + 1, notBefore: now)) }
  }

  /// When the first of them takes one of this NotBefore.
  @inline(__always)
  func acceptance(of notBefore: Int64, from now: Instant) -> Instant {
    apiServerClocks.reduce(.never) { min($0, $1.instant(of: notBefore, notBefore: now)) }
  }

  @inline(__always)
  func allRefuse(after notAfter: Int64, at now: Instant) -> Bool {
    apiServerClocks.allSatisfy { $0.reading(at: now) > notAfter }
  }

  /// C.5: whether the CA above every kubelet's certificate has expired for all of them.
  func signingCAIsOver(at now: Instant) -> Bool { allRefuse(after: clientCANotAfter, at: now) }

  @inline(__always)
  func allRefuse(before notBefore: Int64, at now: Instant) -> Bool {
    apiServerClocks.allSatisfy { $0.reading(at: now) < notBefore }
  }
}

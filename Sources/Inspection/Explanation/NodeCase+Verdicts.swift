import SimulationKernel
import TLSBootstrap

/// The comparisons of times that decided a node's fate (protocol.md M.1), and its latest CSR.
extension NodeCase {
  /// The CSR that it made or met last.
  var latestRequest: RequestRecord? {
    let made = [Answer.created, .alreadyExists].compactMap {
      sightings.last(.requestAnswered, .createRequest, $0)?.last
    }
    guard let last = made.max(by: { $0.id < $1.id }), last.request != TraceEvent.none else {
      return nil
    }
    return world.request(at: Int(last.request))
  }

  /// Row 1: the token's expiration by the API server's clock, or by that of who made the token.
  var tokenVerdict: ClockVerdict? {
    guard let expiration = tokenExpiration, let (event, owner, clock) = tokenRefusal(expiration)
    else { return nil }
    let verdict = verdict(
      owner, clock, event, "expiration of the token's Secret", expiration, isOver: >=)
    return verdict.isDecisive ? verdict : tokenMakerVerdict(expiration, at: event, clock) ?? verdict
  }

  /// The first time that the token was refused because it had expired, and by whose clock; of kubeadm, which
  /// finds no signature of it, when it gave up.
  private func tokenRefusal(
    _ expiration: Int64
  ) -> (event: TraceEvent, owner: String, clock: Clock)? {
    if lacksSignature, let event = latest(.joinFailed) {
      return (event, "kube-controller-manager", world.managerClock(at: event))
    }
    let refusals = sightings.all.filter { $0.kind == .authenticationFailed }
    let events = refusals.map(\.first) + refusals.map(\.last).sorted { $0.id > $1.id }
    let isLate = { (event: TraceEvent) in
      self.world.apiServerClock(at: event).reading(at: event.time) >= expiration
    }
    guard let event = events.first(where: isLate) ?? latest(.authenticationFailed) else {
      return nil
    }
    return (event, "kube-apiserver", world.apiServerClock(at: event))
  }

  /// The expiration was reckoned by the clock of the host on which the token was made.
  private func tokenMakerVerdict(
    _ expiration: Int64, at event: TraceEvent, _ clock: Clock
  ) -> ClockVerdict? {
    let skew = given.administratorClock
    let reading = clock.reading(at: event.time)
    guard skew.offset != .zero, reading >= expiration,
      reading < expiration - skew.offset.nanoseconds
    else { return nil }
    return ClockVerdict(
      owner: "the administrator", instant: .zero, offset: skew.offset,
      reading: given.start + skew.offset.nanoseconds,
      limit: "the expiration that it wrote into the token's Secret", limitTime: expiration,
      isDecisive: true)
  }

  /// M.1 row 16: tokencleaner's look at the token, where by the right time it would not have deleted it.
  var cleanerVerdict: ClockVerdict? {
    guard let expiration = tokenExpiration else { return nil }
    // Which Secret it was is not told: its own is deleted as soon as its expiration has come.
    let removals = cluster.all.filter { $0.kind == .tokenRemoved }.map(\.first)
    let isLate = { (event: TraceEvent) in
      self.world.managerClock(at: event).reading(at: event.time) >= expiration
    }
    guard let event = removals.first(where: isLate) else { return nil }
    let verdict = verdict(
      "kube-controller-manager", world.managerClock(at: event), event,
      "expiration of the token's Secret", expiration, isOver: >=)
    return verdict.isDecisive ? verdict : nil
  }

  /// Whether its token is over at the end, by the API server's clock.
  var tokenHasEnded: Bool {
    guard let expiration = tokenExpiration else { return false }
    return world.apiServerClock.reading(at: world.now) >= expiration
  }

  /// In nanoseconds since 1970, as a fault made it or the scenario says; nil: none.
  private var tokenExpiration: Int64? {
    let expires = fault {
      if case .token(let fault) = $0 { fault.action == .expire } else { false }
    }
    if let expires { return given.start + expires.at.nanoseconds }
    let secrets = world.scenarioInForce.secrets + given.secrets
    guard case .at(let expiration) = secrets.secret(ofToken: tokenID)?.expiration else {
      return nil
    }
    return expiration
  }

  /// M.2: a certificate that had expired, or was not valid yet, when it was made: by the signer's clock.
  var signerVerdict: ClockVerdict? {
    guard let (made, validity) = latestCertificate else { return nil }
    let isOld = validity.upperBound <= given.start + made.time.nanoseconds
    let verdict = verdict(
      "kube-controller-manager", world.managerClock(at: made), made,
      "\(isOld ? "NotAfter" : "NotBefore") of the certificate that it made",
      isOld ? validity.upperBound : validity.lowerBound)
    return isOld || validity.lowerBound > given.start + made.time.nanoseconds ? verdict : nil
  }

  /// Row 6: the API server's certificate by the node's clock.
  var servingVerdict: ClockVerdict? {
    let answers: [Answer] = [.servingCertificateExpired, .servingCertificateNotYetValid]
    guard
      let event = answers.compactMap({
        sightings.last(.connectionFailed, nil, $0)?.last
      }).max(by: { $0.id < $1.id })
    else { return nil }
    let validity = servingValidity(at: event)
    let isOver = event.answer == .servingCertificateExpired
    return verdict(
      name, world.clock(ofNode: node, at: event), event,
      "\(isOver ? "NotAfter" : "NotBefore") of the API server's certificate",
      isOver ? validity.upperBound : validity.lowerBound)
  }

  /// NotBefore and NotAfter of the API server's certificate as they were then: a fault that ended it may be over.
  private func servingValidity(at event: TraceEvent) -> ClosedRange<Int64> {
    let validity = world.servingCertificateValidity
    let fault = begunFaults.last {
      $0.fault.expiresServingCertificate && .zero + $0.at <= event.time
    }
    guard event.answer == .servingCertificateExpired, let fault else { return validity }
    let end = world.apiServerClock(at: event).reading(at: .zero + fault.at)
    return min(validity.lowerBound, end)...min(validity.upperBound, end)
  }

  /// Row 12: the signing CA by the controller-manager's clock.
  var authorityVerdict: ClockVerdict? {
    guard let event = latest(.signingFailed) else { return nil }
    let verdict = verdict(
      "kube-controller-manager", world.managerClock(at: event), event,
      "NotAfter of the signing CA", world.signingCANotAfter)
    // The CA of the end is another one where a fault is over.
    return verdict.reading >= verdict.limitTime ? verdict : nil
  }

  /// C.5: the CA above its certificate by the API server's clock, at the end of the run, where the certificate itself
  /// has not expired.
  var expiredAuthorityVerdict: ClockVerdict? {
    guard world.signingCAIsOver, let (made, _) = latestCertificate, certificateVerdictNow == nil
    else { return nil }
    var end = made
    end.time = world.now
    return verdict(
      "kube-apiserver", world.apiServerClock, end, "NotAfter of the CA that signed its certificate",
      world.signingCANotAfter)
  }

  /// A.6: when its own CSR of before was no use to it, because the certificate had expired by its clock.
  var outdatedRequest: TraceEvent? {
    sightings.all.filter { $0.kind == .attemptFailed }.flatMap { $0.ends.reversed() }
      .first { event in
        guard let verdict = certificateVerdict(at: event) else { return false }
        return verdict.reading > verdict.limitTime
          && world.message(of: event)?.hasPrefix("retrieved csr is not compatible") ?? false
      }
  }

  /// Rows 7 and 8, where its certificate ended while it ran.
  var expiryVerdict: ClockVerdict? {
    latest(.certificateExpired).flatMap { certificateVerdict(at: $0) }
  }

  /// Rows 7 and 8: the node's certificate by its own clock.
  func certificateVerdict(at event: TraceEvent) -> ClockVerdict? {
    certificate(before: event).map { validity in
      verdict(
        name, world.clock(ofNode: node, at: event), event, "NotAfter of its certificate",
        validity.upperBound)
    }
  }

  /// Rows 4 and 5: the node's certificate by the API server's clock.
  var clientCertificateVerdict: ClockVerdict? {
    guard let event = latest(.authenticationFailed, .createNode) ?? latest(.authenticationFailed),
      let validity = certificate(before: event)
    else { return certificateVerdictNow }
    return verdict(on: validity, by: world.apiServerClock(at: event), event)
  }

  /// The same at the end of the run, for a node whose requests are not played.
  var certificateVerdictNow: ClockVerdict? {
    guard let (made, validity) = latestCertificate else { return nil }
    if validity.contains(world.apiServerClock.reading(at: world.now)) { return nil }
    var end = made
    end.time = world.now
    return verdict(on: validity, by: world.apiServerClock, end)
  }

  /// The first time that the API server refused its certificate, where that had life left by the right time.
  var earlyExpiryVerdict: ClockVerdict? {
    refusedRenewals.compactMap { event in
      certificate(before: event).map {
        verdict(on: $0, by: world.apiServerClock(at: event), event)
      }
    }.first { $0.isDecisive && $0.limit.hasPrefix("NotAfter") }
  }

  /// The first time that it asked for a renewal with a certificate that had expired, and by its own clock had
  /// not; nil where there is a CSR that asked in time.
  var lateRenewalVerdict: ClockVerdict? {
    guard latestRequest?.issued != nil else { return nil }
    return refusedRenewals.compactMap { certificateVerdict(at: $0) }
      .first { $0.isDecisive && $0.reading <= $0.limitTime }
  }

  /// Of those whose certificate the API server refused, the first and the last.
  private var refusedRenewals: [TraceEvent] {
    sightings.all.filter { $0.kind == .authenticationFailed && $0.call == .createRequest }
      .flatMap(\.ends)
      .filter { world.message(of: $0)?.contains("x509") ?? false }.sorted { $0.id < $1.id }
  }

  /// Its certificate at the end of the run, where that is over for the API server and not by its own clock.
  var unseenExpiryVerdict: ClockVerdict? {
    guard let refused = certificateVerdictNow, refused.limit.hasPrefix("NotAfter"),
      let (made, validity) = latestCertificate
    else { return nil }
    var end = made
    end.time = world.now
    let own = verdict(
      name, world.clock(ofNode: node), end, "NotAfter of its certificate", validity.upperBound)
    return own.reading <= validity.upperBound && own.isDecisive ? own : nil
  }

  /// By the right time, when the certificate ended of which it saw that it had.
  var certificateEnd: Instant? {
    latest(.certificateExpired).flatMap { certificate(before: $0) }.map {
      Instant(nanoseconds: $0.upperBound - given.start)
    }
  }

  private func verdict(
    on validity: ClosedRange<Int64>, by clock: Clock, _ event: TraceEvent
  ) -> ClockVerdict {
    let isEarly = clock.reading(at: event.time) < validity.lowerBound
    return verdict(
      "kube-apiserver", clock, event, "\(isEarly ? "NotBefore" : "NotAfter") of its certificate",
      isEarly ? validity.lowerBound : validity.upperBound)
  }

  /// NotBefore and NotAfter of the certificate that it had then.
  func certificate(before event: TraceEvent) -> ClosedRange<Int64>? {
    let own = run.certificates[NodeID(node)] ?? []
    if let issued = own.last(where: { $0.signed <= event.time }) {
      return issued.notBefore...issued.notAfter
    }
    let stored = group.disk.certificate
    return stored.state == .present ? stored.validity(from: given.start) : nil
  }

  func verdict(
    _ owner: String, _ clock: Clock, _ event: TraceEvent, _ limit: String, _ limitTime: Int64,
    isOver: (Int64, Int64) -> Bool = (>)
  ) -> ClockVerdict {
    let reading = clock.reading(at: event.time)
    let right = given.start + event.time.nanoseconds
    return ClockVerdict(
      owner: owner, instant: event.time, offset: offset(of: clock, at: event), reading: reading,
      limit: limit, limitTime: limitTime,
      isDecisive: isOver(reading, limitTime) != isOver(right, limitTime))
  }
}

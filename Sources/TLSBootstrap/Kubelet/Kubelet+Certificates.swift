import SimulationKernel

/// The certificate managers inside a running kubelet: which identity, when to rotate, when to exit.
extension Kubelet {
  /// After how long without a certificate the kubelet exits, where the API server is healthy.
  ///
  /// 5 min. Source: B.6; cmd/kubelet/app/server.go `exitAfter`.
  static let exitAfter = Duration.minutes(5)
  /// The transport watcher's period once there has been a certificate.
  ///
  /// 10 s. Source: B.6; pkg/kubelet/certificate/transport.go.
  static let connectionCheckPeriod = Duration.seconds(10)

  mutating func receiveAnswer(_ call: PendingCall, _ turn: inout Turn) {
    switch call.client {
    case .clientCertificateManager:
      updateManager(.client, &turn) { $0.receive(answer: call, $1, &$2) }
      reconsiderExit(&turn)
    case .servingCertificateManager:
      updateManager(.serving, &turn) { $0.receive(answer: call, $1, &$2) }
    case .kubelet:
      receiveWorkAnswer(call, &turn)
    case .approver, .signer, .administrator, .externalApprover, .controllerManager, .client,
      .kubeadm, .csrcleaner, .tokenCleaner, .bootstrapSigner, .csrClient:
      preconditionFailure("answer for \(call.client) at node \(node.index)")
    }
  }

  mutating func receiveRequest(
    _ request: RequestID, _ conditions: RequestConditions, _ turn: inout Turn
  ) {
    updateManager(.client, &turn) { $0.saw(request, conditions, $1, &$2) }
    guard memory.serving != nil else { return }
    updateManager(.serving, &turn) { $0.saw(request, conditions, $1, &$2) }
  }

  mutating func receiveBreak(of request: RequestID, _ turn: inout Turn) {
    updateManager(.client, &turn) { $0.watchBroke(request, $1, &$2) }
    guard memory.serving != nil else { return }
    updateManager(.serving, &turn) { $0.watchBroke(request, $1, &$2) }
  }

  /// B.2 row 1 and B.3, at the beginning of each round.
  mutating func beginManagerLoop(_ role: CertificateManager.Role, _ turn: inout Turn) {
    guard let manager = role == .client ? memory.client : memory.serving else { return }
    var isForced = false
    change(role) { isForced = $0.takeForcedRotation() }
    let deadline = isForced ? turn.now : rotationDeadline(of: manager.current, &turn)
    if deadline > turn.now {
      let context = context(role, &turn)
      change(role) { $0.plan(rotationAt: deadline, context, &turn) }
    } else {
      // The first attempt of a process belongs to its start; each further one counts.
      let isFirst = manager.attempts == 0 && !manager.isRenewal && role == .client
      startAttempt(role, counts: !isFirst, &turn)
    }
  }

  /// B.2 row 2: the loop that found no template looks again each second.
  mutating func beginServing(at tick: Instant, _ turn: inout Turn) {
    let context = context(.serving, &turn)
    change(.serving) { $0.look(at: tick, context, &turn) }
  }

  private mutating func startAttempt(
    _ role: CertificateManager.Role, counts: Bool, _ turn: inout Turn
  ) {
    if counts { countAttempt() }
    let context = context(role, &turn)
    change(role) { $0.startAttempt(context, &turn) }
  }

  private mutating func change(
    _ role: CertificateManager.Role, _ change: (inout CertificateManager) -> Void
  ) {
    guard var manager = role == .client ? memory.client : memory.serving else { return }
    change(&manager)
    if role == .client { memory.client = manager } else { memory.serving = manager }
  }

  /// B.3: U[70 %, 90 %) of the life from NotBefore, on the kubelet's clock; now without a certificate.
  private mutating func rotationDeadline(of certificate: UInt32, _ turn: inout Turn) -> Instant {
    guard certificate != TraceEvent.none else { return turn.now }
    draws.rotation += 1
    return plannedRotation(of: certificate, &turn)
  }

  /// The deadline by the latest draw.
  ///
  /// Inlined for speed: a call copies the kubelet, 0.5 kB.
  @inline(__always)
  private func plannedRotation(of certificate: UInt32, _ turn: inout Turn) -> Instant {
    let found = turn.certificates[Int(certificate)]
    let total = Duration(nanoseconds: found.notAfter - found.notBefore)
    // jit(0.7 · total, 2/7) = total · (0.7 + 0.2 · U[0, 1)).
    let life = turn.chance.jitter(
      total.scaled(by: 7, over: 10), by: 2, over: 7, .rotation, node.index, draws.rotation)
    return clock.instant(of: found.notBefore + life.nanoseconds, notBefore: turn.now)
  }

  private mutating func updateManager(
    _ role: CertificateManager.Role, _ turn: inout Turn,
    _ update: (inout CertificateManager, ProcessContext, inout Turn) -> CertificateManager.Outcome
  ) {
    guard var manager = role == .client ? memory.client : memory.serving else { return }
    let outcome = update(&manager, context(role, &turn), &turn)
    if role == .client { memory.client = manager } else { memory.serving = manager }
    switch outcome {
    case .goesOn, .waits(nil), .attemptFailed(nil): break
    case .waits(let settlement?), .attemptFailed(let settlement?): settle(settlement, &turn)
    case .startsAttempt: startAttempt(role, counts: true, &turn)
    case .loops: beginManagerLoop(role, &turn)
    case .obtained(let certificate):
      if role == .client { use(certificate, &turn) }
    }
  }

  /// B.6, L: from the store on, new connections carry the certificate.
  private mutating func use(_ certificate: UInt32, _ turn: inout Turn) {
    // One whose connections are still open closes them as after any renewal.
    let isFirst = memory.presented == TraceEvent.none
    disk.certificate = certificate
    disk.keyOfCertificate = 0
    guard clock.reading(at: turn.now) <= turn.notAfter(of: certificate) else {
      // M.2: expired at birth by the node's clock, `Current()` never shows it to anybody.
      tell(.certificateExpired, &turn)
      memory.client?.hideCurrent()
      reconsiderExit(&turn)
      return
    }
    // Two of one period: the check that is to come finds only the later one (B.6).
    let isAwaited =
      memory.certificate != TraceEvent.none && memory.certificate != memory.presented
    memory.certificate = certificate
    memory.certificateCause = turn.cause
    if turn.facts.hasJoins { turn.effects.append(.tellKubeadm(node)) }
    memory.exitCheck = .never
    let period = memory.hasSeenCertificate ? Self.connectionCheckPeriod : .seconds(1)
    if !isAwaited { startTimer(.connectionCheck, at: nextTick(period, after: turn.now), &turn) }
    watchExpiry(&turn)
    if isFirst {
      // C.6: each request until now had a connection of its own.
      connectAnew(&turn)
      settleIfRefused(&turn)
    }
    resumeWork(&turn)
  }

  /// New connections carry the certificate of now.
  mutating func connectAnew(_ turn: inout Turn) {
    let hadCertificate = memory.presented != TraceEvent.none
    memory.presented = memory.certificate
    reviewCertificate(&turn)
    if hadCertificate, memory.presented == TraceEvent.none {
      turn.effects.append(.reviewHeartbeats(node))
    }
  }

  mutating func receiveTimer(_ timer: KubeletTimer, _ turn: inout Turn) {
    switch timer {
    case .clientCertificateManager: updateManager(.client, &turn) { $0.timerFired($1, &$2) }
    case .servingCertificateManager: updateManager(.serving, &turn) { $0.timerFired($1, &$2) }
    case .connectionCheck:
      // One that ended meanwhile is no certificate to it.
      guard memory.certificate != TraceEvent.none else { break }
      memory.hasSeenCertificate = true
      tell(.connectionsClosed, &turn)
      turn.effects.append(.renewConnection(node))
      connectAnew(&turn)
      watchWithNewCertificate(&turn)
    case .exitCheck: checkExit(&turn)
    case .certificateExpiry: checkExpiry(&turn)
    case .initialized, .registration, .lease, .csiNode, .nodesReflector, .servicesReflector,
      .csiDriversReflector, .runtimeClassesReflector, .podSource, .networkReady, .statusUpdate,
      .runtimeCheck, .waitingChanges:
      receiveWorkTimer(timer, &turn)
    // Of phases that are over.
    case .processIsUp, .foreground: break
    }
  }
}

// MARK: Exit and expiry (B.6, B.7)

extension Kubelet {
  /// The first check of a process without a certificate that finds 5 min over.
  ///
  /// B.6: in an ideal timeline that is the one of 301 s.
  mutating func planFirstExitCheck(_ turn: inout Turn) {
    planExitCheck(
      at: nextTick(.seconds(1), after: turn.now + clock.trueDuration(Self.exitAfter)), &turn)
  }

  /// B.6: the check 5 min after the last one that saw the certificate. Checks come later than their timers say,
  /// however little, so that this one finds 5 min over.
  private mutating func planExitCheckAfterExpiry(_ turn: inout Turn) {
    let period = Self.connectionCheckPeriod
    let checks = Self.exitAfter.nanoseconds / period.nanoseconds
    // The first check that does not see it is one of them.
    planExitCheck(
      at: nextTick(period, after: turn.now) + clock.trueDuration(period) * (checks - 1), &turn)
  }

  private mutating func planExitCheck(at instant: Instant, _ turn: inout Turn) {
    memory.exitCheck = instant
    startTimer(.exitCheck, at: instant, &turn)
  }

  private mutating func checkExit(_ turn: inout Turn) {
    guard memory.exitCheck <= turn.now, memory.certificate == TraceEvent.none,
      memory.client?.serverHealth == true
    else { return }
    exit(after: Self.exitAfter, &turn)
  }

  /// The server proved healthy after the 5 min were over: the next check exits. A check of this very
  /// instant is over too, because its timer was set earlier.
  private mutating func reconsiderExit(_ turn: inout Turn) {
    guard memory.certificate == TraceEvent.none, memory.exitCheck <= turn.now,
      memory.client?.serverHealth == true
    else { return }
    let period = memory.hasSeenCertificate ? Self.connectionCheckPeriod : .seconds(1)
    planExitCheck(at: nextTick(period, after: turn.now), &turn)
  }

  /// The first tick of the transport watcher after this instant.
  ///
  /// Inlined for speed: a call copies the kubelet, 0.5 kB.
  @inline(__always)
  private func nextTick(_ period: Duration, after instant: Instant) -> Instant {
    .tick(of: clock.trueDuration(period), since: memory.began, after: instant)
  }

  /// Looks again when the kubelet, and when the API server, will hold the certificate for expired.
  ///
  /// Mutating for speed only, as `ask`.
  mutating func watchExpiry(_ turn: inout Turn) {
    let notAfter = turn.notAfter(of: memory.certificate)
    let byNode = clock.instant(of: notAfter + 1, notBefore: turn.now)
    let end = turn.facts.end(of: turn.certificates[Int(memory.certificate)])
    let byServer = turn.facts.refusal(after: end, from: turn.now)
    if byServer != byNode { startTimer(.certificateExpiry, at: byServer, &turn) }
    startTimer(.certificateExpiry, at: byNode, &turn)
  }

  private mutating func watchRefusal(_ turn: inout Turn) {
    let end = turn.facts.end(of: turn.certificates[Int(memory.presented)])
    startTimer(.certificateExpiry, at: turn.facts.refusal(after: end, from: turn.now), &turn)
  }

  /// A clock was changed (M.2): a step across the rotation deadline rotates at once, one across
  /// NotAfter ends the certificate. The same where the API server's clock or CA was changed.
  mutating func lookAtCertificate(_ turn: inout Turn) {
    guard phase == .running else { return }
    guard memory.certificate != TraceEvent.none else {
      if memory.presented != TraceEvent.none { watchRefusal(&turn) }
      return checkExpiry(&turn)
    }
    watchExpiry(&turn)
    checkExpiry(&turn)
    guard let manager = memory.client, manager.phase == .planned else { return }
    let deadline =
      manager.current == TraceEvent.none ? turn.now : plannedRotation(of: manager.current, &turn)
    let context = context(.client, &turn)
    change(.client) { $0.plan(rotationAt: deadline, context, &turn) }
  }

  /// The Node's conditions are Unknown: nobody heard of the kubelet for too long (L.6).
  mutating func lose(_ turn: inout Turn) {
    guard settlement == .ready || settlement == .waiting else { return }
    if let lostBy = memory.lostBy {
      tell(.nodeLost, &turn)
      settle(lostBy, &turn)
    } else {
      settle(.waiting, &turn)
    }
  }

  /// What becomes of a node that was Unknown before its certificate ended.
  mutating func settleIfUnknown(_ turn: inout Turn) {
    if let lostBy = memory.lostBy, settlement == .waiting { settle(lostBy, &turn) }
  }

  /// A heartbeat was seen again.
  mutating func beReady(_ turn: inout Turn) {
    if phase == .running, work.state.contains(.ready), memory.lostBy == nil {
      settle(.ready, &turn)
    }
  }

  /// B.7, M.2: when its own clock has passed NotAfter too, it asks for another certificate with the
  /// bootstrap token, in this process or, after its exit, in the next.
  private func hasWayBack(_ turn: inout Turn) -> Bool {
    memory.client != nil
      && (memory.startedInBootstrap
        || turn.facts.group(of: node).bootstrapKubeconfig.state == .present
          && !disk.isBootstrapKubeconfigDeleted)
  }

  /// Whether the API server takes the certificate of the connections, and what becomes of the node if it
  /// does not.
  ///
  /// - Parameter isDeadHere: new connections do not use it any more (B.7): a 401, which ends the one that does,
  ///   is the end of it.
  private mutating func reviewCertificate(isDeadHere: Bool = false, _ turn: inout Turn) {
    guard memory.presented != TraceEvent.none else { return }
    let certificate = turn.certificates[Int(memory.presented)]
    let notBefore = certificate.notBefore
    let isOver = turn.facts.allRefuse(after: turn.facts.end(of: certificate), at: turn.now)
    var isRefused = true
    if !certificate.isTrusted {
      memory.lostBy = .certificateRefused
    } else if turn.facts.allRefuse(before: notBefore, at: turn.now) {
      // M.2: it heals by itself.
      memory.lostBy = .waiting
      let accepted = turn.facts.acceptance(of: notBefore, from: turn.now)
      startTimer(.certificateExpiry, at: accepted, &turn)
    } else if turn.facts.signingCAIsOver(at: turn.now) {
      // C.5: whatever certificate it gets, the CA above it has expired.
      memory.lostBy = .certificateRefused
    } else if isDeadHere || isOver {
      memory.lostBy = hasWayBack(&turn) ? .waiting : .certificateExpired
      isRefused = isOver
    } else {
      memory.lostBy = nil
    }
    if settlement == .ready, memory.lostBy != nil {
      // L.6: it counts as Ready until node-lifecycle finds it Unknown.
      if turn.facts.marksNodes { settle(.waiting, &turn) } else { lose(&turn) }
    }
    if isDeadHere, isRefused { memory.presented = TraceEvent.none }
    turn.effects.append(.reviewHeartbeats(node))
  }

  /// B.7: connections are gone, and new ones do not carry a certificate that is over here.
  mutating func loseOutdatedConnections() {
    if memory.certificate == TraceEvent.none { memory.presented = TraceEvent.none }
  }

  /// B.6, M.2: the end of the certificate closes no connection. Those that are open go on with it for as long as
  /// the API server takes it.
  private mutating func checkExpiry(_ turn: inout Turn) {
    guard memory.certificate != TraceEvent.none else {
      return reviewCertificate(isDeadHere: true, &turn)
    }
    let certificate = turn.certificates[Int(memory.certificate)]
    // A plain client presents its certificate whatever the node's clock says.
    let isDeadHere =
      memory.client != nil && clock.reading(at: turn.now) > certificate.notAfter
    reviewCertificate(isDeadHere: isDeadHere, &turn)
    guard isDeadHere else { return }
    tell(.certificateExpired, &turn)
    memory.certificate = TraceEvent.none
    memory.client?.hideCurrent()
    planExitCheckAfterExpiry(&turn)
  }
}

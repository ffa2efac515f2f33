import SimulationKernel

/// Steps 2 to 4: what the kubelet finds on its disk, and what it does with it (protocol.md A.1 to A.3,
/// B.1).
extension Kubelet {
  /// The decision table A.1.
  mutating func begin(_ turn: inout Turn) {
    guard disk.kubeconfig != .unset else {
      phase = .standalone
      settle(.standalone, &turn)
      return
    }
    let given = turn.facts.group(of: node).bootstrapKubeconfig.state
    let isDeleted = disk.isBootstrapKubeconfigDeleted && given != .unset
    let bootstrap = isDeleted ? .absent : given
    // MODE-B opens the store before it looks at the kubeconfig. Source: bootstrap.go `LoadClientConfig`.
    if bootstrap != .unset, turn.facts.kubeletSettings(of: node).rotateCertificates { openStore() }
    let verdict = KubeconfigVerdict(disk, at: clock.reading(at: turn.now), turn.certificates)
    if bootstrap == .unset {
      load(verdict, &turn)
      return
    }
    tell(verdict, &turn)
    switch verdict {
    case .valid: run(startedInBootstrap: false, &turn)
    case .inaccessible: fail(.kubeconfigUnusable, &turn)
    case .missing, .unreadable, .certificateMissing, .pairUnusable, .noCertificate, .expired:
      loadBootstrapKubeconfig(bootstrap, after: verdict, &turn)
    }
  }

  /// A.8: a link that was half made is finished (O37).
  private mutating func openStore() { disk.isLinkHalfMade = false }

  /// Without a bootstrap kubeconfig the kubeconfig has to load; whether it is valid nobody asks.
  private mutating func load(_ verdict: KubeconfigVerdict, _ turn: inout Turn) {
    let rotates = turn.facts.kubeletSettings(of: node).rotateCertificates
    switch verdict {
    case .pairUnusable where rotates && disk.kubeconfig == .pointsAtFile, .valid, .noCertificate,
      .expired:
      tell(.kubeconfigLoaded, step: .looksForKubeconfig, &turn)
      run(startedInBootstrap: false, &turn)
    case .missing, .inaccessible, .unreadable, .certificateMissing, .pairUnusable:
      tell(
        .kubeconfigUnusable, step: .looksForKubeconfig, value: Int64(verdict.rawValue), &turn)
      fail(.kubeconfigUnusable, &turn)
    }
  }

  private func tell(_ verdict: KubeconfigVerdict, _ turn: inout Turn) {
    switch verdict {
    case .valid: tell(.kubeconfigValid, step: .looksForKubeconfig, &turn)
    case .missing: tell(.kubeconfigMissing, step: .looksForKubeconfig, &turn)
    case .expired: tell(.kubeconfigExpired, step: .looksForKubeconfig, &turn)
    case .inaccessible, .unreadable, .certificateMissing, .pairUnusable, .noCertificate:
      tell(
        .kubeconfigUnusable, step: .looksForKubeconfig, value: Int64(verdict.rawValue), &turn)
    }
  }

  /// Steps 3 and 4.
  private mutating func loadBootstrapKubeconfig(
    _ state: BootstrapKubeconfig.State, after verdict: KubeconfigVerdict, _ turn: inout Turn
  ) {
    guard state == .present else {
      tell(.bootstrapKubeconfigUnusable, step: .findsBootstrapKubeconfig, &turn)
      let isLost = verdict == .expired
      let missing: Settlement = isLost ? .certificateExpired : .bootstrapKubeconfigMissing
      fail(state == .absent ? missing : .bootstrapKubeconfigUnreadable, &turn)
      return
    }
    tell(.bootstrapKubeconfigLoaded, step: .findsBootstrapKubeconfig, &turn)
    tell(.credentialsRead, step: .readsServerAndToken, &turn)
    if turn.facts.kubeletSettings(of: node).rotateCertificates {
      // 0.2, 0.3: written before there is a certificate, and everything else starts at once.
      writeKubeconfig()
      tell(.kubeconfigWrittenEarly, step: .writesKubeconfig, &turn)
      guard !disk.isCertificateCorrupt else { return failToLoadPair(&turn) }
      tell(.kubeletRunsEarly, step: .nodeIsReady, &turn)
      run(startedInBootstrap: true, &turn)
    } else {
      beginForeground(&turn)
    }
  }

  /// A.9: it points at `kubelet-client-current.pem`, and at the bootstrap kubeconfig's server.
  mutating func writeKubeconfig() {
    disk.kubeconfig = .pointsAtFile
    disk.isKubeconfigWritten = true
    disk.inlineCertificate = TraceEvent.none
  }

  /// Whether it connects by the kubeconfig that was on its disk at the start of the run.
  var usesGivenKubeconfig: Bool {
    phase == .running && !memory.startedInBootstrap && !disk.isKubeconfigWritten
  }

  /// O34: the manager cannot be made.
  private mutating func failToLoadPair(_ turn: inout Turn) {
    tell(.storedPairUnusable, &turn)
    fail(.certificateCorrupt, &turn)
  }

  private mutating func fail(_ settlement: Settlement, _ turn: inout Turn) {
    settle(settlement, &turn)
    exit(&turn)
  }
}

// MARK: MODE-F

extension Kubelet {
  private mutating func beginForeground(_ turn: inout Turn) {
    openStore()
    guard let key = foregroundKey() else {
      tell(.temporaryKeyUnusable, &turn)
      fail(.keyCorrupt, &turn)
      return
    }
    memory.foreground = ForegroundBootstrap(began: turn.now, key: key)
    phase = .foreground
    let context = context(.client, &turn)
    memory.foreground?.pollServer(context, &turn)
  }

  /// A.3 rows 4 and 5: that of the stored certificate, even of an expired one; else that of an earlier
  /// start; else a new one. nil: the file of the earlier start is corrupt (O35).
  private mutating func foregroundKey() -> UInt32? {
    if disk.certificate != TraceEvent.none && !disk.isCertificateCorrupt {
      if disk.keyOfCertificate == 0 { disk.keyOfCertificate = makeKey() }
      return disk.keyOfCertificate
    }
    if disk.isTemporaryKeyCorrupt { return nil }
    if disk.temporaryKey == 0 { disk.temporaryKey = makeKey() }
    return disk.temporaryKey
  }

  private mutating func makeKey() -> UInt32 {
    disk.keysMade += 1
    return disk.keysMade
  }

  /// A.3 rows 9 to 11: the pair is stored, the temporary key deleted, the kubeconfig written.
  mutating func store(_ certificate: UInt32, _ turn: inout Turn) {
    let request = memory.foreground?.request ?? TraceEvent.none
    if disk.isFull {
      tell(.storeFailed, request: request, &turn)
      exit(&turn)
      return
    }
    disk.keyOfCertificate = memory.foreground?.key ?? 0
    disk.certificate = certificate
    disk.isCertificateCorrupt = false
    disk.temporaryKey = 0
    disk.isTemporaryKeyCorrupt = false
    memory.foreground = nil
    tell(.certificateStored, request: request, &turn)
    writeKubeconfig()
    tell(.kubeconfigWritten, request: request, step: .writesKubeconfig, &turn)
    run(startedInBootstrap: true, &turn)
  }
}

// MARK: Everything at once (B)

extension Kubelet {
  private mutating func run(startedInBootstrap: Bool, _ turn: inout Turn) {
    let rotates = turn.facts.kubeletSettings(of: node).rotateCertificates
    if rotates && disk.isCertificateCorrupt {
      failToLoadPair(&turn)
      return
    }
    phase = .running
    memory.began = turn.now
    memory.startedInBootstrap = startedInBootstrap
    if rotates {
      beginManager(&turn)
    } else {
      memory.certificate = disk.certificateOfKubeconfig
    }
    memory.presented = memory.certificate
    memory.hasSeenCertificate = memory.certificate != TraceEvent.none
    if memory.certificate != TraceEvent.none {
      watchExpiry(&turn)
      settleIfRefused(&turn)
    }
    let initialization =
      turn.facts.group(of: node).hasContainerRuntime && !turn.lacksRuntime(node)
      ? turn.chance.length(
        turn.facts.latency.kubeletInitialization, .start, node.index, generation | 0x8000_0000)
      : Self.runtimeCheck
    startTimer(.initialized, after: initialization, &turn)
  }

  /// From the certificate to the failure to connect to the container runtime. In the background the recording
  /// has 11 ms from the certificate manager's start, of which TLS, which takes no time here, has most.
  ///
  /// 5 ms. Source: recorded, kubelet-logs/nocrin and nocrir.
  private static let runtimeCheck = Duration.milliseconds(5)

  /// It validates the connection to its container runtime before its other loops begin.
  mutating func failWithoutRuntime(_ turn: inout Turn) {
    tell(.containerRuntimeMissing, &turn)
    fail(.containerRuntimeMissing, &turn)
  }

  /// B.1.
  private mutating func beginManager(_ turn: inout Turn) {
    openStore()
    let now = clock.reading(at: turn.now)
    let isStored =
      disk.certificate != TraceEvent.none && now < turn.notAfter(of: disk.certificate)
    if !isStored, disk.inlineCertificate != TraceEvent.none {
      // kubeadm's control plane: the inline pair is stored and at once replaced.
      disk.certificate = disk.inlineCertificate
      disk.keyOfCertificate = 0
    }
    let isUsable =
      disk.certificate != TraceEvent.none
      && (isStored || now <= turn.notAfter(of: disk.certificate))
    memory.certificate = isUsable ? disk.certificate : TraceEvent.none
    memory.client = CertificateManager(
      role: .client, current: memory.certificate, rotatesAtOnce: !isStored)
    if !isUsable { planFirstExitCheck(&turn) }
    beginManagerLoop(.client, &turn)
  }

  /// `settleIfRefused`, of a kubelet that may have been stopped since it had a certificate.
  mutating func settleIfLost(_ turn: inout Turn) {
    if phase == .running, memory.certificate != TraceEvent.none { settleIfRefused(&turn) }
  }

  /// Whether the API server will never take the certificate that the process has now (O25, B.7).
  mutating func settleIfRefused(_ turn: inout Turn) {
    let certificate = turn.certificates[Int(memory.certificate)]
    let isLost = memory.client == nil
    if turn.facts.signingCAIsOver(at: turn.now) {
      settle(.certificateRefused, &turn)
    } else if isLost, turn.facts.allRefuse(after: turn.facts.end(of: certificate), at: turn.now) {
      settle(.certificateExpired, &turn)
    } else if !certificate.isTrusted,
      isLost || !turn.facts.scenario.apiServer.trustsSigningCA
        || turn.facts.group(of: node).bootstrapKubeconfig.state != .present
    {
      settle(.certificateRefused, &turn)
    }
  }
}

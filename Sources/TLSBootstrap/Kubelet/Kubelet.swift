import SimulationKernel

/// The kubelet of one node, from its first start to the renewals of its certificates.
struct Kubelet: KubeletProcess, Hashable, Sendable {
  // What each event asks for comes first, so that it is together in memory: a kubelet has 0.4 kB, and
  // 5,000 of them do not fit into the caches.
  let node: NodeID
  /// The number of the process, from 1; what belongs to an earlier one is void.
  var generation: UInt32 = 0
  /// What the process does.
  var phase = Phase.stopped
  /// What `spec.faults` does to it.
  var faults = Faults()
  var settlement = Settlement.waiting
  /// Bootstrap and renewal attempts so far: each start of the process and each further CSR is one.
  var attempt: UInt16 = 0
  var clock: Clock
  var draws = Draws()
  /// What survives a crash.
  var disk = Disk()
  /// What the process knows; a crash loses it all.
  ///
  /// Beside the phase rather than inside it, because a payload of an enum is copied out and in at
  /// each change: that was a sixth of all instructions of the 5,000-worker run.
  var memory = Memory()
  var started = Instant.never
  /// When the node first became Ready.
  var ready = Instant.never

  struct Disk: Hashable, Sendable {
    var kubeconfig = Kubeconfig.absent
    /// Whether the kubelet wrote it, so that it names the bootstrap kubeconfig's server.
    var isKubeconfigWritten = false
    /// What `kubelet-client-current.pem` leads to, or `TraceEvent.none`.
    var certificate = TraceEvent.none
    var isCertificateCorrupt = false
    /// Only `kubelet-client-updated.pem` leads to it, until the store is opened (A.8, O37).
    var isLinkHalfMade = false
    /// The certificate inside the kubeconfig, or `TraceEvent.none`.
    var inlineCertificate = TraceEvent.none
    /// The private key of the stored certificate, where MODE-F made or used it; else 0.
    var keyOfCertificate: UInt32 = 0
    /// `kubelet-client.key.tmp` of MODE-F; 0: none.
    var temporaryKey: UInt32 = 0
    var isTemporaryKeyCorrupt = false
    var keysMade: UInt32 = 0
    /// No certificate can be stored (O33).
    var isFull = false
    /// The bootstrap kubeconfig that the scenario gave has been deleted.
    var isBootstrapKubeconfigDeleted = false

    /// `--kubeconfig`: what is at its path, if anything.
    enum Kubeconfig: UInt8, Hashable, Sendable {
      case unset, absent, inaccessible, unreadable, withoutCertificate, inline
      /// At `kubelet-client-current.pem`, which may be missing.
      case pointsAtFile
    }

    /// The certificate that the kubeconfig leads to, or `TraceEvent.none`.
    var certificateOfKubeconfig: UInt32 {
      if kubeconfig == .inline { return inlineCertificate }
      return isCertificateCorrupt || isLinkHalfMade ? TraceEvent.none : certificate
    }
  }

  /// How many draws each stream of this kubelet has given.
  struct Draws: Hashable, Sendable {
    var rotation: UInt32 = 0
    var status: UInt32 = 0
    var network: UInt32 = 0
  }

  enum Phase: Hashable, Sendable {
    case stopped
    /// The process is up, but has not looked at its files yet.
    case starting
    /// MODE-F: steps 5 to 12 in one line; nothing else runs meanwhile.
    case foreground
    /// MODE-B from step 4 on, and MODE-F from step 13 on: everything at once.
    case running
    /// Without an API server, for ever (A.1).
    case standalone
  }

  /// Concerns that go on side by side, each a machine of its own.
  struct Memory: Hashable, Sendable {
    /// What new connections carry, or `TraceEvent.none`.
    var certificate = TraceEvent.none
    /// What the open connections carry, and so the API requests of everything but CSRs: for up to 10 s after
    /// a renewal the one before (B.6).
    var presented = TraceEvent.none
    /// The event that stored it: every authenticated request follows from it.
    var certificateCause: UInt32 = 0
    /// Whether this process started with the bootstrap kubeconfig: the identity of last resort (B.7).
    var startedInBootstrap = false
    /// Whether it has closed its connections for a new certificate before (B.6).
    var hasClosedConnections = false
    /// Whether a check of its transport watcher has seen a certificate: from then on there is one each 10 s
    /// only (B.6).
    var hasSeenCertificate = false
    var work = Work()
    /// nil: rotateCertificates is off.
    var client: CertificateManager?
    /// The exit check that is planned, or `.never` (B.6).
    var exitCheck = Instant.never
    /// When the transport watcher's ticks began (B.6).
    var began = Instant.never
    /// What becomes of the node, whose certificate is dead, when node-lifecycle finds that its heartbeats
    /// stopped; nil: its certificate lives.
    var lostBy: Settlement?
    /// nil: serverTLSBootstrap is off, or the Node is not there yet.
    var serving: CertificateManager?
    /// MODE-F's bootstrap, while it lasts.
    var foreground: ForegroundBootstrap?
  }
}

/// The timers of one kubelet. Starting one replaces the one of the same name; a crash cancels all.
enum KubeletTimer: UInt8, Hashable, Sendable {
  case processIsUp
  /// MODE-F's only one.
  case foreground
  case clientCertificateManager, servingCertificateManager
  case initialized
  case connectionCheck, exitCheck, certificateExpiry
  case registration, lease, csiNode
  case nodesReflector, servicesReflector, csiDriversReflector, runtimeClassesReflector, podSource
  case networkReady, statusUpdate
  case runtimeCheck
  /// What keeps a kubelet without a certificate from connecting begins or ceases to, by its clock.
  case waitingChanges
}

enum KubeletEvent: Sendable {
  case started
  case timerFired(KubeletTimer)
  case answered(PendingCall)
  case sawRequest(RequestID, RequestConditions)
  /// The connection of the watch of a CSR broke.
  case watchBroke(RequestID)
}

/// Steps 1 to 13 of the specification; what waits inside a phase is in the phase's own file.
extension Kubelet {
  // Inlined, so that each caller's event chooses its row as it is compiled.
  @inline(__always)
  mutating func receive(_ event: KubeletEvent, _ turn: inout Turn) {
    switch (phase, event) {
    // The way of the specification, from top to bottom.
    case (.stopped, .started):
      start(&turn)
    case (.starting, .timerFired(.processIsUp)):
      begin(&turn)
    case (.foreground, .timerFired), (.foreground, .answered), (.foreground, .sawRequest),
      (.foreground, .watchBroke):
      let context = context(.client, &turn)
      guard let outcome = memory.foreground?.receive(event, context, &turn) else { return }
      conclude(outcome, &turn)
    case (.running, .answered(let call)):
      receiveAnswer(call, &turn)
    case (.running, .sawRequest(let request, let conditions)):
      receiveRequest(request, conditions, &turn)
    case (.running, .watchBroke(let request)):
      receiveBreak(of: request, &turn)
    case (.running, .timerFired(let timer)):
      receiveTimer(timer, &turn)

    // Timers and answers of a process that is not there yet or no more never arrive; what is left
    // would be a second start.
    case (_, .started), (.stopped, .timerFired), (.stopped, .answered), (.stopped, .sawRequest),
      (.stopped, .watchBroke), (.starting, .timerFired), (.starting, .answered),
      (.starting, .sawRequest), (.starting, .watchBroke), (.standalone, .timerFired),
      (.standalone, .answered), (.standalone, .sawRequest), (.standalone, .watchBroke):
      tell(.ignored, &turn)
    }
  }

  /// Step 1.
  private mutating func start(_ turn: inout Turn) {
    phase = .starting
    memory = Memory()
    generation += 1
    countAttempt()
    if started == .never { started = turn.now }
    tell(.kubeletStarted, step: .kubeletStarts, value: Int64(generation - 1), &turn)
    let delay = turn.chance.length(
      turn.facts.latency.kubeletStart, .start, node.index, generation)
    startTimer(.processIsUp, after: delay, &turn)
  }

  /// What MODE-F's wait leads to.
  private mutating func conclude(
    _ outcome: ForegroundBootstrap.Outcome, _ turn: inout Turn
  ) {
    switch outcome {
    case .goesOn: break
    case .waits(let settlement): settle(settlement, &turn)
    case .fails(let settlement):
      if let settlement { settle(settlement, &turn) }
      exit(&turn)
    case .obtained(let certificate): store(certificate, &turn)
    }
  }
}

// MARK: The process

extension Kubelet {
  /// The process ends.
  ///
  /// - Parameter patience: How long it did without a certificate, where that is why it ends (B.6).
  mutating func stop(after patience: Duration = .zero, _ turn: inout Turn) {
    endWaiting(&turn)
    if settlement == .ready { settle(.waiting, &turn) }
    tell(.kubeletExited, value: patience.nanoseconds, &turn)
    phase = .stopped
    faults.endProcess()
    turn.effects.append(.closeConnections(node))
  }

  /// A.10: systemd starts it again after RestartSec.
  mutating func exit(after patience: Duration = .zero, _ turn: inout Turn) {
    stop(after: patience, &turn)
    let delay = turn.facts.kubeletSettings(of: node).restartSeconds
    turn.emit(
      TraceEvent(
        .kubeletRestartPlanned, by: .systemd, node: node.index, attempt: attempt,
        value: delay.nanoseconds))
    turn.schedule(.kubeletStarts(node), after: delay)
  }

  /// Past 65,535 attempts the number stays: a node that is denied every 32 s gets there in 24 days.
  mutating func countAttempt() {
    if attempt < .max { attempt += 1 }
  }

  mutating func settle(_ settlement: Settlement, _ turn: inout Turn) {
    turn.settle(node, &self.settlement, as: settlement, by: .kubelet, attempt: attempt)
  }

  var component: TraceEvent.ComponentName { .kubelet }

  /// What the bootstrap, or a certificate manager, needs to know of the kubelet around it.
  ///
  /// Mutating for speed only: else each call copies the kubelet, 0.4 kB.
  mutating func context(_ role: CertificateManager.Role, _ turn: inout Turn) -> ProcessContext {
    let isForeground = phase == .foreground
    return ProcessContext(
      node: node, clock: clock, generation: generation, attempt: attempt,
      client: isForeground ? .kubelet : role.requester,
      patience: isForeground
        ? ForegroundBootstrap.certificateWait : CertificateManager.certificateWait,
      // Asked for only where there is one: it lies in another line of the cache.
      key: isForeground ? memory.foreground?.key ?? 0 : 0, isDiskFull: disk.isFull,
      credential: requestCredential(&turn))
  }

  /// B.4 row 2: the current certificate, else the initial configuration.
  private mutating func requestCredential(_ turn: inout Turn) -> Credential {
    if memory.certificate != TraceEvent.none { return .certificate(memory.certificate) }
    // B.7: without the bootstrap kubeconfig the initial configuration is the kubeconfig's own.
    if phase == .running, !memory.startedInBootstrap {
      let own = disk.certificateOfKubeconfig
      return own == TraceEvent.none ? .none : .certificate(own)
    }
    return turn.facts.token(of: node).map(Credential.token) ?? Credential.none
  }
}

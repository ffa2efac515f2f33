import SimulationKernel

/// The kubelet of one node, from its first start to the renewals of its certificates.
struct Kubelet: Hashable, Sendable {
  let node: NodeID
  let clock: Clock
  /// What survives a crash.
  var disk = Disk()
  /// What the process does.
  var phase = Phase.stopped
  /// What the process knows; a crash loses it all.
  ///
  /// Beside the phase rather than inside it, because a payload of an enum is copied out and in at
  /// each change: that was a sixth of all instructions of the 5,000-worker run.
  var memory = Memory()
  /// The number of the process, from 1; what belongs to an earlier one is void.
  var generation: UInt32 = 0
  /// Bootstrap and renewal attempts so far: each start of the process and each further CSR is one.
  var attempt: UInt16 = 0
  var draws = Draws()
  var started = Instant.never
  /// When the node first became Ready.
  var ready = Instant.never
  var settlement = Settlement.waiting
  /// The settlement that the world counts this node under.
  var counted = Settlement.waiting

  struct Disk: Hashable, Sendable {
    /// `kubelet.kubeconfig` is there (it points at the certificate's file).
    var hasKubeconfig = false
    /// What `kubelet-client-current.pem` leads to, or `TraceEvent.none`.
    var certificate = TraceEvent.none
    /// `kubelet-client.key.tmp` of MODE-F; 0: none.
    var temporaryKey: UInt32 = 0
    var keysMade: UInt32 = 0
  }

  /// How many draws each stream of this kubelet has given.
  struct Draws: Hashable, Sendable {
    var healthz: UInt32 = 0
    var attemptBackoff: UInt32 = 0
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
  }

  /// Concerns that go on side by side, each a machine of its own.
  struct Memory: Hashable, Sendable {
    /// MODE-F's bootstrap, while it lasts.
    var foreground: ForegroundBootstrap?
    /// When the transport watcher's ticks began (B.6).
    var began = Instant.never
    /// Whether this process started with the bootstrap kubeconfig: the identity of last resort (B.7).
    var startedInBootstrap = false
    /// nil: rotateCertificates is off.
    var client: CertificateManager?
    /// nil: serverTLSBootstrap is off, or the Node is not there yet.
    var serving: CertificateManager?
    /// What the API requests of everything but CSRs are signed with, or `TraceEvent.none`.
    var certificate = TraceEvent.none
    /// The event that stored it: every authenticated request follows from it.
    var certificateCause: UInt32 = 0
    /// The exit check that is planned, or `.never` (B.6).
    var exitCheck = Instant.never
    var work = Work()
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
}

enum KubeletEvent: Sendable {
  case started
  case timerFired(KubeletTimer)
  case answered(PendingCall)
  case sawRequest(RequestID, RequestConditions)
}

/// Steps 1 to 13 of the specification; what waits inside a phase is in the phase's own file.
extension Kubelet {
  mutating func receive(_ event: KubeletEvent, _ turn: inout Turn) {
    switch (phase, event) {
    // The way of the specification, from top to bottom.
    case (.stopped, .started):
      start(&turn)
    case (.starting, .timerFired(.processIsUp)):
      begin(&turn)
    case (.foreground, .timerFired), (.foreground, .answered), (.foreground, .sawRequest):
      let context = context(.client, &turn)
      guard let outcome = memory.foreground?.receive(event, context, &turn) else { return }
      conclude(outcome, &turn)
    case (.running, .answered(let call)):
      receiveAnswer(call, &turn)
    case (.running, .sawRequest(let request, let conditions)):
      receiveRequest(request, conditions, &turn)
    case (.running, .timerFired(let timer)):
      receiveTimer(timer, &turn)

    // Timers and answers of a process that is not there yet or no more never arrive; what is left
    // would be a second start.
    case (_, .started), (.stopped, .timerFired), (.stopped, .answered), (.stopped, .sawRequest),
      (.starting, .timerFired), (.starting, .answered), (.starting, .sawRequest):
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

  /// Steps 2 to 4, and the decision table A.1.
  private mutating func begin(_ turn: inout Turn) {
    let rotates = turn.facts.kubeletSettings(of: node).rotateCertificates
    if kubeconfigIsValid(&turn) {
      run(startedInBootstrap: false, rotates: rotates, &turn)
      return
    }
    let file = turn.facts.group(of: node).bootstrapKubeconfig
    guard file.state == .present else {
      tell(.bootstrapKubeconfigUnusable, step: .findsBootstrapKubeconfig, &turn)
      settle(
        file.state == .absent ? .bootstrapKubeconfigMissing : .bootstrapKubeconfigUnreadable, &turn)
      exit(&turn)
      return
    }
    tell(.bootstrapKubeconfigLoaded, step: .findsBootstrapKubeconfig, &turn)
    tell(.credentialsRead, step: .readsServerAndToken, &turn)
    if rotates {
      // 0.2, 0.3: written before there is a certificate, and everything else starts at once.
      disk.hasKubeconfig = true
      tell(.kubeconfigWrittenEarly, step: .writesKubeconfig, &turn)
      tell(.kubeletRunsEarly, step: .nodeIsReady, &turn)
      run(startedInBootstrap: true, rotates: true, &turn)
    } else {
      makeTemporaryKey()
      var bootstrap = ForegroundBootstrap(began: turn.now)
      bootstrap.pollServer(context(.client, &turn), &turn)
      memory.foreground = bootstrap
      phase = .foreground
    }
  }

  /// A.2; tells step 2.
  private func kubeconfigIsValid(_ turn: inout Turn) -> Bool {
    guard disk.hasKubeconfig, disk.certificate != TraceEvent.none else {
      tell(.kubeconfigMissing, step: .looksForKubeconfig, &turn)
      return false
    }
    // Strict: equality still counts as valid.
    let isExpired = clock.reading(at: turn.now) > turn.notAfter(of: disk.certificate)
    tell(isExpired ? .kubeconfigExpired : .kubeconfigValid, step: .looksForKubeconfig, &turn)
    return !isExpired
  }

  /// A.3 rows 4 and 5: the key of an earlier start is used again.
  private mutating func makeTemporaryKey() {
    if disk.temporaryKey != 0 { return }
    disk.keysMade += 1
    disk.temporaryKey = disk.keysMade
  }

  /// What the end of MODE-F's wait leads to (A.3 rows 9 to 11).
  private mutating func conclude(
    _ outcome: ForegroundBootstrap.Outcome, _ turn: inout Turn
  ) {
    switch outcome {
    case .goesOn: break
    case .fails(let settlement):
      if let settlement { settle(settlement, &turn) }
      exit(&turn)
    case .obtained(let certificate):
      disk.certificate = certificate
      disk.temporaryKey = 0
      disk.hasKubeconfig = true
      let request = memory.foreground?.request ?? TraceEvent.none
      memory.foreground = nil
      tell(.certificateStored, request: request, &turn)
      tell(.kubeconfigWritten, request: request, step: .writesKubeconfig, &turn)
      run(startedInBootstrap: true, rotates: false, &turn)
    }
  }

  /// B: everything at once.
  private mutating func run(startedInBootstrap: Bool, rotates: Bool, _ turn: inout Turn) {
    let isUsable =
      disk.certificate != TraceEvent.none
      && clock.reading(at: turn.now) <= turn.notAfter(of: disk.certificate)
    let certificate = isUsable ? disk.certificate : TraceEvent.none
    phase = .running
    memory.began = turn.now
    memory.startedInBootstrap = startedInBootstrap
    memory.client = rotates ? CertificateManager(role: .client, current: certificate) : nil
    memory.certificate = certificate
    if rotates {
      if !isUsable { planExitCheck(lastSeen: turn.now, period: .seconds(1), &turn) }
      beginManagerLoop(.client, &turn)
    }
    if isUsable { watchExpiry(&turn) }
    startTimer(
      .initialized,
      after: turn.chance.length(
        turn.facts.latency.kubeletInitialization, .start, node.index,
        generation | 0x8000_0000), &turn)
  }
}

// MARK: The process

extension Kubelet {
  /// A.10: systemd starts it again after RestartSec.
  mutating func exit(_ turn: inout Turn) {
    endWaiting(&turn)
    tell(.kubeletExited, &turn)
    phase = .stopped
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
    guard self.settlement != settlement else { return }
    self.settlement = settlement
    if settlement != .ready && settlement != .waiting {
      tell(.settled, value: Int64(settlement.rawValue), &turn)
    }
    turn.effects.append(.settle(node, settlement))
  }

  func tell(
    _ kind: TraceEvent.Kind, request: UInt32 = TraceEvent.none, step: BootstrapStep? = nil,
    value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emit(
      TraceEvent(
        kind, by: .kubelet, node: node.index, request: request, attempt: attempt, step: step,
        value: value))
  }

  /// A timer of this process, on the node's clock.
  func startTimer(_ timer: KubeletTimer, after delay: Duration, _ turn: inout Turn) {
    turn.schedule(
      .kubeletTimer(node, timer, generation: generation), after: clock.trueDuration(delay))
  }

  func startTimer(_ timer: KubeletTimer, at instant: Instant, _ turn: inout Turn) {
    turn.schedule(.kubeletTimer(node, timer, generation: generation), at: instant)
  }

  /// What a certificate manager needs to know of the kubelet around it.
  func context(_ role: CertificateManager.Role, _ turn: inout Turn) -> ProcessContext {
    ProcessContext(
      node: node, clock: clock, generation: generation, attempt: attempt,
      temporaryKey: disk.temporaryKey, credential: requestCredential(role, &turn))
  }

  /// B.4 row 2: the current certificate, else the initial configuration.
  private func requestCredential(_ role: CertificateManager.Role, _ turn: inout Turn) -> Credential
  {
    if memory.certificate != TraceEvent.none { return .certificate(memory.certificate) }
    // B.7: without the bootstrap kubeconfig the initial configuration is the dead certificate.
    if phase == .running, !memory.startedInBootstrap, disk.certificate != TraceEvent.none {
      return .certificate(disk.certificate)
    }
    guard let token = turn.facts.tokenOfGroup[Int(turn.facts.groupOfNode[Int(node.index)])] else {
      return .none
    }
    return .token(token)
  }
}

/// The process around a bootstrap or a certificate manager.
struct ProcessContext: Sendable {
  let node: NodeID
  let clock: Clock
  let generation: UInt32
  let attempt: UInt16
  let temporaryKey: UInt32
  let credential: Credential

  func tell(
    _ kind: TraceEvent.Kind, request: UInt32 = TraceEvent.none, step: BootstrapStep? = nil,
    value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emit(
      TraceEvent(
        kind, by: .kubelet, node: node.index, request: request, attempt: attempt, step: step,
        value: value))
  }

  func startTimer(_ timer: KubeletTimer, at instant: Instant, _ turn: inout Turn) {
    turn.schedule(.kubeletTimer(node, timer, generation: generation), at: instant)
  }

  func call(
    _ call: Call, from client: PendingCall.Client, request: UInt32 = TraceEvent.none,
    after delay: Duration = .zero, _ turn: inout Turn
  ) {
    var pending = PendingCall(
      call: call, client: client, owner: node.index, node: node.index, credential: credential)
    pending.generation = generation
    pending.attempt = attempt
    pending.request = request
    pending.key = temporaryKey
    turn.call(pending, after: delay)
  }
}

import SimulationKernel

/// A bare client of client-go's `certificate/csr` package, without a kubelet around it: it requests a
/// certificate, waits for it, gives up, and requests another one, until it is served.
///
/// Source: protocol.md A.5 to A.7, B.4; the load clients of groundtruth/throughput.md.
struct CSRClient: Hashable, Sendable {
  let node: NodeID
  var clock: Clock
  private(set) var phase = Phase.stopped
  /// Of the timer that the phase waits for; another one is void.
  private var due = Instant.never
  /// The CSR of this attempt, or `TraceEvent.none`.
  private var request = TraceEvent.none
  /// While another CSR is created, that for the one before.
  private var wait = CertificateWait()
  private let settings: CSRClientSettings
  private var limiter: TokenBucket
  /// CSRs so far, and tries to create one.
  private(set) var attempt: UInt16 = 0
  /// Calls so far, each of which draws its latency.
  var draws: UInt32 = 0
  private(set) var started = Instant.never
  /// When it had its certificate.
  private(set) var served = Instant.never
  private(set) var settlement = Settlement.waiting

  enum Phase: Hashable, Sendable {
    case stopped
    case creating, waiting
    /// Gave up, and rests before the next CSR.
    case resting
    case served
  }

  enum Event: Sendable {
    case started
    case timerFired
    case answered(PendingCall)
    case sawRequest(RequestID, RequestConditions)
    /// The connection of the watch broke.
    case watchBroke(RequestID)
  }

  init(node: NodeID, clock: Clock, _ settings: CSRClientSettings) {
    self.node = node
    self.clock = clock
    self.settings = settings
    limiter = TokenBucket(milliRate: settings.kubeAPIMilliQPS, burst: settings.kubeAPIBurst)
  }
}

extension CSRClient {
  mutating func receive(_ event: Event, _ turn: inout Turn) {
    switch (phase, event) {
    // The way to the certificate, from top to bottom.
    case (.stopped, .started):
      start(&turn)
    case (.creating, .answered(let call)) where call.call == .createRequest:
      created(call, &turn)
    case (.waiting, .answered(let call)):
      if wait.isForbidden(by: call) { settle(.notAllowedToWatch, &turn) }
      follow(wait.receive(answer: call, context(&turn), &turn), &turn)
    case (.waiting, .sawRequest(let seen, let conditions)):
      follow(wait.saw(seen, conditions, context(&turn), &turn), &turn)

    // Detours: out of patience, again.
    case (.waiting, .timerFired) where turn.now == due:
      follow(wait.timerFired(context(&turn), &turn), &turn)
    case (.waiting, .watchBroke(let broken)):
      follow(wait.watchBroke(broken, context(&turn), &turn), &turn)
    case (.resting, .timerFired) where turn.now == due:
      create(&turn)

    // Timers that were replaced, and what concerns an earlier CSR.
    case (_, .started), (_, .timerFired), (_, .answered), (_, .sawRequest),
      (_, .watchBroke):
      break
    }
  }

  private mutating func start(_ turn: inout Turn) {
    started = turn.now
    turn.journal.statistics.begin(node, at: turn.now)
    tell(.csrClientStarted, &turn)
    create(&turn)
  }

  /// A.5: a new key and `generateName: csr-` for each attempt.
  private mutating func create(_ turn: inout Turn) {
    phase = .creating
    if attempt < .max { attempt += 1 }
    request = TraceEvent.none
    let effort = turn.chance.length(
      turn.facts.latency.keyGeneration, .key, node.index, UInt32(attempt))
    call(.createRequest, after: effort, &turn)
  }

  /// A.6.
  private mutating func created(_ call: PendingCall, _ turn: inout Turn) {
    guard call.answer == .created else {
      giveUp(Settlement(afterCreate: call.answer, with: call.credential, &turn), &turn)
      return
    }
    phase = .waiting
    request = call.request
    wait = CertificateWait(for: request, from: turn.now)
    follow(wait.probe(context(&turn), at: turn.now), &turn)
  }

  private mutating func follow(_ outcome: CertificateWait.Outcome, _ turn: inout Turn) {
    switch outcome {
    case .goesOn: break
    case .waits(let instant, let call):
      if let call { self.call(call, &turn) }
      wake(at: instant, &turn)
    case .isPending:
      if let outlook = turn.outlook(of: node) { settle(outlook, &turn) }
    case .ended(let settlement):
      giveUp(settlement, &turn)
    case .issued:
      phase = .served
      served = turn.now
      tell(.certificateFetched, step: .fetchesCertificate, &turn)
      settle(.ready, &turn)
    }
  }

  /// The wait is over, or there was none: the next CSR comes after the gap.
  ///
  /// - Parameter settlement: why only an outside act can help, if so.
  private mutating func giveUp(_ settlement: Settlement?, _ turn: inout Turn) {
    tell(.attemptFailed, &turn)
    if let settlement { settle(settlement, &turn) }
    phase = .resting
    let gap = clock.trueDuration(settings.gap)
    tell(.backedOff, value: gap.nanoseconds, &turn)
    wake(at: turn.now + gap, &turn)
  }
}

// MARK: What it asks for and tells

extension CSRClient {
  /// Whether it still waits for what becomes of this CSR.
  func awaits(_ request: UInt32) -> Bool {
    switch phase {
    case .stopped, .resting, .served: false
    // Its number is on its way; that of the one before was lower.
    case .creating: wait.request == TraceEvent.none || request > wait.request
    case .waiting: self.request == request
    }
  }

  /// What its wait needs to know of it: each attempt draws for itself.
  private func context(_ turn: inout Turn) -> ProcessContext {
    ProcessContext(
      node: node, clock: clock, generation: UInt32(attempt), attempt: attempt,
      client: .csrClient, patience: settings.patience, key: 0, isDiskFull: false,
      credential: credential(&turn))
  }

  /// B.4: every call but a WATCH, which the reflector sends, takes a token of its own bucket.
  private mutating func call(
    _ kind: Call, after effort: Duration = .zero, _ turn: inout Turn
  ) {
    var pending = PendingCall(
      call: kind, client: .csrClient, owner: node.index, node: node.index,
      credential: credential(&turn))
    pending.request = request
    pending.attempt = attempt
    if kind == .listRequest, wait.lists {
      pending.flag = true
      pending.verdict = wait.hasSeen
    }
    let wait = limiter.reserve(at: turn.now)
    if wait > .zero { tell(.limiterWaited, value: wait.nanoseconds, &turn) }
    turn.call(pending, after: effort + wait)
  }

  /// The token of its kubeconfig.
  private func credential(_ turn: inout Turn) -> Credential {
    turn.facts.token(of: node).map(Credential.token) ?? Credential.none
  }

  private func tell(
    _ kind: TraceEvent.Kind, step: BootstrapStep? = nil, value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emit(
      TraceEvent(
        kind, by: .csrClient, node: node.index, request: request, attempt: attempt, step: step,
        value: value))
  }

  mutating func settle(_ settlement: Settlement, _ turn: inout Turn) {
    turn.settle(
      node, &self.settlement, as: settlement, by: .csrClient, request: request, attempt: attempt)
  }

  private mutating func wake(at instant: Instant, _ turn: inout Turn) {
    // A call may last longer than its patience: then that is over at once.
    due = max(turn.now, instant)
    if due != .never { turn.schedule(.csrClientTimer(node), at: due) }
  }
}

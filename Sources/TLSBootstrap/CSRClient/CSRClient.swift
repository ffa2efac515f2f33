import SimulationKernel

/// A bare client of client-go's `certificate/csr` package, without a kubelet around it: it requests a
/// certificate, waits for it, gives up, and requests another one, until it is served.
///
/// Source: protocol.md A.5 to A.7, B.4; the load clients of groundtruth/throughput.md.
struct CSRClient: Hashable, Sendable {
  /// A.7 row 1: between two tries of the LIST. Source: csr.go, 1 s.
  static let probeGap = Duration.seconds(1)

  let node: NodeID
  var clock: Clock
  private(set) var phase = Phase.stopped
  /// Of the timer that the phase waits for; another one is void.
  private var due = Instant.never
  private var waitBegan = Instant.zero
  /// The CSR that it waits for, or `TraceEvent.none`.
  private(set) var request = TraceEvent.none
  /// The one before, while another is under way.
  private var lastRequest = TraceEvent.none
  private var reflector = RequestReflector(began: .zero)
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
    case creating, probing, watching
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

// MARK: RequestCertificate and WaitForCertificate

extension CSRClient {
  mutating func receive(_ event: Event, _ turn: inout Turn) {
    switch (phase, event) {
    // The way to the certificate, from top to bottom.
    case (.stopped, .started):
      start(&turn)
    case (.creating, .answered(let call)) where call.call == .createRequest:
      created(call, &turn)
    case (.probing, .answered(let call)) where call.request == request:
      probed(call, &turn)
    case (.watching, .sawRequest(let seen, let conditions)) where seen.index == request:
      saw(conditions, &turn)

    // Detours: out of patience, again.
    case (.probing, .timerFired) where turn.now == due:
      turn.now < waitEnd ? call(.listRequest, &turn) : giveUp(nil, &turn)
    case (.watching, .watchBroke(let broken)) where broken.index == request:
      reflector.watchEnded(&turn)
      waitForWatch(&turn)
    case (.watching, .answered(let call)) where call.request == request:
      if reflector.receive(answer: call, context(&turn), &turn) { self.call(.listRequest, &turn) }
      waitForWatch(&turn)
    case (.watching, .timerFired) where turn.now == due:
      turn.now < waitEnd
        ? reflector.watch(request, from: .csrClient, context(&turn), &turn) : giveUp(nil, &turn)
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
    lastRequest = request == TraceEvent.none ? lastRequest : request
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
    phase = .probing
    request = call.request
    waitBegan = turn.now
    self.call(.listRequest, &turn)
  }

  /// A.7 rows 1 and 2: a LIST that succeeds, tried every second in both versions, and then a WATCH.
  private mutating func probed(_ call: PendingCall, _ turn: inout Turn) {
    guard call.answer.isSuccess else {
      if call.answer == .forbidden { settle(.notAllowedToWatch, &turn) }
      if call.call == .listRequest, turn.now < waitEnd {
        return self.call(.listBetaRequest, &turn)
      }
      wait(until: min(turn.now + clock.trueDuration(Self.probeGap), waitEnd), &turn)
      return
    }
    phase = .watching
    reflector = RequestReflector(began: turn.now)
    reflector.watch(request, from: .csrClient, context(&turn), &turn)
    waitForWatch(&turn)
  }

  /// Until the reflector acts, or patience ends, whichever comes first.
  private mutating func waitForWatch(_ turn: inout Turn) {
    wait(until: min(reflector.next, waitEnd), &turn)
  }

  private mutating func saw(_ conditions: RequestConditions, _ turn: inout Turn) {
    reflector.sawRequest()
    switch RequestVerdict(conditions) {
    case .pending:
      if let outlook = turn.outlook(of: node) { settle(outlook, &turn) }
    case .approved:
      tell(.approvalSeen, &turn)
    case .refused(let settlement):
      giveUp(settlement, &turn)
    case .deleted:
      tell(.deletionSeen, &turn)
      giveUp(nil, &turn)
    case .replaced:
      tell(.replacementSeen, &turn)
      giveUp(nil, &turn)
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
    if request != TraceEvent.none {
      tell(.waitEnded, value: (turn.now - waitBegan).nanoseconds, &turn)
    }
    tell(.attemptFailed, &turn)
    if let settlement { settle(settlement, &turn) }
    phase = .resting
    let gap = clock.trueDuration(settings.gap)
    tell(.backedOff, value: gap.nanoseconds, &turn)
    wait(until: turn.now + gap, &turn)
  }
}

// MARK: What it asks for and tells

extension CSRClient {
  /// Whether it still waits for what becomes of this CSR.
  func awaits(_ request: UInt32) -> Bool {
    switch phase {
    case .stopped, .resting, .served: false
    // Its number is on its way; that of the one before was lower.
    case .creating: lastRequest == TraceEvent.none || request > lastRequest
    case .probing, .watching: self.request == request
    }
  }

  /// What its reflector needs to know of it: each attempt draws for itself.
  private func context(_ turn: inout Turn) -> ProcessContext {
    ProcessContext(
      node: node, clock: clock, generation: UInt32(attempt), attempt: attempt, key: 0,
      isDiskFull: false, credential: credential(&turn))
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

  private var waitEnd: Instant { waitBegan + clock.trueDuration(settings.patience) }

  private mutating func wait(until instant: Instant, _ turn: inout Turn) {
    // A call may last longer than its patience: then that is over at once.
    due = max(turn.now, instant)
    turn.schedule(.csrClientTimer(node), at: due)
  }
}

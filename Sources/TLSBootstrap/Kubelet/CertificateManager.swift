import SimulationKernel

/// The certificate manager of MODE-B: bootstrap, renewal, and serving certificates (protocol.md B).
struct CertificateManager: Hashable, Sendable {
  /// The patience with one CSR.
  ///
  /// 15 min. Source: B.4 row 4; client-go util/certificate/certificate_manager.go `certificateWaitTimeout`.
  static let certificateWait = Duration.minutes(15)
  /// The gaps between the first five attempts, each ×U[1, 1.1).
  ///
  /// 2, 4, 8, 16 s. Source: B.2 row 3; certificate_manager.go.
  static let backoffs: [Duration] = [.seconds(2), .seconds(4), .seconds(8), .seconds(16)]
  /// The period of the attempts after those.
  ///
  /// 32 s. Source: B.2 row 4; certificate_manager.go.
  static let ticker = Duration.seconds(32)
  /// From the end of one round of the loop to the next.
  ///
  /// 1 s. Source: B.2; certificate_manager.go.
  static let loopGap = Duration.seconds(1)
  /// Longer than any call lasts, so that one that is sent earlier before the end of a wait needs no timer for
  /// that end: each would be 32 bytes a node.
  ///
  /// 3 min. Source: A.11, K.3 and K.4, the longest dial, TLS handshake, wait for a seat, execution and belief
  /// in a dead connection, 30 + 10 + 15 + 60 + 45 s.
  static let longestCall = Duration.minutes(3)

  let role: Role
  private(set) var phase = Phase.looping
  /// Of the timer that the phase waits for; another one is void.
  private(set) var due = Instant.never
  /// Attempts of this series that failed: 0…4; 5: the ticker runs.
  private var failures: UInt8 = 0
  private var tickerBegan = Instant.zero
  private var waitBegan = Instant.zero
  /// B.5; only the client's matters.
  private(set) var serverHealth = false
  /// The certificate that it has, or `TraceEvent.none`.
  private(set) var current: UInt32
  private(set) var request = TraceEvent.none
  private var reflector = RequestReflector(began: .zero)
  /// Set at the start, and consumed by the first round of the loop (B.1, B.3).
  private var rotatesAtOnce: Bool
  /// Attempts so far in this process.
  private(set) var attempts: UInt32 = 0

  enum Role: UInt8, Hashable, Sendable { case client, serving }

  enum Phase: Hashable, Sendable {
    /// Between two rounds of the loop.
    case looping
    /// The certificate is good until the rotation deadline.
    case planned
    case creating, probing, watching, backingOff
  }

  enum Outcome: Hashable, Sendable {
    case goesOn
    /// It goes on, and learnt why only an outside act can help, if so.
    case waits(Settlement?)
    case attemptFailed(Settlement?)
    case obtained(certificate: UInt32)
    /// The timer of the phase fired: the kubelet decides what the next attempt is.
    case startsAttempt
    case loops
  }

  init(role: Role, current: UInt32, rotatesAtOnce: Bool = false) {
    self.role = role
    self.current = current
    self.rotatesAtOnce = rotatesAtOnce
  }

  /// Whether this round of the loop rotates whatever the deadline; only the first one may.
  mutating func takeForcedRotation() -> Bool {
    defer { rotatesAtOnce = false }
    return rotatesAtOnce
  }

  /// The certificate expired: `Current()` hides it from now on (B.6).
  mutating func hideCurrent() { current = TraceEvent.none }

  var client: PendingCall.Client {
    role == .client ? .clientCertificateManager : .servingCertificateManager
  }
  var timer: KubeletTimer {
    role == .client ? .clientCertificateManager : .servingCertificateManager
  }
  /// Whether an attempt of now replaces a certificate that is still there: steps 14 and 15.
  var isRenewal: Bool { role == .client && current != TraceEvent.none }
}

extension CertificateManager {
  /// B.2 row 1, B.3: the deadline, in a future that may already be over.
  mutating func plan(rotationAt deadline: Instant, _ context: ProcessContext, _ turn: inout Turn) {
    phase = .planned
    wait(until: deadline, context, &turn)
    context.tell(.rotationPlanned, value: (deadline - turn.now).nanoseconds, &turn)
  }

  /// The next round of the loop.
  mutating func look(at tick: Instant, _ context: ProcessContext, _ turn: inout Turn) {
    phase = .looping
    wait(until: tick, context, &turn)
  }

  /// B.4 rows 1 to 3.
  mutating func startAttempt(_ context: ProcessContext, _ turn: inout Turn) {
    phase = .creating
    attempts += 1
    if isRenewal { context.tell(.rotationStarted, step: .renewsCertificate, &turn) }
    let delay = turn.chance.length(
      turn.facts.latency.keyGeneration, .key, context.node.index,
      UInt32(context.attempt) << 1 | UInt32(role.rawValue))
    context.call(.createRequest, from: client, after: delay, &turn)
  }

  mutating func receive(
    answer call: PendingCall, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    switch (phase, call.call) {
    case (.creating, .createRequest):
      return created(call, context, &turn)
    case (.probing, _) where call.request != request, (.watching, _) where call.request != request:
      // Its wait is over.
      return .goesOn
    case (.probing, .listRequest):
      if call.answer.isSuccess {
        phase = .watching
        reflector = RequestReflector(began: turn.now)
        reflector.watch(request, from: client, context, &turn)
        return .goesOn
      }
      // A.7 row 1: in the other version, if there is time.
      if turn.now < waitEnd(context) {
        context.call(.listBetaRequest, from: client, request: request, &turn)
      } else {
        wait(until: turn.now, context, &turn)
      }
      return call.answer == .forbidden ? .waits(.notAllowedToWatch) : .goesOn
    case (.probing, .listBetaRequest):
      // A.7 row 1: both again after 1 s, until the deadline.
      wait(
        until: min(turn.now + context.clock.trueDuration(.seconds(1)), waitEnd(context)), context,
        &turn)
      return .goesOn
    case (.watching, .watchRequest), (.watching, .listRequest):
      if reflector.receive(answer: call, context, &turn) {
        context.call(.listRequest, from: client, request: request, &turn)
      }
      waitForWatch(context, &turn)
      return .goesOn
    case (.looping, _), (.planned, _), (.creating, _), (.probing, _), (.watching, _),
      (.backingOff, _):
      return .goesOn
    }
  }

  /// The connection of the watch broke.
  mutating func watchBroke(
    _ broken: RequestID, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    guard phase == .watching, broken.index == request else { return .goesOn }
    reflector.watchEnded(&turn)
    waitForWatch(context, &turn)
    return .goesOn
  }

  mutating func saw(
    _ seen: RequestID, _ conditions: RequestConditions, _ context: ProcessContext,
    _ turn: inout Turn
  ) -> Outcome {
    guard phase == .watching, seen.index == request else { return .goesOn }
    reflector.sawRequest()
    switch RequestVerdict(conditions) {
    case .pending:
      return role == .client && !isRenewal
        ? .waits(turn.outlook(of: context.node)) : .goesOn
    case .approved:
      context.tell(.approvalSeen, request: request, &turn)
      return .goesOn
    case .refused(let settlement):
      fail(context, waited: true, &turn)
      // Who acts once denies this CSR only.
      let lasts = role == .client && !isRenewal && !conditions.contains(.decidedOnce)
      return .attemptFailed(lasts ? settlement : nil)
    case .deleted, .replaced:
      let isDeleted = RequestVerdict(conditions) == .deleted
      context.tell(isDeleted ? .deletionSeen : .replacementSeen, request: request, &turn)
      fail(context, waited: true, &turn)
      return .attemptFailed(nil)
    case .issued:
      return obtain(context, &turn)
    }
  }

  mutating func timerFired(_ context: ProcessContext, _ turn: inout Turn) -> Outcome {
    // One that was replaced, or fires a second time; who was paused finds its own overdue.
    guard turn.now >= due else { return .goesOn }
    due = .never
    switch phase {
    case .looping: return .loops
    case .planned, .backingOff: return .startsAttempt
    case .probing where turn.now < waitEnd(context):
      context.call(.listRequest, from: client, request: request, &turn)
      waitForAnswer(context, &turn)
      return .goesOn
    case .watching where turn.now < waitEnd(context):
      reflector.watch(request, from: client, context, &turn)
      waitForAnswer(context, &turn)
      return .goesOn
    case .probing, .watching:
      fail(context, waited: true, &turn)
      return .attemptFailed(nil)
    case .creating: return .goesOn
    }
  }
}

extension CertificateManager {
  /// A.6 and B.5.
  private mutating func created(
    _ call: PendingCall, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    guard call.answer == .created else {
      serverHealth = call.answer.provesServerHealth
      fail(context, waited: false, &turn)
      let isBootstrap = role == .client && !isRenewal
      return .attemptFailed(
        isBootstrap ? Settlement(afterCreate: call.answer, with: context.credential, &turn) : nil)
    }
    phase = .probing
    request = call.request
    waitBegan = turn.now
    context.call(.listRequest, from: client, request: request, &turn)
    waitForAnswer(context, &turn)
    return .goesOn
  }

  /// B.4 rows 6 and 7.
  private mutating func obtain(_ context: ProcessContext, _ turn: inout Turn) -> Outcome {
    let renews = isRenewal
    context.tell(
      .certificateFetched, request: request, step: renews ? nil : .fetchesCertificate, &turn)
    if context.isDiskFull {
      // B.4 row 6: the certificate is lost, and the next attempt makes a new CSR.
      context.tell(.storeFailed, request: request, &turn)
      fail(context, waited: false, &turn)
      return .attemptFailed(nil)
    }
    current = turn.certificateOfRequest[Int(request)]
    serverHealth = true
    failures = 0
    context.tell(
      .certificateStored, request: request,
      step: renews ? .renewalIsIssued : role == .client ? .writesKubeconfig : nil, &turn)
    phase = .looping
    wait(until: turn.now + context.clock.trueDuration(Self.loopGap), context, &turn)
    return .obtained(certificate: current)
  }

  /// B.2 rows 3 and 4: when the next attempt is.
  private mutating func fail(
    _ context: ProcessContext, waited: Bool, _ turn: inout Turn
  ) {
    if waited {
      context.tell(
        .waitEnded, request: request, value: (turn.now - waitBegan).nanoseconds, &turn)
    }
    context.tell(.attemptFailed, request: waited ? request : TraceEvent.none, &turn)
    phase = .backingOff
    let next: Instant
    if failures < Self.backoffs.count {
      let gap = turn.chance.jitter(
        Self.backoffs[Int(failures)], by: 1, over: 10, .attemptBackoff, context.node.index,
        context.generation << 20 | attempts << 1 | UInt32(role.rawValue))
      next = turn.now + context.clock.trueDuration(gap)
      failures += 1
    } else {
      if failures == Self.backoffs.count {
        tickerBegan = turn.now
        failures += 1
      }
      // Ticks that fell while an attempt was running are dropped.
      next = .tick(
        of: context.clock.trueDuration(Self.ticker), since: tickerBegan, after: turn.now)
    }
    context.tell(.backedOff, value: (next - turn.now).nanoseconds, &turn)
    wait(until: next, context, &turn)
  }

  private func waitEnd(_ context: ProcessContext) -> Instant {
    waitBegan + context.clock.trueDuration(Self.certificateWait)
  }

  /// B.4 row 4: the context ends the call that is under way, too.
  private mutating func waitForAnswer(_ context: ProcessContext, _ turn: inout Turn) {
    due = .never
    let end = waitEnd(context)
    if end - turn.now < Self.longestCall { wait(until: end, context, &turn) }
  }

  /// Until the reflector acts, or patience ends, whichever comes first.
  private mutating func waitForWatch(_ context: ProcessContext, _ turn: inout Turn) {
    let next = min(reflector.next, waitEnd(context))
    wait(until: max(next, turn.now), context, &turn)
  }

  private mutating func wait(
    until instant: Instant, _ context: ProcessContext, _ turn: inout Turn
  ) {
    // A call may be answered after the wait's end: then that is over at once.
    due = max(turn.now, instant)
    context.startTimer(timer, at: due, &turn)
  }
}

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

  let role: Role
  private(set) var phase = Phase.looping
  /// Of the timer that the phase waits for; another one is void.
  private(set) var due = Instant.never
  /// Attempts of this series that failed: 0…4; 5: the ticker runs.
  private var failures: UInt8 = 0
  private var tickerBegan = Instant.zero
  /// B.5; only the client's matters.
  private(set) var serverHealth = false
  /// The certificate that it has, or `TraceEvent.none`.
  private(set) var current: UInt32
  private(set) var wait = CertificateWait()
  /// Set at the start, and consumed by the first round of the loop (B.1, B.3).
  private var rotatesAtOnce: Bool
  /// Attempts so far in this process.
  private(set) var attempts: UInt32 = 0

  enum Role: UInt8, Hashable, Sendable {
    case client, serving

    var requester: PendingCall.Client {
      self == .client ? .clientCertificateManager : .servingCertificateManager
    }
  }

  enum Phase: Hashable, Sendable {
    /// Between two rounds of the loop.
    case looping
    /// The certificate is good until the rotation deadline.
    case planned
    case creating, waiting, backingOff
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

  /// The CSR of this attempt, or of the one before, or `TraceEvent.none`.
  var request: UInt32 { wait.request }
  var timer: KubeletTimer {
    role == .client ? .clientCertificateManager : .servingCertificateManager
  }
  /// Whether an attempt of now replaces a certificate that is still there: steps 14 and 15.
  var isRenewal: Bool { role == .client && current != TraceEvent.none }
  /// Whether the node has nothing else to become Ready by.
  private var isBootstrap: Bool { role == .client && !isRenewal }
}

extension CertificateManager {
  /// B.2 row 1, B.3: the deadline, in a future that may already be over.
  mutating func plan(rotationAt deadline: Instant, _ context: ProcessContext, _ turn: inout Turn) {
    phase = .planned
    due = context.wake(timer, at: deadline, &turn)
    context.tell(.rotationPlanned, value: (deadline - turn.now).nanoseconds, &turn)
  }

  /// The next round of the loop.
  mutating func look(at tick: Instant, _ context: ProcessContext, _ turn: inout Turn) {
    phase = .looping
    due = context.wake(timer, at: tick, &turn)
  }

  /// B.4 rows 1 to 3.
  mutating func startAttempt(_ context: ProcessContext, _ turn: inout Turn) {
    phase = .creating
    attempts += 1
    if isRenewal { context.tell(.rotationStarted, step: .renewsCertificate, &turn) }
    let delay = turn.chance.length(
      turn.facts.latency.keyGeneration, .key, context.node.index,
      UInt32(context.attempt) << 1 | UInt32(role.rawValue))
    context.call(.createRequest, after: delay, &turn)
  }

  mutating func receive(
    answer call: PendingCall, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    switch phase {
    case .creating:
      return call.call == .createRequest ? created(call, context, &turn) : .goesOn
    case .waiting:
      let isForbidden = wait.isForbidden(by: call)
      let outcome = follow(wait.receive(answer: call, context, &turn), context, &turn)
      return isForbidden ? .waits(.notAllowedToWatch) : outcome
    case .looping, .planned, .backingOff:
      return .goesOn
    }
  }

  /// The connection of the watch broke.
  mutating func watchBroke(
    _ broken: RequestID, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    guard phase == .waiting else { return .goesOn }
    return follow(wait.watchBroke(broken, context, &turn), context, &turn)
  }

  mutating func saw(
    _ seen: RequestID, _ conditions: RequestConditions, _ context: ProcessContext,
    _ turn: inout Turn
  ) -> Outcome {
    guard phase == .waiting else { return .goesOn }
    let outcome = follow(wait.saw(seen, conditions, context, &turn), context, &turn)
    if conditions.contains(.decidedOnce), case .attemptFailed = outcome {
      // Who acts once denies this CSR only.
      return .attemptFailed(nil)
    }
    return outcome
  }

  mutating func timerFired(_ context: ProcessContext, _ turn: inout Turn) -> Outcome {
    // One that was replaced, or fires a second time; who was paused finds its own overdue.
    guard turn.now >= due else { return .goesOn }
    due = .never
    switch phase {
    case .looping: return .loops
    case .planned, .backingOff: return .startsAttempt
    case .waiting: return follow(wait.timerFired(context, &turn), context, &turn)
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
      fail(context, &turn)
      return .attemptFailed(
        isBootstrap ? Settlement(afterCreate: call.answer, with: context.credential, &turn) : nil)
    }
    phase = .waiting
    wait = CertificateWait(for: call.request, from: turn.now)
    return follow(wait.probe(context, at: turn.now), context, &turn)
  }

  private mutating func follow(
    _ outcome: CertificateWait.Outcome, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    switch outcome {
    case .goesOn: break
    case .waits(let instant, let call):
      if let call {
        context.call(
          call, request: request, knows: wait.hasSeen, isInformer: wait.lists, &turn)
      }
      due = context.wake(timer, at: instant, &turn)
    case .isPending:
      return isBootstrap ? .waits(turn.outlook(of: context.node)) : .goesOn
    case .ended(let settlement):
      fail(context, about: request, &turn)
      return .attemptFailed(isBootstrap ? settlement : nil)
    case .issued:
      return obtain(context, &turn)
    }
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
      fail(context, &turn)
      return .attemptFailed(nil)
    }
    current = turn.certificateOfRequest[Int(request)]
    serverHealth = true
    failures = 0
    context.tell(
      .certificateStored, request: request,
      step: renews ? .renewalIsIssued : role == .client ? .writesKubeconfig : nil, &turn)
    phase = .looping
    due = context.wake(timer, at: turn.now + context.clock.trueDuration(Self.loopGap), &turn)
    return .obtained(certificate: current)
  }

  /// B.2 rows 3 and 4: when the next attempt is.
  private mutating func fail(
    _ context: ProcessContext, about request: UInt32 = TraceEvent.none, _ turn: inout Turn
  ) {
    context.tell(.attemptFailed, request: request, &turn)
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
    due = context.wake(timer, at: next, &turn)
  }
}

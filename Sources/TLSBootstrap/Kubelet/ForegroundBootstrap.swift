import SimulationKernel

/// MODE-F: `LoadClientCert`, which blocks the start of the kubelet (protocol.md A.3 to A.7).
struct ForegroundBootstrap: Hashable, Sendable {
  /// A.4: how long to wait for /healthz. Source: bootstrap.go, 1 min.
  static let serverWait = Duration.seconds(60)
  /// A.4: how long a try may take. Source: bootstrap.go, 1 s.
  static let healthzTimeout = Duration.seconds(1)
  /// A.4: the gap between tries, ×U[1, 1.2). Source: bootstrap.go, 2 s.
  static let healthzGap = Duration.seconds(2)
  /// A.3 row 8. Source: bootstrap.go, 3600 s.
  static let certificateWait = Duration.seconds(3_600)

  let began: Instant
  /// The private key, from which the CSR's name follows (A.5).
  let key: UInt32
  private(set) var phase = Phase.awaitingServer
  /// Of the timer that the phase waits for; another one is void.
  private var due = Instant.never
  private(set) var wait = CertificateWait()
  private var polls: UInt32 = 0
  /// A try is on its way, and its own patience is not over.
  private var isPolling = false

  enum Phase: Hashable, Sendable {
    case awaitingServer, creating, retrieving, waiting
  }

  enum Outcome: Hashable, Sendable {
    case goesOn
    /// It goes on, though only an outside act can help.
    case waits(Settlement)
    /// The process exits; with a settlement where only an outside act can help.
    case fails(Settlement?)
    case obtained(certificate: UInt32)
  }

  /// The CSR, or `TraceEvent.none`.
  var request: UInt32 { wait.request }

  init(began: Instant, key: UInt32) {
    self.began = began
    self.key = key
  }

  mutating func receive(
    _ event: KubeletEvent, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    if case .timerFired = event {
      // One that was replaced, or fires a second time; who was paused finds its own overdue.
      guard turn.now >= due else { return .goesOn }
      due = .never
    }
    switch (phase, event) {
    case (.awaitingServer, .timerFired(.foreground)):
      goOnAwaiting(context, &turn)
    case (.awaitingServer, .answered(let call)) where isPolling && call.resourceVersion == polls:
      isPolling = false
      call.answer.isSuccess ? create(context, &turn) : awaitServer(context, &turn)
    // A.4: the answer to a try that is over.
    case (_, .answered(let call)) where call.call == .getHealthz:
      break
    case (.creating, .answered(let call)):
      return created(call, context, &turn)
    case (.retrieving, .answered(let call)):
      return retrieved(call, context, &turn)
    case (.waiting, .answered(let call)):
      let isForbidden = wait.isForbidden(by: call)
      let outcome = follow(wait.receive(answer: call, context, &turn), context, &turn)
      return isForbidden ? .waits(.notAllowedToWatch) : outcome
    case (.waiting, .sawRequest(let seen, let conditions)):
      return follow(wait.saw(seen, conditions, context, &turn), context, &turn)
    case (.waiting, .timerFired(.foreground)):
      return follow(wait.timerFired(context, &turn), context, &turn)
    case (.waiting, .watchBroke(let broken)):
      return follow(wait.watchBroke(broken, context, &turn), context, &turn)

    // Timers of another phase.
    case (_, .timerFired), (_, .answered), (_, .sawRequest), (_, .watchBroke), (_, .started):
      break
    }
    return .goesOn
  }

  /// A.4: GET /healthz, at once and then 2.0 to 2.4 s after each try.
  mutating func pollServer(_ context: ProcessContext, _ turn: inout Turn) {
    polls += 1
    isPolling = true
    // Before the request, so that the client's patience ends before the server's.
    let end = turn.now + context.clock.trueDuration(Self.healthzTimeout)
    due = context.wake(.foreground, at: min(end, serverWaitEnd(context)), &turn)
    context.call(.getHealthz, version: polls, &turn)
  }

  /// A try has lasted too long, or the gap after one is over; the end of the whole wait ends either.
  private mutating func goOnAwaiting(_ context: ProcessContext, _ turn: inout Turn) {
    let hasGivenUp = isPolling
    isPolling = false
    if hasGivenUp { giveUpTry(context, &turn) }
    if turn.now >= serverWaitEnd(context) {
      context.tell(.serverAwaited, value: (turn.now - began).nanoseconds, &turn)
      create(context, &turn)
    } else if hasGivenUp {
      awaitServer(context, &turn)
    } else {
      pollServer(context, &turn)
    }
  }

  private func giveUpTry(_ context: ProcessContext, _ turn: inout Turn) {
    turn.emit(
      TraceEvent(
        .connectionFailed, by: .kubelet, node: context.node.index, attempt: context.attempt,
        call: .getHealthz, answer: .deadlineExceeded))
  }

  private mutating func awaitServer(_ context: ProcessContext, _ turn: inout Turn) {
    let gap = turn.chance.jitter(
      Self.healthzGap, by: 1, over: 5, .healthz, context.node.index,
      context.generation << 16 | polls)
    let next = min(turn.now + context.clock.trueDuration(gap), serverWaitEnd(context))
    due = context.wake(.foreground, at: next, &turn)
  }

  /// By the node's own clock, which measures the gaps too.
  private func serverWaitEnd(_ context: ProcessContext) -> Instant {
    began + context.clock.trueDuration(Self.serverWait)
  }

  private mutating func create(_ context: ProcessContext, _ turn: inout Turn) {
    phase = .creating
    let delay = turn.chance.length(
      turn.facts.latency.keyGeneration, .key, context.node.index, context.generation)
    context.call(.createRequest, after: delay, &turn)
  }

  /// A.6.
  private mutating func created(
    _ call: PendingCall, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    wait = CertificateWait(for: call.request, from: turn.now)
    switch call.answer {
    case .created:
      return beginWait(context, &turn)
    case .alreadyExists:
      phase = .retrieving
      context.call(.getRequest, request: request, &turn)
      return .goesOn
    case .unauthorized, .forbidden, .connectionRefused, .unknownAuthority,
      .servingCertificateExpired, .servingCertificateNotYetValid, .ok, .forbiddenToApprove,
      .forbiddenToSign, .forbiddenCommonName, .notFound, .conflict, .replaced, .methodNotAllowed,
      .internalError, .exclusiveConditions,
      .badRequest, .invalid, .forbiddenByAdmission, .connectionLost, .dialTimeout,
      .handshakeTimeout, .gone, .tooManyRequests, .timeout, .deadlineExceeded, .tooLarge,
      .unsupportedMediaType, .unknownError, .connectionClosed:
      context.tell(.attemptFailed, &turn)
      return .fails(Settlement(afterCreate: call.answer, with: context.credential, &turn))
    }
  }

  /// A.6: the found CSR must be of use; its certificate, where it has one, must not have expired.
  private mutating func retrieved(
    _ call: PendingCall, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    guard call.answer.isSuccess else { return .fails(nil) }
    let certificate = turn.certificateOfRequest[Int(request)]
    let now = context.clock.reading(at: turn.now)
    if certificate != TraceEvent.none, now > turn.notAfter(of: certificate) {
      context.tell(.attemptFailed, request: request, &turn)
      return .fails(turn.facts.cleansRequests ? nil : .requestOutdated)
    }
    return beginWait(context, &turn)
  }

  private mutating func beginWait(_ context: ProcessContext, _ turn: inout Turn) -> Outcome {
    phase = .waiting
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
      due = context.wake(.foreground, at: instant, &turn)
    case .isPending:
      return turn.outlook(of: context.node).map(Outcome.waits) ?? .goesOn
    case .ended(let settlement):
      // O19: until csrcleaner frees the name, within an hour or two.
      return .fails(turn.facts.cleansRequests ? nil : settlement)
    case .issued:
      context.tell(.certificateFetched, request: request, step: .fetchesCertificate, &turn)
      return .obtained(certificate: turn.certificateOfRequest[Int(request)])
    }
    return .goesOn
  }
}

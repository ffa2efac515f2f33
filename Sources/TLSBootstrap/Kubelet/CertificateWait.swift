import SimulationKernel

/// client-go's `WaitForCertificate`: what becomes of one CSR, found out by a LIST that succeeds and then by
/// a watch (protocol.md A.7). Whoever made the CSR sends the LISTs and keeps the timer.
struct CertificateWait: Hashable, Sendable {
  /// A.7 row 1: from two LISTs that failed, one in each version, to the next.
  ///
  /// 1 s. Source: client-go util/csr/csr.go.
  static let probeGap = Duration.seconds(1)
  /// Longer than any call lasts, so that one that is sent earlier before the end of a wait needs no timer for
  /// that end: each would be 32 bytes a node.
  ///
  /// 3 min. Source: A.11, K.3 and K.4, the longest dial, TLS handshake, wait for a seat, execution and belief
  /// in a dead connection, 30 + 10 + 15 + 60 + 45 s.
  static let longestCall = Duration.minutes(3)

  /// The CSR, or `TraceEvent.none` before the first one.
  private(set) var request = TraceEvent.none
  private(set) var phase = Phase.probing
  private var began = Instant.zero
  private var reflector = RequestReflector(began: .zero)

  enum Phase: Hashable, Sendable {
    case probing, watching
  }

  enum Outcome: Hashable, Sendable {
    /// Nothing to do.
    case goesOn
    /// `timerFired` comes at this instant; `.never`: an answer comes before it has to. A call leaves before,
    /// which takes a token of its client's limiter.
    case waits(until: Instant, asking: Call? = nil)
    /// Nobody has decided yet.
    case isPending
    /// Refused, as the settlement says, or deleted, made again, or out of patience.
    case ended(Settlement?)
    case issued
  }

  /// Whether a LIST that it asks for is its informer's, which is told of the CSR as by a watch.
  var lists: Bool { phase == .watching }
  /// Whether the informer's store has the CSR.
  var hasSeen: Bool { reflector.hasSeen }

  /// Before the first one.
  init() {}

  init(for request: UInt32, from began: Instant) {
    self.request = request
    self.began = began
  }
}

extension CertificateWait {
  /// The LIST with which a wait begins.
  func probe(_ context: ProcessContext, at now: Instant) -> Outcome {
    .waits(until: endOfAnswer(context, at: now), asking: .listRequest)
  }

  mutating func receive(
    answer call: PendingCall, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    guard call.request == request else { return .goesOn }
    switch (phase, call.call) {
    case (.probing, .listRequest) where call.answer.isSuccess:
      phase = .watching
      reflector = RequestReflector(began: turn.now)
      return watch(context, &turn)
    case (.probing, .listRequest):
      // In the other version, if there is time.
      guard turn.now < end(context) else { return .waits(until: turn.now) }
      return .waits(until: endOfAnswer(context, at: turn.now), asking: .listBetaRequest)
    case (.probing, .listBetaRequest):
      let next = turn.now + context.clock.trueDuration(Self.probeGap)
      return .waits(until: min(next, end(context)))
    case (.watching, .watchRequest), (.watching, .listRequest):
      let lists = reflector.receive(answer: call, context, &turn)
      return .waits(until: nextOfWatch(context), asking: lists ? .listRequest : nil)
    case (.probing, _), (.watching, _):
      return .goesOn
    }
  }

  /// Whether this answer forbids what every wait begins with.
  func isForbidden(by call: PendingCall) -> Bool {
    phase == .probing && call.call == .listRequest && call.request == request
      && call.answer == .forbidden
  }

  /// The connection of the watch broke.
  mutating func watchBroke(
    _ broken: RequestID, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    guard phase == .watching, broken.index == request else { return .goesOn }
    reflector.watchEnded(&turn)
    return .waits(until: nextOfWatch(context))
  }

  /// A.7: the checks of one watch event, in their order.
  mutating func saw(
    _ seen: RequestID, _ conditions: RequestConditions, _ context: ProcessContext,
    _ turn: inout Turn
  ) -> Outcome {
    guard phase == .watching, seen.index == request else { return .goesOn }
    reflector.sawRequest()
    switch RequestVerdict(conditions) {
    case .pending:
      return .isPending
    case .approved:
      context.tell(.approvalSeen, request: request, &turn)
      return .goesOn
    case .issued:
      return .issued
    case .refused(let settlement):
      return fail(settlement, context, &turn)
    case .deleted:
      context.tell(.deletionSeen, request: request, &turn)
      return fail(nil, context, &turn)
    case .replaced:
      context.tell(.replacementSeen, request: request, &turn)
      return fail(nil, context, &turn)
    }
  }

  /// Its client's timer, which it asked for, is due.
  mutating func timerFired(_ context: ProcessContext, _ turn: inout Turn) -> Outcome {
    guard turn.now < end(context) else { return fail(nil, context, &turn) }
    switch phase {
    case .probing: return probe(context, at: turn.now)
    case .watching: return watch(context, &turn)
    }
  }

  private mutating func watch(_ context: ProcessContext, _ turn: inout Turn) -> Outcome {
    reflector.watch(request, context, &turn)
    return .waits(until: endOfAnswer(context, at: turn.now))
  }

  private func fail(
    _ settlement: Settlement?, _ context: ProcessContext, _ turn: inout Turn
  ) -> Outcome {
    context.tell(.waitEnded, request: request, value: (turn.now - began).nanoseconds, &turn)
    return .ended(settlement)
  }

  private func end(_ context: ProcessContext) -> Instant {
    began + context.clock.trueDuration(context.patience)
  }

  /// The context ends the call that is under way, too (A.3 row 8, B.4 row 4).
  private func endOfAnswer(_ context: ProcessContext, at now: Instant) -> Instant {
    let end = end(context)
    return end - now < Self.longestCall ? end : .never
  }

  /// When the reflector acts, or patience ends, whichever comes first.
  private func nextOfWatch(_ context: ProcessContext) -> Instant {
    min(reflector.next, end(context))
  }
}

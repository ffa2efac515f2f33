import SimulationKernel

/// The informer behind `WaitForCertificate`: the watch of one CSR, kept up until its verdict comes
/// (protocol.md A.7 row 2, A.11).
struct RequestReflector: Hashable, Sendable {
  /// `timeoutSeconds` of a watch, ×U[1, 2), in whole seconds.
  ///
  /// 300 s. Source: A.11; client-go tools/cache/reflector.go `minWatchTimeout`.
  static let leastTimeout = Duration.seconds(300)

  /// When it acts by itself: the watch ends, or the back-off is over; `.never` while it waits for an
  /// answer.
  private(set) var next = Instant.never
  /// When the series of back-offs began anew.
  private var restarted: Instant
  private var step: UInt8 = 0
  private var draws: UInt16 = 0
  /// Whose resource version it has: the number of the API server's start; 0: none.
  private var version: UInt32 = 0
  /// Whether the informer's store has the CSR.
  private(set) var hasSeen = false
  /// The watch with initial events was refused, and the LIST in its place answered.
  private var isListed = false

  init(began: Instant) { restarted = began }

  mutating func watch(_ request: UInt32, _ context: ProcessContext, _ turn: inout Turn) {
    next = .never
    context.call(.watchRequest, request: request, version: version, knows: hasSeen, &turn)
  }

  /// - Returns: whether its client is to list now, which takes a token of the client's limiter.
  mutating func receive(
    answer call: PendingCall, _ context: ProcessContext, _ turn: inout Turn
  ) -> Bool {
    switch call.answer {
    case .ok where call.call == .watchRequest:
      isListed = false
      version = call.resourceVersion
      next = turn.now + timeout(context, &turn)
    case .ok:
      isListed = true
      watch(call.request, context, &turn)
    case .connectionRefused, .connectionLost, .tooManyRequests:
      backOff(context, &turn)
    case _ where call.call == .watchRequest && version == 0 && !isListed:
      // A server that refuses the watch with initial events is asked for a list.
      return true
    case _:
      // After a list too: `ListAndWatch` returns, and the next one begins anew.
      isListed = false
      version = 0
      backOff(context, &turn)
    }
    return false
  }

  /// A watch event came.
  mutating func sawRequest() { hasSeen = true }

  /// The watch ended, by its timeout or with its connection: it is opened again at once.
  mutating func watchEnded(_ turn: inout Turn) { next = turn.now }

  private mutating func backOff(_ context: ProcessContext, _ turn: inout Turn) {
    if turn.now - restarted > context.clock.trueDuration(WorkLoops.reflectorReset) {
      step = 0
      restarted = turn.now
    }
    let length = turn.chance.jitter(
      WorkLoops.reflectorBackoff(UInt32(step)), by: 1, over: 1, .reflectorRequest,
      context.node.index, draw(context))
    if step < .max { step += 1 }
    next = turn.now + context.clock.trueDuration(length)
  }

  private mutating func timeout(_ context: ProcessContext, _ turn: inout Turn) -> Duration {
    let length = turn.chance.jitter(
      Self.leastTimeout, by: 1, over: 1, .reflectorRequest, context.node.index, draw(context))
    return .seconds(length.nanoseconds / 1_000_000_000)
  }

  private mutating func draw(_ context: ProcessContext) -> UInt32 {
    draws &+= 1
    return context.generation << 16 | UInt32(draws)
  }
}

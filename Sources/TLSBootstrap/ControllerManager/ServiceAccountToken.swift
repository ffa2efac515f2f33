import SimulationKernel

/// The token as which all controllers of the certificate-controller's service account act, fetched
/// through the controller-manager's own client when the first of them needs it (protocol.md J.2).
///
/// One for all clientsets of the service account, as recorded: the approver's first request fetches
/// it, the signers' finds it. Source: pkg/clientbuilder/client_builder_dynamic.go.
struct ServiceAccountToken: Hashable, Sendable {
  /// `expirationSeconds` of the request. Source: J.2, 3600 s.
  static let lifetime = Duration.seconds(3_600)
  /// What a shorter life, by a clock that is wrong, is taken for. Source: J.2, 10 min.
  static let shortestLife = Duration.minutes(10)
  /// How many tries one fetch has. Source: J.2, 4.
  static let tries: UInt8 = 4

  /// nil: without service-account credentials there is none to fetch.
  private let own: Credential?
  private let process: ManagerProcess
  private(set) var stage = Stage.idle
  private var number: UInt32?
  /// From when on it is asked for anew.
  private var refresh = Instant.zero
  /// J.1: the base client's bucket.
  private var limiter: RateLimiter
  /// Since when the request that is due waits for its token; `.never`: it does not.
  private var limitedSince = Instant.never
  private var failures: UInt8 = 0
  /// Requests that wait for it; the first of them fetches.
  private var waiting: [Waiter] = []

  enum Stage: UInt8, Hashable, Sendable {
    case idle, backingOff
    case readLimited, reading, createLimited, creating
  }

  struct Waiter: Hashable, Sendable {
    let call: PendingCall
    let cause: UInt32
    let since: Instant
  }

  init(_ settings: ControllerManagerSettings, of process: ManagerProcess) {
    self.process = process
    own =
      settings.useServiceAccountCredentials
      ? nil : .component(ControllerManager.identity(of: settings))
    limiter = RateLimiter(of: .controllerManager, settings.clientLimit?.bucket)
  }

  /// What a request of now is signed with; nil: it must wait.
  func credential(at now: Instant) -> Credential? {
    if let own { return own }
    guard let number, now < refresh else { return nil }
    return .serviceAccountToken(number)
  }

  /// A 401 makes the client forget the token that it used.
  mutating func discard(_ credential: Credential) {
    if credential.kind == .serviceAccountToken, credential.number == number { number = nil }
  }

  mutating func wait(_ call: PendingCall, _ turn: inout Turn) {
    waiting.append(Waiter(call: call, cause: turn.cause, since: turn.now))
    if stage == .idle { begin(.readLimited, &turn) }
  }

  mutating func timerFired(_ turn: inout Turn) {
    switch stage {
    case .backingOff: begin(.readLimited, &turn)
    case .readLimited, .createLimited:
      endWait(&turn)
      send(&turn)
    case .idle, .reading, .creating:
      preconditionFailure("the token's timer fires in stage \(stage)")
    }
  }

  private mutating func begin(_ next: Stage, _ turn: inout Turn) {
    stage = next
    let wait = reserve(&turn)
    if wait > .zero {
      turn.schedule(.tokenTimer(process), after: wait)
    } else {
      send(&turn)
    }
  }

  /// A request that is sent again has its token.
  mutating func endWait(since: Instant, _ turn: inout Turn) {
    limiter.endWait(since: since, &turn)
    limitedSince = .never
  }

  /// The process is over: whoever waited for a token waits no longer.
  func abandon(_ turn: inout Turn) { limiter.endWait(since: limitedSince, &turn) }

  /// How long the base client's next request waits for its token.
  mutating func reserve(_ turn: inout Turn) -> Duration {
    let wait = limiter.reserve(&turn)
    if wait > .zero { limitedSince = turn.now }
    return wait
  }

  /// The request that waited for a token of the base client leaves.
  mutating func endWait(_ turn: inout Turn) {
    endWait(since: limitedSince, &turn)
  }

  private mutating func send(_ turn: inout Turn) {
    let reads = stage == .readLimited
    stage = reads ? .reading : .creating
    var call = PendingCall(
      reads ? .getServiceAccount : .createServiceAccountToken, of: process,
      number: &turn.managerCalls)
    // The request that is fetched for; it names no CSR itself.
    call.request = waiting.first?.call.request ?? TraceEvent.none
    turn.call(call)
  }

  /// What an answer leads to: who goes on, and with what; nil: with the error that there is none.
  mutating func receive(
    _ answer: PendingCall, _ turn: inout Turn
  ) -> [(waiter: Waiter, credential: Credential?)] {
    guard answer.answer.isSuccess else { return fail(&turn) }
    guard stage == .creating else {
      begin(.createLimited, &turn)
      return []
    }
    // Answers within the control plane take no time: the server wrote its own clock just now.
    let clock = turn.facts.serverClock(answer.seat.replica)
    let expiration = clock.reading(at: turn.now) + Self.lifetime.nanoseconds
    let life = Duration(
      nanoseconds: expiration - turn.facts.managerClock.reading(at: turn.now))
    // 20 % of its life early.
    let use = max(life, Self.shortestLife).scaled(by: 4, over: 5)
    let credential = Credential.serviceAccountToken(answer.key)
    number = answer.key
    refresh = turn.now + turn.facts.managerClock.trueDuration(use)
    tell(.tokenStored, request: answer.request, value: use.nanoseconds, &turn)
    stage = .idle
    failures = 0
    defer { waiting.removeAll(keepingCapacity: true) }
    return waiting.map { ($0, credential) }
  }

  /// Gaps of 0.5, 1 and 2 s; then the one who fetched goes on with the old token, if any, and the next
  /// one tries.
  private mutating func fail(
    _ turn: inout Turn
  ) -> [(waiter: Waiter, credential: Credential?)] {
    failures += 1
    if failures < Self.tries {
      stage = .backingOff
      turn.schedule(.tokenTimer(process), after: .milliseconds(250 << Int64(failures)))
      return []
    }
    failures = 0
    let first = waiting.removeFirst()
    tell(.tokenUnavailable, request: first.call.request, &turn)
    stage = .idle
    if let next = waiting.first {
      let cause = turn.cause
      turn.cause = next.cause
      begin(.readLimited, &turn)
      turn.cause = cause
    }
    return [(first, number.map(Credential.serviceAccountToken))]
  }

  private func tell(
    _ kind: TraceEvent.Kind, request: UInt32, value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emitAbout(TraceEvent(kind, by: .controllerManager, request: request, value: value))
  }
}

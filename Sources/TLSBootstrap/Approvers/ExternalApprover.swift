import SimulationKernel

/// A controller outside kube-controller-manager that watches CSRs and decides through the API.
struct ExternalApprover: Sendable {
  private let policy: UInt16
  private let settings: ApproverSettings
  private let external: ApproverSettings.External
  private var queue: WorkQueue
  private var limiter: RateLimiter
  /// How long each worker waits for its token.
  private var limiterWait: [Duration]
  private var draws: UInt32 = 0

  init(policy: UInt16, _ settings: ApproverSettings, _ external: ApproverSettings.External) {
    self.policy = policy
    self.settings = settings
    self.external = external
    queue = WorkQueue(of: .external(Int(policy)), workers: external.workers)
    limiter = RateLimiter(
      of: .external(Int(policy)), milliRate: external.milliQPS, burst: external.burst)
    limiterWait = Array(repeating: .zero, count: external.workers)
  }

  /// A new CSR arrived through its watch.
  mutating func see(
    _ request: RequestID, _ stored: CertificateSigningRequest, _ turn: inout Turn
  ) {
    guard settings.matching.matches(stored, turn.facts) else { return }
    queue.add(request.index, &turn)
    run(&turn)
  }

  private mutating func run(_ turn: inout Turn) {
    while let taken = queue.take(&turn) {
      turn.cause = taken.cause
      turn.emitAbout(TraceEvent(taken, by: .externalApprover))
      draws += 1
      let effort = turn.chance.length(
        external.serviceTime, .approverNetwork, UInt32(policy) | 0x1_0000, draws)
      turn.schedule(.externalTimer(policy, worker: taken.worker), after: effort)
    }
  }

  /// The service time, or a limiter's wait, is over. Stage n: n calls are made, or waited for.
  mutating func timerFired(_ worker: UInt16, _ requests: RequestList, _ turn: inout Turn) {
    let state = queue.workers[Int(worker)]
    if state.stage % 2 == 1 {
      limiter.endWait(limiterWait[Int(worker)], &turn)
      limiterWait[Int(worker)] = .zero
      send(worker, requests, &turn)
      return
    }
    queue.setStage(state.stage + 1, of: worker)
    let wait = limiter.reserve(&turn)
    if wait > .zero {
      limiterWait[Int(worker)] = wait
      turn.schedule(.externalTimer(policy, worker: worker), after: wait)
    } else {
      send(worker, requests, &turn)
    }
  }

  /// How long a request that is sent again waits for its token.
  mutating func reserveToken(_ turn: inout Turn) -> Duration { limiter.reserve(&turn) }
  func endTokenWait(_ wait: Duration, _ turn: inout Turn) { limiter.endWait(wait, &turn) }

  private func send(_ worker: UInt16, _ requests: RequestList, _ turn: inout Turn) {
    let state = queue.workers[Int(worker)]
    let isLast = Int(state.stage) / 2 + 1 >= external.callsPerRequest
    var call = PendingCall(
      call: isLast ? .updateApproval : .approverRead, client: .externalApprover,
      owner: UInt32(policy) << 16 | UInt32(worker), node: TraceEvent.none,
      credential: .component(Identity(.approver, Int(policy))))
    call.request = state.key
    call.flag = settings.decision == .deny
    turn.call(call)
  }

  mutating func receive(
    _ call: PendingCall, worker: UInt16, _ requests: RequestList, _ turn: inout Turn
  ) {
    let state = queue.workers[Int(worker)]
    if call.call == .approverRead && call.answer.isSuccess {
      queue.setStage(state.stage + 1, of: worker)
      timerFired(worker, requests, &turn)
      return
    }
    tell(.keyDone, state.key, value: (turn.now - state.took).nanoseconds, &turn)
    queue.finish(worker, &turn)
    run(&turn)
  }

  private func tell(
    _ kind: TraceEvent.Kind, _ request: UInt32, value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emitAbout(
      TraceEvent(kind, by: .externalApprover, request: request, value: value))
  }
}

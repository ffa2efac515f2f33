import SimulationKernel

/// A controller outside kube-controller-manager that watches CSRs and decides through the API.
struct ExternalApprover: Sendable {
  private let policy: UInt16
  private let settings: ApproverSettings
  private let external: ApproverSettings.External
  private var queue: WorkQueue
  private var limiter: RateLimiter
  /// Since when each worker waits for its token; `.never`: it does not.
  private var limitedSince: [Instant]
  private var draws: UInt32 = 0
  /// How often each CSR failed in a row.
  private var failures: [UInt32: UInt8] = [:]

  /// The delay before retry n of one CSR, 5 ms · 2ⁿ up to 1000 s. Source: controller-runtime's default rate
  /// limiter, which is client-go's.
  static func retryDelay(_ failures: UInt8) -> Duration {
    WorkQueue.backoff(from: .milliseconds(5), after: failures)
  }

  init(policy: UInt16, _ settings: ApproverSettings, _ external: ApproverSettings.External) {
    self.policy = policy
    self.settings = settings
    self.external = external
    queue = WorkQueue(of: .external(Int(policy)), workers: external.workers)
    limiter = RateLimiter(
      of: .external(Int(policy)),
      TokenBucket(milliRate: external.milliQPS, burst: external.burst))
    limitedSince = Array(repeating: .never, count: external.workers)
  }

  /// A new CSR arrived through its watch, or one comes again after a failure.
  mutating func see(_ request: RequestID, _ requests: RequestList, _ turn: inout Turn) {
    guard settings.matching.matches(requests.requests[Int(request.index)], turn.facts) else {
      return
    }
    queue.add(request.index, &turn)
    run(requests, &turn)
  }

  /// Like others of its kind it leaves alone what is decided in its copy, and writes that copy back; the
  /// copy is taken to be as new as the server's when the worker takes the key.
  private mutating func run(_ requests: RequestList, _ turn: inout Turn) {
    while let taken = queue.take(&turn) {
      turn.cause = taken.cause
      guard requests.isOpen(taken.key) else {
        queue.drop(taken.worker, &turn)
        continue
      }
      queue.setVersion(requests.resourceVersion(of: taken.key), of: taken.worker)
      turn.emitAbout(TraceEvent(taken, by: .externalApprover))
      draws += 1
      let effort = turn.chance.length(
        external.serviceTime, .approverNetwork, UInt32(policy) | 0x1_0000, draws)
      turn.schedule(.externalTimer(policy, worker: taken.worker), after: effort)
    }
  }

  /// The service time, or a limiter's wait, is over. Stage n: n calls are made, or waited for.
  mutating func timerFired(_ worker: UInt16, _ turn: inout Turn) {
    let state = queue.workers[Int(worker)]
    if state.stage % 2 == 1 {
      limiter.endWait(since: limitedSince[Int(worker)], &turn)
      limitedSince[Int(worker)] = .never
      send(worker, &turn)
      return
    }
    queue.setStage(state.stage + 1, of: worker)
    let wait = limiter.reserve(&turn)
    if wait > .zero {
      limitedSince[Int(worker)] = turn.now
      turn.schedule(.externalTimer(policy, worker: worker), after: wait)
    } else {
      send(worker, &turn)
    }
  }

  /// How long a request that is sent again waits for its token.
  mutating func reserveToken(_ turn: inout Turn) -> Duration { limiter.reserve(&turn) }
  func endTokenWait(since: Instant, _ turn: inout Turn) { limiter.endWait(since: since, &turn) }

  private func send(_ worker: UInt16, _ turn: inout Turn) {
    let state = queue.workers[Int(worker)]
    let isLast = Int(state.stage) / 2 + 1 >= external.callsPerRequest
    var call = PendingCall(
      call: isLast ? .updateApproval : .approverRead, client: .externalApprover,
      owner: UInt32(policy) << 16 | UInt32(worker), node: TraceEvent.none,
      credential: .component(Identity(.approver, Int(policy))))
    call.request = state.key
    if isLast { call.resourceVersion = state.version }
    call.flag = settings.decision == .deny
    turn.call(call)
  }

  mutating func receive(
    _ call: PendingCall, worker: UInt16, _ requests: RequestList, _ turn: inout Turn
  ) {
    let state = queue.workers[Int(worker)]
    if call.call == .approverRead && call.answer.isSuccess {
      queue.setStage(state.stage + 1, of: worker)
      timerFired(worker, &turn)
      return
    }
    if call.answer.isSuccess {
      failures[state.key] = nil
    } else {
      comeBack(to: state.key, &turn)
    }
    tell(.keyDone, state.key, value: (turn.now - state.took).nanoseconds, &turn)
    queue.finish(worker, &turn)
    run(requests, &turn)
  }

  /// An error: the CSR comes again after a back-off of its own.
  private mutating func comeBack(to request: UInt32, _ turn: inout Turn) {
    let failed = failures[request, default: 0]
    failures[request] = failed == .max ? failed : failed + 1
    let delay = Self.retryDelay(failed)
    tell(.retryScheduled, request, value: delay.nanoseconds, &turn)
    turn.schedule(.externalSeesRequest(policy, RequestID(Int(request))), after: delay)
  }

  private func tell(
    _ kind: TraceEvent.Kind, _ request: UInt32, value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emitAbout(
      TraceEvent(kind, by: .externalApprover, request: request, value: value))
  }
}

import SimulationKernel

/// What csrapproving and each signer have in common (protocol.md G): a queue, workers, retries.
struct CertificateController: Hashable, Sendable {
  /// G: the delay before retry n of one key, 0.2 s · 2ⁿ up to 1000 s.
  static func retryDelay(_ failures: UInt8) -> Duration {
    WorkQueue.backoff(from: .milliseconds(200), after: failures)
  }

  let controller: Controller
  let process: ManagerProcess
  var queue: WorkQueue
  /// G: all retries of the controller together, 10/s with a burst of 100.
  private var retryBucket = TokenBucket(perSecond: 10, burst: 100)
  private var failures: [UInt8] = []
  /// When the retry of each key that failed is due, or `.never`; a delaying queue has each key once, at the
  /// earliest of its times. Source: client-go util/workqueue/delaying_queue.go `insert`.
  private var retries: [Instant] = []

  init(_ controller: Controller, workers: Int, of process: ManagerProcess) {
    self.controller = controller
    self.process = process
    queue = WorkQueue(of: FlowOwner(controller), workers: workers)
  }

  var component: TraceEvent.ComponentName { controller == .approver ? .approver : .signer }

  mutating func enqueue(_ request: RequestID, _ turn: inout Turn) {
    queue.add(request.index, &turn)
  }

  /// A worker begins what the handler has to do for the key. Mutating for speed only, as `tell`.
  @inline(__always)
  mutating func begin(_ taken: WorkQueue.Taken, _ turn: inout Turn) {
    turn.emitAbout(TraceEvent(taken, by: component))
  }

  /// There was nothing to do for the key, which took no time and is not told.
  mutating func drop(_ worker: UInt16, _ turn: inout Turn) {
    forget(queue.workers[Int(worker)].key)
    queue.drop(worker, &turn)
  }

  /// The handler returned without an error: its failures are forgotten.
  mutating func succeed(_ worker: UInt16, _ turn: inout Turn) {
    forget(queue.workers[Int(worker)].key)
    finish(worker, &turn)
  }

  private mutating func forget(_ key: UInt32) {
    if failures.count > Int(key) { failures[Int(key)] = 0 }
  }

  /// The handler returned an error: the key comes again, by its own backoff or the common bucket.
  mutating func fail(_ worker: UInt16, _ turn: inout Turn) {
    let key = queue.workers[Int(worker)].key
    while failures.count <= Int(key) {
      failures.append(0)
      retries.append(.never)
    }
    let delay = max(
      Self.retryDelay(failures[Int(key)]), retryBucket.reserve(at: turn.now))
    if failures[Int(key)] < .max { failures[Int(key)] += 1 }
    tell(.retryScheduled, key, value: delay.nanoseconds, &turn)
    let due = turn.now + delay
    if due < retries[Int(key)] {
      retries[Int(key)] = due
      turn.schedule(.retryDue(controller, RequestID(Int(key)), process), at: due)
    }
    finish(worker, &turn)
  }

  /// A retry is due, unless an earlier one took its place; to a process that was paused it is overdue.
  mutating func retry(_ request: RequestID, _ turn: inout Turn) {
    guard retries[Int(request.index)] <= turn.now else { return }
    retries[Int(request.index)] = .never
    enqueue(request, &turn)
  }

  private mutating func finish(_ worker: UInt16, _ turn: inout Turn) {
    let held = turn.now - queue.workers[Int(worker)].took
    tell(.keyDone, queue.workers[Int(worker)].key, value: held.nanoseconds, &turn)
    queue.finish(worker, &turn)
  }

  /// Inlined, and mutating, for speed only: else it copies the controller, 0.4 kB, for each line of the trace.
  @inline(__always)
  mutating func tell(
    _ kind: TraceEvent.Kind, _ request: UInt32, step: BootstrapStep? = nil, value: Int64 = 0,
    _ turn: inout Turn
  ) {
    turn.emitAbout(
      TraceEvent(kind, by: component, request: request, step: step, value: value))
  }
}

extension TraceEvent {
  /// A worker took a key.
  init(_ taken: WorkQueue.Taken, by component: ComponentName) {
    self.init(
      .keyTaken, by: component, request: taken.key, value: taken.waited.nanoseconds)
    identity = taken.endedBy
  }
}

/// A client's token bucket, in the trace.
struct RateLimiter: Hashable, Sendable {
  private let owner: FlowOwner
  /// nil: the client has no limit.
  private var bucket: TokenBucket?

  init(of owner: FlowOwner, _ bucket: TokenBucket?) {
    self.owner = owner
    self.bucket = bucket
  }

  /// How long the client's next request waits for its token.
  mutating func reserve(_ turn: inout Turn) -> Duration {
    guard let wait = bucket?.reserve(at: turn.now) else { return .zero }
    turn.journal.statistics.flows.tokenTaken(by: owner, wait: wait, at: turn.now)
    return wait
  }

  /// A request's wait, which began then, is over: its token came, or its process is gone; `.never`: there
  /// was none.
  func endWait(since: Instant, _ turn: inout Turn) {
    guard since < .never else { return }
    turn.journal.statistics.flows.tokenCame(to: owner, since: since, at: turn.now)
  }
}

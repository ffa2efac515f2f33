import SimulationKernel

/// A controller's queue and its workers: first in first out, each key at most once, and a key that
/// changes while a worker has it comes again when the worker is done.
///
/// Source: protocol.md G; client-go util/workqueue/queue.go.
struct WorkQueue: Hashable, Sendable {
  private let owner: FlowOwner
  private var waiting: [Entry] = []
  private var head = 0
  private var states: [KeyState] = []
  private(set) var workers: [Worker]
  private var idle: [UInt16]

  private struct Entry: Hashable, Sendable {
    let key: UInt32
    let cause: UInt32
    let since: Instant
  }

  private struct KeyState: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let queued = KeyState(rawValue: 1)
    static let processing = KeyState(rawValue: 2)
    static let changed = KeyState(rawValue: 4)
  }

  /// What a worker is busy with.
  struct Worker: Hashable, Sendable {
    var key = TraceEvent.none
    /// Where the handler of the key stands; the controller gives it meaning.
    var stage: UInt8 = 0
    /// The resource version of the copy of the object that the handler judges (F.1); 0: it has none.
    var version: UInt32 = 0
    var took = Instant.zero
    /// The event with which it was done with a key last, or began; 0 where it always was there.
    var freedBy: UInt32 = 0
  }

  /// A key, and the worker that has it now.
  struct Taken {
    let worker: UInt16
    let key: UInt32
    /// What enqueued the key.
    let cause: UInt32
    /// How long the key was queued.
    let waited: Duration
    /// The event that ended the key's wait: that with which the worker became free; 0 where there was
    /// none, as a worker that is idle takes a key at once.
    let endedBy: UInt32
  }

  init(of owner: FlowOwner, workers count: Int) {
    self.owner = owner
    workers = Array(repeating: Worker(), count: count)
    idle = []
    startWorkers(because: 0)
  }

  /// Keys are queued from now on, but nobody takes one.
  mutating func stopWorkers() { idle = [] }

  /// All workers begin, as the event `cause` says, with what is queued by now.
  mutating func startWorkers(because cause: UInt32) {
    for index in workers.indices { workers[index].freedBy = cause }
    // The lowest number is taken first.
    idle = workers.indices.reversed().map { UInt16($0) }
  }

  /// How many keys wait for a worker.
  var waitingCount: Int { waiting.count - head }

  /// The process is over: whatever is queued or in the workers' hands is lost.
  func abandon(_ turn: inout Turn) {
    for entry in waiting[head...] {
      turn.journal.statistics.flows.keyLost(by: owner, since: entry.since, at: turn.now)
    }
    for worker in workers where worker.key != TraceEvent.none {
      turn.journal.statistics.flows.keyDone(by: owner, since: worker.took, at: turn.now)
    }
  }

  /// The delay before retry n of one key, base · 2ⁿ up to 1000 s. Source: client-go
  /// util/workqueue/default_rate_limiters.go, `ItemExponentialFailureRateLimiter`.
  static func backoff(from base: Duration, after failures: UInt8) -> Duration {
    // No base is so short that more would matter.
    min(.seconds(1_000), base * (1 << Int64(min(failures, 20))))
  }

  /// The key that a worker has, and the version of the copy that it judged.
  func task(of worker: UInt16) -> (key: UInt32, version: UInt32) {
    (workers[Int(worker)].key, workers[Int(worker)].version)
  }

  /// The turn's cause enqueues the key.
  mutating func add(_ key: UInt32, _ turn: inout Turn) {
    while states.count <= Int(key) { states.append([]) }
    if states[Int(key)].contains(.processing) {
      states[Int(key)].insert(.changed)
    } else if states[Int(key)].insert(.queued).inserted {
      waiting.append(Entry(key: key, cause: turn.cause, since: turn.now))
      turn.journal.statistics.flows.keyQueued(by: owner, at: turn.now)
    }
  }

  /// Gives the next key to an idle worker; nil where either is missing.
  mutating func take(_ turn: inout Turn) -> Taken? {
    guard head < waiting.count, let worker = idle.popLast() else { return nil }
    let now = turn.now
    let entry = waiting[head]
    head += 1
    if head > 1_024 && head * 2 > waiting.count {
      waiting.removeFirst(head)
      head = 0
    }
    states[Int(entry.key)] = .processing
    let freedBy = workers[Int(worker)].freedBy
    workers[Int(worker)] = Worker(key: entry.key, took: now, freedBy: freedBy)
    turn.journal.statistics.flows.keyTaken(by: owner, since: entry.since, at: now)
    return Taken(
      worker: worker, key: entry.key, cause: entry.cause, waited: now - entry.since,
      endedBy: entry.since < now ? freedBy : 0)
  }

  mutating func setStage(_ stage: UInt8, of worker: UInt16) {
    workers[Int(worker)].stage = stage
  }

  mutating func setVersion(_ version: UInt32, of worker: UInt16) {
    workers[Int(worker)].version = version
  }

  /// The worker is done with its key, as the turn's cause says.
  mutating func finish(_ worker: UInt16, _ turn: inout Turn) {
    workers[Int(worker)].freedBy = turn.cause
    drop(worker, &turn)
  }

  /// There was nothing to do for the worker's key.
  mutating func drop(_ worker: UInt16, _ turn: inout Turn) {
    let key = workers[Int(worker)].key
    let isChanged = states[Int(key)].contains(.changed)
    states[Int(key)] = []
    turn.journal.statistics.flows.keyDone(
      by: owner, since: workers[Int(worker)].took, at: turn.now)
    workers[Int(worker)].key = TraceEvent.none
    workers[Int(worker)].version = 0
    idle.append(worker)
    if isChanged { add(key, &turn) }
  }
}

extension WorkQueue {
  /// Keys that were taken already may still be in memory; they are no part of the value.
  static func == (left: WorkQueue, right: WorkQueue) -> Bool {
    left.waiting[left.head...] == right.waiting[right.head...] && left.states == right.states
      && left.workers == right.workers && left.idle == right.idle
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(waiting[head...])
    hasher.combine(workers)
  }
}

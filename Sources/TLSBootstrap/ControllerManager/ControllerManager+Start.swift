import SimulationKernel

/// From the won election, or without one from the first request, to running workers (protocol.md J.4).
extension ControllerManager {
  /// How often and how long /healthz is asked for. Source: J.4, 1 s and 10 s.
  private static let healthzGap = Duration.seconds(1)
  private static let healthzPatience = Duration.seconds(10)
  /// How many service accounts are looked up, one after the other, while the controllers are built.
  ///
  /// UNVERIFIED: J.4 says tens, section R counts 45 to 50 clients in the code.
  static let serviceAccounts = 48
  /// How often the controllers look whether their caches are synced. Source: A.11, 100 ms.
  private static let syncPoll = Duration.milliseconds(100)

  /// The Lease is won, or none is needed.
  mutating func lead(_ turn: inout Turn) {
    life.phase = .awaitingServer
    life.began = turn.now
    stopWorkers()
    ask(.getHealthz, &turn)
  }

  /// A timer of the start-up fired.
  mutating func goOnStarting(_ turn: inout Turn) {
    switch life.phase {
    case .awaitingServer: ask(.getHealthz, &turn)
    case .building:
      token.endWait(&turn)
      ask(.getServiceAccount, &turn)
    case .listing: ask(.watchRequests, &turn)
    case .syncing: run(&turn)
    case .down, .starting, .candidate, .leading:
      preconditionFailure("timer of the start-up in phase \(life.phase)")
    }
  }

  /// An answer to the process's own client.
  mutating func receiveOwn(_ call: PendingCall, _ turn: inout Turn) {
    switch (life.phase, call.call) {
    case (.awaitingServer, .getHealthz): awaitServer(call.answer, &turn)
    case (.building, .getServiceAccount):
      life.hasFailed = !call.answer.isSuccess
      life.lookups += 1
      if !life.hasFailed { build(&turn) }
    case (.listing, .watchRequests):
      if !call.answer.isSuccess { backOff(&turn) }
    case (.syncing, .watchRequests), (.leading, .watchRequests):
      if !call.answer.isSuccess { backOffInformer(&turn) }
    case (_, _): receiveForToken(call, &turn)
    }
  }

  private mutating func awaitServer(_ answer: Answer, _ turn: inout Turn) {
    if answer.isSuccess {
      life.phase = .building
      build(&turn)
    } else if turn.now - life.began < Self.healthzPatience {
      wait(turn.facts.managerClock.trueDuration(Self.healthzGap), &turn)
    } else {
      life.hasFailed = true
    }
  }

  /// J.2: each controller's client finds its service account; without such credentials nothing is asked.
  private mutating func build(_ turn: inout Turn) {
    let settings = turn.facts.scenario.controllerManager
    guard settings.useServiceAccountCredentials, life.lookups < Self.serviceAccounts else {
      life.phase = .listing
      life.began = turn.now
      // I.1: the first pass does not wait for the caches, and finds nothing.
      cleaner.finishPass(at: turn.now, turn.facts.managerClock)
      ask(.watchRequests, &turn)
      return
    }
    let delay = token.reserve(&turn)
    if delay > .zero { wait(delay, &turn) } else { ask(.getServiceAccount, &turn) }
  }

  /// A.11: the informer's watch was refused.
  private mutating func backOff(_ turn: inout Turn) {
    let backoff = turn.chance.jitter(
      WorkLoops.reflectorBackoff(life.watchFailures), by: 1, over: 1, .managerStart,
      life.process.packed, life.watchFailures + 1)
    life.watchFailures += 1
    wait(turn.facts.managerClock.trueDuration(backoff), &turn)
  }

  /// The list arrives: each CSR is enqueued, and nobody takes it yet.
  mutating func takeList(_ turn: inout Turn) {
    let cause = turn.cause
    for entry in list.entries {
      turn.cause = entry.cause
      if entry.copy.conditions.contains(.deleted) {
        remember(entry.request, entry.copy)
      } else {
        see(entry.request, entry.copy, &turn)
      }
    }
    turn.cause = cause
    list = InitialList()
    life.phase = .syncing
    let poll = Instant.tick(
      of: turn.facts.managerClock.trueDuration(Self.syncPoll), since: life.began,
      notBefore: turn.now)
    wait(poll - turn.now, &turn)
  }

  private mutating func run(_ turn: inout Turn) {
    life.phase = .leading
    turn.emit(
      TraceEvent(.controllersStarted, by: .controllerManager, value: Int64(backlog)))
    startWorkers(&turn)
  }

  private func ask(_ call: Call, _ turn: inout Turn) {
    turn.call(PendingCall(call, of: life.process, number: &turn.managerCalls))
  }

  private mutating func wait(_ delay: Duration, _ turn: inout Turn) {
    life.due = turn.now + delay
    turn.schedule(.managerTimer(life.process), at: life.due)
  }
}

/// Every CSR that there is, or was, in random order (J.4: recorded, Spearman 0.03), each with the event that wrote
/// it.
struct InitialList: Hashable, Sendable {
  private(set) var entries: [Entry] = []

  struct Entry: Hashable, Sendable {
    let request: RequestID
    let copy: ControllerManager.CachedRequest
    let cause: UInt32
  }

  init() {}

  /// - Parameters:
  ///   - copies: what the informer has of each.
  ///   - stream: one draw for each place.
  init(
    _ requests: [CertificateSigningRequest], _ copies: [ControllerManager.CachedRequest],
    _ stream: RandomStream
  ) {
    var stream = stream
    entries = requests.enumerated().map { index, request in
      Entry(
        request: RequestID(index),
        copy: copies[index],
        cause: request.writtenBy)
    }
    stream.shuffle(&entries, places: entries.count)
  }
}

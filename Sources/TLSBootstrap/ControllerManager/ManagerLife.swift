import SimulationKernel

/// One start of a replica's process; what belongs to an earlier one is void.
struct ManagerProcess: Hashable, Sendable {
  /// The replica above, the number of the start below.
  let packed: UInt32

  init(packed: UInt32) { self.packed = packed }

  init(replica: Int, generation: UInt16) {
    packed = UInt32(replica) << 16 | UInt32(generation)
  }

  /// The replica's place among all, from 0.
  var index: Int { Int(packed >> 16) }

  /// The same replica's process after this one.
  var next: ManagerProcess {
    ManagerProcess(replica: index, generation: UInt16(truncatingIfNeeded: packed) &+ 1)
  }
}

/// The life of one kube-controller-manager's process: down, starting, candidate, leading (protocol.md J.3,
/// J.4).
struct ManagerLife: Hashable, Sendable {
  /// The latest process; in phase `down` it is over.
  private(set) var process: ManagerProcess
  var phase = Phase.down
  /// How many faults keep the process from starting, and how many have it paused.
  private var holds: UInt8 = 0
  private var pauses: UInt8 = 0
  /// Whether the informer gets what changes from now on.
  var isInformerOpen = false
  /// The delivery of the informer's watch that the next one must not overtake.
  private var lastDelivery = Instant.zero
  /// Of the timer that the phase waits for; another one is void.
  var due = Instant.never
  /// When the phase began.
  var began = Instant.zero
  /// Service accounts looked up so far, and failures of the informer's watch in a row.
  var lookups = 0
  var watchFailures: UInt32 = 0
  /// J.4: a part of the start-up failed that the process cannot do without.
  var hasFailed = false
  var candidate = Candidate()
  var restarts = RestartBackOff()
  /// What would have reached the process while it was paused.
  var held: [World.Scheduled] = []
  /// `process.packed` where events reach the process at once, else `nobody`.
  private var reached = Self.nobody

  private static let nobody = UInt32.max

  enum Phase: UInt8, Hashable, Sendable {
    case down
    /// The process is up, but has not asked anything yet.
    case starting
    /// Waits for the Lease.
    case candidate
    /// GET /healthz, then the service account of each controller.
    case awaitingServer, building
    /// The informer's list is asked for, or on its way.
    case listing
    /// The caches are synced; the controllers see it at their next look.
    case syncing
    /// The workers run.
    case leading
  }

  init(_ process: ManagerProcess) { self.process = process }

  @inline(__always)
  func isReached(by process: ManagerProcess) -> Bool { process.packed == reached }

  /// It has led for long, and its caches are synced.
  mutating func leadFromTheStart() {
    phase = .leading
    reached = process.packed
    isInformerOpen = true
  }

  mutating func standBy() {
    phase = .candidate
    reached = process.packed
  }

  mutating func start(at now: Instant) {
    process = process.next
    reached = process.packed
    phase = .starting
    restarts.start(at: now)
  }

  /// What is left of a process that ended: its number, and what the kubelet remembers of its crashes.
  var ended: ManagerLife {
    var life = ManagerLife(process)
    life.restarts = restarts
    life.holds = holds
    return life
  }

  /// The instant of a watch event that was drawn to arrive then: never before an earlier one.
  @inline(__always)
  mutating func delivery(drawn: Instant) -> Instant {
    lastDelivery = max(lastDelivery, drawn)
    return lastDelivery
  }
}

// MARK: Faults

extension ManagerLife {
  var isPaused: Bool { pauses > 0 }
  var isKeptDown: Bool { holds > 0 }

  mutating func hold() { holds += 1 }
  mutating func release() { holds -= 1 }

  mutating func pause() {
    pauses += 1
    reached = Self.nobody
  }

  /// One of the pauses is over; false: another one holds.
  mutating func resume() -> Bool {
    pauses -= 1
    if pauses == 0 { reached = process.packed }
    return pauses == 0
  }
}

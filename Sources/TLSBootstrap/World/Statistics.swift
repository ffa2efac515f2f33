import SimulationKernel

/// Where the time went, gathered as the run goes, at every trace level.
public struct Statistics: Hashable, Sendable {
  /// For each step that was reached: how often, and how long after the node's step before it.
  ///
  /// Sums over nodes are wide: a thousand renewals of certificates of a year are 800 years.
  public internal(set) var steps: [StepTimes] =
    Array(repeating: StepTimes(), count: BootstrapStep.allCases.count + 1)
  public internal(set) var approved = Span()
  /// How many of them others than csrapproving approved.
  public internal(set) var approvedByOthers = 0
  public internal(set) var issued = Span()
  /// Approvals, and certificates, of CSRs whose creator no longer waited for them.
  public internal(set) var abandonedApproved = 0
  public internal(set) var abandonedIssued = 0
  /// The token buckets of csrapproving's client and of the signers' client (J.1).
  public internal(set) var approverLimiter = Waits()
  public internal(set) var signerLimiter = Waits()
  /// How long keys wait for a worker.
  public internal(set) var approverQueue = Waits()
  public internal(set) var signerQueue = Waits()
  /// All external approvers together.
  public internal(set) var externalQueue = Waits()
  /// When no controller-manager looked after CSRs.
  public internal(set) var absences = Absences()
  /// What went through each queue and limiter.
  public internal(set) var flows = Flows()
  /// How long the API server's requests wait for a seat, and how many it refused, by priority level.
  public internal(set) var seats = PriorityLevel.allCases.map { SeatWaits(level: $0.name) }
  /// When each node's latest step was.
  var lastStep: [Instant] = []

  /// The steps of one number.
  public struct StepTimes: Hashable, Sendable {
    public internal(set) var count = 0
    /// How many of them before steps of smaller numbers (protocol.md 0.11).
    public internal(set) var early = 0
    public internal(set) var total = WideSum()
    public internal(set) var longest = Duration.zero

    mutating func add(_ passed: Duration, isEarly: Bool) {
      count += 1
      if isEarly { early += 1 }
      total.add(passed.nanoseconds)
      longest = max(longest, passed)
    }
  }

  /// How often something happened, first and last.
  public struct Span: Hashable, Sendable {
    public internal(set) var count = 0
    public internal(set) var first = Instant.zero
    public internal(set) var last = Instant.zero

    mutating func add(_ instant: Instant) {
      if count == 0 { first = instant }
      count += 1
      last = instant
    }
  }

  /// How often something had to wait, out of how many times, and for how long altogether.
  public struct Waits: Hashable, Sendable {
    public internal(set) var count = 0
    public internal(set) var waited = 0
    public internal(set) var total = WideSum()
    public internal(set) var longest = Duration.zero

    mutating func add(_ wait: Duration) {
      count += 1
      if wait > .zero { waited += 1 }
      total.add(wait.nanoseconds)
      longest = max(longest, wait)
    }
  }
}

extension Statistics {
  /// The requests of one priority level (K.2).
  public struct SeatWaits: Hashable, Sendable {
    public let level: String
    /// Of those that were executed.
    public internal(set) var waits = Waits()
    /// How many were refused: because too many waited, or because they had waited too long.
    public internal(set) var refused = 0
    /// The requests in its queues, of all API servers together.
    var queue = Occupancy()

    init(level: String) { self.level = level }

    /// One that had to wait; how many there are in all is the level's to say.
    mutating func add(_ wait: Duration) { waits.add(wait) }

    /// What went through its queues.
    public func queue(at end: Instant) -> Occupancy.Totals { queue.totals(at: end) }
  }

  @inline(__always)
  mutating func note(_ event: TraceEvent) {
    if event.step != 0, event.node != TraceEvent.none { noteStep(event) }
    guard event.kind == .keyTaken else { return }
    let wait = Duration(nanoseconds: event.value)
    if event.component == .approver { approverQueue.add(wait) }
    if event.component == .signer { signerQueue.add(wait) }
    if event.component == .externalApprover { externalQueue.add(wait) }
  }

  mutating func noteApproval(at instant: Instant, by identity: Identity) {
    approved.add(instant)
    if identity.kind == .approver || identity.kind == .client { approvedByOthers += 1 }
  }

  /// The steps of a client begin with its start, which is none of the fifteen.
  mutating func begin(_ node: NodeID, at instant: Instant) {
    lastStep[Int(node.index)] = instant
  }

  private mutating func noteStep(_ event: TraceEvent) {
    let node = Int(event.node)
    let step = Int(event.step)
    let isFirst = event.step == BootstrapStep.kubeletStarts.rawValue
    let passed = isFirst ? .zero : event.time - lastStep[node]
    lastStep[node] = event.time
    steps[step].add(passed, isEarly: event.kind.isEarly)
  }
}

import SimulationKernel

/// Whose queue or limiter it is.
public struct FlowOwner: Hashable, Sendable {
  let index: UInt16

  fileprivate init(index: UInt16) { self.index = index }

  public static let csrapproving = FlowOwner(index: 0)
  /// The signers of kubelets' client certificates and of their serving certificates.
  public static let clientSigner = FlowOwner(index: 1)
  public static let servingSigner = FlowOwner(index: 2)
  /// The client that all signers share.
  public static let csrsigning = FlowOwner(index: 3)
  /// kube-controller-manager's own client, which fetches the controllers' token (J.2).
  public static let controllerManager = FlowOwner(index: 4)

  /// The signer of other API clients' certificates.
  public static let apiServerClientSigner = FlowOwner(index: 5)
  /// csrapproving's bucket for reviews, where each API group has one of its own (A.11).
  public static let csrapprovingReviews = FlowOwner(index: 6)

  /// The external approver of this number in `Scenario.approvers`.
  public static func external(_ number: Int) -> FlowOwner { FlowOwner(index: UInt16(7 + number)) }

  /// The number of an external approver; nil: one of kube-controller-manager's.
  public var externalNumber: Int? { index >= 7 ? Int(index) - 7 : nil }

  init(_ controller: Controller) {
    switch controller {
    case .approver: self = .csrapproving
    case .clientSigner: self = .clientSigner
    case .servingSigner: self = .servingSigner
    case .apiServerClientSigner: self = .apiServerClientSigner
    }
  }
}

/// What went through the queues, worker pools and limiters of the control plane.
///
/// Kept beside them instead of in them: they stay small values, and worlds with one future equal.
public struct Flows: Hashable, Sendable {
  private var counts: [Counts] = []

  private struct Counts: Hashable, Sendable {
    var queue = Occupancy()
    var workers = Occupancy()
    var tokens = 0
    var waiting = Occupancy()
  }

  mutating func keyQueued(by owner: FlowOwner, at now: Instant) {
    prepare(owner)
    counts[Int(owner.index)].queue.enter(at: now)
  }

  mutating func keyTaken(by owner: FlowOwner, since: Instant, at now: Instant) {
    counts[Int(owner.index)].queue.leave(since: since, at: now)
    counts[Int(owner.index)].workers.enter(at: now)
  }

  /// A key is lost before a worker took it.
  mutating func keyLost(by owner: FlowOwner, since: Instant, at now: Instant) {
    counts[Int(owner.index)].queue.leave(since: since, at: now)
  }

  mutating func keyDone(by owner: FlowOwner, since: Instant, at now: Instant) {
    counts[Int(owner.index)].workers.leave(since: since, at: now)
  }

  mutating func tokenTaken(by owner: FlowOwner, wait: Duration, at now: Instant) {
    prepare(owner)
    counts[Int(owner.index)].tokens += 1
    if wait > .zero { counts[Int(owner.index)].waiting.enter(at: now) }
  }

  mutating func tokenCame(to owner: FlowOwner, since: Instant, at now: Instant) {
    counts[Int(owner.index)].waiting.leave(since: since, at: now)
  }

  private mutating func prepare(_ owner: FlowOwner) {
    while counts.count <= Int(owner.index) { counts.append(Counts()) }
  }
}

// MARK: At the end of a run

extension Flows {
  /// A controller's queue, and its workers.
  public struct Controller: Sendable {
    public let owner: FlowOwner
    /// Keys that wait for a worker.
    public let queue: Occupancy.Totals
    /// Keys that a worker has.
    public let workers: Occupancy.Totals
  }

  /// A client's token bucket.
  public struct Limiter: Sendable {
    public let owner: FlowOwner
    /// Tokens taken.
    public let tokens: Int
    /// Requests that wait for their token.
    public let waiting: Occupancy.Totals
  }

  /// Every queue that had a key.
  public func controllers(at end: Instant) -> [Controller] {
    entries.map { owner, counts in
      Controller(
        owner: owner, queue: counts.queue.totals(at: end), workers: counts.workers.totals(at: end))
    }.filter { $0.queue.entered > 0 }
  }

  /// Every limiter that gave a token.
  public func limiters(at end: Instant) -> [Limiter] {
    entries.map { owner, counts in
      Limiter(owner: owner, tokens: counts.tokens, waiting: counts.waiting.totals(at: end))
    }.filter { $0.tokens > 0 }
  }

  private var entries: [(owner: FlowOwner, counts: Counts)] {
    counts.enumerated().map { (FlowOwner(index: UInt16($0)), $1) }
  }
}

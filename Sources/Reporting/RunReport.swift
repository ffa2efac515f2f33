import SimulationKernel
import TLSBootstrap

/// What a run came to, in numbers: the one source of the summary and of the JSON object.
public struct RunReport: Sendable {
  public let scenario: String
  public let seed: UInt64
  public let digest: String
  public let events: Int
  /// Length of the run in virtual time.
  public let length: Duration
  public let ending: World.Ending
  public let nodes: Population
  /// Bare CSR clients.
  public let clients: Population
  /// How many nodes and clients have each settlement, largest first; without Ready and waiting.
  public let failures: [(settlement: Settlement, count: Int)]
  public let statistics: Statistics
  public let steps: [ReachedStep]
  public let bottleneck: Bottleneck
  public let analysis: Analysis

  public init(_ world: World, ending: World.Ending) {
    scenario = world.scenario.name
    seed = world.scenario.seed
    digest = world.digest.text
    events = Int(world.eventCount)
    length = world.now - .zero
    self.ending = ending
    var nodes = Population()
    var clients = Population()
    var counts = Array(repeating: 0, count: Settlement.allCases.count)
    for index in 0..<world.nodeCount {
      let node = world.node(at: index)
      switch node.kind {
      case .kubelet: nodes.add(node)
      case .csrClient: clients.add(node)
      }
      counts[Int(node.settlement.rawValue)] += 1
    }
    nodes.times.sort()
    clients.times.sort()
    self.nodes = nodes
    self.clients = clients
    failures = Settlement.allCases.filter { $0 != .ready && $0 != .waiting }
      .map { ($0, counts[Int($0.rawValue)]) }.filter { $0.1 > 0 }
      .sorted { $0.1 > $1.1 }
    statistics = world.statistics
    steps = ReachedStep.all(of: world)
    analysis = Analysis(world)
    bottleneck = Bottleneck(world, analysis.binding)
  }

  /// What became of the nodes, or of the clients.
  public struct Population: Hashable, Sendable {
    public private(set) var total = 0
    /// Ready, or served.
    public private(set) var ready = 0
    public private(set) var failed = 0
    public var waiting: Int { total - ready - failed }
    /// Sorted: how long after its start each was Ready, or served, first.
    public fileprivate(set) var times: [Duration] = []

    fileprivate mutating func add(_ node: NodeRecord) {
      total += 1
      if node.settlement == .ready {
        ready += 1
      } else if node.settlement != .waiting {
        failed += 1
      }
      if let ready = node.ready { times.append(ready - node.started) }
    }

    /// The smallest time that at least `percent` of them did not exceed; nil without any.
    public func time(percent: Int) -> Duration? {
      guard !times.isEmpty else { return nil }
      let rank = (times.count * percent + 99) / 100
      return times[max(0, rank - 1)]
    }
  }

  /// The API server's priority levels at which a request waited or was refused.
  public var crowdedLevels: [Statistics.SeatWaits] {
    statistics.seats.filter { $0.waits.waited + $0.refused > 0 }
  }

  /// The fewest events of which a rate says something.
  ///
  /// 3 events. Assumption: two are one gap, whatever made it.
  public static let fewestOfARate = 3

  /// The shortest time between the first and the last event of which a rate says something.
  ///
  /// 1 s. Assumption: less is how three nodes happened to start, or a burst that no limiter held.
  public static let shortestOfARate = Duration.seconds(1)

  /// Events per second between the first and the last; nil for too few, or in too short a time.
  public static func rate(_ span: Statistics.Span) -> Double? {
    let length = span.last - span.first
    guard span.count >= fewestOfARate, length >= shortestOfARate else { return nil }
    return Double(span.count - 1) / (Double(length.nanoseconds) / 1e9)
  }
}

/// What limited how fast nodes got their certificates, judged by who waited for what.
public struct Bottleneck: Sendable {
  public let text: String
  public let kind: Kind

  /// Who made nodes wait.
  public enum Kind: Hashable, Sendable {
    case seats, noApproval, administrator, approverLimiter, signerLimiter, approverWorkers
    case externalLimiter, externalWorkers
    /// No controller-manager was at work.
    case absence
    /// Nobody did.
    case nothing
  }

  /// The priority level that half of its requests or more waited for, or were refused by, longer
  /// altogether than keys waited for csrapproving.
  private static func crowded(_ statistics: Statistics) -> Statistics.SeatWaits? {
    statistics.seats.first { seats in
      let held = seats.waits.waited + seats.refused
      // Those that are refused wait at their clients.
      return held > 0 && 2 * held >= seats.waits.count + seats.refused
        && (seats.waits.total >= statistics.approverQueue.total
          || seats.refused > seats.waits.count)
    }
  }

  /// Whether something made CSRs wait without a gap for half of the time in which certificates were made, or
  /// longer: what else they waited for then cost them nothing.
  private static func lasts(_ binding: Analysis.Binding?, _ statistics: Statistics) -> Bool {
    binding.map { $0.span.length * 2 >= statistics.issued.last - .zero } ?? false
  }

  private static func text(of seats: Statistics.SeatWaits) -> String {
    "the API server's priority level \(seats.level): \(Text.seats(seats))"
  }

  /// For how long calls wait for tokens before that is worth a word where most calls waited for none.
  ///
  /// 5 s. Assumption: what delays a node by less is lost in its own sleeps of up to 7 s (L.2).
  private static let leastSpan = Duration.seconds(5)

  /// How long keys wait for csrapproving's workers before they are too few.
  ///
  /// 1 s. Assumption: less is the time of the requests of a few keys before them.
  private static let leastQueue = Duration.seconds(1)

  package init(_ world: World, _ binding: Analysis.Binding?) {
    let statistics = world.statistics
    let settings = world.scenario.controllerManager
    let rate = Text.rate(milli: settings.kubeAPIMilliQPS)
    let limiter = statistics.approverLimiter
    let share = { (waits: Statistics.Waits) in
      waits.count == 0 ? 0 : 100 * waits.waited / waits.count
    }
    if statistics.approved.count == 0 && world.requestCount > 0 {
      kind = .noApproval
      text = "no CSR was approved"
    } else if !Self.lasts(binding, statistics), let seats = Self.crowded(statistics) {
      kind = .seats
      text = Self.text(of: seats)
    } else if let absence = Absence(world) {
      kind = .absence
      text = absence.text
    } else if statistics.externalQueue.count == 0,
      statistics.approvedByOthers * 2 > statistics.approved.count
    {
      kind = .administrator
      text = "the administrator, who approves by hand"
    } else if share(limiter) >= 50 {
      kind = .approverLimiter
      text =
        "csrapproving's client rate limit (\(rate)/s, burst \(settings.kubeAPIBurst), 2 calls a "
        + "CSR): \(share(limiter)) % of \(limiter.count) calls waited for a token, "
        + "longest time in its queue \(Text.length(statistics.approverQueue.longest))"
    } else if share(statistics.signerLimiter) >= 50 {
      kind = .signerLimiter
      text =
        "csrsigning's client rate limit (\(rate)/s, burst \(settings.kubeAPIBurst)): "
        + "\(share(statistics.signerLimiter)) % of \(statistics.signerLimiter.count) calls waited"
    } else if share(statistics.approverQueue) >= 50,
      statistics.approverQueue.longest >= Self.leastQueue
    {
      kind = .approverWorkers
      text =
        "csrapproving's \(settings.concurrentCSRSyncs) workers: "
        + "\(share(statistics.approverQueue)) % of the keys waited for one"
    } else if let binding, binding.isLimiter, binding.owner.externalNumber != nil {
      kind = .externalLimiter
      text = "\(binding.name): calls waited for a token for \(Text.length(binding.span.length))"
    } else if share(statistics.externalQueue) >= 50 {
      kind = .externalWorkers
      text =
        "the external approver's workers: \(share(statistics.externalQueue)) % of the CSRs waited "
        + "for one, the longest \(Text.length(statistics.externalQueue.longest))"
    } else if let binding, binding.isLimiter, binding.span.length >= Self.leastSpan {
      kind = binding.owner == .csrapproving ? .approverLimiter : .signerLimiter
      text =
        "\(binding.name) (\(rate)/s, burst \(settings.kubeAPIBurst)), for a while: calls waited for a "
        + "token for \(Text.length(binding.span.length)) without a gap"
    } else if statistics.issued.count == 0 {
      kind = .nothing
      text = "nothing that waited its turn: no CSR came so far as to get a certificate"
    } else {
      kind = .nothing
      text = "nothing in the control plane: each node waits for its own next steps only"
    }
  }
}

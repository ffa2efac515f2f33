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
  public let nodes: Int
  public let ready: Int
  public let failed: Int
  public let waiting: Int
  /// Sorted: how long after its start each node became Ready first.
  public let timesToReady: [Duration]
  /// How many nodes have each settlement, largest first; without Ready and waiting.
  public let failures: [(settlement: Settlement, count: Int)]
  public let statistics: Statistics
  public let bottleneck: Bottleneck
  public let analysis: Analysis

  public init(_ world: World, ending: World.Ending) {
    scenario = world.scenario.name
    seed = world.scenario.seed
    digest = world.digest.text
    events = Int(world.eventCount)
    length = world.now - .zero
    self.ending = ending
    nodes = world.nodeCount
    ready = world.readyCount
    failed = world.failedCount
    waiting = world.waitingCount
    var times: [Duration] = []
    var counts = Array(repeating: 0, count: Settlement.allCases.count)
    for index in 0..<world.nodeCount {
      let node = world.node(at: index)
      if let ready = node.ready { times.append(ready - node.started) }
      counts[Int(node.settlement.rawValue)] += 1
    }
    timesToReady = times.sorted()
    failures = Settlement.allCases.filter { $0 != .ready && $0 != .waiting }
      .map { ($0, counts[Int($0.rawValue)]) }.filter { $0.1 > 0 }
      .sorted { $0.1 > $1.1 }
    statistics = world.statistics
    bottleneck = Bottleneck(world)
    analysis = Analysis(world)
  }

  /// The smallest time that at least `percent` of the Ready nodes did not exceed; nil without any.
  public func timeToReady(percent: Int) -> Duration? {
    guard !timesToReady.isEmpty else { return nil }
    let rank = (timesToReady.count * percent + 99) / 100
    return timesToReady[max(0, rank - 1)]
  }

  /// Events per second between the first and the last; nil for fewer than two.
  public static func rate(_ span: Statistics.Span) -> Double? {
    let nanoseconds = (span.last - span.first).nanoseconds
    guard span.count > 1, nanoseconds > 0 else { return nil }
    return Double(span.count - 1) / (Double(nanoseconds) / 1e9)
  }
}

/// What limited how fast nodes got their certificates, judged by who waited for what.
public struct Bottleneck: Sendable {
  public let text: String

  init(_ world: World) {
    let statistics = world.statistics
    let settings = world.scenario.controllerManager
    let rate = Text.rate(milli: settings.kubeAPIMilliQPS)
    let limiter = statistics.approverLimiter
    let share = { (waits: Statistics.Waits) in
      waits.count == 0 ? 0 : 100 * waits.waited / waits.count
    }
    if statistics.approved.count == 0 && world.requestCount > 0 {
      text = "no CSR was approved"
    } else if statistics.externalQueue.count == 0,
      statistics.approvedByOthers * 2 > statistics.approved.count
    {
      text = "the administrator, who approves by hand"
    } else if share(limiter) >= 50 {
      text =
        "csrapproving's client rate limit (\(rate)/s, burst \(settings.kubeAPIBurst), 2 calls a "
        + "CSR): \(share(limiter)) % of \(limiter.count) calls waited for a token, "
        + "longest time in its queue \(Text.length(statistics.approverQueue.longest))"
    } else if share(statistics.signerLimiter) >= 50 {
      text =
        "csrsigning's client rate limit (\(rate)/s, burst \(settings.kubeAPIBurst)): "
        + "\(share(statistics.signerLimiter)) % of \(statistics.signerLimiter.count) calls waited"
    } else if share(statistics.approverQueue) >= 50 {
      text =
        "csrapproving's \(settings.concurrentCSRSyncs) workers: "
        + "\(share(statistics.approverQueue)) % of the keys waited for one"
    } else if share(statistics.externalQueue) >= 50 {
      text =
        "the external approver's workers: \(share(statistics.externalQueue)) % of the CSRs waited "
        + "for one, the longest \(Text.length(statistics.externalQueue.longest))"
    } else {
      text = "nothing in the control plane: each node waits for its own next steps only"
    }
  }
}

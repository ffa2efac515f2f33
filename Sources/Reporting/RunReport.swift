import Scenarios
import SimulationKernel
import TLSBootstrap

/// What a run came to, in numbers: the one source of the summary and of the JSON object.
package struct RunReport: Sendable {
  package let scenario: String
  package let seed: UInt64
  package let digest: String
  package let events: Int
  /// Length of the run in virtual time.
  package let length: Duration
  package let ending: World.Ending
  package let nodes: Population
  /// Bare CSR clients.
  package let clients: Population
  /// How many nodes and clients have each settlement, largest first; without Ready and waiting.
  package let failures: [(settlement: Settlement, count: Int)]
  package let statistics: Statistics
  package let steps: [ReachedStep]
  package let bottleneck: Bottleneck
  package let analysis: Analysis

  package init(_ world: World, ending: World.Ending) {
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
  package struct Population: Hashable, Sendable {
    package private(set) var total = 0
    /// Ready, or served.
    package private(set) var ready = 0
    package private(set) var failed = 0
    package var waiting: Int { total - ready - failed }
    /// Sorted: how long after its start each was Ready, or served, first.
    package fileprivate(set) var times: [Duration] = []

    fileprivate mutating func add(_ node: NodeRecord) {
      total += 1
      if node.settlement == .ready {
        ready += 1
      } else if node.settlement != .waiting {
        failed += 1
      }
      if let ready = node.ready { times.append(ready - node.started) }
    }

    /// nil without any.
    package func time(percent: Int) -> Duration? { times.percentile(percent) }
  }

  /// The API server's priority levels at which a request waited or was refused.
  var crowdedLevels: [Statistics.SeatWaits] {
    statistics.seats.filter { $0.waits.waited + $0.refused > 0 }
  }

  /// The fewest events of which a rate says something.
  ///
  /// 3 events. Assumption: two are one gap, whatever made it.
  static let fewestOfARate = 3

  /// The shortest time between the first and the last event of which a rate says something.
  ///
  /// 1 s. Assumption: less is how three nodes happened to start, or a burst that no limiter held.
  private static let shortestOfARate = Duration.seconds(1)

  /// Events per second between the first and the last; nil for too few, or in too short a time.
  package static func rate(_ span: Statistics.Span) -> Double? {
    rate(count: span.count, length: span.last - span.first)
  }

  package static func rate(count: Int, length: Duration) -> Double? {
    guard count >= fewestOfARate, length >= shortestOfARate else { return nil }
    return Double(count - 1) / length.seconds
  }
}

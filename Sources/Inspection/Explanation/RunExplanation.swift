import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// Why nodes are not Ready, all of a run, by root cause; and what limited how fast they joined.
package struct RunExplanation: Sendable {
  package let run: String
  package let scenario: String
  package let report: RunReport
  /// Why nodes are not Ready, largest first.
  package let failures: [Group]
  /// What held up nodes that became Ready, largest first.
  package let delays: [Group]
  package let others: [OtherFinding]
  package let throughput: Throughput
  /// The cure that the scenario itself names, for `--set`.
  package let cure: [String]

  /// Nodes with one root cause.
  package struct Group: Hashable, Sendable {
    package let number: String
    package let title: String
    /// Places among all nodes, in their order.
    package let nodes: [Int]
    /// The first of them, as commands find it.
    package let example: String
    /// How they ended.
    package let settlement: Settlement
    package let needed: String
    package let remedy: Remedy
    /// Which of them was in trouble first, and since when; nil: none has started.
    package let first: First?
  }

  package struct First: Hashable, Sendable {
    /// As commands find it.
    package let node: String
    package let time: Instant
  }

  /// Plays the run again.
  ///
  /// - Throws: `TraceError` where it comes out otherwise.
  package init(_ run: RecordedRun) throws {
    let history = try RunHistory(run)
    let common = RunCase(history.world, history.cluster, given: run.loaded)
    let cases = (0..<history.world.nodeCount).map {
      NodeCase(common, node: $0, history.nodes[$0])
    }
    self.run = run.path
    scenario = run.run.scenario
    report = RunReport(history.world, ending: history.ending)
    let isReady = { (node: NodeCase) in node.record.settlement == .ready }
    failures = Self.groups(
      run,
      cases.filter { !isReady($0) }.flatMap { node in
        [Rule.cause(of: node)].compactMap { $0 }.map { ($0, node) }
      })
    delays = Self.groups(
      run, cases.filter(isReady).flatMap { node in Rule.delays(of: node).map { ($0, node) } })
    others = OtherFinding.all(history)
    throughput = Throughput(history.world, report)
    cure = ScenarioStory(run.loaded).cure
  }

  private static func groups(
    _ run: RecordedRun, _ found: [(rule: Rule, node: NodeCase)]
  ) -> [Group] {
    var titles: [String] = []
    var members: [String: [(rule: Rule, node: NodeCase)]] = [:]
    for entry in found {
      if members[entry.rule.title] == nil { titles.append(entry.rule.title) }
      members[entry.rule.title, default: []].append(entry)
    }
    return titles.compactMap { title in
      guard let all = members[title], let first = all.first else { return nil }
      let remedy = Remedy.merged(all.map { $0.rule.remedy($0.node) })
      let troubles = all.compactMap { entry in
        entry.node.firstTrouble.map { (node: entry.node.node, time: $0) }
      }
      let earliest = troubles.min { ($0.time, $0.node) < ($1.time, $1.node) }
      return Group(
        number: first.rule.number, title: title, nodes: all.map(\.node.node),
        example: run.reference(toNode: first.node.node), settlement: first.node.record.settlement,
        needed: first.rule.needed(first.node.asOne(of: all.count)),
        remedy: remedy.playable(in: run),
        first: earliest.map { First(node: run.reference(toNode: $0.node), time: $0.time) })
    }.sorted { $0.nodes.count > $1.nodes.count }
  }
}

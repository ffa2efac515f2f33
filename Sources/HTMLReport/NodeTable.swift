import Foundation
import SimulationKernel
import TLSBootstrap

/// All nodes of a run for the search, as JSON that cannot end its script element.
struct NodeTable {
  /// So many have their steps; of more there is a line each, a quarter as long: the file stays small.
  static let most = 20_000

  private struct Object: Encodable {
    let steps, states, groups: [String]
    /// What became of those that got what they wanted.
    let done: String
    let nodes: [Row]
    /// Of further nodes: group, state, start or −1, when Ready or −1, and the name, which may have spaces.
    let others: [String]
  }

  /// One node as an array, which is a third of the size of an object with keys.
  private struct Row: Encodable {
    let node: RunTimeline.Node
    let group: Int

    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(node.name)
      try container.encode(group)
      try container.encode(node.settlement.rawValue)
      try container.encode(NodeTable.milliseconds(node.started))
      try container.encode(node.ready.map(NodeTable.milliseconds) ?? -1)
      try container.encode(node.attempts)
      try container.encode(node.restarts)
      try container.encode(node.steps.map { $0.map(NodeTable.milliseconds) ?? -1 })
    }
  }

  let json: String
  /// How many are there without their steps.
  let short: Int

  init(_ nodes: [RunTimeline.Node]) throws {
    // Those that are not Ready first, for they are looked for.
    let sorted =
      nodes.count <= Self.most
      ? nodes : nodes.filter { $0.ready == nil } + nodes.filter { $0.ready != nil }
    short = max(0, nodes.count - Self.most)
    var numbers: [String: Int] = [:]
    for node in sorted where numbers[node.group] == nil { numbers[node.group] = numbers.count }
    let group = { (node: RunTimeline.Node) in numbers[node.group] ?? 0 }
    let object = Object(
      steps: BootstrapStep.allCases.map(\.title), states: Settlement.allCases.map(\.text),
      groups: numbers.sorted { $0.value < $1.value }.map(\.key),
      done: nodes.allSatisfy(\.isClient) ? "Served" : "Ready",
      nodes: sorted.prefix(Self.most).map { Row(node: $0, group: group($0)) },
      others: sorted.dropFirst(Self.most).map { Self.line($0, group: group($0)) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(object), as: UTF8.self)
    json = text.replacingOccurrences(of: "<", with: "\\u003c")
  }

  private static func line(_ node: RunTimeline.Node, group: Int) -> String {
    let ready = node.ready.map(milliseconds) ?? -1
    return
      "\(group) \(node.settlement.rawValue) \(milliseconds(node.started)) \(ready) \(node.name)"
  }

  /// −1: never.
  private static func milliseconds(_ instant: Instant) -> Int64 {
    instant == .never ? -1 : instant.nanoseconds / 1_000_000
  }
}

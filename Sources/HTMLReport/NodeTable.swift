import Foundation
import SimulationKernel
import TLSBootstrap

/// All nodes of a run for the search, as JSON that cannot end its script element.
struct NodeTable {
  /// More are not searched for: the file stays small.
  static let most = 20_000

  private struct Object: Encodable {
    let steps, states, groups: [String]
    let nodes: [Row]
  }

  /// One node as an array, which is a third of the size of an object with keys.
  private struct Row: Encodable {
    let node: RunTimeline.Node
    let group, state: Int

    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(node.name)
      try container.encode(group)
      try container.encode(state)
      try container.encode(Self.milliseconds(node.started))
      try container.encode(node.ready.map(Self.milliseconds) ?? -1)
      try container.encode(node.attempts)
      try container.encode(node.restarts)
      try container.encode(node.steps.map { $0.map(Self.milliseconds) ?? -1 })
    }

    private static func milliseconds(_ instant: Instant) -> Int64 {
      instant.nanoseconds / 1_000_000
    }
  }

  let json: String
  /// How many are left out.
  let missing: Int

  init(_ nodes: [RunTimeline.Node]) throws {
    // Those that are not Ready first, for they are looked for.
    let chosen =
      nodes.count <= Self.most
      ? nodes
      : Array(
        (nodes.filter { $0.ready == nil } + nodes.filter { $0.ready != nil }).prefix(Self.most))
    missing = nodes.count - chosen.count
    var groups: [String] = []
    let rows = chosen.map { node in
      if groups.last != node.group, !groups.contains(node.group) { groups.append(node.group) }
      return Row(
        node: node, group: groups.firstIndex(of: node.group) ?? 0,
        state: Int(node.settlement.rawValue))
    }
    let object = Object(
      steps: BootstrapStep.allCases.map(\.title), states: Settlement.allCases.map(\.text),
      groups: groups, nodes: rows)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(object), as: UTF8.self)
    json = text.replacingOccurrences(of: "<", with: "\\u003c")
  }
}

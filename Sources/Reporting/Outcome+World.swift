import Scenarios
import TLSBootstrap

extension Outcome {
  /// How a run ended, as `expect:` asks: of nodes where there are any, else of bare CSR clients.
  public init(_ world: World) {
    let hasNodes = world.scenario.groups.contains { $0.csrClient == nil }
    let nodes = (0..<world.nodeCount).compactMap { index -> Node? in
      let node = world.node(at: index)
      guard node.kind == .kubelet || !hasNodes else { return nil }
      return Node(
        name: node.name, state: Expectation.NodeState(node.settlement),
        reason: node.settlement.text, startedAt: node.started, readyAt: node.ready)
    }
    self.init(
      nodes: nodes, approved: world.statistics.approved.count,
      issued: world.statistics.issued.count)
  }
}

extension Expectation.NodeState {
  fileprivate init(_ settlement: Settlement) {
    self =
      switch settlement {
      case .ready: .ready
      case .waiting: .waiting
      default: .failed
      }
  }
}

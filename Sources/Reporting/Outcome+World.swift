import Scenarios
import TLSBootstrap

extension Outcome {
  /// How a run ended, as `expect:` asks: of nodes where there are any, else of bare CSR clients.
  package init(_ world: World) {
    // Clients come after the nodes.
    let nodesWithKubelets = world.scenario.groups.filter { $0.csrClient == nil }
      .reduce(0) { $0 + $1.nodeNames.count }
    let nodes = (0..<(nodesWithKubelets > 0 ? nodesWithKubelets : world.nodeCount)).map { index in
      let node = world.node(at: index)
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

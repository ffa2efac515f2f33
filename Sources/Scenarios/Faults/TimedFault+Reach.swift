import TLSBootstrap

extension TimedFault {
  /// That it is for more nodes than it can hit; nil: it is not, or it is for no nodes at all.
  func shortfall(in scenario: Scenario) -> String? {
    guard let selector = fault.nodes else { return nil }
    let pattern = selector.name.map(Pattern.init)
    let groups = scenario.groups.filter { selector.group == nil || selector.group == $0.name }
    let hit = groups.reduce(0) { sum, group in
      sum + (pattern.map { group.nodeNames.count(where: $0.matches) } ?? group.nodeNames.count)
    }
    let wanted = if case .fixed(let count) = selector.mode { count } else { 1 }
    guard hit < wanted else { return nil }
    return "\(name) is for \(LintInput.nodes(wanted)), and \(hit) of this name and group exist"
  }
}

extension Fault {
  /// Which nodes it is for; nil: for a component, or an object.
  var nodes: NodeSelector? {
    switch self {
    case .nodeClock(let nodes, _), .kubelet(let nodes, _), .disk(let nodes, _),
      .network(let nodes, _):
      nodes
    case .token, .binding, .serverClock, .managerClock, .authority, .apiServerDown, .staleSecrets,
      .manager:
      nil
    }
  }
}

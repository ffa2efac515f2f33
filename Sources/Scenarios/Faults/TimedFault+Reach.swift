import TLSBootstrap

extension TimedFault {
  /// That it is for more nodes than it can hit; nil: it is not, or it is for no nodes at all.
  func shortfall(in scenario: Scenario) -> String? {
    guard let selector = fault.nodes else { return nil }
    let groups = scenario.groups.filter { !fault.isOfKubelets || $0.csrClient == nil }
    let hit = groups.reduce(0) { $0 + selector.count(in: $1) }
    let wanted = if case .fixed(let count) = selector.mode { count } else { 1 }
    guard hit < wanted else { return nil }
    let kind = groups.count < scenario.groups.count ? " with a kubelet" : ""
    return
      "\(name) is for \(LintInput.nodes(wanted))\(kind), and \(hit) of this name and group exist"
  }
}

extension Fault {
  /// Whether it means nothing to a bare CSR client.
  fileprivate var isOfKubelets: Bool {
    switch self {
    case .kubelet, .disk, .runtimeDown: true
    default: false
    }
  }
}

extension NodeSelector {
  /// How many nodes of a group have its group and name.
  func count(in group: NodeGroup) -> Int {
    guard self.group == nil || self.group == group.name else { return 0 }
    return name.map { group.nodeNames.count(where: Pattern($0).matches) } ?? group.nodeNames.count
  }
}

extension Fault {
  /// Whether it can hit this node, as far as its group and name tell; what is for no nodes hits all.
  package func mayHit(node name: String, of group: String) -> Bool {
    guard let nodes else { return true }
    return [nil, group].contains(nodes.group)
      && nodes.name.map { Pattern($0).matches(name) } ?? true
  }

  /// What is done to a clock; nil: nothing.
  var clock: ClockFault? {
    switch self {
    case .serverClock(let clock, _), .managerClock(let clock), .nodeClock(_, let clock): clock
    case .token, .binding, .kubelet, .disk, .runtimeDown, .authority, .apiServerDown,
      .apiServerKilled, .apiServerPaused, .managerNetwork, .staleSecrets, .network, .manager:
      nil
    }
  }
}

import TLSBootstrap

/// The sorts of faults that bring causes about.
extension Rule {
  static func isOfToken(_ fault: Fault) -> Bool {
    if case .token = fault { true } else { false }
  }
  static func isOfStaleSecrets(_ fault: Fault) -> Bool {
    if case .staleSecrets = fault { true } else { false }
  }
  static func isOfBinding(_ fault: Fault) -> Bool {
    if case .binding = fault { true } else { false }
  }
  static func isOfAuthority(_ fault: Fault) -> Bool {
    if case .authority = fault { true } else { false }
  }
  static func isOfNetwork(_ fault: Fault) -> Bool {
    if case .network = fault { true } else { false }
  }
  static func stopsServer(_ fault: Fault) -> Bool {
    if case .apiServerDown = fault { true } else { false }
  }
  static func isOfKubelet(_ fault: Fault) -> Bool {
    if case .kubelet = fault { true } else { false }
  }
  static func isOfNodeClock(_ fault: Fault) -> Bool {
    if case .nodeClock = fault { true } else { false }
  }
  static func isOfServerClock(_ fault: Fault) -> Bool {
    if case .serverClock = fault { true } else { false }
  }
  static func isOfManagerClock(_ fault: Fault) -> Bool {
    if case .managerClock = fault { true } else { false }
  }
  static func breaksConnections(_ fault: Fault) -> Bool { stopsServer(fault) || isOfNetwork(fault) }

  /// One that ends a controller-manager's work, also by the API server of its host.
  static func stopsManager(_ fault: Fault) -> Bool {
    switch fault {
    case .manager, .apiServerDown(_?, _): true
    default: false
    }
  }

  static func isOfDisk(_ kind: DiskFault) -> @Sendable (Fault) -> Bool {
    { if case .disk(_, kind) = $0 { true } else { false } }
  }
}

// MARK: Clocks as they ought to be

extension Rule {
  static func rightClock(_ node: NodeCase) -> [String] {
    node.leavingOut(isOfNodeClock)
      ?? (node.ownOffset == .zero ? [] : ["\(node.groupKey).clock.offset=0s"])
  }

  static func rightManagerClock(_ node: NodeCase) -> [String] {
    node.leavingOut(isOfManagerClock)
      ?? (node.given.controllerManager.clock.offset == .zero
        ? [] : ["spec.controllerManager.clock.offset=0s"])
  }

  static func rightServerClock(_ node: NodeCase) -> [String] {
    node.leavingOut(isOfServerClock)
      ?? (node.given.apiServer.clock.offset == .zero ? [] : ["spec.apiServer.clock.offset=0s"])
  }
}

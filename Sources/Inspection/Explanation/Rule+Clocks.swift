import TLSBootstrap

/// Clocks as they ought to be.
extension Rule {
  static func rightClock(_ node: NodeCase) -> [String] {
    node.leavingOut(\.isNodeClock)
      ?? (node.ownOffset == .zero ? [] : ["\(node.groupKey).clock.offset=0s"])
  }

  static func rightManagerClock(_ node: NodeCase) -> [String] {
    node.leavingOut(\.isManagerClock)
      ?? (node.given.controllerManager.clock.offset == .zero
        ? [] : ["spec.controllerManager.clock.offset=0s"])
  }

  static func rightServerClock(_ node: NodeCase) -> [String] {
    node.leavingOut(\.isServerClock)
      ?? (node.given.apiServer.clock.offset == .zero ? [] : ["spec.apiServer.clock.offset=0s"])
  }
}

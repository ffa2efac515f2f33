import TLSBootstrap

/// Clocks as they ought to be.
extension Rule {
  static func rightClock(_ node: NodeCase) -> [String] {
    node.leavingOut(\.isNodeClock)
      ?? (node.ownOffset == .zero ? [] : ["\(node.groupKey).clock.offset=0s"])
      + (node.group.clockDriftPPB == 0...0 ? [] : ["\(node.groupKey).clock.drift=0ppm"])
  }

  static func rightManagerClock(_ node: NodeCase) -> [String] {
    node.leavingOut(\.isManagerClock)
      ?? right(node.given.controllerManager.clock, "spec.controllerManager.clock")
  }

  static func rightServerClock(_ node: NodeCase) -> [String] {
    node.leavingOut(\.isServerClock)
      ?? right(node.given.apiServer.clock, "spec.apiServer.clock")
  }

  private static func right(_ skew: ClockSkew, _ key: String) -> [String] {
    (skew.offset == .zero ? [] : ["\(key).offset=0s"])
      + (skew.driftPPB == 0 ? [] : ["\(key).drift=0ppm"])
  }
}

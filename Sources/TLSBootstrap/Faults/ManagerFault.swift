import SimulationKernel

/// Something happens to the processes of kube-controller-manager.
public struct ManagerFault: Hashable, Sendable {
  public var action: Action
  /// Which replica, from 0; nil: all.
  public var replica: Int?

  public init(_ action: Action, replica: Int? = nil) {
    self.action = action
    self.replica = replica
  }

  /// Source: Chaos Mesh `PodChaos` and `container-kill`; SIGSTOP.
  public enum Action: UInt8, Hashable, Sendable {
    /// The process is killed at once; the kubelet starts it again after its back-off (J.3).
    case kill
    /// The process is killed and kept from starting until the end.
    case failure
    /// The process is frozen until the end.
    case pause
  }

  /// Whether it keeps this replica from its work until it ends.
  func stops(_ manager: Int) -> Bool {
    action != .kill && (replica ?? manager) == manager
  }

  func begin(_ world: inout World) {
    forEachReplica(of: &world) { world, replica in
      switch action {
      case .kill: world.crashManager(replica: replica)
      case .failure: world.stopManager(replica: replica)
      case .pause: world.pauseManager(replica: replica)
      }
    }
  }

  func end(_ world: inout World) {
    forEachReplica(of: &world) { world, replica in
      switch action {
      case .kill: break
      case .failure: world.startManager(replica: replica)
      case .pause: world.resumeManager(replica: replica)
      }
    }
  }

  /// Each one's events follow from the fault itself.
  private func forEachReplica(of world: inout World, _ act: (inout World, Int) -> Void) {
    let cause = world.turn.cause
    for index in world.managers.indices where replica == nil || replica == index {
      world.turn.cause = cause
      act(&world, index)
    }
    world.turn.cause = cause
  }
}

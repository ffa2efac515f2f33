import SimulationKernel
import TLSBootstrap

/// What can be said of a fault without playing: from when to when it holds, and whom it keeps from what.
struct FaultOutlook {
  /// Its place in `spec.faults`.
  let number: Int
  let timed: TimedFault
  /// Seconds from the start of the run; to infinity where it lasts to the end.
  private(set) var span: Range<Double>

  init(_ number: Int, _ timed: TimedFault, end: Duration) {
    self.number = number
    self.timed = timed
    let from = timed.at.seconds
    let to = timed.length.map { from + $0.seconds } ?? .infinity
    let isOver = timed.fault.isOverAtOnce
    span = from..<(isOver ? from : to >= end.seconds ? .infinity : to)
  }

  /// Beyond it no connection comes about.
  ///
  /// 30 s, the dialler's timeout. Source: A.11.
  private static let dialTimeout = Duration.seconds(30)

  var name: String { timed.name }
  var lastsToTheEnd: Bool { span.upperBound == .infinity }

  /// By when the cluster is as it was, in seconds: a controller-manager that lost its process or its server is
  /// started again after a back-off of 5 min at most (protocol.md J.3).
  var effectEnds: Double {
    switch timed.fault {
    case .apiServerDown, .apiServerKilled, .apiServerPaused, .manager, .managerNetwork:
      span.upperBound + 300
    case .token, .binding, .serverClock, .managerClock, .nodeClock, .kubelet, .disk, .runtimeDown,
      .authority, .staleSecrets, .network:
      span.upperBound
    }
  }

  /// A pause ends with the process that is paused, if another fault kills that.
  mutating func end(by other: FaultOutlook) {
    guard span.contains(other.timed.at.seconds), kills(all: other.timed.fault) else { return }
    span = span.lowerBound..<other.timed.at.seconds
  }

  /// Whether another fault kills every process that this one pauses.
  private func kills(all other: Fault) -> Bool {
    switch (timed.fault, other) {
    case (.kubelet(let paused, .pause), .kubelet(let killed, .kill)):
      killed == paused && killed.mode == .all
    case (.manager(let paused), .manager(let killed)):
      paused.action == .pause && killed.action == .kill
        && (killed.replica == nil || killed.replica == paused.replica)
    default: false
    }
  }

  /// Whether both hold at some time.
  func meets(_ other: FaultOutlook) -> Bool {
    span.lowerBound <= other.span.upperBound && other.span.lowerBound <= span.upperBound
  }

  /// What stands still while it holds, so that no node becomes Ready; nil: nothing does, or not for all of
  /// the group.
  ///
  /// - Parameter isPartial: whether some of the group are enough.
  func stops(
    _ outlook: GroupOutlook, in scenario: Scenario, isPartial: Bool = false
  ) -> String? {
    let hitsAll = { (nodes: NodeSelector, outlook: GroupOutlook) in
      isPartial ? nodes.count(in: outlook.group) > 0 : self.hitsAll(nodes, outlook)
    }
    return switch timed.fault {
    case .apiServerDown(let replica, _):
      stops(replica, "is down", outlook, scenario)
    case .apiServerPaused(let replica):
      stops(replica, "is paused", outlook, scenario)
    case .authority(.expireServingCertificate): "the API server's certificate has expired"
    case .authority(.replaceServingCA): "nodes do not trust the API server's certificate"
    case .network(let nodes, .partition): hitsAll(nodes, outlook) ? "they are cut off" : nil
    case .network(let nodes, .delay(let length)):
      length.median >= Self.dialTimeout && hitsAll(nodes, outlook)
        ? "what they send comes after they have given up" : nil
    case .kubelet(let nodes, let fault):
      fault != .kill && hitsAll(nodes, outlook) ? "their kubelets do not run" : nil
    case .runtimeDown(let nodes):
      hitsAll(nodes, outlook) ? "their container runtimes do not answer" : nil
    case .manager(let fault):
      outlook.needsCertificate && fault.action != .kill
        && (fault.replica == nil || scenario.controllerManager.replicas == 1)
        && scenario.controllerManager.running ? "no controller-manager works" : nil
    case .managerNetwork(.partition, let replica):
      outlook.needsCertificate && (replica == nil || scenario.controllerManager.replicas == 1)
        && scenario.controllerManager.running ? "the controller-manager is cut off" : nil
    case .disk(let nodes, .fill):
      outlook.needsCertificate && hitsAll(nodes, outlook) ? "their disks are full" : nil
    case .disk(let nodes, .deleteBootstrapKubeconfig):
      outlook.needsCertificate && !outlook.group.joinsByKubeadm && hitsAll(nodes, outlook)
        ? "they have no bootstrap kubeconfig" : nil
    case .token, .binding, .serverClock, .managerClock, .nodeClock, .disk, .authority,
      .apiServerKilled, .staleSecrets, .network, .managerNetwork:
      nil
    }
  }

  /// An API server of which there is one, or beside which the only controller-manager is (J.3).
  private func stops(
    _ replica: Int?, _ what: String, _ outlook: GroupOutlook, _ scenario: Scenario
  ) -> String? {
    if replica == nil || scenario.apiServer.replicas == 1 { return "the API server \(what)" }
    let manager = scenario.controllerManager
    let isBeside = replica == 0 && manager.running && manager.replicas == 1
    return isBeside && outlook.needsCertificate
      ? "the API server beside the only controller-manager \(what)" : nil
  }

  /// Whether every node of the group is among those that are meant.
  private func hitsAll(_ nodes: NodeSelector, _ outlook: GroupOutlook) -> Bool {
    nodes.mode == .all && nodes.count(in: outlook.group) == outlook.group.nodeNames.count
  }

  /// Whether some node of the group can be among those that are meant.
  func concerns(_ outlook: GroupOutlook) -> Bool {
    timed.fault.nodes.map { $0.count(in: outlook.group) > 0 } ?? true
  }
}

extension Fault {
  fileprivate var isOverAtOnce: Bool {
    switch self {
    case .kubelet(_, .kill), .disk(_, .wipe), .apiServerKilled: true
    case .manager(let fault): fault.action == .kill
    case .token, .binding, .serverClock, .managerClock, .nodeClock, .kubelet, .disk, .runtimeDown,
      .authority, .apiServerDown, .apiServerPaused, .managerNetwork, .staleSecrets, .network:
      false
    }
  }
}

extension GroupOutlook {
  /// About when each node is Ready, in seconds, were it not for faults; infinite where nobody approves.
  func readyTimes(_ scenario: Scenario) -> [Double] {
    let boot = Self.boot(scenario)
    guard needsCertificate else { return arrivals.map { $0 + boot } }
    guard waits.count == arrivals.count else { return arrivals.map { _ in .infinity } }
    return zip(arrivals, waits).map { $0 + boot + $1 }
  }
}

import SimulationKernel

/// Something that the scenario does to the cluster, once or for a while.
public struct TimedFault: Hashable, Sendable {
  public var name: String
  /// When it begins, from the start of the run.
  public var at: Duration
  /// How long it lasts; nil: to the end of the run, or it is over at once.
  public var length: Duration?
  public var fault: Fault

  public init(name: String, at: Duration, length: Duration? = nil, fault: Fault) {
    self.name = name
    self.at = at
    self.length = length
    self.fault = fault
  }
}

/// What can be done to a cluster; each kind has a file of its own.
///
/// A *standing* fault changes what the scenario says as long as it holds (`change`); the others act on
/// the simulated components when they begin and end (`begin`, `end`).
public enum Fault: Hashable, Sendable {
  case token(TokenFault)
  case binding(BindingFault)
  /// nil: that of every replica.
  case serverClock(ClockFault, replica: Int? = nil)
  case managerClock(ClockFault)
  case nodeClock(NodeSelector, ClockFault)
  case kubelet(NodeSelector, KubeletFault)
  case disk(NodeSelector, DiskFault)
  /// Their container runtimes do not answer.
  case runtimeDown(NodeSelector)
  case authority(AuthorityFault)
  /// It refuses connections; nil: every replica. What it has under way it may finish within the grace
  /// period, as after SIGTERM.
  case apiServerDown(replica: Int? = nil, grace: Duration = .zero)
  /// The kubelet of its node starts it again after a back-off; nil: every replica.
  case apiServerKilled(replica: Int? = nil)
  /// Its process is frozen; nil: every replica.
  case apiServerPaused(replica: Int? = nil)
  /// Nothing new reaches its cache of Secrets; nil: every replica.
  case staleSecrets(replica: Int? = nil)
  case network(NodeSelector, NetworkFault)
  /// Between a controller-manager and its API server; nil: every replica.
  case managerNetwork(NetworkFault, replica: Int? = nil)
  case manager(ManagerFault)
}

extension Fault {
  /// Which nodes it is for; nil: for a component, or an object.
  package var nodes: NodeSelector? {
    switch self {
    case .nodeClock(let nodes, _), .kubelet(let nodes, _), .disk(let nodes, _),
      .network(let nodes, _), .runtimeDown(let nodes):
      nodes
    case .token, .binding, .serverClock, .managerClock, .authority, .apiServerDown,
      .apiServerKilled, .apiServerPaused, .managerNetwork, .staleSecrets, .manager:
      nil
    }
  }

  /// What a standing fault makes of the scenario's objects and settings.
  ///
  /// - Parameter began: when it began to hold.
  func change(_ scenario: inout Scenario, began: Instant) {
    switch self {
    case .token(let fault): fault.change(&scenario, began: began)
    case .binding(let fault): fault.change(&scenario)
    case .serverClock(let fault, let replica):
      fault.change(&scenario.apiServer, replica, began: began)
    case .managerClock(let fault): fault.change(&scenario.controllerManager.clock, began: began)
    case .authority(let fault): fault.change(&scenario, began: began)
    case .nodeClock, .kubelet, .disk, .runtimeDown, .apiServerDown, .apiServerKilled,
      .apiServerPaused, .managerNetwork, .staleSecrets, .network, .manager:
      break
    }
  }

  /// What stays of a standing fault that ends now.
  func leave(_ scenario: inout Scenario, began: Instant, ended: Instant) {
    switch self {
    case .serverClock(let fault, let replica):
      fault.leave(&scenario.apiServer, replica, began: began, ended: ended)
    case .managerClock(let fault):
      fault.leave(&scenario.controllerManager.clock, began: began, ended: ended)
    case .token, .binding, .nodeClock, .kubelet, .disk, .runtimeDown, .authority, .apiServerDown,
      .apiServerKilled, .apiServerPaused, .managerNetwork, .staleSecrets, .network, .manager:
      break
    }
  }

  func begin(_ world: inout World, _ number: UInt16) {
    switch self {
    case .token, .binding, .managerClock: break
    case .serverClock: world.lookAtCertificates(of: world.allNodes)
    case .authority(let fault): fault.begin(&world)
    case .nodeClock(let nodes, let fault): fault.begin(&world, world.select(nodes, for: number))
    case .kubelet(let nodes, let fault): fault.begin(&world, world.select(nodes, for: number))
    case .disk(let nodes, let fault): fault.begin(&world, world.select(nodes, for: number))
    case .runtimeDown(let nodes): world.stopRuntimes(of: world.select(nodes, for: number))
    case .apiServerDown(let replica, let grace): world.beginOutage(of: replica, grace: grace)
    case .apiServerKilled(let replica): world.killServers(replica)
    case .apiServerPaused(let replica): world.pauseServers(replica)
    case .managerNetwork(let fault, let replica): fault.begin(&world, number, ofManager: replica)
    case .staleSecrets(let replica): world.freezeSecrets(of: replica)
    case .network(let nodes, let fault):
      fault.begin(&world, number, world.select(nodes, for: number))
    case .manager(let fault): fault.begin(&world)
    }
  }

  func end(_ world: inout World, _ number: UInt16) {
    switch self {
    case .token, .binding, .managerClock: break
    case .serverClock: world.lookAtCertificates(of: world.allNodes)
    case .authority(let fault): fault.end(&world)
    case .nodeClock(let nodes, let fault): fault.end(&world, world.select(nodes, for: number))
    case .kubelet(let nodes, let fault): fault.end(&world, world.select(nodes, for: number))
    case .disk(let nodes, let fault): fault.end(&world, world.select(nodes, for: number))
    case .runtimeDown(let nodes): world.startRuntimes(of: world.select(nodes, for: number))
    case .apiServerDown(let replica, _): world.endOutage(of: replica)
    case .apiServerKilled: break
    case .apiServerPaused(let replica): world.resumeServers(replica)
    case .staleSecrets(let replica): world.thawSecrets(of: replica)
    case .network(_, let fault): fault.end(&world, number)
    case .managerNetwork: world.endManagerFault(number)
    case .manager(let fault): fault.end(&world)
    }
  }
}

/// Which nodes a fault hits.
public struct NodeSelector: Hashable, Sendable {
  /// Name of a group; nil: all groups.
  public var group: String?
  /// Name of a node; `*` stands for any text; nil: every name.
  public var name: String?
  public var mode = Mode.all

  public init() {}

  /// How many of those. Source: Chaos Mesh `mode`: all, fixed, fixed-percent.
  public enum Mode: Hashable, Sendable {
    case all
    /// So many, drawn.
    case fixed(Int)
    /// So many of 100, drawn; rounded up.
    case percent(Int)
  }
}

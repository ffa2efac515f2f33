import SimulationKernel

/// The TCP load balancer in front of several API servers: which of them has each client's connection.
///
/// It balances connections, not requests: a client stays with its server until the connection breaks. It
/// knows at once which servers listen. Assumption: a balancer that tries the next server where one
/// refuses, such as HAProxy with `option redispatch`.
struct LoadBalancer: Hashable, Sendable {
  private let balancing: APIServerSettings.Balancing
  private var isListening: [Bool]
  private var next = 0
  /// Of each node, the servers that have the connection of its bootstrap token and that of its certificate.
  private var ofNodes: [UInt8]
  /// Of each external approver.
  private var ofApprovers: [UInt8]

  private static let none = UInt8.max

  init(_ facts: Facts) {
    let settings = facts.scenario.apiServer
    balancing = settings.balancing
    isListening = Array(repeating: true, count: settings.replicas)
    let isNeeded = settings.replicas > 1
    ofNodes = Array(
      repeating: Self.none, count: isNeeded ? facts.groupOfNode.count * 2 : 0)
    ofApprovers = Array(
      repeating: Self.none, count: isNeeded ? facts.scenario.approvers.count : 0)
  }

  var hasServer: Bool { isListening.contains(true) }

  /// Whose connection it is.
  enum Client: Hashable, Sendable {
    case node(UInt32, isByToken: Bool)
    case approver(Int)
  }

  /// The server that has a client's connection; nil: it has none.
  func server(of client: Client) -> Int? {
    let server = self[client]
    return server == Self.none ? nil : Int(server)
  }

  /// A client opens its connection.
  ///
  /// - Precondition: some server listens.
  mutating func connect(_ client: Client) -> Int {
    let source =
      switch client {
      case .node(let node, _): Int(node)
      case .approver(let policy): policy
      }
    let server = choose(for: source)
    self[client] = UInt8(server)
    return server
  }

  /// The server of a connection for one request.
  ///
  /// - Precondition: some server listens.
  mutating func choose(for source: Int) -> Int {
    let listening = isListening.indices.filter { isListening[$0] }
    switch balancing {
    case .roundRobin:
      let server = listening.first { $0 >= next } ?? listening[0]
      next = server + 1
      return server
    case .source:
      return listening[source % listening.count]
    }
  }

  mutating func disconnect(_ client: Client) { self[client] = Self.none }

  /// Both connections of a node are closed.
  mutating func disconnect(node: UInt32) {
    disconnect(.node(node, isByToken: true))
    disconnect(.node(node, isByToken: false))
  }

  /// A server stops to listen, and all its connections break.
  ///
  /// - Returns: the nodes that lost the connection of their certificate.
  mutating func lose(_ server: Int) -> [NodeID] {
    isListening[server] = false
    return drop(server)
  }

  /// All connections of a server break, and it listens.
  ///
  /// - Returns: the nodes that lost the connection of their certificate.
  mutating func drop(_ server: Int) -> [NodeID] {
    var lost: [NodeID] = []
    for place in ofNodes.indices where ofNodes[place] == UInt8(server) {
      ofNodes[place] = Self.none
      if place % 2 == 0 { lost.append(NodeID(place / 2)) }
    }
    for place in ofApprovers.indices where ofApprovers[place] == UInt8(server) {
      ofApprovers[place] = Self.none
    }
    return lost
  }

  /// It listens again; who has a connection keeps it.
  mutating func regain(_ server: Int) { isListening[server] = true }

  private subscript(client: Client) -> UInt8 {
    get {
      switch client {
      case .node(let node, let isByToken): ofNodes[Int(node) * 2 + (isByToken ? 1 : 0)]
      case .approver(let policy): ofApprovers[policy]
      }
    }
    set {
      switch client {
      case .node(let node, let isByToken): ofNodes[Int(node) * 2 + (isByToken ? 1 : 0)] = newValue
      case .approver(let policy): ofApprovers[policy] = newValue
      }
    }
  }
}

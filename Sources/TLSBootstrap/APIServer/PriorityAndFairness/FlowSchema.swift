import SimulationKernel

/// One row of protocol.md K.1: which requests belong to which level, and what makes them one flow.
struct FlowSchema: Hashable, Sendable {
  let name: String
  /// Schemas are tried in ascending order.
  let precedence: Int
  let level: PriorityLevel
  let distinguisher: Distinguisher
  let subjects: [Subject]
  var targets = Targets.everything

  /// What tells flows of one schema apart.
  enum Distinguisher: Hashable, Sendable { case none, user, namespace }

  enum Subject: Hashable, Sendable {
    case user(String)
    case group(String)
    case serviceAccounts(namespace: String)
  }

  enum Targets: Hashable, Sendable {
    case everything
    case paths([String], verbs: [String])
    /// Names of resources as `group/resource[/subresource]`; no verbs: all.
    case resources([String], verbs: [String])
  }
}

extension FlowSchema {
  /// The schemas of K.1 in their order.
  ///
  /// Left out, because nobody here sends their requests: endpoint-controller (150),
  /// workload-leader-election (200), kube-scheduler (800).
  static let all = [
    FlowSchema(
      name: "exempt", precedence: 1, level: .exempt, distinguisher: .none,
      subjects: [.group("system:masters")]),
    FlowSchema(
      name: "probes", precedence: 2, level: .exempt, distinguisher: .none, subjects: everyone,
      targets: .paths(["/healthz", "/readyz", "/livez"], verbs: ["get"])),
    FlowSchema(
      name: "system-leader-election", precedence: 100, level: .leaderElection,
      distinguisher: .user,
      subjects: [
        .user("system:kube-controller-manager"), .user("system:kube-scheduler"),
        .serviceAccounts(namespace: "kube-system"),
      ],
      targets: .resources([leases], verbs: ["get", "create", "update"])),
    FlowSchema(
      name: "system-node-high", precedence: 400, level: .nodeHigh, distinguisher: .user,
      subjects: [.group("system:nodes")],
      targets: .resources(["/nodes", "/nodes/status", leases], verbs: [])),
    FlowSchema(
      name: "system-nodes", precedence: 500, level: .system, distinguisher: .user,
      subjects: [.group("system:nodes")]),
    FlowSchema(
      name: "kube-controller-manager", precedence: 800, level: .workloadHigh,
      distinguisher: .namespace, subjects: [.user("system:kube-controller-manager")]),
    FlowSchema(
      name: "kube-system-service-accounts", precedence: 900, level: .workloadHigh,
      distinguisher: .namespace, subjects: [.serviceAccounts(namespace: "kube-system")]),
    FlowSchema(
      name: "service-accounts", precedence: 9_000, level: .workloadLow, distinguisher: .user,
      subjects: [.group("system:serviceaccounts")]),
    FlowSchema(
      name: "global-default", precedence: 9_900, level: .globalDefault, distinguisher: .user,
      subjects: everyone),
    FlowSchema(
      name: "catch-all", precedence: 10_000, level: .catchAll, distinguisher: .user,
      subjects: everyone),
  ]

  private static let everyone: [Subject] = [
    .group("system:unauthenticated"), .group("system:authenticated"),
  ]
  private static let leases = "coordination.k8s.io/leases"

  /// The place in `all` of the first schema that matches; catch-all when none does.
  static func place(of request: RequestAttributes, by user: User) -> Int {
    all.firstIndex { $0.matches(request, by: user) } ?? all.count - 1
  }

  func matches(_ request: RequestAttributes, by user: User) -> Bool {
    guard subjects.contains(where: { $0.matches(user) }) else { return false }
    switch targets {
    case .everything:
      return true
    case .paths(let paths, let verbs):
      return paths.contains(request.path) && verbs.contains(request.verb)
    case .resources(let resources, let verbs):
      return request.path.isEmpty && (verbs.isEmpty || verbs.contains(request.verb))
        && resources.contains("\(request.group)/\(request.fullResource)")
    }
  }

  /// What tells this request's flow from others of the schema.
  func flowKey(of request: RequestAttributes, by user: User) -> String {
    switch distinguisher {
    case .none: ""
    case .user: user.name
    case .namespace: request.namespace
    }
  }

  /// The number from which the flow's queues are dealt.
  ///
  /// Source: K.3, the first 8 bytes (least first) of SHA-256 over name, zero byte, flow key.
  func hash(ofFlow key: String) -> UInt64 {
    SHA256.littleEndianPrefix(of: Array(name.utf8) + [0] + Array(key.utf8))
  }
}

extension FlowSchema.Subject {
  func matches(_ user: User) -> Bool {
    switch self {
    case .user(let name): user.name == name
    case .group(let group): user.groups.contains(group)
    case .serviceAccounts(let namespace):
      user.name.hasPrefix("system:serviceaccount:\(namespace):")
    }
  }
}

import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section K.1 of protocol.md: which level and which flow a request belongs to.
struct FlowSchemaTests {
  private static let nodes = User(
    name: "system:node:node-1", groups: ["system:nodes", "system:authenticated"])
  private static let controller = User(
    name: "system:serviceaccount:kube-system:certificate-controller",
    groups: [
      "system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated",
    ])
  private static let manager = User(
    name: "system:kube-controller-manager", groups: ["system:authenticated"])

  private func schema(
    _ user: User, _ verb: String, _ resource: String = "", group: String = "",
    subresource: String = "", namespace: String = "", path: String = ""
  ) -> String {
    let request = RequestAttributes(
      verb: verb, group: group, resource: resource, subresource: subresource,
      namespace: namespace, path: path)
    let schema = FlowSchema.all[FlowSchema.place(of: request, by: user)]
    return "\(schema.name) \(schema.level.name) <\(schema.flowKey(of: request, by: user))>"
  }

  @Test func `K.1 schemas are tried by ascending precedence`() {
    #expect(
      FlowSchema.all.map(\.precedence) == [1, 2, 100, 400, 500, 800, 900, 9_000, 9_900, 10_000])
  }

  @Test func `K.1 row 1: system_masters is exempt whatever else it is`() {
    var user = Self.nodes
    user.groups.insert("system:masters", at: 0)
    #expect(schema(user, "get", "nodes") == "exempt exempt <>")
  }

  @Test(arguments: ["/healthz", "/readyz", "/livez"])
  func `K.1 row 2: everyone's GET of a health path is exempt`(path: String) {
    let anonymous = User(name: "system:anonymous", groups: ["system:unauthenticated"])
    #expect(schema(anonymous, "get", path: path) == "probes exempt <>")
    #expect(
      schema(anonymous, "get", path: path + "/ping")
        == "global-default global-default <system:anonymous>")
  }

  @Test(arguments: ["get", "create", "update"])
  func `K.1 row 100: leases of controllers are leader election, one flow a user`(verb: String) {
    let lease = "coordination.k8s.io"
    for user in [Self.manager, Self.controller] {
      #expect(
        schema(user, verb, "leases", group: lease, namespace: "kube-system")
          == "system-leader-election leader-election <\(user.name)>")
    }
    #expect(
      schema(Self.manager, "list", "leases", group: lease, namespace: "kube-system")
        == "kube-controller-manager workload-high <kube-system>")
  }

  @Test func `K.1 row 400: a node's nodes, their status and leases are node-high`() {
    let expected = "system-node-high node-high <system:node:node-1>"
    #expect(schema(Self.nodes, "create", "nodes") == expected)
    #expect(schema(Self.nodes, "watch", "nodes") == expected)
    #expect(schema(Self.nodes, "patch", "nodes", subresource: "status") == expected)
    #expect(
      schema(
        Self.nodes, "update", "leases", group: "coordination.k8s.io",
        namespace: "kube-node-lease") == expected)
  }

  @Test func `K.1 row 500: everything else of a node, CSR renewals too, is system`() {
    let expected = "system-nodes system <system:node:node-1>"
    #expect(
      schema(
        Self.nodes, "create", "certificatesigningrequests", group: "certificates.k8s.io")
        == expected)
    #expect(schema(Self.nodes, "list", "services") == expected)
    #expect(schema(Self.nodes, "get", "csinodes", group: "storage.k8s.io") == expected)
  }

  @Test func `K.1 rows 800 and 900: controllers are workload-high, one flow a namespace`() {
    #expect(
      schema(Self.manager, "watch", "secrets", namespace: "kube-system")
        == "kube-controller-manager workload-high <kube-system>")
    #expect(
      schema(
        Self.controller, "create", "subjectaccessreviews", group: "authorization.k8s.io")
        == "kube-system-service-accounts workload-high <>")
  }

  @Test func `K.1 row 9000: other service accounts are workload-low, one flow a user`() {
    let user = User(
      name: "system:serviceaccount:apps:approver",
      groups: ["system:serviceaccounts", "system:serviceaccounts:apps", "system:authenticated"])
    #expect(
      schema(user, "list", "certificatesigningrequests", group: "certificates.k8s.io")
        == "service-accounts workload-low <system:serviceaccount:apps:approver>")
  }

  @Test func `K.1 row 9900: tokens, anonymous and humans are global-default, one flow a user`() {
    let token = User(
      name: "system:bootstrap:abcdef", groups: ["system:bootstrappers", "system:authenticated"])
    let human = User(name: "jane", groups: ["system:authenticated"])
    for user in [token, human] {
      #expect(
        schema(user, "create", "certificatesigningrequests", group: "certificates.k8s.io")
          == "global-default global-default <\(user.name)>")
    }
  }

  @Test func `K.1 row 10000: who is in neither group falls to catch-all`() {
    let nobody = User(name: "nobody", groups: [])
    #expect(schema(nobody, "get", "nodes") == "catch-all catch-all <nobody>")
  }

  // MARK: The table that requests are looked up in

  private func table(isFair: Bool = true) -> FlowTable {
    let scenario = Cluster.kubeadm(nodes: 2) { scenario in
      var approver = ApproverSettings(kind: .manual(ApproverSettings.Manual()))
      approver.user = "kubernetes-admin"
      approver.groups = ["system:masters", "system:authenticated"]
      scenario.approvers = [approver]
    }.scenario
    return FlowTable(Facts(scenario).authorizer, isFair: isFair)
  }

  @Test func `K.1 the calls of this cluster's callers are looked up by kind`() {
    let table = table()
    let token = Identity(.bootstrapToken, 0)
    #expect(table[token, .createRequest].level == .globalDefault)
    #expect(table[token, .getHealthz].level == .exempt)
    #expect(table[.anonymous, .createNode].level == .globalDefault)
    #expect(table[Identity(.node, 1), .createRequest].level == .system)
    #expect(table[Identity(.node, 1), .updateLease].level == .nodeHigh)
    #expect(table[Identity(.certificateController), .updateApproval].level == .workloadHigh)
    #expect(table[Identity(.controllerManager), .updateStatus].level == .workloadHigh)
    #expect(table[Identity(.approver, 0), .updateApproval].level == .exempt)
  }

  /// The numbers are those of Python's hashlib.
  @Test func `K.3 a flow's hash is the first 8 bytes of SHA-256 over schema, 0 and flow key`() {
    let table = table()
    let hash: (Identity, Call) -> UInt64 = { table.hash(of: $0, $1, nodeName: "node-1") }
    #expect(hash(Identity(.bootstrapToken, 0), .createRequest) == 0xeb28_761f_70a0_fa85)
    #expect(hash(.anonymous, .getNode) == 0x5297_14ad_a962_409c)
    #expect(hash(Identity(.node, 0), .createRequest) == 0xa545_8056_6ae0_e4df)
    #expect(hash(Identity(.certificateController), .updateStatus) == 0x660f_dae2_6e17_0951)
  }

  @Test func `K.3 without priority and fairness reads and writes are counted, watches are not`() {
    let table = table(isFair: false)
    let token = Identity(.bootstrapToken, 0)
    #expect(table[token, .createRequest].level == .mutating)
    #expect(table[token, .listRequest].level == .readOnly)
    #expect(table[token, .getHealthz].level == .readOnly)
    #expect(table[token, .watchRequest].level == .exempt)
    #expect(table[Identity(.approver, 0), .updateApproval].level == .exempt)
  }
}

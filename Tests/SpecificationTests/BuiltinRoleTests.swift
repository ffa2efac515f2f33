import Testing

@testable import TLSBootstrap

/// D.1 of protocol.md: what the API server's own roles give, and to whom.
///
/// Source: kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, `clusterRoles`,
/// `clusterRoleBindings`, and controller_policy.go, `buildControllerRoles`.
struct BuiltinRoleTests {
  private let chain = Facts(Cluster.kubeadm(nodes: 1).scenario).authorizer

  private func allows(_ request: RequestAttributes, _ name: String, _ groups: [String]) -> Bool {
    chain.decide(request, by: User(name: name, groups: groups)).isAllowed
  }

  @Test(arguments: [
    "/api", "/api/v1", "/apis", "/apis/certificates.k8s.io/v1", "/openapi/v2", "/openapi/v3",
    "/version", "/livez",
  ])
  func `D.1 whoever is known may discover what the API server serves`(path: String) {
    let get = RequestAttributes(verb: "get", path: path)
    let known = ["system:authenticated"]
    #expect(allows(get, "system:bootstrap:abcdef", ["system:bootstrappers"] + known))
    #expect(allows(get, "system:node:w-1", ["system:nodes"] + known))
    #expect(
      allows(get, "system:anonymous", ["system:unauthenticated"])
        == ["/version", "/livez"].contains(path))
    let post = RequestAttributes(verb: "post", path: path)
    #expect(!allows(post, "system:bootstrap:abcdef", known))
  }

  @Test(arguments: [
    ("system:kube-proxy", "list", "", "services", true),
    ("system:kube-proxy", "watch", "discovery.k8s.io", "endpointslices", true),
    ("system:kube-proxy", "list", "", "secrets", false),
    ("system:kube-scheduler", "list", "", "pods", true),
    ("system:kube-scheduler", "create", "", "pods/binding", true),
    ("system:kube-scheduler", "update", "", "persistentvolumes", true),
    ("system:kube-scheduler", "create", "certificates.k8s.io", "certificatesigningrequests", false),
    ("system:kube-controller-manager", "list", "certificates.k8s.io", "x", true),
    ("system:kube-controller-manager", "update", "", "serviceaccounts", true),
    ("system:kube-controller-manager", "delete", "", "nodes", false),
    ("system:serviceaccount:kube-system:node-controller", "delete", "", "nodes", true),
    ("system:serviceaccount:kube-system:node-controller", "create", "", "nodes", false),
    ("system:serviceaccount:kube-system:ttl-controller", "patch", "", "nodes", true),
    ("system:serviceaccount:kube-system:namespace-controller", "deletecollection", "x", "y", true),
    ("system:serviceaccount:kube-system:generic-garbage-collector", "delete", "x", "y", true),
    ("system:serviceaccount:default:node-controller", "delete", "", "nodes", false),
  ])
  func `D.1 the control plane's programs may do what they do`(
    user: String, verb: String, group: String, resource: String, isAllowed: Bool
  ) {
    let parts = resource.split(separator: "/").map(String.init)
    let request = RequestAttributes(
      verb: verb, group: group, resource: parts[0], subresource: parts.count > 1 ? parts[1] : "")
    #expect(allows(request, user, ["system:authenticated"]) == isAllowed)
  }

  @Test func `D.1 a Lease of leader election is for its own program`() {
    for (name, isAllowed) in [("kube-controller-manager", true), ("kube-scheduler", false)] {
      let update = RequestAttributes(
        verb: "update", group: "coordination.k8s.io", resource: "leases", name: name,
        namespace: "kube-system")
      #expect(
        allows(update, "system:kube-controller-manager", ["system:authenticated"]) == isAllowed)
    }
  }

  @Test func `D.1 the group system monitoring reads metrics`() {
    let metrics = RequestAttributes(verb: "get", path: "/metrics")
    #expect(allows(metrics, "prometheus", ["system:monitoring", "system:authenticated"]))
    #expect(!allows(metrics, "prometheus", ["system:authenticated"]))
  }

  @Test func `D.1 view, edit and admin are there to be bound, each with what the last has`() {
    let rights = [("get", "pods"), ("delete", "pods"), ("create", "roles")]
    for (place, role) in ["view", "edit", "admin"].enumerated() {
      let rbac = RBACAuthorizer(
        roles: [],
        bindings: [RBAC.Binding(name: "b", roleName: role, subjects: [.user("u")])])
      for (number, (verb, resource)) in rights.enumerated() {
        let group = resource == "roles" ? "rbac.authorization.k8s.io" : ""
        let request = RequestAttributes(verb: verb, group: group, resource: resource)
        let decision = rbac.decide(request, by: User(name: "u", groups: []))
        #expect(decision.isAllowed == (number <= place), "\(role) \(verb) \(resource)")
        #expect(decision.reasons.isEmpty)
      }
    }
  }
}

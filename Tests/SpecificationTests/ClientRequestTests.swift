import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Who other clients are, and what they may do (protocol.md C, D, E.1, O27, O41).
struct ClientRequestTests {
  // MARK: A stolen token

  @Test func `O27 a token's holder gets a certificate of any node, and is that node with it`() {
    let victim = RequestShapeTests.shape { $0.commonName = "system:node:victim" }
    let played = Clients.play([
      Clients.entry(.create(victim), name: "steal", Clients.withToken),
      Clients.entry(.ask(Clients.get("nodes", name: "victim")), at: 1) { credentials in
        credentials = .anonymous
        credentials.certificate = .ofRequest("steal")
      },
    ])
    #expect(played.world.request(at: 0).condition == "Approved,Issued")
    #expect(played.world.request(at: 0).node == nil)
    #expect(
      played.world.username(of: played.world.request(at: 0).requestor)
        == "system:bootstrap:abcdef")
    #expect(Clients.answers(played).map(\.code) == [201, 404])
    #expect(Clients.answers(played).last?.message == "nodes \"victim\" not found")
  }

  @Test func `D.4 what a token may not do reads the whole sentence`() {
    var list = ForeignRequest()
    list.verb = "list"
    list.group = "certificates.k8s.io"
    list.resource = "certificatesigningrequests"
    list.name = "csr-abc"
    let user = "is forbidden: User \"system:bootstrap:abcdef\" cannot"
    let played = Clients.play([
      Clients.entry(
        .ask(Clients.get("secrets", name: "s", namespace: "kube-system")), Clients.withToken),
      Clients.entry(.ask(list), at: 1, Clients.withToken),
      Clients.entry(.delete(.name("csr-x")), at: 2, Clients.withToken),
    ]) { scenario in scenario.bindings.removeAll { $0.roleName == "system:node-bootstrapper" } }
    #expect(
      Clients.answers(played).map(\.message) == [
        "secrets \"s\" \(user) get resource \"secrets\" in API group \"\" in the namespace "
          + "\"kube-system\"",
        "\(Clients.resource) \"csr-abc\" \(user) list resource \"certificatesigningrequests\" in API "
          + "group \"certificates.k8s.io\" at the cluster scope",
        "\(Clients.resource) \"csr-x\" \(user) delete resource \"certificatesigningrequests\" in API "
          + "group \"certificates.k8s.io\" at the cluster scope",
      ])
  }

  // MARK: D.3

  @Test func `D.3 a node reads its own Node only, and is told why`() {
    var list = ForeignRequest()
    list.verb = "list"
    list.resource = "nodes"
    let played = Clients.play([
      Clients.entry(.ask(Clients.get("nodes", name: "b")), Clients.asNode("system:node:a")),
      Clients.entry(.ask(list), at: 1, Clients.asNode("system:node:a")),
      Clients.entry(
        .ask(Clients.get("secrets", name: "s", namespace: "n")), at: 2,
        Clients.asNode("system:node:a")),
      Clients.entry(
        .ask(Clients.get("nodes", name: "a")), at: 3, Clients.asNode("system:node:a", [])),
    ])
    let messages = Clients.answers(played).map { $0.message ?? "" }
    #expect(
      messages[0]
        == "nodes \"b\" is forbidden: User \"system:node:a\" cannot get resource \"nodes\" in API "
        + "group \"\" at the cluster scope: node 'a' cannot read 'b', only its own Node object")
    #expect(messages[1].hasSuffix(": node 'a' cannot read all nodes, only its own Node object"))
    #expect(messages[2].hasSuffix(": no relationship found between node 'a' and this object"))
    #expect(messages[3].hasSuffix("\"nodes\" in API group \"\" at the cluster scope"))
  }

  @Test(arguments: [
    ("get", "coordination.k8s.io", "leases", "b", "kube-node-lease", NodeRestriction.otherLease),
    (
      "get", "coordination.k8s.io", "leases", "a", "default",
      "can only access leases in the \"kube-node-lease\" system namespace"
    ),
    (
      "list", "coordination.k8s.io", "leases", "", "kube-node-lease",
      "can only get, create, update, patch, or delete a node lease"
    ),
    ("get", "storage.k8s.io", "csinodes", "b", "", NodeRestriction.otherCSINode),
    (
      "list", "", "pods", "", "", "can only list/watch pods with spec.nodeName field selector"
    ),
    ("update", "", "secrets", "s", "n", "can only read resources of this type"),
    ("list", "", "persistentvolumes", "", "", "can only get individual resources of this type"),
  ])
  func `D.3 the reasons of the Node authorizer`(
    verb: String, group: String, resource: String, name: String, namespace: String, reason: String
  ) {
    let user = User(name: "system:node:a", groups: ["system:nodes", "system:authenticated"])
    let request = RequestAttributes(
      verb: verb, group: group, resource: resource, name: name, namespace: namespace)
    #expect(NodeAuthorizer.opinion(on: request, by: user) == .none(reason: reason))
  }

  @Test func `D.3 a node may list the pods bound to it`() {
    let user = User(name: "system:node:a", groups: ["system:nodes"])
    let pods = RequestAttributes(
      verb: "list", resource: "pods", fieldSelector: "spec.nodeName=a")
    #expect(NodeAuthorizer.opinion(on: pods, by: user) == .allows)
  }

  // MARK: E.1

  @Test func `E.1 a node writes no Node, Lease or CSINode of another one, and reads them`() {
    let user = User(name: "system:node:a", groups: ["system:nodes", "system:authenticated"])
    let problem = { (verb: String, group: String, resource: String, name: String) in
      var request = Clients.get(resource, name: name)
      (request.verb, request.group) = (verb, group)
      return NodeRestriction.problem(writing: request, by: user)
    }
    #expect(
      problem("update", "", "nodes", "b")
        == "node \"a\" is not allowed to modify node \"b\"")
    #expect(
      problem("create", "coordination.k8s.io", "leases", "b") == NodeRestriction.otherLease)
    #expect(problem("create", "storage.k8s.io", "csinodes", "b") == NodeRestriction.otherCSINode)
    #expect(problem("create", "storage.k8s.io", "csinodes", "a") == nil)
    #expect(problem("get", "storage.k8s.io", "csinodes", "b") == nil)
    #expect(problem("create", "", "pods", "b") == nil)
  }

  @Test func `E.1 NodeRestriction keeps a node to its own name`() {
    let other = RequestShapeTests.shape { $0.commonName = "system:node:b" }
    var node = Clients.get("nodes", name: "b")
    node.verb = "patch"
    var lease = Clients.get("leases", name: "b", namespace: "kube-node-lease")
    lease.group = "coordination.k8s.io"
    lease.verb = "create"
    let entries = [
      Clients.entry(.create(other), Clients.asNode("system:node:a")),
      Clients.entry(.ask(node), at: 1, Clients.asNode("system:node:a")),
      Clients.entry(.ask(lease), at: 2, Clients.asNode("system:node:a")),
      Clients.entry(
        .create(RequestShapeTests.shape(signer: "example.com/foo") { $0.commonName = "x" }), at: 3,
        Clients.asNode("system:node:a")),
    ]
    let restricted = Clients.play(entries) { $0.existingNodes = ["b"] }
    #expect(Clients.answers(restricted).map(\.code) == [403, 403, 403, 201])
    #expect(
      Clients.answers(restricted).map(\.message).prefix(3) == [
        "\(Clients.resource) \"csr-\" is forbidden: can only create a node CSR with CN=system:node:a",
        "nodes \"b\" is forbidden: node \"a\" is not allowed to modify node \"b\"",
        "leases.coordination.k8s.io \"b\" is forbidden: \(NodeRestriction.otherLease)",
      ])
    let free = Clients.play(entries) { scenario in
      scenario.apiServer.nodeRestriction = false
      scenario.existingNodes = ["b"]
    }
    #expect(Clients.answers(free).map(\.code) == [201, 200, 201, 201])
  }

  /// Source: apiserver pkg/registry/generic/registry/store.go `Update`: a missing object is no object to admit.
  @Test(arguments: ["patch", "update", "delete"])
  func `E.1 a node is told of an object that is not there before it is told that it may not`(
    verb: String
  ) {
    var node = Clients.get("nodes", name: "b")
    node.verb = verb
    let played = Clients.play([Clients.entry(.ask(node), Clients.asNode("system:node:a"))])
    // D.3: the Node authorizer lets no node delete another.
    let answer = Clients.answers(played).map(\.code)
    #expect(answer == [verb == "delete" ? 403 : 404])
  }

  @Test func `E.1 a node without a name writes nothing`() {
    let nobody = "is forbidden: could not determine node from user \"system:node:\""
    let own = Clients.entry(
      .create(RequestShapeTests.shape { $0.commonName = "system:node:" }),
      Clients.asNode("system:node:"))
    // The Node authorizer knows no such node, but a binding may allow it.
    let played = Clients.play([own]) { scenario in
      for place in scenario.bindings.indices {
        scenario.bindings[place].subjects.append(.group("system:nodes"))
      }
    }
    #expect(Clients.answers(played).map(\.message) == ["\(Clients.resource) \"csr-\" \(nobody)"])
    var node = Clients.get("nodes", name: "b")
    node.verb = "create"
    let user = User(name: "system:node:", groups: ["system:nodes"])
    #expect(
      NodeRestriction.problem(writing: node, by: user)
        == "could not determine node from user \"system:node:\"")
  }

  @Test func `E.1 a node's bytes that are no CSR cannot be parsed by NodeRestriction`() {
    var shape = RequestShape(.otherPEM, base64: "QUFB")
    shape.signerName = "kubernetes.io/kubelet-serving"
    let played = Clients.play([Clients.entry(.create(shape), Clients.asNode("system:node:a"))])
    #expect(
      Clients.answers(played).map(\.message) == [
        "\(Clients.resource) \"csr-\" is forbidden: unable to parse csr: PEM block type must be "
          + "CERTIFICATE REQUEST"
      ])
  }

  @Test func `E.1 CertificateSubjectRestriction refuses masters to API clients`() {
    let masters = RequestShapeTests.shape(signer: "kubernetes.io/kube-apiserver-client") {
      $0.organizations = ["system:masters"]
    }
    var named = masters
    named.name = "evil"
    let played = Clients.play([Clients.entry(.create(named), Clients.withToken)])
    #expect(
      Clients.answers(played).map(\.message) == [
        "\(Clients.resource) \"evil\" is forbidden: use of kubernetes.io/kube-apiserver-client signer "
          + "with system:masters group is not allowed"
      ])
    let free = Clients.play([Clients.entry(.create(named), Clients.withToken)]) {
      $0.apiServer.certificateSubjectRestriction = false
    }
    #expect(Clients.answers(free).map(\.code) == [201])
  }

  @Test func `E.1 without CertificateApproval and CertificateSigning nobody asks for the signer`() {
    let role = RBAC.Role(
      name: "writer",
      rules: [
        RBAC.Rule(
          verbs: ["update"], apiGroups: ["certificates.k8s.io"],
          resources: [
            "certificatesigningrequests/approval", "certificatesigningrequests/status",
          ])
      ])
    let asJane: (inout ClientCredentials) -> Void = { credentials in
      credentials.user = "jane"
      credentials.groups = ["staff", "system:authenticated"]
    }
    let made = RequestReference.ofRequest("made")
    let codes = { (change: @escaping (inout APIServerSettings) -> Void) -> [UInt16] in
      let entries = [
        Clients.entry(
          .create(RequestShapeTests.shape(signer: "example.com/foo")), name: "made",
          Clients.withToken),
        Clients.entry(.update(made, RequestChange(.approval, .add(.approved))), at: 1, asJane),
        Clients.entry(
          .update(made, RequestChange(.status, .certificate(isTrusted: true))), at: 2, asJane),
      ]
      let played = Clients.play(entries) { scenario in
        scenario.roles.append(role)
        scenario.bindings.append(Cluster.binding("a", "writer", "staff"))
        change(&scenario.apiServer)
      }
      return Clients.answers(played).map(\.code)
    }
    #expect(codes { _ in } == [201, 403, 403])
    #expect(codes { $0.certificateApproval = false } == [201, 200, 403])
    #expect(codes { $0.certificateSigning = false } == [201, 403, 200])
  }

  @Test func `E.2 an update of the CSR itself keeps its spec and status`() {
    var shape = RequestShapeTests.shape(signer: "example.com/foo")
    shape.name = "x"
    let ask = { (verb: String, name: String) -> ClientRequest.Act in
      var request = Clients.get("certificatesigningrequests", name: name)
      (request.group, request.verb) = ("certificates.k8s.io", verb)
      return .ask(request)
    }
    let played = Clients.play([
      Clients.entry(.create(shape), Clients.withToken), Clients.entry(ask("patch", "x"), at: 1),
      Clients.entry(ask("update", "y"), at: 2),
      Clients.entry(ask("patch", "x"), at: 3, Clients.withToken),
    ])
    #expect(Clients.answers(played).map(\.code) == [201, 200, 404, 403])
    #expect(played.world.request(at: 0).condition == "Pending")
  }

  @Test func `E.1 who may not approve for the signer is told so, also by a domain`() {
    let shape = RequestShapeTests.shape(signer: "example.com/foo")
    let role = RBAC.Role(
      name: "example",
      rules: [
        RBAC.Rule(
          verbs: ["get", "update"], apiGroups: ["certificates.k8s.io"],
          resources: ["certificatesigningrequests", "certificatesigningrequests/approval"])
      ])
    let domain = RBAC.Role(
      name: "domain",
      rules: [
        RBAC.Rule(
          verbs: ["approve"], apiGroups: ["certificates.k8s.io"], resources: ["signers"],
          resourceNames: ["example.com/*"])
      ])
    let entries = [
      Clients.entry(.create(shape), name: "made", Clients.withToken),
      Clients.entry(.decide(.ofRequest("made"), .approve), at: 1) { credentials in
        credentials.user = "jane"
        credentials.groups = ["staff", "system:authenticated"]
      },
    ]
    let change: (inout Scenario, Bool) -> Void = { scenario, mayApprove in
      scenario.roles += [role, domain]
      scenario.bindings.append(Cluster.binding("a", "example", "staff"))
      if mayApprove { scenario.bindings.append(Cluster.binding("b", "domain", "staff")) }
    }
    let refused = Clients.play(entries) { change(&$0, false) }
    #expect(
      Clients.answers(refused).last?.message?.hasSuffix(
        "is forbidden: user not permitted to approve requests with signerName \"example.com/foo\"")
        == true)
    let allowed = Clients.play(entries) { change(&$0, true) }
    #expect(allowed.world.request(at: 0).condition == "Approved")
    #expect(allowed.world.request(at: 0).signerName == "example.com/foo")
  }
}

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

  // MARK: C

  @Test func `C.2 a certificate comes before a token, and a bad one is helped by a good token`() {
    let create = ClientRequest.Act.create(RequestShapeTests.shape())
    let played = Clients.play([
      Clients.entry(.ask(Clients.get("nodes", name: "nodea"))) { credentials in
        Clients.asNode("system:node:nodea")(&credentials)
        credentials.token = "abcdef.aaaaaaaaaaaaaaaa"
      },
      Clients.entry(create, at: 1) { credentials in
        var made = HandmadeCertificate()
        made.commonName = "system:node:nodea"
        made.notAfter = .seconds(-60)
        credentials = .anonymous
        credentials.certificate = .handmade(made)
        credentials.token = Clients.token
      },
      Clients.entry(.ask(Clients.get("nodes", name: "nodea")), at: 2) { credentials in
        credentials = .anonymous
        credentials.token = "abcdef.aaaaaaaaaaaaaaaa"
      },
      Clients.entry(create, at: 3) { $0 = .anonymous },
    ])
    #expect(Clients.answers(played).map(\.code) == [404, 201, 401, 403])
    #expect(
      Clients.answers(played).last?.message
        == "\(Clients.resource) is forbidden: User \"system:anonymous\" cannot create resource "
        + "\"certificatesigningrequests\" in API group \"certificates.k8s.io\" at the cluster scope"
    )
  }

  @Test func `C.5 what is wrong with a certificate is told to the server's log only`() {
    let changes: [(String, (inout HandmadeCertificate) -> Void)] = [
      ("is after 2025-12-31T23:59:00Z", { $0.notAfter = .seconds(-60) }),
      ("is before 2026-01-01T00:01:00Z", { $0.notBefore = .seconds(60) }),
      ("x509: certificate signed by unknown authority", { $0.isTrusted = false }),
      ("x509: certificate specifies an incompatible key usage", { $0.isForClients = false }),
      // In the order of Go's crypto/x509, `Certificate.Verify`.
      (
        "is after 2025-12-31T23:59:00Z",
        {
          $0.notAfter = .seconds(-60)
          $0.isTrusted = false
          $0.isForClients = false
        }
      ),
      (
        "x509: certificate signed by unknown authority",
        {
          $0.isTrusted = false
          $0.isForClients = false
        }
      ),
    ]
    for (text, change) in changes {
      let played = Clients.play([
        Clients.entry(.ask(Clients.get("nodes", name: "nodea"))) { credentials in
          var made = HandmadeCertificate()
          made.commonName = "system:node:nodea"
          change(&made)
          credentials = .anonymous
          credentials.certificate = .handmade(made)
        }
      ])
      #expect(Clients.answers(played).map(\.code) == [401])
      #expect(Clients.answers(played).map(\.message) == ["Unauthorized"])
      let log = played.all(.authenticationFailed).first.flatMap { played.world.message(of: $0) }
      #expect(log?.hasSuffix(text) == true, "\(log ?? "")")
    }
  }

  @Test func `a client whose connection fails is told by what it asked for`() {
    var path = ForeignRequest()
    path.path = "/healthz"
    let played = Clients.play([
      Clients.entry(.ask(path), at: 1), Clients.entry(.ask(Clients.get("nodes", name: "a")), at: 2),
    ]) { $0.faults = [fault(.zero, for: .seconds(10), .apiServerDown())] }
    #expect(
      played.all(.connectionFailed).filter { $0.component == .client }
        .map { played.world.message(of: $0) }
        == ["/healthz", "/api/v1/nodes/a"].map {
          "Get \"https://192.0.2.1:6443\($0)\": dial tcp 192.0.2.1:6443: connect: connection refused"
        })
  }

  /// Source: client-go rest/request.go and apimachinery pkg/api/errors/errors.go, `NewGenericServerResponse`.
  @Test func `A.11 a 429 names what was asked for, and of a path nothing`() {
    var path = ForeignRequest()
    path.path = "/version"
    let played = Clients.play([
      Clients.entry(.ask(path)), Clients.entry(.ask(path), at: 1),
      Clients.entry(.ask(Clients.get("nodes", name: "a")), at: 2),
    ]) {
      $0.apiServer.enablePriorityAndFairness = false
      $0.apiServer.maxRequestsInFlight = 1
      $0.latency.read = .constant(.seconds(20))
    }
    let words = "the server has received too many requests and has asked us to try again later"
    let refused = played.all(.requestAnswered).filter { $0.answer == .tooManyRequests }
    #expect(
      Set(refused.map { played.world.message(of: $0) }) == [words, words + " (get nodes a)"])
  }

  /// H.3: the extended key usages are those of the CSR; without any, a certificate is for everything.
  @Test(arguments: [
    ("kubernetes.io/kubelet-serving", ["digital signature", "server auth"], false),
    ("kubernetes.io/kube-apiserver-client-kubelet", ["digital signature", "client auth"], true),
    ("example.com/x", ["digital signature", "code signing"], false),
    ("example.com/x", ["digital signature"], true),
    ("example.com/x", ["any", "server auth"], true),
  ])
  func `C.5 a certificate that was issued for servers is none of a client`(
    signer: String, usages: [String], isForClients: Bool
  ) {
    let isServing = SignerName(text: signer) == .kubeletServing
    let shape = RequestShapeTests.shape(signer: signer, usages: usages) {
      $0.dnsNames = isServing ? ["a"] : []
    }
    let act: ClientRequest.Act =
      SignerName(text: signer) == .other
      ? .update(.ofRequest("made"), RequestChange(.status, .certificate(isTrusted: true)))
      : .decide(.ofRequest("made"), .approve)
    let played = Clients.play([
      Clients.entry(.create(shape), name: "made"), Clients.entry(act, at: 1),
      Clients.entry(.ask(Clients.get("nodes", name: "n1")), at: 2) { credentials in
        credentials = .anonymous
        credentials.certificate = .ofRequest("made")
      },
    ])
    let log = played.all(.authenticationFailed).first.flatMap { played.world.message(of: $0) }
    #expect(
      log == (isForClients ? nil : "x509: certificate specifies an incompatible key usage"))
    #expect(Clients.answers(played).last?.code == (isForClients ? 404 : 401))
  }

  @Test func `C.6 a path is open to anybody, and to a bad token closed`() {
    var request = ForeignRequest()
    request.path = "/healthz"
    let played = Clients.play([
      Clients.entry(.ask(request)) { $0 = .anonymous },
      Clients.entry(.ask(request), at: 1) { credentials in
        credentials = .anonymous
        credentials.token = "ABCDEF.0123456789abcdef"
      },
    ])
    #expect(Clients.answers(played).map(\.code) == [200, 401])
  }

  /// Source: kubernetes apiserver pkg/authentication/group/authenticated_group_adder.go,
  /// `AuthenticateRequest`.
  @Test(arguments: [
    (["a"], ["a", "system:authenticated"]), ([], ["system:authenticated"]),
    (["system:authenticated", "a"], ["system:authenticated", "a"]),
    (["system:unauthenticated"], ["system:unauthenticated"]),
  ])
  func `C.2 whoever is known is of the group system authenticated`(
    groups: [String], known: [String]
  ) {
    var healthz = ForeignRequest()
    healthz.path = "/healthz"
    let played = Clients.play([
      Clients.entry(.ask(healthz)) { credentials in
        credentials.user = "u"
        credentials.groups = groups
      },
      Clients.entry(.ask(healthz), at: 1, Clients.asNode("u", groups)),
    ])
    #expect(Clients.answers(played).map(\.code) == [200, 200])
    let users = played.all(.requestAnswered).map { event in
      played.world.turn.facts.authorizer.user(event.actor, node: "")
    }
    #expect(users == [User(name: "u", groups: known), User(name: "u", groups: known)])
  }

  @Test func `C.3-0 a token that begins with a blank leaves its client anonymous`() {
    var healthz = ForeignRequest()
    healthz.path = "/healthz"
    let entries = ["", " ", " \(Clients.token)"].flatMap { token in
      [ClientRequest.Act.ask(healthz), .ask(Clients.get("nodes", name: "n"))].map { act in
        Clients.entry(act) { credentials in
          credentials = .anonymous
          credentials.token = token
        }
      }
    }
    let played = Clients.play(entries)
    let answers = Clients.answers(played)
    #expect(answers.map(\.code).sorted() == [200, 200, 200, 403, 403, 403])
    #expect(
      answers.compactMap(\.message).allSatisfy { $0.contains("User \"system:anonymous\"") })
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
    let restricted = Clients.play(entries)
    #expect(Clients.answers(restricted).map(\.code) == [403, 403, 403, 201])
    #expect(
      Clients.answers(restricted).map(\.message).prefix(3) == [
        "\(Clients.resource) \"csr-\" is forbidden: can only create a node CSR with CN=system:node:a",
        "nodes \"b\" is forbidden: node \"a\" is not allowed to modify node \"b\"",
        "leases.coordination.k8s.io \"b\" is forbidden: \(NodeRestriction.otherLease)",
      ])
    let free = Clients.play(entries) { $0.apiServer.nodeRestriction = false }
    #expect(Clients.answers(free).map(\.code) == [201, 404, 201, 201])
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

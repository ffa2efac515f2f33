import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section D of protocol.md: what a caller may do, and how a refusal reads.
struct AuthorizationTests {
  // MARK: D.4, the messages

  @Test func `D.4 a token without a binding reads the whole sentence`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:kubelet-bootstrap" }
      scenario.stop = .duration
      scenario.duration = .seconds(1)
    }.play()
    let refused = played.all(.requestAnswered, .createRequest)
    #expect(
      refused.map { played.world.message(of: $0) } == [
        "certificatesigningrequests.certificates.k8s.io is forbidden: "
          + "User \"system:bootstrap:abcdef\" cannot create resource "
          + "\"certificatesigningrequests\" in API group \"certificates.k8s.io\" at the cluster scope"
      ])
    #expect(refused.map(\.answer.code) == [403])
    #expect(refused.map(\.answer.reason) == ["Forbidden"])
  }

  @Test func `D.4 a binding to a missing ClusterRole is the reason in the refusal`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings[0].roleName = "no-such-role"
      scenario.stop = .duration
      scenario.duration = .seconds(1)
    }.play()
    let message = played.all(.requestAnswered, .createRequest).first
      .flatMap { played.world.message(of: $0) }
    #expect(
      message?.hasSuffix(
        " at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io \"no-such-role\" not found"
      )
        == true)
  }

  @Test func `D.4 anonymous kubelets read a sentence for each of their loops`() {
    let played = pending(seconds: 2)
    let message: (Call) -> String? = { call in
      played.waits.first { $0.call == call }.flatMap { played.world.message(of: $0) }
    }
    let user = "is forbidden: User \"system:anonymous\" cannot"
    #expect(
      message(.createNode)
        == "nodes \(user) create resource \"nodes\" in API group \"\" at the cluster scope")
    #expect(
      message(.getNode)
        == "nodes \"node-1\" \(user) get resource \"nodes\" in API group \"\" at the cluster scope")
    #expect(
      message(.getLease)
        == "leases.coordination.k8s.io \"node-1\" \(user) get resource \"leases\" in API group "
        + "\"coordination.k8s.io\" in the namespace \"kube-node-lease\"")
    #expect(
      message(.getCSINode)
        == "csinodes.storage.k8s.io \"node-1\" \(user) get resource \"csinodes\" in API group "
        + "\"storage.k8s.io\" at the cluster scope")
    #expect(
      message(.listServices)
        == "services \(user) list resource \"services\" in API group \"\" at the cluster scope")
  }

  @Test func `D.4 a path that is not a resource has a sentence of its own`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.bindings += ["system:public-info-viewer", "system:discovery"].map {
        RBAC.Binding(name: $0, roleName: $0, subjects: [])
      }
      scenario.stop = .duration
      scenario.duration = .seconds(1)
    }.play()
    let refused = played.all(.requestAnswered, .getHealthz)
    #expect(refused.map(\.answer) == [.forbidden])
    #expect(
      refused.map { played.world.message(of: $0) } == [
        "forbidden: User \"system:bootstrap:abcdef\" cannot get path \"/healthz\""
      ])
  }

  @Test func `D.1 without service-account credentials the approval update is refused`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.useServiceAccountCredentials = false
      scenario.stop = .duration
      scenario.duration = .seconds(1)
    }.play()
    let refused = played.all(.requestAnswered, .updateApproval)
    #expect(refused.map(\.answer) == [.forbidden, .forbidden, .forbidden])
    #expect(refused.map { Double($0.time.nanoseconds) / 1e9 } == [0, 0.2, 0.6])
    let name = played.world.request(at: 0).name
    #expect(
      refused.first.flatMap { played.world.message(of: $0) }
        == "certificatesigningrequests.certificates.k8s.io \"\(name)\" is forbidden: "
        + "User \"system:kube-controller-manager\" cannot update resource "
        + "\"certificatesigningrequests/approval\" in API group \"certificates.k8s.io\" "
        + "at the cluster scope")
    #expect(played.world.request(at: 0).condition == "Pending")
  }

  // MARK: D.3, the Node authorizer

  @Test(arguments: [
    Call.createRequest, .getRequest, .listRequest, .watchRequest, .createSubjectAccessReview,
    .createNode, .getNode, .watchNodes, .listNodes, .patchNodeStatus, .getLease, .createLease,
    .updateLease, .getCSINode, .createCSINode, .watchPods, .listServices, .listCSIDrivers,
    .listRuntimeClasses,
  ])
  func `D.3 the Node authorizer allows a node what a kubelet needs`(call: Call) {
    #expect(authorizer().allows(Identity(.node, 0), call))
    #expect(
      !authorizer { $0.apiServer.authorizationModes = [.rbac] }.allows(Identity(.node, 0), call))
  }

  @Test(arguments: [Call.updateApproval, .updateStatus])
  func `D.3 a node may neither approve nor sign`(call: Call) {
    #expect(!authorizer().allows(Identity(.node, 0), call))
  }

  @Test func `D.3 a node needs both the user prefix and the group`() {
    let create = RequestAttributes(verb: "create", resource: "nodes")
    let chain = authorizer()
    let node = User(name: "system:node:n", groups: ["system:nodes", "system:authenticated"])
    #expect(chain.decide(create, by: node).isAllowed)
    #expect(
      !chain.decide(create, by: User(name: "system:node:n", groups: ["system:authenticated"]))
        .isAllowed)
    #expect(!chain.decide(create, by: User(name: "n", groups: ["system:nodes"])).isAllowed)
  }

  @Test func `D.3 selfnodeclient is for RBAC to decide`() {
    let node = Identity(.node, 0)
    #expect(authorizer().allowsReview(of: node, selfNodeClient: true))
    let without = authorizer {
      $0.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-certificate-rotation" }
    }
    #expect(!without.allowsReview(of: node, selfNodeClient: true))
    #expect(!without.allowsReview(of: node, selfNodeClient: false))
  }

  @Test func `D the first authorizer that allows wins, and silence is a refusal`() {
    let anonymous = Identity.anonymous
    #expect(
      authorizer { $0.apiServer.authorizationModes = [.node, .alwaysAllow] }
        .allows(anonymous, .createNode))
    #expect(
      authorizer { $0.apiServer.authorizationModes = [.alwaysDeny, .node, .rbac] }
        .allows(Identity(.node, 0), .createNode))
    #expect(
      !authorizer { $0.apiServer.authorizationModes = [.alwaysDeny] }
        .allows(Identity(.node, 0), .createNode))
    #expect(!authorizer { $0.apiServer.authorizationModes = [] }.allows(anonymous, .getHealthz))
  }

  // MARK: D.1, the built-in roles

  @Test func `D.1 upstream binds nothing to system bootstrappers`() {
    let chain = authorizer { $0.bindings = [] }
    let token = Identity(.bootstrapToken, 0)
    for call in [Call.createRequest, .getRequest, .listRequest, .watchRequest, .createNode] {
      #expect(!chain.allows(token, call))
    }
    #expect(chain.allows(token, .getHealthz))
    #expect(!chain.allowsReview(of: token, selfNodeClient: false))
  }

  @Test func `D.1 the certificate controller approves one signer and signs for four`() {
    let chain = authorizer()
    let controller = Identity(.certificateController)
    for signer in SignerName.allCases {
      #expect(
        chain.allowsSigner(controller, .approve, signer)
          == (signer == .kubeAPIServerClientKubelet))
      #expect(chain.allowsSigner(controller, .sign, signer))
    }
    #expect(chain.allows(controller, .createSubjectAccessReview))
    #expect(chain.allows(controller, .updateApproval))
    #expect(chain.allows(controller, .updateStatus))
  }

  @Test func `D.1 the plain controller-manager may ask but neither approve nor sign`() {
    let chain = authorizer()
    let manager = Identity(.controllerManager)
    #expect(chain.allows(manager, .createSubjectAccessReview))
    #expect(chain.allows(manager, .listRequests))
    #expect(!chain.allows(manager, .updateApproval))
    #expect(!chain.allows(manager, .updateStatus))
    #expect(!chain.allowsSigner(manager, .approve, .kubeAPIServerClientKubelet))
    #expect(!chain.allowsSigner(manager, .sign, .kubeAPIServerClientKubelet))
  }

  // MARK: system:masters

  @Test func `D.2 members of system masters may do everything`() {
    let masters = User(name: "root", groups: ["system:masters"])
    let chain = authorizer()
    #expect(
      chain.decide(RequestAttributes(verb: "delete", resource: "nodes"), by: masters).isAllowed)
    #expect(chain.decide(RequestAttributes(verb: "get", path: "/metrics"), by: masters).isAllowed)
  }

  /// Source: kubernetes pkg/kubeapiserver/authorizer, `NewPrivilegedGroups`; recorded, audit/fail-*.jsonl: the
  /// reason is empty.
  @Test(arguments: [[APIServerSettings.AuthorizationMode.alwaysDeny], [.node], [.node, .rbac], []])
  func `D system masters may do everything in every mode`(
    modes: [APIServerSettings.AuthorizationMode]
  ) {
    let masters = User(name: "root", groups: ["system:masters", "system:authenticated"])
    let cluster = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.authorizationModes = modes
      var approver = ApproverSettings(kind: .manual(.init()))
      approver.user = "root"
      approver.groups = masters.groups
      scenario.approvers = [approver]
    }
    let chain = Facts(cluster.scenario).authorizer
    let delete = RequestAttributes(verb: "delete", resource: "nodes", name: "n")
    let decision = chain.decide(delete, by: masters)
    #expect(decision.isAllowed)
    #expect(decision.allowance == nil)
    #expect(chain.permission(Identity(.approver, 0), .updateApproval) == .always)
    #expect(chain.allowsSigner(Identity(.approver, 0), .approve, .kubeletServing))
  }

  // MARK: E, the order of checks

  @Test func `E.1, E.2 an old resource version is told before what the signer forbids`() {
    let cluster = Cluster.kubeadm(nodes: 1) { $0.controllerManager.running = false }
    var world = World(cluster.scenario)
    while world.requestCount == 0, world.step() {}
    let answer = { (version: UInt32, flag: Bool, identity: Identity) in
      var copy = world
      var call = PendingCall(
        call: .updateApproval, client: .approver, owner: 0, node: TraceEvent.none,
        credential: .component(identity))
      call.request = 0
      call.identity = identity
      call.resourceVersion = version
      call.flag = flag
      let number = copy.turn.calls.add(call)
      _ = copy.server.execute(number, &copy.turn)
      return copy.turn.calls[number].answer
    }
    // Nodes may not approve for the signer.
    let node = Identity(.node, 0)
    #expect(answer(2, false, node) == .conflict)
    #expect(answer(1, false, node) == .forbiddenToApprove)
    let controller = Identity(.certificateController)
    #expect(answer(2, false, controller) == .conflict)
    #expect(answer(1, false, controller) == .ok)
    // Validation comes before the plugin as well.
    world.server.requests[0].conditions.insert(.approved)
    let denied = answer(1, true, node)
    #expect(denied == .exclusiveConditions)
  }

  // MARK: Helpers

  private func authorizer(_ change: (inout Scenario) -> Void = { _ in }) -> Authorizer {
    Facts(Cluster.kubeadm(nodes: 1, change).scenario).authorizer
  }

  private func pending(seconds: Int64) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
    }.play()
  }
}

extension Authorizer {
  /// Whether every caller of the kind may.
  fileprivate func allows(_ identity: Identity, _ call: Call) -> Bool {
    permission(identity, call) == .always
  }

  fileprivate func allowsReview(of subject: Identity, selfNodeClient: Bool) -> Bool {
    allowsReview(of: subject, selfNodeClient: selfNodeClient, caller: "node-1")
  }
}

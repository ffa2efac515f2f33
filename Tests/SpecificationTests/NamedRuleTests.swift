import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section D of protocol.md: rules with names of nodes, CSRs and signers, bindings to one user.
struct NamedRuleTests {
  @Test func `D a rule may name the nodes that it is about`() {
    let played = Cluster.kubeadm(nodes: 3) { scenario in
      scenario.apiServer.authorizationModes = [.rbac]
      scenario.roles = [
        role("nodes-without-status", BuiltinRoles.nodeRules.filter { $0.resources != status }),
        role("status-of-two", [rule(["patch"], "", status, ["node-2", "node-9"])]),
      ]
      scenario.bindings += [
        Cluster.binding("a", "nodes-without-status", "system:nodes"),
        Cluster.binding("b", "status-of-two", "system:nodes"),
      ]
      scenario.stop = .duration
      scenario.duration = .seconds(30)
    }.play()
    for node in 0..<3 {
      let patches = played.all(.requestAnswered, .patchNodeStatus).filter { $0.node == node }
      #expect(!patches.isEmpty)
      #expect(patches.allSatisfy { $0.answer == (node == 1 ? .ok : .forbidden) })
      #expect(played.world.node(at: node).ready != nil || node != 1)
    }
    let refused = played.all(.requestAnswered, .patchNodeStatus).first { $0.answer == .forbidden }
    #expect(
      refused.flatMap { played.world.message(of: $0) }
        == "nodes \"node-1\" is forbidden: User \"system:node:node-1\" cannot patch resource "
        + "\"nodes/status\" in API group \"\" at the cluster scope")
  }

  @Test func `D a rule may name a CSR, whose name the server makes during the run`() {
    let other = approval(resourceNames: []).play().world.request(at: 1).name
    let played = approval(resourceNames: [other]).play()
    #expect(
      (0..<3).map { played.world.request(at: $0).condition }.map { $0 == "Pending" } == [
        true, false, true,
      ])
    let refused = played.all(.requestAnswered, .updateApproval).first { $0.answer == .forbidden }
    #expect(
      refused.flatMap { played.world.message(of: $0) }
        == "certificatesigningrequests.certificates.k8s.io \"\(played.world.request(at: 0).name)\" is "
        + "forbidden: User \"robot\" cannot update resource \"certificatesigningrequests/approval\" "
        + "in API group \"certificates.k8s.io\" at the cluster scope")
  }

  @Test func `D.2 a binding to one node's user lets csrapproving renew that node only`() {
    let played = renewal(user: "system:node:node-2", role: "selfnodeclient")
    #expect(renewed(played) == [1])
  }

  @Test func `F.3 nodeclient for one node's user takes a second review, for that node only`() {
    let played = renewal(user: "system:node:node-1", role: "nodeclient")
    #expect(renewed(played) == [0])
    let reviews = played.all(.requestAnswered, .createSubjectAccessReview).filter {
      $0.node == 0 && $0.time > .zero
    }
    #expect(reviews.count == 2)
  }

  @Test func `D.2 a binding to another token's user does not approve this token's CSRs`() {
    for (user, condition) in [
      ("system:bootstrap:abcdef", "Approved,Issued"), ("system:bootstrap:ghijkl", "Pending"),
    ] {
      let played = Cluster.kubeadm(nodes: 1) { scenario in
        scenario.bindings[1].subjects = [.user(user)]
        scenario.stop = .duration
        scenario.duration = .seconds(1)
      }.play()
      #expect(played.world.request(at: 0).condition == condition)
    }
  }

  @Test(arguments: [
    ("kubernetes.io/*", Answer.ok), ("kubernetes.io/kube-apiserver-client-kubelet", .ok),
    ("kubernetes.io/kubelet-serving", .forbiddenToApprove), ("*", .forbiddenToApprove),
    ("example.com/*", .forbiddenToApprove),
  ])
  func `E.1 approving needs the signer by its name or its domain's star`(
    name: String, answer: Answer
  ) {
    let played = approval(resourceNames: [], signer: name).play()
    let answers = played.all(.requestAnswered, .updateApproval).map(\.answer)
    #expect(!answers.isEmpty && answers.allSatisfy { $0 == answer })
  }

  @Test func `L.2 a node whose anonymous requests are allowed plays them, another one waits`() {
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.roles = [role("one-node", [rule(["get"], "", ["nodes"], ["node-2"])])]
      scenario.bindings.append(
        RBAC.Binding(
          name: "one", roleName: "one-node", subjects: [.user("system:anonymous")]))
      scenario.stop = .duration
      scenario.duration = .seconds(2)
    }.play()
    #expect(Set(played.waits.map(\.node)) == [0])
    let reads = played.all(.requestAnswered, .getNode)
    #expect(Set(reads.map(\.node)) == [1])
  }

  // MARK: Clusters

  private let status = ["nodes/status"]

  private func role(_ name: String, _ rules: [RBAC.Rule]) -> RBAC.Role {
    RBAC.Role(name: name, rules: rules)
  }

  private func rule(
    _ verbs: [String], _ group: String, _ resources: [String], _ names: [String] = []
  ) -> RBAC.Rule {
    RBAC.Rule(verbs: verbs, apiGroups: [group], resources: resources, resourceNames: names)
  }

  /// Three CSRs, and a robot that may approve those of these names (empty: all).
  private func approval(
    resourceNames: [String], signer: String = "kubernetes.io/kube-apiserver-client-kubelet"
  ) -> Cluster {
    Cluster.kubeadm(nodes: 3) { scenario in
      scenario.controllerManager.csrapproving = false
      let certificates = "certificates.k8s.io"
      scenario.roles = [
        role(
          "robot",
          [
            rule(
              ["update"], certificates, ["certificatesigningrequests/approval"], resourceNames),
            rule(["approve"], certificates, ["signers"], [signer]),
          ])
      ]
      scenario.bindings.append(
        RBAC.Binding(name: "robot", roleName: "robot", subjects: [.user("robot")]))
      var robot = ApproverSettings(kind: .external(ApproverSettings.External()))
      robot.user = "robot"
      robot.groups = ["system:authenticated"]
      scenario.approvers = [robot]
      scenario.stop = .duration
      scenario.duration = .seconds(1)
    }
  }

  /// Two nodes with certificates of 1 h, in place of kubeadm's binding for all nodes.
  private func renewal(user: String, role: String) -> Played {
    Cluster.kubeadm(nodes: 2) { scenario in
      scenario.bindings[2] = RBAC.Binding(
        name: "renewal", roleName: "system:certificates.k8s.io:certificatesigningrequests:\(role)",
        subjects: [.user(user)])
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.stop = .duration
      scenario.duration = .minutes(45)
    }.play()
  }

  private func renewed(_ played: Played) -> Set<UInt32> {
    Set(played.all(.certificateStored).filter { $0.time > .zero }.map(\.node))
  }
}

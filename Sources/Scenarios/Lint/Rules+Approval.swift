import SimulationKernel
import TLSBootstrap

let approvalRules: [LintRule] = [
  LintRule(
    "nobody-approves", .error,
    "Nobody approves the CSRs of nodes: csrapproving is off or lacks the nodeclient permission of their "
      + "token, and no policy is meant for them, permitted, and at work."
  ) { input in
    input.bootstrapping.filter { outlook, user in
      outlook.approver == nil && input.review.allows(user, "create")
    }.map { outlook, _ in
      .init(
        at: input.place("spec.nodes[\(outlook.group.name)]"),
        "nobody approves the CSRs of group \(outlook.group.name)\(input.whyNot.problem)",
        cure: input.whyNot.cure
          + (input.scenario.approvers.isEmpty
            ? ", or add `spec.approval`" : ", or let one of `spec.approval` do so"))
    }
  },
  LintRule(
    "approver-forbidden", .error, "A policy's user is not allowed to decide on CSRs."
  ) { input in
    input.policies { policy in
      let signer = policy.matching.signerName ?? .kubeAPIServerClientKubelet
      let user = User(name: policy.user, groups: policy.groups)
      if input.review.mayApprove(user, signer) { return nil }
      let denies = policy.decision == .deny
      return (
        "", "\(policy.user) may not \(denies ? "deny" : "approve") CSRs of \(signer.text)",
        (denies ? "leave it out, because it denies none; or, if it is to deny them, " : "")
          + "bind it to a role with `update` on certificatesigningrequests/approval and `approve` on "
          + "the signer"
      )
    }
  },
  LintRule(
    "approver-never-looks", .error,
    "An administrator never looks during the run: the first look is after its end, or no look falls into "
      + "working hours."
  ) { input in
    input.scenario.approvers.indices.compactMap { number in
      let policy = input.scenario.approvers[number]
      guard ApprovalQueue(.policy(number), input.scenario, end: input.end) == nil else {
        return nil
      }
      return .init(
        at: input.place("spec.approval[\(policy.name)].manual"),
        "\(policy.name) never looks in the \(Quantity.text(input.end)) of the run",
        cure: "correct `firstLook`, `workingHours` or `workingDays`, or lengthen `spec.duration`")
    }
  },
  LintRule(
    "approver-matches-nobody", .warning, "A policy's `matching` fits no CSR that a node makes."
  ) { input in
    input.policies { policy in
      input.scenario.requests.isEmpty && !input.fits(policy)
        ? (
          ".matching", "\(policy.name) matches no CSR of any node",
          "compare it with names of nodes, `system:bootstrap:<token ID>` and the signers"
        ) : nil
    }
  },
  LintRule(
    "csrapproving-refuses", .note,
    "csrapproving runs and asks about every CSR, and is never allowed to approve one of this group, "
      + "while somebody else approves it."
  ) { input in
    input.bootstrapping.filter { outlook, user in
      guard case .policy = outlook.approver else { return false }
      return input.review.csrapprovingWorks
        && !input.review.csrapprovingApproves(user, isRenewal: false)
    }.map { outlook, _ in
      .init(
        at: input.place("spec.nodes[\(outlook.group.name)]"),
        "csrapproving spends two calls on each CSR of group \(outlook.group.name) in vain",
        cure: "bind the nodeclient role, or turn the controller off")
    }
  },
  LintRule(
    "renewal-not-approved", .warning,
    "Nodes renew their certificates and nobody approves the renewals: they are lost at NotAfter."
  ) { input in
    input.bootstrapping.filter { outlook, _ in
      outlook.approver != nil && input.renews(outlook)
        && !input.isApproved(.kubeAPIServerClientKubelet, outlook, isRenewal: true)
    }.map { outlook, _ in
      .init(
        at: input.place("spec.nodes[\(outlook.group.name)]"),
        "nobody approves renewals of group \(outlook.group.name)",
        cure: "bind `system:nodes` to "
          + "`system:certificates.k8s.io:certificatesigningrequests:selfnodeclient`")
    }
  },
  LintRule(
    "serving-not-approved", .warning,
    "Kubelets ask for serving certificates, which csrapproving never approves, and no policy does."
  ) { input in
    input.groups.filter { outlook in
      outlook.group.csrClient == nil && outlook.group.kubelet.serverTLSBootstrap
        && !input.isApproved(.kubeletServing, outlook, isRenewal: true)
    }.map { outlook in
      let name = outlook.group.name
      return .init(
        at: input.place("spec.nodes[\(name)].kubelet.serverTLSBootstrap"),
        "nobody approves serving certificates of group \(name)",
        cure: "add a policy to `spec.approval` for `kubernetes.io/kubelet-serving`")
    }
  },
]

extension LintInput {
  /// Policies that break a rule: the key below the policy, the problem, the cure.
  fileprivate func policies(
    _ check: (ApproverSettings) -> (key: String, problem: String, cure: String)?
  ) -> [LintRule.Violation] {
    scenario.approvers.compactMap { policy in
      check(policy).map { key, problem, cure in
        .init(at: place("spec.approval[\(policy.name)]\(key)"), problem, cure: cure)
      }
    }
  }

  fileprivate var whyNot: (problem: String, cure: String) {
    let manager = scenario.controllerManager
    if !manager.running {
      return (": no controller-manager runs", "set `spec.controllerManager.running`")
    }
    if !manager.csrapproving {
      return (": csrapproving is off", "turn it on in `spec.controllerManager.controllers`")
    }
    if !review.csrapprovingWorks {
      return (
        ": csrapproving is not permitted to",
        scenario.lacksRBAC
          ? addsRBAC : "set `spec.controllerManager.useServiceAccountCredentials`"
      )
    }
    return (
      "",
      "bind a group of its token to "
        + "`system:certificates.k8s.io:certificatesigningrequests:nodeclient`"
    )
  }

  func renews(_ outlook: GroupOutlook) -> Bool {
    outlook.group.csrClient == nil && outlook.group.kubelet.rotateCertificates
  }

  /// Whether somebody approves what a node of the group asks for with its own certificate.
  fileprivate func isApproved(
    _ signer: SignerName, _ outlook: GroupOutlook, isRenewal: Bool
  ) -> Bool {
    guard let node = outlook.group.nodeNames.first else { return true }
    let user = Self.nodeUser(node)
    if signer == .kubeAPIServerClientKubelet,
      review.csrapprovingApproves(user, isRenewal: isRenewal)
    {
      return true
    }
    return scenario.approvers.contains {
      $0.approves(signer, of: user.name, nodes: outlook.group.nodeNames, review)
    }
  }

  /// Whether a policy is for some CSR of some node, with its token or its certificate.
  fileprivate func fits(_ policy: ApproverSettings) -> Bool {
    groups.contains { outlook in
      let nodes = outlook.group.nodeNames
      let signer = SignerName.kubeAPIServerClientKubelet
      let withToken =
        outlook.user.map { policy.matches(signer, of: $0.name, nodes: nodes) } ?? false
      return withToken
        || nodes.contains { node in
          [signer, .kubeletServing].contains {
            policy.matches($0, of: Self.nodeUser(node).name, nodes: [node])
          }
        }
    }
  }
}

import TLSBootstrap

/// Approvers besides csrapproving that may not approve (O24).
extension Rule {
  /// Of a CSR that an approver, and not kube-controller-manager, could not approve. Of one that denies, or that is
  /// for another signer, no node waits for a decision.
  static func refusedApprover(_ node: NodeCase) -> ApproverSettings? {
    let refused = node.sightings.all.filter {
      $0.call == .updateApproval && $0.last.actor.kind == .approver
        && ($0.kind == .authorizationFailed
          || $0.kind == .requestAnswered && $0.answer == .forbiddenToApprove)
    }
    return refused.map { node.given.approvers[Int($0.last.actor.number)] }
      .last(where: \.isForNodeClients)
  }

  /// Where a fault of the scenario took the binding away, that one is left undone.
  static func letsApprove(_ node: NodeCase) -> Remedy {
    guard let approver = refusedApprover(node) else { return Remedy() }
    let faults = node.leavingOut { fault in
      guard case .binding(let fault) = fault else { return false }
      return node.given.bindings.contains {
        $0.name == fault.name && $0.namespace == fault.namespace
          && $0.subjects.contains { $0.isFor(approver) }
      }
    }
    return Remedy(manifest: permissions(of: approver), overrides: faults ?? [])
  }

  private static func permissions(of approver: ApproverSettings) -> String {
    let name = "approver:\(approver.name)"
    let role = """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata:
        name: \(name)
      rules:
      - apiGroups: [certificates.k8s.io]
        resources: [certificatesigningrequests]
        verbs: [get, list, watch]
      - apiGroups: [certificates.k8s.io]
        resources: [certificatesigningrequests/approval]
        verbs: [update]
      - apiGroups: [certificates.k8s.io]
        resources: [signers]
        resourceNames: [kubernetes.io/kube-apiserver-client-kubelet]
        verbs: [approve]
      """
    return role + Remedy.documentEnd
      + clusterRoleBinding(name, role: name, of: "User", approver.user)
  }
}

extension RBAC.Subject {
  fileprivate func isFor(_ approver: ApproverSettings) -> Bool {
    switch self {
    case .user(let name): name == approver.user
    case .group(let name): approver.groups.contains(name)
    case .serviceAccount(let namespace, let name):
      approver.user == "system:serviceaccount:\(namespace):\(name)"
    }
  }
}

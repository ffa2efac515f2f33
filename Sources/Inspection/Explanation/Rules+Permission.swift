import SimulationKernel
import TLSBootstrap

/// What the node may not do (O15, O16, O41, O42, O48).
extension Rule {
  /// A binding of the groups of tokens, as kubeadm makes it.
  struct TokenBinding: Sendable {
    let name, role: String

    /// Lets them create CSRs.
    static let creation = TokenBinding(
      name: "kubeadm:kubelet-bootstrap", role: "system:node-bootstrapper")
    /// Lets their CSRs be approved.
    static let approval = TokenBinding(
      name: "kubeadm:node-autoapprove-bootstrap",
      role: "system:certificates.k8s.io:certificatesigningrequests:nodeclient")
  }

  /// A name that no binding of the cluster has: its subjects would be replaced.
  private static func name(for binding: TokenBinding, _ node: NodeCase) -> String {
    freeName(
      binding.name, for: node.bootstrapGroup, node, isForAll: node.hasOneBootstrapGroup)
  }

  /// The same of a binding of a namespace.
  ///
  /// - Parameters:
  ///   - namespace: empty: of a ClusterRoleBinding.
  ///   - subject: that a name which is taken gets at its end.
  ///   - isForAll: whether no other subject needs such a binding.
  static func freeName(
    _ name: String, in namespace: String = "", for subject: String, _ node: NodeCase,
    isForAll: Bool = true
  ) -> String {
    // A fault that takes one leaves a binding of nothing.
    let isTaken = node.scenario.bindings.contains {
      $0.name == name && ($0.namespace ?? "") == namespace && !$0.roleName.isEmpty
    }
    return isTaken || !isForAll
      ? name + "-" + (subject.split(separator: ":").last ?? "2") : name
  }

  private static func manifest(of binding: TokenBinding, _ node: NodeCase) -> String {
    clusterRoleBinding(
      name(for: binding, node), role: binding.role, of: "Group", node.bootstrapGroup)
  }

  /// - Parameter kind: of the subject.
  static func clusterRoleBinding(
    _ name: String, role: String, of kind: String, _ subject: String
  ) -> String {
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: \(name)
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: \(role)
    subjects:
    - apiGroup: rbac.authorization.k8s.io
      kind: \(kind)
      name: \(subject)
    """
  }

  private static func command(for binding: TokenBinding, _ node: NodeCase) -> String {
    "kubectl create clusterrolebinding \(name(for: binding, node)) --clusterrole=\(binding.role) "
      + "--group=\(node.bootstrapGroup)"
  }

  /// Bindings as commands and as a manifest; a fault that took one, or gave the token other groups, is left undone.
  static func binds(_ missing: [TokenBinding], _ node: NodeCase) -> Remedy {
    Remedy(
      missing.map { .asAdministrator(command(for: $0, node)) },
      manifest: missing.map { manifest(of: $0, node) }.joined(separator: Remedy.documentEnd),
      overrides: node.leavingOut {
        takes(missing.map(\.role), $0, node) || $0.tokenGroups != nil
      } ?? [])
  }

  /// Whether the fault takes a binding to one of these roles.
  static func takes(_ roles: [String], _ fault: Fault, _ node: NodeCase) -> Bool {
    guard case .binding(let fault) = fault else { return false }
    return node.given.bindings.contains {
      $0.name == fault.name && $0.namespace == fault.namespace && roles.contains($0.roleName)
    }
  }

  /// What a node that may not create CSRs lacks, with what it would meet next.
  private static func missing(_ node: NodeCase) -> [TokenBinding] {
    [.creation] + (node.lacksApproval ? [.approval] : [])
  }

  static let makesTokenBefore = Remedy.Command.onControlPlane(
    "kubeadm token create   # before the node starts")

  static let permissionRules = [
    Rule(
      number: "D.3", title: "--authorization-mode lacks an authorizer that kubelets need",
      settlements: [.notAllowedToCreate, .notAllowedToWatch, .joinFailed, .waiting],
      holds: { node in
        let modes = node.scenario.apiServer.authorizationModes
        if modes.contains(.alwaysAllow) { return false }
        return !modes.contains(.rbac) && node.had(.authorizationFailed)
          || !modes.contains(.node) && node.has(.requestAnswered, .createNode, .forbidden)
      },
      clues: [
        .kubeletLog("certificate_manager.go:596"), .kubeadm, .answer(.createRequest, .forbidden),
        .answer(.createNode, .forbidden),
      ],
      needed: { _ in "Node, for what kubelets do, and RBAC, for what their tokens may" },
      remedy: { node in
        Remedy(
          [.settingFlags(["--authorization-mode=Node,RBAC"], of: "kube-apiserver")]
            + joinsAnew(node), overrides: ["spec.apiServer.authorizationMode=[Node, RBAC]"])
      }),
    Rule(
      number: "O48", title: "it exited for want of a certificate while its CSR was merely pending",
      settlements: [.ready, .waiting],
      holds: { node in
        guard let created = node.sightings.last(.requestAnswered, .createRequest, .created),
          node.has(.kubeletExited), let exit = node.sightings.last(.kubeletExited),
          exit.last.value > 0
        else { return false }
        let refusals: [Answer] = [.forbidden, .unauthorized]
        return refusals.contains { answer in
          let refused = node.sightings.last(.requestAnswered, .createRequest, answer)
          return refused.map { $0.first.id < created.first.id } ?? false
            && created.first.id < exit.last.id
        }
      },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"), .request,
      ],
      faults: { $0.isBinding || $0.isToken },
      needed: { _ in
        "no 401 or 403 before the CSR: it tells the kubelet that the server is well, and it then "
          + "exits five minutes after its start whatever becomes of the CSR; or an approval before"
      },
      remedy: { node in
        let binds = Remedy.Command.asAdministrator(
          command(for: .creation, node) + "   # before the nodes come")
        return Remedy(
          node.had(.requestAnswered, .createRequest, .forbidden) ? [binds] : [makesTokenBefore],
          of: node, undoing: { $0.isBinding || $0.isToken })
      }),
    Rule(
      number: "O42", title: "the API server did not know its token yet",
      settlements: [.ready],
      holds: { isRefused($0, "No secret of name") },
      clues: [
        .kubeletLog("certificate_manager.go:596", saying: "Unauthorized"),
        .authentication(.createRequest),
      ],
      faults: { $0.isToken || $0.isStaleSecrets },
      needed: { _ in "the token made, and seen by every API server, before the node comes" },
      remedy: { node in
        Remedy(
          [makesTokenBefore], of: node, undoing: { $0.isToken || $0.isStaleSecrets })
      }),
    Rule(
      number: "O41", title: "it asks for a certificate of another name",
      settlements: [.notAllowedToCreate, .waiting],
      holds: { $0.has(.requestAnswered, .createRequest, .forbiddenCommonName) },
      clues: [
        .kubeletLog("certificate_manager.go:596"), .answer(.createRequest, .forbiddenCommonName),
      ],
      needed: { node in "CN=system:node:\(node.name): the hostname that its certificate has" },
      remedy: { node in
        Remedy([.on(node, "hostnamectl set-hostname \(node.name) && systemctl restart kubelet")])
      }),
    Rule(
      number: "O15", title: "no binding let its token create CSRs",
      settlements: [.ready],
      holds: { $0.has(.requestAnswered, .createRequest, .forbidden) },
      clues: [
        .kubeletLog("transport.go:120"),
        .kubeletLog("certificate_manager.go:596", saying: "forbidden"),
        .answer(.createRequest, .forbidden),
      ],
      faults: { $0.isBinding || $0.tokenGroups != nil },
      needed: { node in
        "a binding of \(node.bootstrapGroup) to system:node-bootstrapper before the node comes"
      },
      remedy: { node in binds(missing(node), node) }),
    Rule(
      number: "C.3",
      title: "its bootstrap kubeconfig has no token, or one that begins with a blank",
      settlements: [.notAllowedToCreate],
      holds: { $0.lacksToken && $0.has(.requestAnswered, .createRequest, .forbidden) },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"),
        .kubeletLog("run.go:72"), .answer(.createRequest, .forbidden),
      ],
      needed: { _ in
        "a token: without one, or with a blank before it, the API server takes the node for "
          + "system:anonymous"
      },
      remedy: { node in
        Remedy(writesBootstrapKubeconfig(node), overrides: writesGoodToken(node))
      }),
    Rule(
      number: "O15", title: "no binding lets its token create CSRs",
      settlements: [.notAllowedToCreate, .bootstrapKubeconfigMissing],
      holds: {
        $0.record.settlement == .notAllowedToCreate
          || $0.has(.requestAnswered, .createRequest, .forbidden) && $0.had(.joinFailed)
      },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"),
        .kubeletLog("run.go:72"), .answer(.createRequest, .forbidden),
      ],
      faults: { $0.isBinding || $0.tokenGroups != nil },
      needed: { node in
        let roles = missing(node).map(\.role).joined(separator: ", and one to ")
        return "a binding of \(node.bootstrapGroup) to \(roles)"
      },
      remedy: { node in
        var remedy = binds(missing(node), node)
        if node.had(.joinFailed) { remedy.commands += joinsAgain(node) }
        return remedy
      }),
    Rule(
      number: "O16", title: "it may create CSRs but not look at them",
      settlements: [.notAllowedToWatch], holds: { _ in true },
      clues: [
        .kubeletLog("certificate_manager.go:613"), .kubeletLog("run.go:72"),
        .answer(.listRequest, .forbidden), .request,
      ],
      faults: \.isBinding,
      needed: { _ in
        "get, list and watch on certificatesigningrequests beside create, as "
          + "system:node-bootstrapper has them"
      },
      remedy: { node in binds([.creation], node) }),
  ]
}

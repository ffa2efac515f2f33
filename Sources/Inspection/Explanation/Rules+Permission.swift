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
    let isTaken = node.scenario.bindings.contains { $0.name == binding.name }
    return isTaken
      ? binding.name + "-" + (node.bootstrapGroup.split(separator: ":").last ?? "2")
      : binding.name
  }

  private static func manifest(of binding: TokenBinding, _ node: NodeCase) -> String {
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: \(name(for: binding, node))
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: \(binding.role)
    subjects:
    - apiGroup: rbac.authorization.k8s.io
      kind: Group
      name: \(node.bootstrapGroup)
    """
  }

  private static func command(for binding: TokenBinding, _ node: NodeCase) -> String {
    "kubectl create clusterrolebinding \(name(for: binding, node)) --clusterrole=\(binding.role) "
      + "--group=\(node.bootstrapGroup)"
  }

  /// Bindings as commands and as a manifest; a fault that took one is left undone.
  static func binds(_ missing: [TokenBinding], _ node: NodeCase) -> Remedy {
    Remedy(
      missing.map { .asAdministrator(command(for: $0, node)) },
      manifest: missing.map { manifest(of: $0, node) }
        .joined(separator: "\n---\n"),
      overrides: node.overrides([], unless: \.isBinding))
  }

  /// What a node that may not create CSRs lacks, with what it would meet next.
  private static func missing(_ node: NodeCase) -> [TokenBinding] {
    [.creation] + (node.lacksApproval ? [.approval] : [])
  }

  static let permissionRules = [
    Rule(
      number: "O48", title: "it exited for want of a certificate while its CSR was merely pending",
      settlements: [.ready, .waiting],
      holds: { node in
        guard let created = node.sightings.last(.requestAnswered, .createRequest, .created),
          let exit = node.sightings.last(.kubeletExited), exit.last.value > 0
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
      faults: \.isBinding,
      needed: { _ in
        "no 401 or 403 before the CSR: it tells the kubelet that the server is well, and it then "
          + "exits five minutes after its start whatever becomes of the CSR; or an approval before"
      },
      remedy: { node in
        .withoutFaults([
          .asAdministrator(
            command(for: .creation, node) + "   # before the nodes come")
        ])
      }),
    Rule(
      number: "O42", title: "the API server did not know its token yet",
      settlements: [.ready],
      holds: { node in
        node.has(.authenticationFailed, .createRequest)
          && !node.says(.authenticationFailed, "x509", to: .createRequest)
      },
      clues: [.kubeletLog("certificate_manager.go:596"), .authentication(.createRequest)],
      faults: {
        switch $0 {
        case .token, .staleSecrets: true
        default: false
        }
      },
      needed: { _ in "the token made, and seen by every API server, before the node comes" },
      remedy: { _ in
        .withoutFaults([.onControlPlane("kubeadm token create   # before the node starts")])
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
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"),
        .answer(.createRequest, .forbidden),
      ],
      faults: \.isBinding,
      needed: { node in
        "a binding of \(node.bootstrapGroup) to system:node-bootstrapper before the node comes"
      },
      remedy: { node in binds(missing(node), node) }),
    Rule(
      number: "O15", title: "no binding lets its token create CSRs",
      settlements: [.notAllowedToCreate], holds: { _ in true },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"),
        .kubeletLog("run.go:72"), .answer(.createRequest, .forbidden),
      ],
      faults: \.isBinding,
      needed: { node in
        let roles = missing(node).map(\.role).joined(separator: ", and one to ")
        return "a binding of \(node.bootstrapGroup) to \(roles)"
      },
      remedy: { node in binds(missing(node), node) }),
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

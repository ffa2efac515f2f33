import SimulationKernel
import TLSBootstrap

/// What `kubeadm join` meets before it starts the kubelet (N.2, O45).
extension Rule {
  /// Without which it does not go on.
  private static let configurations: [Call] = [.getKubeadmConfig, .getKubeletConfig, .getNode]

  /// kubeadm's own RoleBinding for each of its reads.
  private static func binding(for call: Call) -> (namespace: String, name: String) {
    switch call {
    case .getClusterInfo: ("kube-public", "kubeadm:bootstrap-signer-clusterinfo")
    case .getKubeletConfig: ("kube-system", "kubeadm:kubelet-config")
    case .getNode: ("", "kubeadm:get-nodes")
    default: ("kube-system", "kubeadm:nodes-kubeadm-config")
    }
  }

  /// The first read that the node is still forbidden.
  private static func forbidden(_ node: NodeCase) -> Call? {
    configurations.first { node.has(.requestAnswered, $0, .forbidden) }
  }

  /// Creates that RoleBinding again, or another of its Role, which is there.
  private static func binds(_ call: Call, _ subject: String, _ node: NodeCase) -> Remedy {
    let (namespace, role) = binding(for: call)
    let name = freeName(role, in: namespace, for: subject, node)
    let command =
      namespace.isEmpty
      ? "kubectl create clusterrolebinding \(name) --clusterrole=\(role) \(subject)"
      : "kubectl -n \(namespace) create rolebinding \(name) --role=\(role) \(subject)"
    return Remedy(
      [.asAdministrator(command)] + joinsAnew(node), of: node,
      undoing: {
        guard case .binding(let fault) = $0 else { return $0.tokenGroups != nil }
        return fault.name == role && (fault.namespace ?? "") == namespace
      })
  }

  static let joinRules = [
    Rule(
      number: "O7", title: "what kubeadm join was given as token is none",
      settlements: [.joinFailed],
      holds: {
        $0.says(.joinFailed, "the bootstrap token is invalid")
          || $0.says(.joinFailed, "bootstrapToken or file must be set")
      },
      clues: [.kubeadm],
      needed: { _ in "a token of the form [a-z0-9]{6}.[a-z0-9]{16}, which kubeadm looks at first" },
      remedy: { node in Remedy(joinsAgain(node), overrides: writesGoodToken(node)) }),
    Rule(
      number: "N.2", title: "kubeadm join found a kubelet.conf of before",
      settlements: [.joinFailed], holds: { $0.says(.joinFailed, "[ERROR FileAvailable-") },
      clues: [.kubeadm],
      needed: { _ in "no /etc/kubernetes/kubelet.conf: what joined a cluster before is reset first"
      },
      remedy: { node in
        Remedy(joinsAgain(node), overrides: ["\(node.groupKey).kubeconfig.state=Absent"])
      }),
    Rule(
      number: "N.2", title: "kubeadm join found no container runtime",
      settlements: [.joinFailed], holds: { $0.says(.joinFailed, "[ERROR CRI]") },
      clues: [.kubeadm], faults: \.stopsRuntime,
      needed: { _ in "a container runtime that answers before `kubeadm join` is run" },
      remedy: { node in
        Remedy(
          [.on(node, "systemctl enable --now containerd")] + joinsAgain(node), of: node,
          undoing: \.stopsRuntime, or: ["\(node.groupKey).containerRuntime=Present"])
      }),
    Rule(
      number: "O45", title: "its token may not sign cluster-info",
      settlements: [.joinFailed],
      holds: {
        $0.lacksSignature && $0.tokenText == nil
          && $0.secretInForce?.usageBootstrapSigning != "true"
      },
      clues: [.kubeadm, .answer(.getClusterInfo, nil)], faults: \.isToken,
      needed: { node in
        "usage-bootstrap-signing: \"true\" in kube-system/bootstrap-token-\(node.tokenID), without "
          + "which bootstrapsigner does not sign cluster-info with it"
      },
      remedy: { node in
        Remedy(
          [
            .asAdministrator(
              "kubectl -n kube-system patch secret bootstrap-token-\(node.tokenID) --type merge "
                + "-p '{\"stringData\":{\"usage-bootstrap-signing\":\"true\"}}'")
          ] + joinsAgain(node),
          overrides: setting(
            node, "usages", "[signing, authentication]", of: \.usageBootstrapSigning))
      }),
    Rule(
      number: "O45", title: "cluster-info is not signed with its token yet",
      settlements: [.joinFailed, .ready, .waiting],
      holds: { node in
        node.lacksSignature
          || node.record.settlement != .joinFailed
            && (node.sightings.last(.requestAnswered, .getClusterInfo)?.count ?? 0) > 2
            && (node.record.settlement == .ready || !node.had(.bootstrapKubeconfigWritten))
      }, clues: [.kubeadm, .answer(.getClusterInfo, nil)], faults: \.isToken,
      needed: { node in
        "bootstrapsigner running, and a token \(node.tokenID) that lives and may sign, before "
          + "`kubeadm join` has asked for five minutes"
      },
      remedy: { node in
        let manager = node.given.controllerManager
        let isAway = !runsManager(node).isEmpty || node.fault(\.stopsManager) != nil
        // A fault that is left out makes no signature while nobody signs.
        let signs =
          runsManager(node)
          + (manager.bootstrapsigner
            ? [] : ["spec.controllerManager.controllers.bootstrapsigner=true"])
        return Remedy(
          [
            .asAdministrator(
              "kubectl -n kube-public get configmap cluster-info -o jsonpath="
                + "'{.data.jws-kubeconfig-\(node.tokenID)}'   # empty: not signed")
          ] + (isAway ? [listsManagers] + startsAgain(node) : [.runsControllers])
            + joinsAgain(node),
          overrides: signs.isEmpty
            ? node.leavingOut { $0.isToken || $0.stopsManager } ?? [] : signs)
      }),
    Rule(
      number: "N.2", title: "the API server takes no anonymous requests, with which kubeadm begins",
      settlements: [.joinFailed],
      holds: { $0.has(.requestAnswered, .getClusterInfo, .unauthorized) },
      clues: [.kubeadm, .answer(.getClusterInfo, .unauthorized)],
      needed: { node in
        node.scenario.apiServer.anonymousAuth
          ? "an --authorization-mode without AlwaysAllow, which switches anonymous requests off"
          : "--anonymous-auth=true on kube-apiserver, as it is by default"
      },
      remedy: { node in
        let isOff = !node.scenario.apiServer.anonymousAuth
        return Remedy(
          [
            .settingFlags(
              [isOff ? "--anonymous-auth=true" : "--authorization-mode=Node,RBAC"],
              of: "kube-apiserver")
          ] + joinsAgain(node),
          overrides: [
            isOff
              ? "spec.apiServer.anonymousAuth=true"
              : "spec.apiServer.authorizationMode=[Node, RBAC]"
          ])
      }),
    Rule(
      number: "N.2", title: "nobody may read cluster-info who is not known",
      settlements: [.joinFailed],
      holds: { $0.has(.requestAnswered, .getClusterInfo, .forbidden) },
      clues: [.kubeadm, .answer(.getClusterInfo, .forbidden)], faults: \.isBinding,
      needed: { _ in
        "the RoleBinding kube-public/kubeadm:bootstrap-signer-clusterinfo of system:anonymous"
      },
      remedy: { node in binds(.getClusterInfo, "--user=system:anonymous", node) }),
    Rule(
      number: "N.2", title: "its token may not read kubeadm's configuration",
      settlements: [.joinFailed], holds: { forbidden($0) != nil },
      clues: [.kubeadm] + configurations.map { .answer($0, .forbidden) },
      faults: { $0.isBinding || $0.tokenGroups != nil },
      needed: { node in
        let (namespace, role) = binding(for: forbidden(node) ?? .getKubeadmConfig)
        let name = freeName(role, in: namespace, for: node.bootstrapGroup, node)
        return namespace.isEmpty
          ? "the ClusterRoleBinding \(name) of \(node.bootstrapGroup)"
          : "the RoleBinding \(namespace)/\(name) of \(node.bootstrapGroup)"
      },
      remedy: { node in
        binds(
          forbidden(node) ?? .getKubeadmConfig, "--group=\(node.bootstrapGroup)", node)
      }),
  ]
}

import TLSBootstrap

/// What `kubeadm init` creates for joining nodes (protocol.md D.2).
enum KubeadmPreset {
  private static let tokenGroup = RBAC.Subject.group(TokenDefinition.defaultGroup)
  private static let nodes = RBAC.Subject.group("system:nodes")

  /// Adds each role and binding, unless the scenario has one of that name.
  static func add(to scenario: inout Scenario) {
    for role in roles
    where !scenario.roles.contains(where: {
      $0.name == role.name && $0.namespace == role.namespace
    }) {
      scenario.roles.append(role)
    }
    for binding in bindings
    where !scenario.bindings.contains(where: {
      $0.name == binding.name && $0.namespace == binding.namespace
    }) {
      scenario.bindings.append(binding)
    }
  }

  static let bindings: [RBAC.Binding] = [
    RBAC.Binding(
      name: "kubeadm:kubelet-bootstrap", roleName: "system:node-bootstrapper",
      subjects: [tokenGroup]),
    RBAC.Binding(
      name: "kubeadm:node-autoapprove-bootstrap",
      roleName: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
      subjects: [tokenGroup]),
    RBAC.Binding(
      name: "kubeadm:node-autoapprove-certificate-rotation",
      roleName: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
      subjects: [nodes]),
    RBAC.Binding(
      name: "kubeadm:get-nodes", roleName: "kubeadm:get-nodes", subjects: [tokenGroup]),
    configMapBinding(
      "kubeadm:bootstrap-signer-clusterinfo", "kube-public", [.user("system:anonymous")]),
    configMapBinding("kubeadm:nodes-kubeadm-config", "kube-system", [tokenGroup, nodes]),
    configMapBinding("kubeadm:kubelet-config", "kube-system", [tokenGroup, nodes]),
    configMapBinding("kube-proxy", "kube-system", [tokenGroup]),
  ]

  static let roles: [RBAC.Role] = [
    RBAC.Role(
      name: "kubeadm:get-nodes",
      rules: [RBAC.Rule(verbs: ["get"], apiGroups: [""], resources: ["nodes"])]),
    configMapRole("kubeadm:bootstrap-signer-clusterinfo", "kube-public", "cluster-info"),
    configMapRole("kubeadm:nodes-kubeadm-config", "kube-system", "kubeadm-config"),
    configMapRole("kubeadm:kubelet-config", "kube-system", "kubelet-config"),
    configMapRole("kube-proxy", "kube-system", "kube-proxy"),
  ]

  private static func configMapRole(
    _ name: String, _ namespace: String, _ configMap: String
  ) -> RBAC.Role {
    RBAC.Role(
      name: name, namespace: namespace,
      rules: [
        RBAC.Rule(
          verbs: ["get"], apiGroups: [""], resources: ["configmaps"], resourceNames: [configMap])
      ])
  }

  private static func configMapBinding(
    _ name: String, _ namespace: String, _ subjects: [RBAC.Subject]
  ) -> RBAC.Binding {
    RBAC.Binding(
      name: name, namespace: namespace, refersToClusterRole: false, roleName: name,
      subjects: subjects)
  }
}

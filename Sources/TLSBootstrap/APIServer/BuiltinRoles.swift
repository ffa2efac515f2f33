/// The ClusterRoles and bindings that every API server creates at its start, as far as this protocol
/// meets them.
///
/// Source: protocol.md D.1; plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy}.go.
public enum BuiltinRoles {
  private static let certificates = "certificates.k8s.io"
  private static let requests = "certificatesigningrequests"

  public static let roles: [RBAC.Role] = [
    RBAC.Role(
      name: "system:node-bootstrapper",
      rules: [rule(["create", "get", "list", "watch"], certificates, [requests])]),
    RBAC.Role(
      name: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
      rules: [rule(["create"], certificates, ["\(requests)/nodeclient"])]),
    RBAC.Role(
      name: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
      rules: [rule(["create"], certificates, ["\(requests)/selfnodeclient"])]),
    approver("kube-apiserver-client-kubelet"),
    approver("kubelet-serving"),
    approver("kube-apiserver-client"),
    approver("legacy-unknown"),
    certificateController,
    controllerManager,
    RBAC.Role(
      name: "system:controller:token-cleaner", namespace: "kube-system",
      rules: [rule(["get", "list", "watch", "delete"], "", ["secrets"])]),
    RBAC.Role(
      name: "system:controller:bootstrap-signer", namespace: "kube-system",
      rules: [rule(["get", "list", "watch"], "", ["secrets"])]),
    RBAC.Role(
      name: "system:controller:bootstrap-signer", namespace: "kube-public",
      rules: [
        rule(["get", "list", "watch"], "", ["configmaps"]),
        RBAC.Rule(
          verbs: ["update"], apiGroups: [""], resources: ["configmaps"],
          resourceNames: ["cluster-info"]),
      ]),
    RBAC.Role(
      name: "system:public-info-viewer",
      rules: [
        RBAC.Rule(
          verbs: ["get"],
          nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"])
      ]),
    RBAC.Role(
      name: "system:basic-user",
      rules: [
        rule(
          ["create"], "authorization.k8s.io",
          ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
        rule(["create"], "authentication.k8s.io", ["selfsubjectreviews"]),
      ]),
    RBAC.Role(
      name: "cluster-admin",
      rules: [
        RBAC.Rule(verbs: ["*"], apiGroups: ["*"], resources: ["*"]),
        RBAC.Rule(verbs: ["*"], nonResourceURLs: ["*"]),
      ]),
    RBAC.Role(name: "system:node", rules: nodeRules),
  ]

  public static let bindings: [RBAC.Binding] = [
    RBAC.Binding(
      name: "system:controller:certificate-controller",
      roleName: "system:controller:certificate-controller",
      subjects: [.serviceAccount(namespace: "kube-system", name: "certificate-controller")]),
    RBAC.Binding(
      name: "system:kube-controller-manager", roleName: "system:kube-controller-manager",
      subjects: [.user("system:kube-controller-manager")]),
    controllerBinding("token-cleaner", "kube-system"),
    controllerBinding("bootstrap-signer", "kube-system"),
    controllerBinding("bootstrap-signer", "kube-public"),
    RBAC.Binding(
      name: "system:public-info-viewer", roleName: "system:public-info-viewer",
      subjects: [.group("system:authenticated"), .group("system:unauthenticated")]),
    RBAC.Binding(
      name: "system:basic-user", roleName: "system:basic-user",
      subjects: [.group("system:authenticated")]),
    RBAC.Binding(
      name: "cluster-admin", roleName: "cluster-admin", subjects: [.group("system:masters")]),
    // kubeadm's administrators (kubeadm 1.29 and later).
    RBAC.Binding(
      name: "kubeadm:cluster-admins", roleName: "cluster-admin",
      subjects: [.group("kubeadm:cluster-admins")]),
    // Without subjects since 1.8 (D.1).
    RBAC.Binding(name: "system:node", roleName: "system:node", subjects: []),
  ]

  /// What the Node authorizer allows a node besides its own objects (D.3).
  static let nodeRules: [RBAC.Rule] = [
    rule(["create"], "authentication.k8s.io", ["tokenreviews"]),
    rule(
      ["create"], "authorization.k8s.io", ["localsubjectaccessreviews", "subjectaccessreviews"]),
    rule(["get", "list", "watch"], "", ["services"]),
    rule(["create", "get", "list", "watch"], "", ["nodes"]),
    rule(["patch", "update"], "", ["nodes/status"]),
    rule(["patch", "update"], "", ["nodes"]),
    RBAC.Rule(
      verbs: ["create", "patch", "update"], apiGroups: ["", "events.k8s.io"],
      resources: ["events"]),
    rule(["get", "list", "watch", "create", "delete"], "", ["pods"]),
    rule(["patch", "update"], "", ["pods/status"]),
    rule(["create", "get", "list", "watch"], certificates, [requests]),
    rule(["create", "delete", "get", "patch", "update"], "coordination.k8s.io", ["leases"]),
    rule(["get", "list", "watch"], "storage.k8s.io", ["csidrivers"]),
    rule(["create", "delete", "get", "patch", "update"], "storage.k8s.io", ["csinodes"]),
    rule(["get", "list", "watch"], "node.k8s.io", ["runtimeclasses"]),
  ]

  private static let certificateController = RBAC.Role(
    name: "system:controller:certificate-controller",
    rules: [
      rule(["delete", "get", "list", "watch"], certificates, [requests]),
      rule(["update"], certificates, ["\(requests)/approval", "\(requests)/status"]),
      RBAC.Rule(
        verbs: ["approve"], apiGroups: [certificates], resources: ["signers"],
        resourceNames: [SignerName.kubeAPIServerClientKubelet.text]),
      RBAC.Rule(
        verbs: ["sign"], apiGroups: [certificates], resources: ["signers"],
        resourceNames: SignerName.allCases.map(\.text)),
      rule(["create"], "authorization.k8s.io", ["subjectaccessreviews"]),
      RBAC.Rule(
        verbs: ["create", "patch", "update"], apiGroups: ["", "events.k8s.io"],
        resources: ["events"]),
    ])

  /// Without csr/approval, csr/status and signers: D.1's caveat.
  private static let controllerManager = RBAC.Role(
    name: "system:kube-controller-manager",
    rules: [
      RBAC.Rule(verbs: ["list", "watch"], apiGroups: ["*"], resources: ["*"]),
      rule(["create", "get", "update"], "coordination.k8s.io", ["leases"]),
      RBAC.Rule(
        verbs: ["create", "patch", "update"], apiGroups: ["", "events.k8s.io"],
        resources: ["events"]),
      rule(["create", "get"], "", ["serviceaccounts"]),
      rule(["delete"], "", ["secrets"]),
      rule(["create"], "", ["serviceaccounts/token"]),
      rule(["create"], "authorization.k8s.io", ["subjectaccessreviews"]),
      rule(["create"], "authentication.k8s.io", ["tokenreviews"]),
    ])

  private static func controllerBinding(_ name: String, _ namespace: String) -> RBAC.Binding {
    RBAC.Binding(
      name: "system:controller:\(name)", namespace: namespace, refersToClusterRole: false,
      roleName: "system:controller:\(name)",
      subjects: [.serviceAccount(namespace: "kube-system", name: name)])
  }

  private static func approver(_ signer: String) -> RBAC.Role {
    RBAC.Role(
      name: "system:certificates.k8s.io:\(signer)-approver",
      rules: [
        RBAC.Rule(
          verbs: ["approve"], apiGroups: [certificates], resources: ["signers"],
          resourceNames: ["kubernetes.io/\(signer)"])
      ])
  }

  private static func rule(_ verbs: [String], _ group: String, _ resources: [String]) -> RBAC.Rule {
    RBAC.Rule(verbs: verbs, apiGroups: [group], resources: resources)
  }
}

/// The roles and bindings that every API server creates at its start, with the feature gates of 1.36 at their
/// defaults.
///
/// Source: protocol.md D.1; recorded, manifests/cluster-roles.yaml (what bootstrapping is about, and
/// `system:node`); else plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy,
/// namespace_policy}.go.
public enum BuiltinRoles {
  static let certificates = "certificates.k8s.io"
  static let requests = "certificatesigningrequests"

  public static let roles: [RBAC.Role] =
    bootstrapRoles + componentRoles + controllerRoles + namespacedRoles + peoplesRoles

  public static let bindings: [RBAC.Binding] =
    bootstrapBindings + componentBindings + namespacedBindings + controllerBindings

  /// What requests for, and decisions on, certificates of nodes are about.
  private static let bootstrapRoles: [RBAC.Role] = [
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

  private static let bootstrapBindings: [RBAC.Binding] = [
    // Of two that allow /healthz the one that the recordings name comes first.
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

  /// What the Node authorizer allows a node besides what it decides by object (D.3).
  ///
  /// Source: recorded, manifests/cluster-roles.yaml, `system:node`.
  static let nodeRules: [RBAC.Rule] = [
    rule(["create"], "authentication.k8s.io", ["tokenreviews"]),
    rule(
      ["create"], "authorization.k8s.io", ["localsubjectaccessreviews", "subjectaccessreviews"]),
    rule(["get", "list", "watch"], "", ["services"]),
    rule(["create", "get", "list", "watch"], "", ["nodes"]),
    rule(["patch", "update"], "", ["nodes/status"]),
    rule(["patch", "update"], "", ["nodes"]),
    events,
    rule(["get", "list", "watch"], "", ["pods"]),
    rule(["create", "delete"], "", ["pods"]),
    rule(["patch", "update"], "", ["pods/status"]),
    rule(["create"], "", ["pods/eviction"]),
    rule(["get", "list", "watch"], "", ["configmaps", "secrets"]),
    rule(["get"], "", ["persistentvolumeclaims", "persistentvolumes"]),
    rule(["get"], "", ["endpoints"]),
    rule(["create", "get", "list", "watch"], certificates, [requests]),
    rule(["create", "delete", "get", "patch", "update"], "coordination.k8s.io", ["leases"]),
    rule(["get"], "storage.k8s.io", ["volumeattachments"]),
    rule(["create"], "", ["serviceaccounts/token"]),
    rule(["get", "patch", "update"], "", ["persistentvolumeclaims/status"]),
    rule(["get", "list", "watch"], "storage.k8s.io", ["csidrivers"]),
    rule(["create", "delete", "get", "patch", "update"], "storage.k8s.io", ["csinodes"]),
    rule(["get", "list", "watch"], "node.k8s.io", ["runtimeclasses"]),
    rule(["get"], "resource.k8s.io", ["resourceclaims"]),
    rule(["deletecollection"], "resource.k8s.io", ["resourceslices"]),
    rule(["get"], "", ["serviceaccounts"]),
  ]

  private static func approver(_ signer: String) -> RBAC.Role {
    RBAC.Role(
      name: "system:certificates.k8s.io:\(signer)-approver",
      rules: [rule(["approve"], certificates, ["signers"], named: ["kubernetes.io/\(signer)"])])
  }
}

// MARK: How rules are written

extension BuiltinRoles {
  static let read = ["get", "list", "watch"]
  static let follow = ["list", "watch"]
  static let write = ["create", "delete", "deletecollection", "patch", "update"]

  static let events = RBAC.Rule(
    verbs: ["create", "patch", "update"], apiGroups: ["", "events.k8s.io"], resources: ["events"])

  static func rule(
    _ verbs: [String], _ group: String, _ resources: [String], named names: [String] = []
  ) -> RBAC.Rule {
    RBAC.Rule(verbs: verbs, apiGroups: [group], resources: resources, resourceNames: names)
  }

  static func rule(_ verbs: [String], _ groups: [String], _ resources: [String]) -> RBAC.Rule {
    RBAC.Rule(verbs: verbs, apiGroups: groups, resources: resources)
  }
}

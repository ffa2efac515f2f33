/// ClusterRoles of the control plane's programs and of add-ons, with their bindings.
///
/// Source: bootstrappolicy/policy.go, `clusterRoles` and `clusterRoleBindings`.
extension BuiltinRoles {
  static let componentRoles: [RBAC.Role] =
    pathRoles + [controllerManager, scheduler, volumeScheduler] + addOnRoles

  static let componentBindings: [RBAC.Binding] = [
    RBAC.Binding(
      name: "system:discovery", roleName: "system:discovery",
      subjects: [.group("system:authenticated")]),
    RBAC.Binding(
      name: "system:monitoring", roleName: "system:monitoring",
      subjects: [.group("system:monitoring")]),
    RBAC.Binding(
      name: "system:service-account-issuer-discovery",
      roleName: "system:service-account-issuer-discovery",
      subjects: [.group("system:serviceaccounts")]),
    binding("system:node-proxier", to: "system:kube-proxy"),
    binding("system:kube-controller-manager", to: "system:kube-controller-manager"),
    binding("system:kube-scheduler", to: "system:kube-scheduler"),
    binding("system:volume-scheduler", to: "system:kube-scheduler"),
    RBAC.Binding(
      name: "system:kube-dns", roleName: "system:kube-dns",
      subjects: [.serviceAccount(namespace: "kube-system", name: "kube-dns")]),
  ]

  private static let pathRoles: [RBAC.Role] = [
    paths(
      "system:discovery",
      [
        "/livez", "/readyz", "/healthz", "/version", "/version/", "/openapi", "/openapi/*", "/api",
        "/api/*", "/apis", "/apis/*",
      ]),
    paths(
      "system:monitoring",
      [
        "/metrics", "/metrics/slis", "/livez", "/readyz", "/healthz", "/livez/*", "/readyz/*",
        "/healthz/*",
      ]),
    paths(
      "system:service-account-issuer-discovery",
      [
        "/.well-known/openid-configuration", "/.well-known/openid-configuration/",
        "/openid/v1/jwks", "/openid/v1/jwks/",
      ]),
  ]

  /// Without csr/approval, csr/status and signers: D.1's caveat.
  private static let controllerManager = RBAC.Role(
    name: "system:kube-controller-manager",
    rules: [
      events,
      rule(["create"], "coordination.k8s.io", ["leases"]),
      rule(
        ["get", "update"], "coordination.k8s.io", ["leases"], named: ["kube-controller-manager"]),
      rule(["create"], "", ["secrets", "serviceaccounts"]),
      rule(["delete"], "", ["secrets"]),
      rule(["get"], "", ["configmaps", "namespaces", "secrets", "serviceaccounts"]),
      rule(["update"], "", ["secrets", "serviceaccounts"]),
      rule(["create"], "authentication.k8s.io", ["tokenreviews"]),
      rule(["create"], "authorization.k8s.io", ["subjectaccessreviews"]),
      rule(follow, "*", ["*"]),
      rule(["create"], "", ["serviceaccounts/token"]),
    ])

  private static let scheduler = RBAC.Role(
    name: "system:kube-scheduler",
    rules: [
      events,
      rule(["create"], "coordination.k8s.io", ["leases"]),
      rule(
        ["get", "list", "update", "watch"], "coordination.k8s.io", ["leases"],
        named: ["kube-scheduler"]),
      rule(read, "", ["nodes"]),
      rule(["delete", "get", "list", "watch"], "", ["pods"]),
      rule(["create"], "", ["bindings", "pods/binding"]),
      rule(["patch", "update"], "", ["pods/status"]),
      rule(read, "", ["replicationcontrollers", "services"]),
      rule(read, ["apps", "extensions"], ["replicasets"]),
      rule(read, "apps", ["statefulsets"]),
      rule(read, "policy", ["poddisruptionbudgets"]),
      rule(read, "", ["persistentvolumeclaims", "persistentvolumes"]),
      rule(["create"], "authentication.k8s.io", ["tokenreviews"]),
      rule(["create"], "authorization.k8s.io", ["subjectaccessreviews"]),
      rule(read, "storage.k8s.io", ["csinodes"]),
      rule(read, "storage.k8s.io", ["volumeattachments"]),
      rule(read, "", ["namespaces"]),
      rule(read, "storage.k8s.io", ["csidrivers"]),
      rule(read, "storage.k8s.io", ["csistoragecapacities"]),
      rule(read, "resource.k8s.io", ["deviceclasses"]),
      rule(readAndPatch, "resource.k8s.io", ["resourceclaims"]),
      rule(readAndPatch, "resource.k8s.io", ["resourceclaims/status"]),
      rule(readAndPatch, "", ["pods/finalizers"]),
      rule(read, "resource.k8s.io", ["resourceslices"]),
    ])

  private static let volumeScheduler = RBAC.Role(
    name: "system:volume-scheduler",
    rules: [
      rule(readAndPatch, "", ["persistentvolumes"]),
      rule(read, "storage.k8s.io", ["storageclasses"]),
      rule(readAndPatch, "", ["persistentvolumeclaims"]),
    ])

  private static let addOnRoles: [RBAC.Role] = [
    RBAC.Role(
      name: "system:node-proxier",
      rules: [
        rule(follow, "", ["endpoints", "services"]),
        rule(read, "", ["nodes"]),
        events,
        rule(follow, "networking.k8s.io", ["servicecidrs"]),
        rule(follow, "discovery.k8s.io", ["endpointslices"]),
      ]),
    RBAC.Role(
      name: "system:kube-dns", rules: [rule(follow, "", ["endpoints", "services"])]),
    RBAC.Role(
      name: "system:kube-aggregator", rules: [rule(read, "", ["endpoints", "services"])]),
    RBAC.Role(
      name: "system:auth-delegator",
      rules: [
        rule(["create"], "authentication.k8s.io", ["tokenreviews"]),
        rule(["create"], "authorization.k8s.io", ["subjectaccessreviews"]),
      ]),
    RBAC.Role(
      name: "system:heapster",
      rules: [
        rule(read, "", ["events", "namespaces", "nodes", "pods"]),
        rule(read, "extensions", ["deployments"]),
      ]),
    RBAC.Role(
      name: "system:node-problem-detector",
      rules: [
        rule(["get"], "", ["nodes"]), rule(["patch"], "", ["nodes/status"]), events,
      ]),
    RBAC.Role(
      name: "system:persistent-volume-provisioner",
      rules: [
        rule(["create", "delete", "get", "list", "watch"], "", ["persistentvolumes"]),
        rule(["get", "list", "update", "watch"], "", ["persistentvolumeclaims"]),
        rule(read, "storage.k8s.io", ["storageclasses"]),
        rule(["watch"], "", ["events"]),
        events,
      ]),
    RBAC.Role(
      name: "system:kubelet-api-admin",
      rules: [
        rule(read, "", ["nodes"]),
        rule(["proxy"], "", ["nodes"]),
        rule(["*"], "", ["nodes/log", "nodes/metrics", "nodes/proxy", "nodes/stats"]),
        rule(["*"], "", ["nodes/configz", "nodes/healthz", "nodes/pods"]),
      ]),
  ]

  private static let readAndPatch = ["get", "list", "patch", "update", "watch"]

  private static func paths(_ name: String, _ paths: [String]) -> RBAC.Role {
    RBAC.Role(name: name, rules: [RBAC.Rule(verbs: ["get"], nonResourceURLs: paths)])
  }

  private static func binding(_ name: String, to user: String) -> RBAC.Binding {
    RBAC.Binding(name: name, roleName: name, subjects: [.user(user)])
  }
}

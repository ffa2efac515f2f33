/// ClusterRoles that nobody has until somebody binds them: `view`, `edit` and `admin`, which
/// kube-controller-manager fills from the roles that are labelled for them.
///
/// Source: bootstrappolicy/policy.go, `system:aggregate-to-*`; pkg/controller/clusterroleaggregation.
extension BuiltinRoles {
  static let peoplesRoles: [RBAC.Role] = [
    RBAC.Role(name: "view", rules: viewRules),
    RBAC.Role(name: "edit", rules: editRules + viewRules),
    RBAC.Role(name: "admin", rules: adminRules + editRules + viewRules),
    RBAC.Role(name: "system:aggregate-to-view", rules: viewRules),
    RBAC.Role(name: "system:aggregate-to-edit", rules: editRules),
    RBAC.Role(name: "system:aggregate-to-admin", rules: adminRules),
  ]

  private static let readWrite = read + write

  private static let adminRules: [RBAC.Rule] = [
    rule(["create"], "authorization.k8s.io", ["localsubjectaccessreviews"]),
    rule(readWrite, "rbac.authorization.k8s.io", ["rolebindings", "roles"]),
  ]

  private static let editRules: [RBAC.Rule] = [
    rule(
      read, "",
      [
        "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy",
      ]),
    rule(["impersonate"], "", ["serviceaccounts"]),
    rule(write, "", ["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"]),
    rule(["create"], "", ["pods/eviction"]),
    rule(
      write, "",
      [
        "configmaps", "events", "persistentvolumeclaims", "replicationcontrollers",
        "replicationcontrollers/scale", "secrets", "serviceaccounts", "services",
        "services/proxy",
      ]),
    rule(["create"], "", ["serviceaccounts/token"]),
    rule(
      write, "apps",
      [
        "daemonsets", "deployments", "deployments/rollback", "deployments/scale", "replicasets",
        "replicasets/scale", "statefulsets", "statefulsets/scale",
      ]),
    rule(write, "autoscaling", ["horizontalpodautoscalers"]),
    rule(write, "batch", ["cronjobs", "jobs"]),
    rule(
      write, "extensions",
      [
        "daemonsets", "deployments", "deployments/rollback", "deployments/scale", "ingresses",
        "networkpolicies", "replicasets", "replicasets/scale", "replicationcontrollers/scale",
      ]),
    rule(write, "policy", ["poddisruptionbudgets"]),
    rule(write, "networking.k8s.io", ["ingresses", "networkpolicies"]),
    rule(readWrite, "coordination.k8s.io", ["leases"]),
    rule(write, "resource.k8s.io", ["resourceclaims", "resourceclaimtemplates"]),
  ]

  private static let viewRules: [RBAC.Rule] = [
    rule(
      read, "",
      [
        "configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status",
        "pods", "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts",
        "services", "services/status",
      ]),
    rule(
      read, "",
      [
        "bindings", "events", "limitranges", "namespaces/status", "pods/log", "pods/status",
        "replicationcontrollers/status", "resourcequotas", "resourcequotas/status",
      ]),
    rule(read, "", ["namespaces"]),
    rule(read, "discovery.k8s.io", ["endpointslices"]),
    rule(
      read, "apps",
      [
        "controllerrevisions", "daemonsets", "daemonsets/status", "deployments",
        "deployments/scale", "deployments/status", "replicasets", "replicasets/scale",
        "replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status",
      ]),
    rule(
      read, "autoscaling", ["horizontalpodautoscalers", "horizontalpodautoscalers/status"]),
    rule(read, "batch", ["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
    rule(
      read, "extensions",
      [
        "daemonsets", "daemonsets/status", "deployments", "deployments/scale",
        "deployments/status", "ingresses", "ingresses/status", "networkpolicies", "replicasets",
        "replicasets/scale", "replicasets/status", "replicationcontrollers/scale",
      ]),
    rule(read, "policy", ["poddisruptionbudgets", "poddisruptionbudgets/status"]),
    rule(read, "networking.k8s.io", ["ingresses", "ingresses/status", "networkpolicies"]),
    rule(
      read, "resource.k8s.io",
      ["resourceclaims", "resourceclaims/status", "resourceclaimtemplates"]),
  ]
}

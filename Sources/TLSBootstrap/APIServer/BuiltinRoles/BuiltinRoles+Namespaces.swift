/// Roles and RoleBindings in kube-system and kube-public.
///
/// Source: bootstrappolicy/namespace_policy.go.
extension BuiltinRoles {
  private static let system = "kube-system"
  private static let lockRole = "system::leader-locking-"
  private static let authenticationReader = "extension-apiserver-authentication-reader"

  static let namespacedRoles: [RBAC.Role] = [
    RBAC.Role(
      name: authenticationReader, namespace: system,
      rules: [rule(read, "", ["configmaps"], named: ["extension-apiserver-authentication"])]),
    RBAC.Role(
      name: "system:controller:bootstrap-signer", namespace: system,
      rules: [rule(read, "", ["secrets"])]),
    RBAC.Role(
      name: "system:controller:cloud-provider", namespace: system,
      rules: [rule(["create", "get", "list", "watch"], "", ["configmaps"])]),
    RBAC.Role(
      name: "system:controller:token-cleaner", namespace: system,
      rules: [rule(["delete", "get", "list", "watch"], "", ["secrets"]), events]),
    lock("kube-controller-manager"),
    lock("kube-scheduler"),
    RBAC.Role(
      name: "system:controller:bootstrap-signer", namespace: "kube-public",
      rules: [
        rule(read, "", ["configmaps"]),
        rule(["update"], "", ["configmaps"], named: ["cluster-info"]),
        events,
      ]),
  ]

  static let namespacedBindings: [RBAC.Binding] = [
    controllerBinding("token-cleaner", system),
    controllerBinding("bootstrap-signer", system),
    controllerBinding("bootstrap-signer", "kube-public"),
    controllerBinding("cloud-provider", system),
    RBAC.Binding(
      name: "system::extension-apiserver-authentication-reader", namespace: system,
      refersToClusterRole: false, roleName: authenticationReader,
      subjects: [.user("system:kube-controller-manager"), .user("system:kube-scheduler")]),
    lockBinding("kube-controller-manager"),
    lockBinding("kube-scheduler"),
  ]

  private static func lock(_ program: String) -> RBAC.Role {
    RBAC.Role(
      name: lockRole + program, namespace: system,
      rules: [
        rule(["watch"], "", ["configmaps"]),
        rule(["get", "update"], "", ["configmaps"], named: [program]),
      ])
  }

  private static func lockBinding(_ program: String) -> RBAC.Binding {
    RBAC.Binding(
      name: lockRole + program, namespace: system, refersToClusterRole: false,
      roleName: lockRole + program,
      subjects: [
        .user("system:\(program)"), .serviceAccount(namespace: system, name: program),
      ])
  }

  private static func controllerBinding(_ name: String, _ namespace: String) -> RBAC.Binding {
    RBAC.Binding(
      name: "system:controller:\(name)", namespace: namespace, refersToClusterRole: false,
      roleName: "system:controller:\(name)",
      subjects: [.serviceAccount(namespace: system, name: name)])
  }
}

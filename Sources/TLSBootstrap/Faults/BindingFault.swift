/// A ClusterRoleBinding or RoleBinding is missing: deleted, or not created yet.
///
/// The authorizer's informer sees it at once (D.4: its latency is a free parameter).
public struct BindingFault: Hashable, Sendable {
  public var name: String
  /// nil: a ClusterRoleBinding.
  public var namespace: String?

  public init(name: String, namespace: String? = nil) {
    self.name = name
    self.namespace = namespace
  }

  /// A binding without subjects binds nobody, and stands in the way of the built-in one of its name.
  func change(_ scenario: inout Scenario) {
    scenario.bindings.removeAll { $0.name == name && $0.namespace == namespace }
    scenario.bindings.append(
      RBAC.Binding(name: name, namespace: namespace, roleName: "", subjects: []))
  }
}

extension Scenario {
  /// Names of the ClusterRoleBindings, or of a namespace's RoleBindings: the scenario's own and the API
  /// server's.
  public func bindingNames(in namespace: String?) -> [String] {
    (bindings + BuiltinRoles.bindings).filter { $0.namespace == namespace }.map(\.name)
  }
}

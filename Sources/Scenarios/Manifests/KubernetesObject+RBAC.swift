import TLSBootstrap

/// rbac.authorization.k8s.io/v1.
extension KubernetesObject {
  /// A ClusterRole or Role.
  func role() -> RBAC.Role? {
    guard let name else { return nil }
    if let field = value["aggregationRule"] {
      reading.note(
        field.place,
        "aggregationRule is not modelled: \(name) has only the rules that are written here")
    }
    let rules = list("rules").compactMap(rule)
    return RBAC.Role(name: name, namespace: kind == "Role" ? namespace : nil, rules: rules)
  }

  private func rule(_ value: YAMLValue) -> RBAC.Rule? {
    let verbs = strings("verbs", in: value)
    guard !verbs.isEmpty else {
      reading.fail(
        value.place, "\(kind): a rule without verbs, which Kubernetes refuses",
        cure: "give at least one verb")
      return nil
    }
    return RBAC.Rule(
      verbs: verbs, apiGroups: strings("apiGroups", in: value),
      resources: strings("resources", in: value),
      resourceNames: strings("resourceNames", in: value),
      nonResourceURLs: strings("nonResourceURLs", in: value))
  }

  /// A ClusterRoleBinding or RoleBinding.
  func binding() -> RBAC.Binding? {
    guard let name else { return nil }
    guard let reference = value["roleRef"], let roleName = string("name", in: reference),
      let roleKind = string("kind", in: reference)
    else {
      reading.fail(
        value["roleRef"]?.place ?? place, "\(kind) \(name) without roleRef.kind and roleRef.name",
        cure: "name the role")
      return nil
    }
    guard roleKind == "ClusterRole" || roleKind == "Role" && kind == "RoleBinding" else {
      reading.fail(
        reference.place, "\(kind) \(name) refers to a \(roleKind), which Kubernetes refuses",
        cure: "refer to a ClusterRole")
      return nil
    }
    return RBAC.Binding(
      name: name, namespace: kind == "RoleBinding" ? namespace : nil,
      refersToClusterRole: roleKind == "ClusterRole", roleName: roleName,
      subjects: list("subjects").compactMap(subject))
  }

  private func subject(_ value: YAMLValue) -> RBAC.Subject? {
    guard let name = string("name", in: value) else {
      reading.fail(value.place, "\(kind): a subject without name", cure: "name it")
      return nil
    }
    switch string("kind", in: value) {
    case "User": return .user(name)
    case "Group": return .group(name)
    case "ServiceAccount":
      if let namespace = string("namespace", in: value) {
        return .serviceAccount(namespace: namespace, name: name)
      }
      reading.fail(
        value.place, "\(kind): ServiceAccount \(name) without namespace, which Kubernetes refuses",
        cure: "give its namespace")
    case let other:
      reading.fail(
        value["kind"]?.place ?? value.place,
        "\(kind): a subject of kind \(other ?? "nothing"), which Kubernetes refuses",
        cure: "give User, Group or ServiceAccount")
    }
    return nil
  }
}

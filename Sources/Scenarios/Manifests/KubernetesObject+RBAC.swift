import TLSBootstrap

/// rbac.authorization.k8s.io/v1.
extension KubernetesObject {
  /// A ClusterRole or Role.
  func role() -> RBAC.Role? {
    guard let name else { return nil }
    checkMetadata()
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
    checkWhatIsRuled(value)
    return RBAC.Rule(
      verbs: verbs, apiGroups: strings("apiGroups", in: value),
      resources: strings("resources", in: value),
      resourceNames: strings("resourceNames", in: value),
      nonResourceURLs: strings("nonResourceURLs", in: value))
  }

  /// A rule is for resources, all of whose three parts it says, or for paths, which are in no namespace.
  ///
  /// Source: kubernetes pkg/apis/rbac/validation, `ValidatePolicyRule`.
  private func checkWhatIsRuled(_ rule: YAMLValue) {
    let isGiven = { (key: String) in rule[key].map { $0.elements?.isEmpty != true } ?? false }
    if isGiven("nonResourceURLs") {
      let place = rule["nonResourceURLs"]?.place ?? rule.place
      if kind == "Role" {
        reading.fail(
          place, "Role: a rule for nonResourceURLs, which Kubernetes refuses",
          cure: "put it into a ClusterRole")
      }
      if ["apiGroups", "resources", "resourceNames"].contains(where: isGiven) {
        reading.fail(
          place, "\(kind): a rule for resources and nonResourceURLs, which Kubernetes refuses",
          cure: "make two rules of it")
      }
      return
    }
    if !isGiven("apiGroups") {
      reading.fail(
        rule.place, "\(kind): a rule without apiGroups, which Kubernetes refuses",
        cure: "give at least one; \"\" is the core group")
    }
    if !isGiven("resources") {
      reading.fail(
        rule.place, "\(kind): a rule without resources, which Kubernetes refuses",
        cure: "give at least one, or nonResourceURLs")
    }
  }

  /// A ClusterRoleBinding or RoleBinding.
  func binding() -> RBAC.Binding? {
    guard let name else { return nil }
    checkMetadata()
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
    checkGroup(of: reference, "the roleRef", is: Self.rbacGroup)
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
    case "User":
      checkGroup(of: value, "User \(name)", is: Self.rbacGroup)
      return .user(name)
    case "Group":
      checkGroup(of: value, "Group \(name)", is: Self.rbacGroup)
      return .group(name)
    case "ServiceAccount":
      checkGroup(of: value, "ServiceAccount \(name)", is: "")
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

  private static let rbacGroup = "rbac.authorization.k8s.io"

  /// Only the group is right, without a version; Kubernetes fills in an empty one.
  ///
  /// Source: kubernetes pkg/apis/rbac/validation, `ValidateRoleBindingSubject`, `ValidateClusterRoleBinding`;
  /// pkg/apis/rbac/v1/defaults.go.
  private func checkGroup(of value: YAMLValue, _ what: String, is group: String) {
    guard let field = value["apiGroup"], let given = string("apiGroup", in: value),
      !given.isEmpty, given != group
    else { return }
    reading.fail(
      field.place,
      "\(kind): \(what) is of apiGroup “\(given.prefix(60))”, which Kubernetes refuses",
      cure: group.isEmpty ? "leave apiGroup out" : "write `\(group)`")
  }
}

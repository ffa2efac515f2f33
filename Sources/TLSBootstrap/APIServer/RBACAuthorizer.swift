/// Role-based access control over the scenario's objects and the built-in ones.
///
/// Source: plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/apis/rbac/v1/evaluation_helpers.go.
struct RBACAuthorizer: Sendable {
  private let roles: [RBAC.Role]
  private let bindings: [RBAC.Binding]

  /// The file's objects replace built-in ones of the same kind, namespace and name.
  init(roles: [RBAC.Role], bindings: [RBAC.Binding]) {
    self.roles =
      roles
      + BuiltinRoles.roles.filter { builtin in
        !roles.contains { $0.name == builtin.name && $0.namespace == builtin.namespace }
      }
    self.bindings =
      bindings
      + BuiltinRoles.bindings.filter { builtin in
        !bindings.contains { $0.name == builtin.name && $0.namespace == builtin.namespace }
      }
  }

  struct Decision: Hashable, Sendable {
    var isAllowed: Bool
    /// Why not, where the authorizer can say: bindings whose role is missing (D.4).
    var reasons: [String] = []
    /// The first that allows, where RBAC does.
    var allowance: Allowance?
  }

  /// What allows a request: a binding, by one of its subjects.
  struct Allowance: Hashable, Sendable {
    let binding: RBAC.Binding
    let subject: RBAC.Subject

    /// As the audit log says it.
    ///
    /// Source: plugin/pkg/auth/authorizer/rbac/rbac.go, `clusterRoleBindingDescriber`.
    var text: String {
      let kind = binding.namespace == nil ? "ClusterRoleBinding" : "RoleBinding"
      let name = binding.namespace.map { "\(binding.name)/\($0)" } ?? binding.name
      return "RBAC: allowed by \(kind) \"\(name)\" of "
        + "\(binding.refersToClusterRole ? "ClusterRole" : "Role") \"\(binding.roleName)\" "
        + "to \(subject.text)"
    }
  }

  func decide(_ request: RequestAttributes, by user: User) -> Decision {
    var missing: [String] = []
    for binding in bindings where applies(binding, to: request) {
      guard let subject = binding.subjects.first(where: { $0.matches(user) }) else { continue }
      guard let role = role(of: binding) else {
        let kind = binding.refersToClusterRole ? "clusterrole" : "role"
        let error = "\(kind).rbac.authorization.k8s.io \"\(binding.roleName)\" not found"
        if !missing.contains(error) { missing.append(error) }
        continue
      }
      if role.rules.contains(where: { $0.allows(request) }) {
        return Decision(
          isAllowed: true, allowance: Allowance(binding: binding, subject: subject))
      }
    }
    // Several errors read as a list, each once.
    let list = missing.count > 1 ? "[\(missing.joined(separator: ", "))]" : missing.first
    return Decision(isAllowed: false, reasons: list.map { ["RBAC: \($0)"] } ?? [])
  }

  /// What one binding gives to a kind of user.
  struct Grant {
    let binding: RBAC.Binding
    let rules: [RBAC.Rule]
    /// Whether it surely concerns all of them, rather than perhaps one node's user.
    let isBound: Bool
  }

  /// What all users of a kind have, found once for the many questions about them.
  ///
  /// - Parameter userVaries: the user is some node's; whose is not known yet.
  func grants(to user: User, userVaries: Bool) -> [Grant] {
    bindings.compactMap { binding in
      let isBound = binding.subjects.contains { $0.matches(user) }
      guard isBound || userVaries && binding.subjects.contains(where: \.isOneNode) else {
        return nil
      }
      return Grant(binding: binding, rules: role(of: binding)?.rules ?? [], isBound: isBound)
    }
  }

  /// `decide` for every user of a kind, and every object that they may name, at once.
  ///
  /// - Parameter nameVaries: the request names an object; which one is not known yet.
  func permission(
    for request: RequestAttributes, by grants: [Grant], nameVaries: Bool
  ) -> Permission {
    var permission = Permission.never
    for grant in grants where applies(grant.binding, to: request) {
      for rule in grant.rules where rule.allowsApartFromName(request) {
        let isSure = rule.resourceNames.isEmpty || !nameVaries && rule.names(request.name)
        if grant.isBound && isSure { return .always }
        if isSure || nameVaries { permission = .byName }
      }
    }
    return permission
  }

  /// A RoleBinding speaks only of resources in its own namespace.
  private func applies(_ binding: RBAC.Binding, to request: RequestAttributes) -> Bool {
    guard let namespace = binding.namespace else { return true }
    return request.path.isEmpty && !request.namespace.isEmpty && namespace == request.namespace
  }

  private func role(of binding: RBAC.Binding) -> RBAC.Role? {
    let namespace = binding.refersToClusterRole ? nil : binding.namespace
    return roles.first { $0.name == binding.roleName && $0.namespace == namespace }
  }
}

extension RBAC.Subject {
  package func matches(_ user: User) -> Bool {
    switch self {
    case .user(let name): name == user.name
    case .group(let name): user.groups.contains(name)
    case .serviceAccount(let namespace, let name):
      // First for speed: hardly anybody is one, and each controller has a binding.
      user.name.hasPrefix("system:serviceaccount:")
        && user.name == "system:serviceaccount:\(namespace):\(name)"
    }
  }

  /// As the audit log names it.
  fileprivate var text: String {
    switch self {
    case .user(let name): "User \"\(name)\""
    case .group(let name): "Group \"\(name)\""
    case .serviceAccount(let namespace, let name): "ServiceAccount \"\(name)/\(namespace)\""
    }
  }

  fileprivate var isOneNode: Bool {
    guard case .user(let name) = self else { return false }
    return name.hasPrefix("system:node:")
  }
}

extension RBAC.Rule {
  func allows(_ request: RequestAttributes) -> Bool {
    guard allowsApartFromName(request) else { return false }
    return !request.path.isEmpty || names(request.name)
  }

  fileprivate func names(_ name: String) -> Bool {
    resourceNames.isEmpty || resourceNames.contains(name)
  }

  fileprivate func allowsApartFromName(_ request: RequestAttributes) -> Bool {
    guard verbs.contains("*") || verbs.contains(request.verb) else { return false }
    if !request.path.isEmpty { return nonResourceURLs.contains { covers($0, request.path) } }
    guard apiGroups.contains("*") || apiGroups.contains(request.group) else { return false }
    return resources.contains { covers(resource: $0, request) }
  }

  /// `*`, `resource`, `resource/sub` or `*/sub`.
  private func covers(resource: String, _ request: RequestAttributes) -> Bool {
    if resource == "*" || resource == request.fullResource { return true }
    return !request.subresource.isEmpty && resource == "*/\(request.subresource)"
  }

  /// An exact path, or a prefix followed by `*`.
  private func covers(_ pattern: String, _ path: String) -> Bool {
    if pattern == "*" || pattern == path { return true }
    return pattern.last == "*" && path.hasPrefix(pattern.dropLast())
  }
}

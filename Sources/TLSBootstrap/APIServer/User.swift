/// A user as an authenticator leaves it: name and groups.
package struct User: Hashable, Sendable {
  package var name: String
  package var groups: [String]

  package init(name: String, groups: [String]) {
    self.name = name
    self.groups = groups
  }
}

extension User {
  /// Somebody who is known by a certificate or a token, or as whom somebody acts: `system:authenticated` is
  /// appended, but for `system:anonymous`.
  ///
  /// Source: protocol.md C.2; apiserver pkg/authentication/group/authenticated_group_adder.go, and
  /// pkg/endpoints/filters/impersonation.go for who acts as another.
  package static func authenticated(_ name: String, _ groups: [String]) -> User {
    let isAnonymous = name == "system:anonymous"
    let known = ["system:authenticated", "system:unauthenticated"]
    if groups.contains(where: known.contains) { return User(name: name, groups: groups) }
    return User(name: name, groups: groups + [isAnonymous ? known[1] : known[0]])
  }

  /// The groups that come with the name of a service account, apart from `system:authenticated`; nil: it is
  /// none.
  ///
  /// Source: apiserver pkg/authentication/serviceaccount/util.go, `SplitUsername`, `MakeGroupNames`.
  package static func groups(ofServiceAccount name: String) -> [String]? {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
      !parts[2].isEmpty, !parts[3].isEmpty
    else { return nil }
    return ["system:serviceaccounts", "system:serviceaccounts:\(parts[2])"]
  }

  /// Whether everything is allowed before any configured authorizer is asked.
  ///
  /// Source: pkg/kubeapiserver/authorizer/reload.go (`NewPrivilegedGroups`); recorded: an empty reason in the
  /// audit log.
  var isPrivileged: Bool { groups.contains("system:masters") }
}

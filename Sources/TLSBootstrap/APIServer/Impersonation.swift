/// Whether a client may act as somebody else, with the permission for each thing that it says of that user.
///
/// Source: kubernetes 1.36, apiserver pkg/endpoints/filters/impersonation/{constrained_impersonation,mode}.go; the
/// gate `ConstrainedImpersonation` is beta there, and on.
struct Impersonation {
  let wanted: ImpersonatedUser
  /// What is to be done as that user.
  let request: RequestAttributes
  let allows: (RequestAttributes) -> Bool

  /// In the order in which they are tried. That of a pod for its own node needs what only a pod's token says.
  enum Mode: String, CaseIterable {
    case arbitraryNode = "arbitrary-node"
    case serviceAccount = "serviceaccount"
    case userInfo = "user-info"
    /// By the verb `impersonate`.
    case legacy = ""
  }

  /// What is not allowed, and why, where no authorizer was asked.
  typealias Refusal = (attributes: RequestAttributes, reason: String?)

  enum Verdict {
    case allowed(Mode)
    case refused(Refusal)
  }

  /// 400: there is no user; nil: there is one.
  ///
  /// Source: Go's `%#v` of apiserver pkg/authentication/user `DefaultInfo`.
  static func problem(with wanted: ImpersonatedUser) -> String? {
    guard wanted.name.isEmpty else { return nil }
    let groups =
      wanted.groups.isEmpty
      ? "(nil)" : "{\(wanted.groups.map(GoString.quoted).joined(separator: ", "))}"
    return "requested &user.DefaultInfo{Name:\"\", UID:\(GoString.quoted(wanted.uid)), "
      + "Groups:[]string\(groups), Extra:map[string][]string(nil)} without impersonating a user name"
  }

  /// - Parameter latest: by which the same client could act as somebody else the last time: it is tried first.
  func verdict(latest: Mode?) -> Verdict {
    let modes = [latest].compactMap { $0 } + Mode.allCases.filter { $0 != latest }
    var first: Refusal?
    for mode in modes where applies(mode) {
      guard let refusal = refusal(by: mode) else { return .allowed(mode) }
      if first == nil { first = refusal }
    }
    guard let first else { preconditionFailure("the mode of `impersonate` is for everybody") }
    return .refused(first)
  }

  private func applies(_ mode: Mode) -> Bool {
    let isNamedOnly = wanted.groups.isEmpty && wanted.uid.isEmpty
    let isNode = Self.node(wanted.name) != nil
    let isServiceAccount = Self.serviceAccount(wanted.name) != nil
    return switch mode {
    case .arbitraryNode: isNamedOnly && isNode
    case .serviceAccount: isNamedOnly && isServiceAccount
    case .userInfo: !isNode && !isServiceAccount
    case .legacy: true
    }
  }

  /// The first thing that the client may not say; nil: it may say all of it.
  private func refusal(by mode: Mode) -> Refusal? {
    var checks = [user(mode)]
    if mode != .legacy {
      var onRequest = request
      onRequest.verb = "impersonate-on:\(mode.rawValue):\(request.verb)"
      checks.insert(onRequest, at: 0)
    }
    if !wanted.uid.isEmpty {
      checks.append(attributes(mode, Self.authentication, "uids", wanted.uid))
    }
    if let refused = checks.first(where: { !allows($0) }) { return (refused, nil) }
    return groupRefusal(by: mode)
  }

  private func groupRefusal(by mode: Mode) -> Refusal? {
    let group = mode == .legacy ? "" : Self.authentication
    let named = { attributes(mode, group, "groups", $0) }
    if mode != .legacy {
      if wanted.groups.contains("") {
        return (named(""), "impersonating the empty string group is not allowed")
      }
      let masters = "system:masters"
      if wanted.groups.contains(masters) {
        return (named(masters), "impersonating the \(masters) group is not allowed")
      }
      if wanted.groups.count >= Self.manyGroups, allows(named("*")) { return nil }
    }
    return wanted.groups.lazy.map(named).first { !allows($0) }.map { ($0, nil) }
  }

  /// From how many groups on one check for all of them comes first. Source: mode.go
  /// `manyAuthorizationChecksInLoop`.
  private static let manyGroups = 4
  private static let authentication = "authentication.k8s.io"

  private func user(_ mode: Mode) -> RequestAttributes {
    var user = attributes(mode, mode == .legacy ? "" : Self.authentication, "users", wanted.name)
    if mode != .legacy, let node = Self.node(wanted.name) {
      (user.resource, user.name) = ("nodes", node)
    }
    if let account = Self.serviceAccount(wanted.name) {
      (user.resource, user.namespace, user.name) = (
        "serviceaccounts", account.namespace, account.name
      )
    }
    return user
  }

  private func attributes(
    _ mode: Mode, _ group: String, _ resource: String, _ name: String
  ) -> RequestAttributes {
    let verb = mode == .legacy ? "impersonate" : "impersonate:\(mode.rawValue)"
    return RequestAttributes(verb: verb, group: group, resource: resource, name: name)
  }

  /// The name of the node whose user this is; nil: it is none's.
  static func node(_ user: String) -> String? {
    let prefix = "system:node:"
    guard user.hasPrefix(prefix) else { return nil }
    let name = String(user.dropFirst(prefix.count))
    return SignerNameRule.isSubdomain(name) ? name : nil
  }

  private static func serviceAccount(_ user: String) -> (namespace: String, name: String)? {
    guard User.groups(ofServiceAccount: user) != nil else { return nil }
    let parts = user.split(separator: ":").map(String.init)
    return (parts[2], parts[3])
  }
}

extension User {
  /// Who somebody becomes that acts as another.
  static func impersonated(_ wanted: ImpersonatedUser, isConstrained: Bool) -> User {
    var groups = wanted.groups
    if groups.isEmpty { groups = User.groups(ofServiceAccount: wanted.name) ?? [] }
    let isNamedOnly = wanted.groups.isEmpty && wanted.uid.isEmpty
    if isConstrained, isNamedOnly, Impersonation.node(wanted.name) != nil {
      groups = ["system:nodes"]
    }
    let (known, unknown) = ("system:authenticated", "system:unauthenticated")
    let own = wanted.name == "system:anonymous" ? unknown : known
    if !groups.contains(own), !groups.contains(unknown) { groups.append(own) }
    return User(name: wanted.name, groups: groups)
  }
}

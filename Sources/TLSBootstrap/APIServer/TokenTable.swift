import SimulationKernel

/// The bearer tokens of the scenario's bootstrap kubeconfigs, each looked up once (C.3).
///
/// Secrets change only by an act of the scenario, so all that is left for each request is the expiry.
struct TokenTable: Sendable {
  private(set) var tokens: [Token] = []
  private let secrets: [BootstrapTokenSecret]
  private let isEnabled: Bool
  /// Who was known by each token before the Secrets changed.
  private let earlierUsers: [User]

  struct Token: Hashable, Sendable {
    var text: String
    var verdict: Verdict
    /// Whom it stands for, or did before it was refused: a cached success outlives its Secret (C.4), and
    /// the CSRs made by it keep their requester.
    var user: User
  }

  enum Verdict: Hashable, Sendable {
    /// The checks that do not depend on time hold; expires at this reading of the API server's clock.
    case known(id: String, groups: [String], expiration: BootstrapTokenSecret.Expiration)
    /// No opinion, which ends in 401; the text is what the server logs at V(3).
    case refused(String)
    /// The same, of a token that has not expired: that is looked at first (C.3 row 7).
    case refusedUnlessExpired(String, id: String, expiration: BootstrapTokenSecret.Expiration)
  }

  init(
    _ scenario: Scenario, after earlier: TokenTable? = nil
  ) {
    secrets = scenario.secrets
    isEnabled = scenario.apiServer.enableBootstrapTokenAuth
    earlierUsers = earlier?.tokens.map(\.user) ?? []
  }

  /// The number of this token; the same has the same number.
  ///
  /// Source: apiserver pkg/authentication/request/bearertoken/bearertoken.go, `AuthenticateRequest`.
  ///
  /// - Parameter written: what follows the scheme in the header, of which the first word counts (C.3 row 0).
  /// - Returns: nil: that word is empty, so that the request has no token.
  mutating func number(of written: String) -> Int? {
    let text = Self.firstWord(of: written)
    if text.isEmpty { return nil }
    if let known = tokens.firstIndex(where: { $0.text == text }) { return known }
    let verdict = verdict(on: text)
    tokens.append(
      Token(text: text, verdict: verdict, user: user(verdict)))
    return tokens.count - 1
  }

  /// Up to a blank; those at the end of a header do not count.
  static func firstWord(of written: String) -> String {
    let end = written.lastIndex { $0 != " " && $0 != "\t" }
    guard let end else { return "" }
    return String(written[...end].prefix { $0 != " " })
  }

  private func user(_ verdict: Verdict) -> User {
    if case .known(let id, let groups, _) = verdict {
      return User(name: "system:bootstrap:\(id)", groups: groups)
    }
    let number = tokens.count
    return number < earlierUsers.count ? earlierUsers[number] : User(name: "", groups: [])
  }

  /// The checks of C.3, in their order.
  private func verdict(on text: String) -> Verdict {
    guard isEnabled else { return .refused("invalid bearer token") }
    guard let (id, secret) = Self.parts(of: text) else { return .refused("invalid bearer token") }
    let name = BootstrapTokenSecret.name(ofToken: id)
    let object = "Bootstrap secret kube-system/\(name) matching bearer token"
    guard let found = secrets.secret(ofToken: id) else {
      return .refused("No secret of name \(name) to match bootstrap bearer token")
    }
    if found.hasDeletionTimestamp {
      return .refused("\(object) is deleted and awaiting removal")
    }
    if found.type != "bootstrap.kubernetes.io/token" {
      return .refused("\(object) has invalid type, expected bootstrap.kubernetes.io/token.")
    }
    if found.tokenSecret != secret {
      return .refused("\(object) has invalid value for key token-secret.")
    }
    if found.tokenID != id {
      return .refused("\(object) has invalid value for key token-id.")
    }
    // Row 7, expiry, is asked at each request; the rows below do not change.
    func refused(_ text: String) -> Verdict {
      .refusedUnlessExpired("\(object) \(text)", id: id, expiration: found.expiration)
    }
    if found.usageBootstrapAuthentication != "true" {
      return refused("not marked usage-bootstrap-authentication=true.")
    }
    if let group = Self.misnamedGroup(of: found) {
      return refused(
        "has invalid value for key auth-extra-groups: bootstrap group \"\(group)\" is invalid "
          + "(must match \\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\\z).")
    }
    return .known(id: id, groups: Self.groups(of: found), expiration: found.expiration)
  }

  private static func extraGroups(of secret: BootstrapTokenSecret) -> [Substring] {
    let extra = secret.authExtraGroups ?? ""
    return extra.isEmpty ? [] : extra.split(separator: ",", omittingEmptySubsequences: false)
  }

  /// The first of its groups that no token may give (C.3 row 9).
  private static func misnamedGroup(of secret: BootstrapTokenSecret) -> Substring? {
    extraGroups(of: secret).first { !isBootstrapGroup($0) }
  }

  private static func groups(of secret: BootstrapTokenSecret) -> [String] {
    let groups = Set(extraGroups(of: secret).map(String.init)).union(["system:bootstrappers"])
    return groups.sorted() + ["system:authenticated"]
  }

  static func isWellFormed(_ token: String) -> Bool { parts(of: token) != nil }

  /// `^[a-z0-9]{6}\.[a-z0-9]{16}$` (C.3 row 1).
  static func parts(of text: String) -> (id: String, secret: String)? {
    let bytes = Array(text.utf8)
    guard bytes.count == 23, bytes[6] == UInt8(ascii: ".") else { return nil }
    for (place, byte) in bytes.enumerated() where place != 6 {
      guard byte.isLowerAlphanumeric else { return nil }
    }
    return (String(text.prefix(6)), String(text.suffix(16)))
  }

  /// `^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$` (C.3 row 9).
  static func isBootstrapGroup(_ group: Substring) -> Bool {
    let prefix = "system:bootstrappers:"
    guard group.hasPrefix(prefix) else { return false }
    let rest = Array(group.utf8.dropFirst(prefix.utf8.count))
    guard let last = rest.last, rest.count <= 256, last.isLowerAlphanumeric else { return false }
    return rest.allSatisfy {
      $0.isLowerAlphanumeric || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-")
    }
  }
}

extension UInt8 {
  /// `[a-z0-9]`.
  package var isLowerAlphanumeric: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
  }
}

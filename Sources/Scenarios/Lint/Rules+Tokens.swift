import SimulationKernel
import TLSBootstrap

let tokenRules: [LintRule] = [
  LintRule(
    "token-refused", .error,
    "The token of nodes is refused: malformed, without a Secret, of another secret, not for "
      + "authentication, of forbidden groups, or because `--enable-bootstrap-token-auth` is off; or not seen, "
      + "because it begins with a blank."
  ) { input in
    input.groups.compactMap { outlook in
      guard let (token, place) = input.token(of: outlook) else { return nil }
      let text: String
      switch input.review.verdict(on: token) {
      case .known: return nil
      case .refused(let words): text = words
      case .absent:
        return .init(
          at: place,
          "the token of group \(outlook.group.name) "
            + (token.isEmpty ? "is empty" : "begins with a blank")
            + ", so that its nodes are anonymous",
          cure: token.isEmpty ? "write one" : "write it without")
      }
      let cure =
        input.scenario.apiServer.enableBootstrapTokenAuth
        ? "make kubeconfig and Secret agree" : "set `spec.apiServer.enableBootstrapTokenAuth`"
      return .init(
        at: place,
        "the API server refuses the token of group \(outlook.group.name): "
          + (text.hasSuffix(".") ? String(text.dropLast()) : text),
        cure: cure)
    }
  },
  LintRule(
    "token-expired", .error, "A token expires before the last node of its group starts."
  ) { input in
    input.expiries.filter { $0.lives < ($0.outlook.arrivals.last ?? 0) }.map { expiry in
      let name = expiry.outlook.group.name
      let late = expiry.outlook.arrivals.count { $0 > expiry.lives }
      return .init(
        at: expiry.place,
        "the token has expired when \(LintInput.nodes(late)) of group \(name) start",
        cure: "let it live longer than the last start, "
          + LintInput.about(expiry.outlook.arrivals.last ?? 0))
    }
  },
  LintRule(
    "token-shorter-than-queue", .warning,
    "A token expires before the last node of its group has booted (99th percentile) and is approved: later "
      + "than that a kubelet that has to ask, or to ask anew, is refused."
  ) { input in
    input.expiries.compactMap { expiry in
      let last = expiry.outlook.lastApproval(input.scenario)
      guard expiry.lives >= expiry.outlook.arrivals.last ?? 0, expiry.lives < last else {
        return nil
      }
      let when = last.isFinite ? "after about \(LintInput.about(last))" : "not within the run"
      return .init(
        at: expiry.place,
        "the token lives \(LintInput.about(expiry.lives)), and the last of "
          + "\(LintInput.nodes(expiry.outlook.arrivals.count)) is approved \(when)",
        cure: "lengthen its `ttl`, or approve faster")
    }
  },
]

extension LintInput {
  /// The token of a group's bootstrap kubeconfig, and where it is written.
  fileprivate func token(of outlook: GroupOutlook) -> (token: String, place: Place)? {
    let group = outlook.group
    guard outlook.needsCertificate,
      group.bootstrapKubeconfig.state == .present || group.joinsByKubeadm,
      let token = group.bootstrapKubeconfig.token
        ?? written("spec.nodes[\(group.name)].bootstrapKubeconfig.token").map({ _ in "" })
    else { return nil }
    let keys = ["token", "tokenID", "file"].map {
      "spec.nodes[\(group.name)].bootstrapKubeconfig.\($0)"
    }
    let id = token.split(separator: ".").first.map(String.init)
    let secret = objects.secrets.first { $0.value.tokenID == id }?.place
    let place = keys.lazy.compactMap(written).first ?? secret ?? place("spec.nodes[\(group.name)]")
    return (token, place)
  }

  /// A group whose token expires.
  fileprivate struct Expiry {
    var outlook: GroupOutlook
    /// Seconds from the start of the run, on a right clock.
    var lives: Double
    var place: Place
  }

  /// Each group whose token is good until it expires.
  fileprivate var expiries: [Expiry] {
    groups.compactMap { outlook in
      guard outlook.needsCertificate, outlook.user != nil, let token = token(of: outlook) else {
        return nil
      }
      let end: Int64
      switch outlook.tokenExpiration {
      case .never: return nil
      case .at(let time): end = time
      case .unparsable: end = 0
      }
      let id = token.token.split(separator: ".").first.map(String.init)
      let lives = Double(end - reading(scenario.apiServer.clock, at: .zero)) / 1e9
      return Expiry(outlook: outlook, lives: lives, place: placeOfLife(id) ?? token.place)
    }
  }

  /// Where a token's life is written: its `ttl` or `expires`, or the token.
  private func placeOfLife(_ id: String?) -> Place? {
    let tokens = objects.document["spec"]?["tokens"]?.elements ?? []
    let token = tokens.first {
      $0["token"]?.text?.split(separator: ".").first.map(String.init) == id
    }
    return token.map { ($0["ttl"] ?? $0["expires"] ?? $0["token"] ?? $0).place }
      ?? objects.secrets.first { $0.value.tokenID == id }?.place
  }
}

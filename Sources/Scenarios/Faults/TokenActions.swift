import TLSBootstrap

let tokenActions: [FaultAction] = [
  FaultAction(
    "token-delete", "The Secret of a bootstrap token is deleted; at 0s: it is not created yet.",
    keys: ["tokenID"], end: "until it is created again"
  ) { $0.token { _ in .delete } },
  FaultAction(
    "token-expire", "The Secret's `expiration` becomes this moment, by the API server's clock.",
    keys: ["tokenID"], end: "until it is as before"
  ) { $0.token { _ in .expire } },
  FaultAction(
    "token-patch", "Keys of the Secret get other values: a new secret, a usage taken away.",
    keys: ["tokenID", "data"], end: "until they are as before"
  ) { $0.token { $0.patch().map(TokenFault.Action.patch) } },
  FaultAction(
    "secrets-stale",
    "Nothing new reaches the cache of Secrets of an API server: it knows the tokens as they were.",
    keys: ["replica"], end: "until it has caught up"
  ) { section in
    section.replica(of: section.scenario.apiServer.replicas).map(Fault.staleSecrets)
  },
]

extension FaultSection {
  fileprivate func token(_ action: (FaultSection) -> TokenFault.Action?) -> Fault? {
    guard let tokenID, let action = action(self) else { return nil }
    return .token(TokenFault(tokenID: tokenID, action: action))
  }

  /// That of the key, or the only one of the scenario.
  private var tokenID: String? {
    let prefix = BootstrapTokenSecret.namePrefix
    let known = scenario.secrets
      .filter { $0.namespace == "kube-system" && $0.name.hasPrefix(prefix) }
      .map { String($0.name.dropFirst(prefix.count)) }
    if let given = section.string("tokenID") {
      if known.contains(given.value) { return given.value }
      reading.fail(
        given.place, "no Secret bootstrap-token-\(given.value.prefix(60)) in kube-system",
        cure: cure(given.value, known))
      return nil
    }
    if section["tokenID"] != nil { return nil }
    guard known.count == 1 else {
      reading.fail(
        section.place, "`\(action)` does not say which token",
        cure: known.isEmpty
          ? "define a token, and name it in `tokenID`"
          : "give `tokenID`: \(KeyTable.list(Array(known.prefix(20))))")
      return nil
    }
    return known[0]
  }

  fileprivate func patch() -> TokenFault.Patch? {
    guard section["data"] != nil else {
      reading.fail(
        section.place, "`\(action)` lacks `data`", cure: "give the keys that get other values")
      return nil
    }
    guard let data = section.section("data") else { return nil }
    var patch = TokenFault.Patch()
    patch.tokenID = data.string("token-id")?.value
    patch.tokenSecret = data.string("token-secret")?.value
    patch.expiration = data.string("expiration").map { TokenClock.expiration($0.value) }
    patch.usageBootstrapAuthentication = data.string("usage-bootstrap-authentication")?.value
    patch.usageBootstrapSigning = data.string("usage-bootstrap-signing")?.value
    patch.authExtraGroups = data.string("auth-extra-groups")?.value
    return patch
  }
}

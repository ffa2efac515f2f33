import SimulationKernel

/// The Secret of a bootstrap token is deleted, expires, or gets other data.
///
/// The authenticator's informer sees it at once; a success that is cached counts for 10 s more (C.4).
public struct TokenFault: Hashable, Sendable {
  /// The Secret is `kube-system/bootstrap-token-<id>`.
  public var tokenID: String
  public var action: Action

  public init(tokenID: String, action: Action) {
    self.tokenID = tokenID
    self.action = action
  }

  /// What becomes of it.
  public enum Action: Hashable, Sendable {
    /// While it holds there is no such Secret: with an end, the token is absent until then.
    case delete
    /// Its `expiration` becomes this very moment, by the API server's clock.
    case expire
    /// Keys of `data` get other values.
    case patch(Patch)
  }

  /// New values; nil: as it is.
  public struct Patch: Hashable, Sendable {
    public var tokenID: String?
    public var tokenSecret: String?
    public var expiration: BootstrapTokenSecret.Expiration?
    public var usageBootstrapAuthentication: String?
    public var usageBootstrapSigning: String?
    public var authExtraGroups: String?

    public init() {}
  }

  func change(_ scenario: inout Scenario, began: Instant) {
    let name = BootstrapTokenSecret.name(ofToken: tokenID)
    let isOurs = { (secret: BootstrapTokenSecret) in
      secret.name == name && secret.namespace == "kube-system"
    }
    switch action {
    case .delete: scenario.secrets.removeAll(where: isOurs)
    case .expire:
      let clock = Clock(start: scenario.start, skew: scenario.apiServer.clock)
      for index in scenario.secrets.indices where isOurs(scenario.secrets[index]) {
        scenario.secrets[index].expiration = .at(clock.reading(at: began))
      }
    case .patch(let patch):
      for index in scenario.secrets.indices where isOurs(scenario.secrets[index]) {
        patch.apply(to: &scenario.secrets[index])
      }
    }
  }
}

extension TokenFault.Patch {
  fileprivate func apply(to secret: inout BootstrapTokenSecret) {
    secret.tokenID = tokenID ?? secret.tokenID
    secret.tokenSecret = tokenSecret ?? secret.tokenSecret
    secret.expiration = expiration ?? secret.expiration
    secret.usageBootstrapAuthentication =
      usageBootstrapAuthentication ?? secret.usageBootstrapAuthentication
    secret.usageBootstrapSigning = usageBootstrapSigning ?? secret.usageBootstrapSigning
    secret.authExtraGroups = authExtraGroups ?? secret.authExtraGroups
  }
}

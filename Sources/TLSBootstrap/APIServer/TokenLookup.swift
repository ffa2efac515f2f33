import SimulationKernel

/// A request that an API server looked at, and that may carry a bearer token: only who looks at a run asks for
/// them, so that they cost nothing else.
public struct TokenLookup: Hashable, Sendable {
  public let time: Instant
  public let token: Token
  /// The number of the server's process, among those of all API servers.
  public let server: UInt32
  /// Whether somebody is known by the token.
  public let isKnown: Bool
  /// How long a success stays cached, by true time (protocol.md C.4).
  public let lifetime: Duration

  /// Two are the same for the cache where these are equal.
  public struct Token: Hashable, Sendable {
    /// Whose it is. Of a component or an approver its name tells whether it has a certificate or a service
    /// account, and so a token.
    public let holder: Identity
    /// The number of the issue, of the controllers' token.
    public let issue: UInt32
  }
}

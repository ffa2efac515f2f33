import SimulationKernel
import TLSBootstrap

/// The clock of the host on which tokens are made (protocol.md M, clock H).
struct TokenClock {
  let start: Int64
  let skew: ClockSkew

  /// What the host's clock shows at the start of the run.
  var now: Int64 { start + skew.offset.nanoseconds }

  /// When a token expires; zero: never. Whole seconds, as kubeadm writes them (N.1).
  func expiration(createdAt: Int64?, timeToLive: Duration) -> BootstrapTokenSecret.Expiration {
    guard timeToLive != .zero else { return .never }
    let (sum, overflow) = (createdAt ?? now).addingReportingOverflow(timeToLive.nanoseconds)
    guard !overflow else { return .never }
    return .at(Timestamp.wholeSeconds(sum))
  }

  /// The expiration that a Secret holds.
  static func expiration(_ text: String) -> BootstrapTokenSecret.Expiration {
    guard !text.isEmpty else { return .never }
    return switch Timestamp.parse(text) {
    case nil: .unparsable(text)
    // No run gets to 2262.
    case .outOfRange(isFuture: true): .never
    case .outOfRange(isFuture: false): .at(0)
    case .at(let nanoseconds): .at(max(0, nanoseconds))
    }
  }
}

/// A bootstrap token as kubeadm describes it, from which it makes a Secret.
struct TokenDefinition {
  var id: String
  var secret: String
  var usages: [String]
  var groups: [String]
  var expiration: BootstrapTokenSecret.Expiration

  static let defaultUsages = ["signing", "authentication"]
  static let defaultGroups = ["system:bootstrappers:kubeadm:default-node-token"]
  /// Source: kubeadm `DefaultTokenDuration` (protocol.md N.1).
  static let defaultTimeToLive = Duration.hours(24)

  /// ID and secret of a well-formed token.
  static func parts(of token: String) -> (id: String, secret: String)? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 6, parts[1].utf8.count == 16,
      parts.allSatisfy({ $0.utf8.allSatisfy(isTokenByte) })
    else { return nil }
    return (String(parts[0]), String(parts[1]))
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }

  /// The Secret that kubeadm writes (protocol.md N.1).
  var bootstrapSecret: BootstrapTokenSecret {
    var secret = BootstrapTokenSecret(name: "bootstrap-token-\(id)")
    secret.tokenID = id
    secret.tokenSecret = self.secret
    secret.expiration = expiration
    secret.usageBootstrapAuthentication = usages.contains("authentication") ? "true" : nil
    secret.usageBootstrapSigning = usages.contains("signing") ? "true" : nil
    secret.authExtraGroups = groups.isEmpty ? nil : groups.joined(separator: ",")
    return secret
  }
}

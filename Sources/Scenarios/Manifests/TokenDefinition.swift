import SimulationKernel
import TLSBootstrap

/// A bootstrap token as kubeadm describes it, from which it makes a Secret.
package struct TokenDefinition {
  var id: String
  var secret: String
  var usages: [String]
  var groups: [String]
  var expiration: BootstrapTokenSecret.Expiration

  static let defaultUsages = ["signing", "authentication"]
  /// Source: kubeadm `NodeBootstrapTokenAuthGroup` (protocol.md D.2).
  package static let defaultGroup = "system:bootstrappers:kubeadm:default-node-token"
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
    var secret = BootstrapTokenSecret(name: BootstrapTokenSecret.name(ofToken: id))
    secret.tokenID = id
    secret.tokenSecret = self.secret
    secret.expiration = expiration
    secret.usageBootstrapAuthentication = usages.contains("authentication") ? "true" : nil
    secret.usageBootstrapSigning = usages.contains("signing") ? "true" : nil
    secret.authExtraGroups = groups.isEmpty ? nil : groups.joined(separator: ",")
    return secret
  }
}

import Foundation
import TLSBootstrap

/// Bootstrap token Secrets (protocol.md C.3).
extension KubernetesObject {
  private static let tokenType = "bootstrap.kubernetes.io/token"

  /// Whether the authenticator, or somebody who looks for its mistakes, would look at the Secret.
  func isBootstrapToken(_ name: String) -> Bool {
    value["type"]?.text == Self.tokenType || name.hasPrefix("bootstrap-token-")
  }

  func bootstrapToken(_ name: String) -> BootstrapTokenSecret? {
    let data = secretData()
    var secret = BootstrapTokenSecret(name: name)
    secret.namespace = namespace
    secret.type = value["type"]?.text ?? "Opaque"
    secret.tokenID = data["token-id"]
    secret.tokenSecret = data["token-secret"]
    secret.expiration = TokenClock.expiration(data["expiration"] ?? "")
    secret.usageBootstrapAuthentication = data["usage-bootstrap-authentication"]
    secret.usageBootstrapSigning = data["usage-bootstrap-signing"]
    secret.authExtraGroups = data["auth-extra-groups"]
    secret.hasDeletionTimestamp = value["metadata"]?["deletionTimestamp"] != nil
    if value["metadata"]?["namespace"] == nil {
      reading.note(
        place,
        "Secret \(name) has no namespace: kubectl puts it into `default`, where no "
          + "authenticator looks")
    }
    if case .unparsable(let text) = secret.expiration {
      reading.note(
        place, "Secret \(name): expiration “\(text)” is no RFC 3339 time, so it is expired")
    }
    return secret
  }

  /// `data`, decoded, and over it `stringData`.
  private func secretData() -> [String: String] {
    var data: [String: String] = [:]
    for entry in value["data"]?.entries ?? [] {
      guard let text = entry.value.text, !entry.value.isPlainNonString || entry.key == "token-id"
      else {
        if !entry.value.isNull { refuse(entry.value, entry.key, "base64") }
        continue
      }
      guard let bytes = Base64.decode(text) else {
        refuse(entry.value, entry.key, "base64, or use stringData")
        continue
      }
      data[entry.key] = String(decoding: bytes, as: UTF8.self)
    }
    for entry in value["stringData"]?.entries ?? [] where !entry.value.isNull {
      guard let text = entry.value.text, !entry.value.isPlainNonString else {
        refuse(entry.value, entry.key, "a string")
        continue
      }
      data[entry.key] = text
    }
    return data
  }
}

enum Base64 {
  /// Standard base64; line ends are skipped, as Kubernetes does.
  static func decode(_ text: String) -> [UInt8]? {
    Data(base64Encoded: text.filter { !$0.isNewline }).map { [UInt8]($0) }
  }
}

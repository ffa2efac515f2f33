import Foundation
import TLSBootstrap

/// Bootstrap token Secrets (protocol.md C.3).
extension KubernetesObject {
  private static let tokenType = "bootstrap.kubernetes.io/token"

  /// Whether the authenticator, or somebody who looks for its mistakes, would look at the Secret.
  func isBootstrapToken(_ name: String) -> Bool {
    value["type"]?.text == Self.tokenType || name.hasPrefix(BootstrapTokenSecret.namePrefix)
  }

  func bootstrapToken(_ name: String) -> BootstrapTokenSecret? {
    checkMetadata()
    checkName(name)
    if let field = value["immutable"], field.boolean == nil {
      refuse(field, "immutable", "`true` or `false`")
    }
    let data = secretData()
    var secret = BootstrapTokenSecret(name: name)
    secret.namespace = namespace
    secret.type = string("type", in: value) ?? "Opaque"
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
    noteUsages(data, name)
    if case .unparsable(let text) = secret.expiration {
      reading.note(
        place, "Secret \(name): expiration “\(text)” is no RFC 3339 time, so it is expired")
    }
    return secret
  }

  /// The API server takes a usage for given where its value is “true”, and for no other (protocol.md C.3).
  private func noteUsages(_ data: [String: String], _ name: String) {
    for usage in data.keys.filter({ $0.hasPrefix("usage-") }).sorted() {
      let value = data[usage] ?? ""
      if !["true", "false"].contains(value) {
        let meant = NearestKey.nearest(to: value, among: ["true"])
        reading.note(
          place(of: usage),
          "Secret \(name): \(usage) is “\(value.prefix(60))”, which counts as false; "
            + (meant.map { "did you mean “\($0)”?" } ?? "“true” is what gives it"))
      }
      if !Self.usages.contains(usage), NearestKey.nearMiss(usage, of: Self.usages) == nil {
        let meant = Self.usages.first { $0.hasSuffix(usage.dropFirst("usage".count)) }
        reading.note(
          place(of: usage),
          "Secret \(name): nothing reads the key \(usage); "
            + (meant.map { "did you mean `\($0)`?" } ?? "use \(KeyTable.list(Self.usages))"))
      }
    }
  }

  static let usages = ["usage-bootstrap-authentication", "usage-bootstrap-signing"]

  private func place(of key: String) -> Place {
    (value["stringData"]?[key] ?? value["data"]?[key] ?? value).place
  }

  /// `data`, decoded, and over it `stringData`.
  private func secretData() -> [String: String] {
    var data: [String: String] = [:]
    for entry in mapping("data", in: value) {
      guard let text = entry.value.text, !entry.value.isPlainNonString || entry.key == "token-id"
      else {
        if !entry.value.isNull { refuse(entry.value, entry.key, "base64", isText: true) }
        continue
      }
      guard let bytes = Base64.decode(text) else {
        refuse(entry.value, entry.key, "base64, or use stringData", isText: true)
        continue
      }
      data[entry.key] = String(decoding: bytes, as: UTF8.self)
    }
    for entry in mapping("stringData", in: value) where !entry.value.isNull {
      guard let text = entry.value.text, !entry.value.isPlainNonString else {
        refuse(entry.value, entry.key, "a string", isText: true)
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

import SimulationKernel

/// UIDs and hashes, which a real cluster draws and the model has not: made from the seed, the same for
/// the same object in every view and export of a run.
package struct DrawnIdentifiers: Sendable {
  private let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// Of an object that is there once.
  package func uid(_ kind: String, _ name: String, namespace: String = "") -> String {
    uuid("\(kind)/\(namespace)/\(name)")
  }

  /// Of a CSR: one that is deleted and made again under its name is another object (O29).
  package func uid(ofRequest index: Int) -> String {
    uuid("CertificateSigningRequest/\(index)")
  }

  /// Of a service account; other users have none (protocol.md C.3, C.5).
  package func uid(ofUser name: String) -> String? {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, parts[..<2] == ["system", "serviceaccount"] else { return nil }
    return uid("ServiceAccount", parts[3], namespace: parts[2])
  }

  /// Of version 4, variant 1 (RFC 9562).
  package func uuid(_ text: String) -> String {
    var digits = Array(hash(text).prefix(32))
    digits[12] = "4"
    digits[16] = ["8", "9", "a", "b"][(digits[16].hexDigitValue ?? 0) % 4]
    for place in [20, 16, 12, 8] { digits.insert("-", at: place) }
    return String(digits)
  }

  /// 64 hexadecimal digits.
  package func hash(_ text: String) -> String {
    SHA256.hexadecimal(of: Array("\(seed)/\(text)".utf8))
  }
}

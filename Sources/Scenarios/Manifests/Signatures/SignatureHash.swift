import SimulationKernel

/// The hashes with which CSRs are signed.
enum SignatureHash {
  case sha1, sha256, sha384, sha512

  /// Those of RSASSA-PSS that Go knows.
  static let ofPSS: [SignatureHash] = [.sha256, .sha384, .sha512]

  func digest(_ message: some Collection<UInt8>) -> [UInt8] {
    switch self {
    case .sha1: SHA1.bytes(of: message)
    case .sha256: SHA256.bytes(of: message)
    case .sha384: SHA512.sha384(message)
    case .sha512: SHA512.sha512(message)
    }
  }

  /// DigestInfo in DER (RFC 8017, 9.2, note 1).
  func digestInfo(of message: [UInt8]) -> [UInt8] {
    let digest = digest(message)
    let algorithm = identifier + [0x05, 0x00]
    let parts =
      [0x30, UInt8(algorithm.count)] + algorithm + [0x04, UInt8(digest.count)] + digest
    return [0x30, UInt8(parts.count)] + parts
  }

  /// OBJECT IDENTIFIER in DER.
  var identifier: [UInt8] {
    let sha2: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]
    return switch self {
    case .sha1: [0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A]
    case .sha256: sha2 + [1]
    case .sha384: sha2 + [2]
    case .sha512: sha2 + [3]
    }
  }
}

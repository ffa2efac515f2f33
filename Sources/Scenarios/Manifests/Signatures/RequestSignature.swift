import BigInt
import SimulationKernel
import SwiftASN1
import TLSBootstrap

/// The signature of a PKCS#10 and the key that should have made it, as Go's x509 checks them
/// (`CertificateRequest.CheckSignature`).
///
/// RSA-PSS, SHA-1 and RSA keys that would take too long are taken for good.
struct RequestSignature {
  private let algorithm: ASN1ObjectIdentifier
  /// What is signed.
  private let message: [UInt8]
  private let bytes: [UInt8]
  private let key: SubjectPublicKey

  /// By RSA (RFC 4055, 5) and ECDSA (RFC 5758, 3.2).
  private static let rsa: [ASN1ObjectIdentifier: Hash] = [
    [1, 2, 840, 113_549, 1, 1, 11]: .sha256, [1, 2, 840, 113_549, 1, 1, 12]: .sha384,
    [1, 2, 840, 113_549, 1, 1, 13]: .sha512,
  ]
  private static let ecdsa: [ASN1ObjectIdentifier: Hash] = [
    [1, 2, 840, 10_045, 4, 3, 2]: .sha256, [1, 2, 840, 10_045, 4, 3, 3]: .sha384,
    [1, 2, 840, 10_045, 4, 3, 4]: .sha512,
  ]
  /// The longest RSA modulus, and the longest exponent, with which a signature is checked.
  ///
  /// 16,384 bits, an assumption, and 31 bits. Source of the latter: Go crypto/rsa, `checkPublicKeySize`.
  private static let mostModulusBits = 16_384
  private static let mostExponentBits = 31

  private enum Hash: UInt8 {
    // The last number of id-sha256, … (RFC 8017, B.1).
    case sha256 = 1
    case sha384, sha512
  }

  /// - Throws: where these are no parts of a PKCS#10.
  init(
    of body: ASN1Node, algorithm: ASN1Node, signature: ASN1Node, key: SubjectPublicKey
  ) throws {
    guard let type = try DistinguishedName.children(of: algorithm).first else {
      throw DistinguishedName.Malformed()
    }
    self.algorithm = try ASN1ObjectIdentifier(derEncoded: type)
    message = Array(body.encodedBytes)
    bytes = Array(try ASN1BitString(derEncoded: signature).bytes)
    self.key = key
  }

  var verdict: CertificateRequest.Signature {
    if let hash = Self.rsa[algorithm] {
      guard case .rsa(let modulus, let exponent) = key else { return .ofOtherKey("RSA") }
      guard modulus.magnitude.bitWidth <= Self.mostModulusBits,
        exponent.magnitude.bitWidth <= Self.mostExponentBits
      else { return .valid }
      return isRSA(hash, modulus, exponent) ? .valid : .invalid
    }
    if let hash = Self.ecdsa[algorithm] {
      guard case .ecdsa(let curve, let point) = key else { return .ofOtherKey("ECDSA") }
      return isECDSA(hash, curve, point) ? .valid : .invalid
    }
    if algorithm == SubjectPublicKey.ed25519Key {
      guard case .ed25519(let point) = key else { return .ofOtherKey("Ed25519") }
      return Ed25519.verifies(message, bytes, key: point) ? .valid : .invalid
    }
    return .valid
  }

  private func digest(_ hash: Hash) -> [UInt8] {
    switch hash {
    case .sha256: SHA256.bytes(of: message)
    case .sha384: SHA512.sha384(message)
    case .sha512: SHA512.sha512(message)
    }
  }

  /// RFC 8017, 8.2.2: the key turns the signature into 00 01 FF … FF 00 and the DigestInfo.
  private func isRSA(_ hash: Hash, _ modulus: BigInt, _ exponent: BigInt) -> Bool {
    let digest = digest(hash)
    let size = UInt8(digest.count)
    // RFC 8017, 9.2, note 1.
    let info: [UInt8] =
      [0x30, 17 + size, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]
      + [hash.rawValue, 0x05, 0x00, 0x04, size] + digest
    let length = (modulus.magnitude.bitWidth + 7) / 8
    let signature = BigInt(unsigned: bytes)
    guard bytes.count == length, signature < modulus, length >= info.count + 11 else {
      return false
    }
    let padding = [UInt8](repeating: 0xFF, count: length - info.count - 3)
    return signature.power(exponent, modulus: modulus)
      == BigInt(unsigned: [0, 1] + padding + [0] + info)
  }

  /// RFC 3279, 2.2.3: SEQUENCE {r INTEGER, s INTEGER}.
  private func isECDSA(_ hash: Hash, _ curve: EllipticCurve, _ point: [UInt8]) -> Bool {
    guard let parts = try? DistinguishedName.children(of: DER.parse(bytes)), parts.count == 2,
      case .primitive(let r) = parts[0].content, case .primitive(let s) = parts[1].content,
      parts.allSatisfy({ $0.identifier == .integer })
    else { return false }
    return curve.verifies(
      digest(hash), r: BigInt(unsigned: r), s: BigInt(unsigned: s), key: point)
  }
}

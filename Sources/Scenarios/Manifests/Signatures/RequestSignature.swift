import BigInt
import Foundation
import SimulationKernel
import SwiftASN1
import TLSBootstrap

/// The signature of a PKCS#10 and the key that should have made it, as Go's x509 checks them
/// (`CertificateRequest.CheckSignature`).
///
/// Checked are RSA (PKCS #1 v1.5) and ECDSA with SHA-256, which is what kubelet, kubeadm, openssl and cfssl make;
/// other hashes, RSA-PSS and Ed25519 are taken for good.
struct RequestSignature {
  private let algorithm: ASN1ObjectIdentifier
  /// Of the part that is signed.
  private let digest: BigInt
  private let bytes: [UInt8]
  private let key: SubjectPublicKey

  /// Of an RSA key that is checked; more take too long.
  private static let mostBits = 16_384
  private static let sha256WithRSA: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 11]
  private static let ecdsaWithSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 2]

  /// - Throws: where these are no parts of a PKCS#10.
  init(of body: ASN1Node, algorithm: ASN1Node, signature: ASN1Node, key: SubjectPublicKey) throws {
    guard let type = try DistinguishedName.children(of: algorithm).first else {
      throw DistinguishedName.Malformed()
    }
    self.algorithm = try ASN1ObjectIdentifier(derEncoded: type)
    digest = BigInt(SHA256.hexadecimal(of: body.encodedBytes), radix: 16) ?? 0
    bytes = Array(try ASN1BitString(derEncoded: signature).bytes)
    self.key = key
  }

  var verdict: CertificateRequest.Signature {
    switch (algorithm, key) {
    case (Self.sha256WithRSA, .rsa(let modulus, let exponent))
    where modulus.magnitude.bitWidth <= Self.mostBits && exponent < 1 << 31:
      isRSA(modulus, exponent) ? .valid : .invalid
    case (Self.ecdsaWithSHA256, .ecdsa(let curve, let point)):
      isECDSA(curve, point) ? .valid : .invalid
    case (Self.sha256WithRSA, .ecdsa), (Self.sha256WithRSA, .ed25519): .ofOtherKey("RSA")
    case (Self.ecdsaWithSHA256, .rsa), (Self.ecdsaWithSHA256, .ed25519): .ofOtherKey("ECDSA")
    default: .valid
    }
  }

  /// RFC 8017, 8.2.2: the key turns the signature into 00 01 FF … FF 00 and the DigestInfo.
  private func isRSA(_ modulus: BigInt, _ exponent: BigInt) -> Bool {
    let length = (modulus.magnitude.bitWidth + 7) / 8
    let signature = BigInt(unsigned: bytes)
    guard bytes.count == length, signature < modulus, length >= 62 else { return false }
    // DigestInfo of SHA-256 (RFC 8017, 9.2, note 1).
    let prefix: [UInt8] = [
      0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
      0x05, 0x00, 0x04, 0x20,
    ]
    let padding = [0, 1] + [UInt8](repeating: 0xFF, count: length - 54) + [0]
    let expected = BigInt(unsigned: padding + prefix) << 256 + digest
    return signature.power(exponent, modulus: modulus) == expected
  }

  /// RFC 3279, 2.2.3: SEQUENCE {r INTEGER, s INTEGER}.
  private func isECDSA(_ curve: EllipticCurve, _ point: [UInt8]) -> Bool {
    guard let parts = try? DistinguishedName.children(of: DER.parse(bytes)), parts.count == 2,
      case .primitive(let r) = parts[0].content, case .primitive(let s) = parts[1].content,
      parts.allSatisfy({ $0.identifier == .integer })
    else { return false }
    return curve.verifies(digest, r: BigInt(unsigned: r), s: BigInt(unsigned: s), key: point)
  }
}

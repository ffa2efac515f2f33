import BigInt
import SwiftASN1
import TLSBootstrap

/// The key that a PKCS#10 carries.
enum SubjectPublicKey {
  case rsa(modulus: BigInt, exponent: BigInt)
  case ecdsa(EllipticCurve, point: [UInt8])
  case ed25519(point: [UInt8])

  private static let ellipticCurve: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 2, 1]
  /// Source: Go, crypto/x509 `namedCurveFromOID`; what it does not know, it does not parse.
  private static let curves: [ASN1ObjectIdentifier: EllipticCurve] = [
    [1, 3, 132, 0, 33]: .p224, [1, 2, 840, 10_045, 3, 1, 7]: .p256, [1, 3, 132, 0, 34]: .p384,
    [1, 3, 132, 0, 35]: .p521,
  ]
  /// Of key and signature (RFC 8410, 3).
  static let ed25519Key: ASN1ObjectIdentifier = [1, 3, 101, 112]

  /// Of a SubjectPublicKeyInfo.
  init(_ info: ASN1Node) throws {
    let parts = try DistinguishedName.children(of: info)
    guard parts.count == 2 else { throw DistinguishedName.Malformed() }
    let algorithm = try DistinguishedName.children(of: parts[0])
    guard let type = algorithm.first else { throw DistinguishedName.Malformed() }
    let key = try ASN1BitString(derEncoded: parts[1])
    switch try ASN1ObjectIdentifier(derEncoded: type) {
    case Self.ellipticCurve:
      guard algorithm.count == 2,
        let curve = Self.curves[try ASN1ObjectIdentifier(derEncoded: algorithm[1])]
      else { throw DistinguishedName.Malformed() }
      self = .ecdsa(curve, point: Array(key.bytes))
    case Self.ed25519Key: self = .ed25519(point: Array(key.bytes))
    default:
      let numbers = try DistinguishedName.children(of: try DER.parse(key.bytes))
      guard numbers.count == 2, case .primitive(let modulus) = numbers[0].content,
        case .primitive(let exponent) = numbers[1].content
      else { throw DistinguishedName.Malformed() }
      self = .rsa(modulus: BigInt(unsigned: modulus), exponent: BigInt(unsigned: exponent))
    }
  }

  var kind: CertificateRequest.Key {
    switch self {
    case .ecdsa(let curve, _): .ecdsa(bits: curve.bits)
    case .rsa(let modulus, _): .rsa(bits: modulus.magnitude.bitWidth)
    case .ed25519: .ed25519
    }
  }
}

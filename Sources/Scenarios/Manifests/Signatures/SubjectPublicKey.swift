import BigInt
import SwiftASN1
import TLSBootstrap

/// The key that a PKCS#10 carries, as Go reads it.
///
/// Source: Go, crypto/x509 `parsePublicKey`.
enum SubjectPublicKey {
  case rsa(modulus: BigInt, exponent: BigInt)
  case ecdsa(EllipticCurve, point: [UInt8])
  case ed25519(point: [UInt8])
  /// Of another kind, with which nothing is verified.
  case other

  private static let rsaKey: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 1]
  private static let ellipticCurve: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 2, 1]
  /// Source: Go, crypto/x509 `namedCurveFromOID`; what it does not know, it does not parse.
  private static let curves: [ASN1ObjectIdentifier: EllipticCurve] = [
    [1, 3, 132, 0, 33]: .p224, [1, 2, 840, 10_045, 3, 1, 7]: .p256, [1, 3, 132, 0, 34]: .p384,
    [1, 3, 132, 0, 35]: .p521,
  ]
  /// Of key and signature (RFC 8410, 3).
  static let ed25519Key: ASN1ObjectIdentifier = [1, 3, 101, 112]

  /// Of a SubjectPublicKeyInfo.
  init(_ algorithm: AlgorithmIdentifier, _ bytes: [UInt8]) throws(UnreadableRequest) {
    switch algorithm.type {
    case Self.rsaKey: self = try Self.rsa(bytes, algorithm.parameters)
    case Self.ellipticCurve: self = try Self.ecdsa(bytes, algorithm.parameters)
    case Self.ed25519Key:
      if algorithm.parameters != nil {
        throw UnreadableRequest("Ed25519 key encoded with illegal parameters")
      }
      if bytes.count != 32 { throw UnreadableRequest("wrong Ed25519 public key size") }
      self = .ed25519(point: bytes)
    default: self = .other
    }
  }

  private static func ecdsa(
    _ bytes: [UInt8], _ parameters: [UInt8]?
  ) throws(UnreadableRequest) -> Self {
    guard let parameters, let name = try? ASN1ObjectIdentifier(derEncoded: parameters) else {
      throw UnreadableRequest("invalid ECDSA parameters")
    }
    guard let curve = curves[name] else { throw UnreadableRequest("unsupported elliptic curve") }
    guard curve.hasPoint(bytes) else {
      throw UnreadableRequest("failed to unmarshal elliptic curve point")
    }
    return .ecdsa(curve, point: bytes)
  }

  private static func rsa(
    _ bytes: [UInt8], _ parameters: [UInt8]?
  ) throws(UnreadableRequest) -> Self {
    guard parameters == [5, 0] else {
      throw UnreadableRequest("RSA key missing NULL parameters")
    }
    var key = DERReader(bytes[...])
    guard let sequence = try? key.next(.sequence) else {
      throw UnreadableRequest("invalid RSA public key")
    }
    var numbers = DERReader(sequence.content)
    guard let modulus = try? numbers.next(.integer).integer() else {
      throw UnreadableRequest("invalid RSA modulus")
    }
    guard let exponent = try? numbers.next(.integer).integer(bits: 64) else {
      throw UnreadableRequest("invalid RSA public exponent")
    }
    if modulus <= 0 { throw UnreadableRequest("RSA modulus is not a positive number") }
    if exponent <= 0 { throw UnreadableRequest("RSA public exponent is not a positive number") }
    return .rsa(modulus: modulus, exponent: exponent)
  }

  var kind: CertificateRequest.Key {
    switch self {
    case .ecdsa(let curve, _): .ecdsa(bits: curve.bits)
    case .rsa(let modulus, _): .rsa(bits: modulus.magnitude.bitWidth)
    case .ed25519: .ed25519
    case .other: .other
    }
  }
}

/// What Go cannot read in a PKCS#10, in its words.
struct UnreadableRequest: Error {
  let words: String

  init(words: String) { self.words = words }

  init(_ problem: String) { words = "x509: \(problem)" }

  static func syntax(_ problem: String) -> Self { Self(words: "asn1: syntax error: \(problem)") }

  static func structure(_ problem: String) -> Self {
    Self(words: "asn1: structure error: \(problem)")
  }
}

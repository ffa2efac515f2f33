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
  init(_ info: ASN1Node) throws {
    let parts = try DistinguishedName.children(of: info)
    guard parts.count == 2 else { throw DistinguishedName.Malformed() }
    let algorithm = try DistinguishedName.children(of: parts[0])
    guard let type = algorithm.first else { throw DistinguishedName.Malformed() }
    let bytes = Array(try ASN1BitString(derEncoded: parts[1]).bytes)
    let parameters = algorithm.dropFirst().first
    switch try ASN1ObjectIdentifier(derEncoded: type) {
    case Self.rsaKey: self = try Self.rsa(bytes, parameters)
    case Self.ellipticCurve: self = try Self.ecdsa(bytes, parameters)
    case Self.ed25519Key:
      if parameters != nil {
        throw UnreadableRequest("Ed25519 key encoded with illegal parameters")
      }
      if bytes.count != 32 { throw UnreadableRequest("wrong Ed25519 public key size") }
      self = .ed25519(point: bytes)
    default: self = .other
    }
  }

  private static func ecdsa(_ bytes: [UInt8], _ parameters: ASN1Node?) throws -> Self {
    guard let parameters, let name = try? ASN1ObjectIdentifier(derEncoded: parameters) else {
      throw UnreadableRequest("invalid ECDSA parameters")
    }
    guard let curve = curves[name] else { throw UnreadableRequest("unsupported elliptic curve") }
    let length = 1 + (curve.bits + 7) / 8 * 2
    guard bytes.count == length, bytes.first == 4 else {
      throw UnreadableRequest("failed to unmarshal elliptic curve point")
    }
    return .ecdsa(curve, point: bytes)
  }

  private static func rsa(_ bytes: [UInt8], _ parameters: ASN1Node?) throws -> Self {
    guard parameters?.identifier == .null else {
      throw UnreadableRequest("RSA key missing NULL parameters")
    }
    guard let key = try? DER.parse(bytes), let numbers = try? DistinguishedName.children(of: key)
    else { throw UnreadableRequest("invalid RSA public key") }
    guard let modulus = numbers.first.flatMap(integer) else {
      throw UnreadableRequest("invalid RSA modulus")
    }
    // It has to fit into 64 bits.
    guard let exponent = numbers.dropFirst().first.flatMap(integer), exponent.bitWidth <= 64 else {
      throw UnreadableRequest("invalid RSA public exponent")
    }
    if modulus <= 0 { throw UnreadableRequest("RSA modulus is not a positive number") }
    if exponent <= 0 { throw UnreadableRequest("RSA public exponent is not a positive number") }
    return .rsa(modulus: modulus, exponent: exponent)
  }

  private static func integer(_ node: ASN1Node) -> BigInt? {
    guard node.identifier == .integer, case .primitive(let bytes) = node.content,
      let first = bytes.first, isShort(bytes)
    else { return nil }
    let number = BigInt(unsigned: bytes)
    return first < 0x80 ? number : number - BigInt(2).power(8 * bytes.count)
  }

  /// DER: the first nine bits are not all alike.
  private static func isShort(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let second = bytes.dropFirst().first, let first = bytes.first else { return true }
    return first != (second < 0x80 ? 0 : 0xFF)
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

/// A PKCS#10 whose DER is in order, and in which Go finds something that it cannot read.
struct UnreadableRequest: Error {
  let words: String

  init(_ problem: String) { words = "x509: \(problem)" }
}

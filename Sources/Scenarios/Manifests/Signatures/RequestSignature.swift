import BigInt
import SimulationKernel
import SwiftASN1
import TLSBootstrap

/// The signature of a PKCS#10 and the key that should have made it, as Go's x509 checks them
/// (`CertificateRequest.CheckSignature`).
///
/// RSA keys that would take too long are taken for good.
struct RequestSignature {
  private let algorithm: ASN1ObjectIdentifier
  /// What is signed.
  private let message: [UInt8]
  private let bytes: [UInt8]
  private let key: SubjectPublicKey
  /// Of RSASSA-PSS, where Go knows its parameters.
  private let pss: SignatureHash?

  /// By RSA (RFC 3279, 2.2.1; RFC 4055, 5) and ECDSA (RFC 3279, 2.2.3; RFC 5758, 3.2). Of a CSR Go takes SHA-1.
  private static let rsa: [ASN1ObjectIdentifier: SignatureHash] = [
    [1, 2, 840, 113_549, 1, 1, 5]: .sha1, [1, 2, 840, 113_549, 1, 1, 11]: .sha256,
    [1, 2, 840, 113_549, 1, 1, 12]: .sha384, [1, 2, 840, 113_549, 1, 1, 13]: .sha512,
  ]
  private static let rsaWithMD5: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 4]
  private static let ecdsa: [ASN1ObjectIdentifier: SignatureHash] = [
    [1, 2, 840, 10_045, 4, 1]: .sha1, [1, 2, 840, 10_045, 4, 3, 2]: .sha256,
    [1, 2, 840, 10_045, 4, 3, 3]: .sha384, [1, 2, 840, 10_045, 4, 3, 4]: .sha512,
  ]
  /// The longest RSA modulus with which a signature is checked. 16,384 bits: an assumption.
  private static let mostModulusBits = 16_384
  /// The longest exponent. Source: Go crypto/internal/fips140/rsa, `checkPublicKey`.
  private static let mostExponentBits = 31

  /// The shortest modulus. Source: Go crypto/rsa, `checkKeySize`.
  private static let leastModulusBits = 1_024

  init(
    of message: [UInt8], algorithm: AlgorithmIdentifier, signature: [UInt8], key: SubjectPublicKey
  ) {
    self.algorithm = algorithm.type
    pss =
      algorithm.type == PSSParameters.algorithm
      ? algorithm.parameters.flatMap(PSSParameters.hash) : nil
    self.message = message
    bytes = signature
    self.key = key
  }

  var verdict: CertificateRequest.Signature {
    if case .other = key, algorithm != Self.rsaWithMD5 { return Self.unimplemented }
    if let hash = Self.rsa[algorithm] { return rsaVerdict { isRSA(hash, $0, $1) } }
    if let pss {
      return rsaVerdict { PSSParameters.verifies(pss.digest(message), bytes, pss, $0, $1) }
    }
    if let hash = Self.ecdsa[algorithm] {
      guard case .ecdsa(let curve, let point) = key else { return .ofOtherKey("ECDSA") }
      return isECDSA(hash, curve, point) ? .valid : .invalid
    }
    if algorithm == SubjectPublicKey.ed25519Key {
      guard case .ed25519(let point) = key else { return .ofOtherKey("Ed25519") }
      return Ed25519.verifies(message, bytes, key: point) ? .valid : .invalid
    }
    return algorithm == Self.rsaWithMD5
      ? .refused(because: "x509: cannot verify signature: insecure algorithm MD5-RSA")
      : Self.unimplemented
  }

  private static let unimplemented = CertificateRequest.Signature.refused(
    because: "x509: cannot verify signature: algorithm unimplemented")

  /// What every signature by RSA has to pass, and its own check.
  private func rsaVerdict(
    _ verifies: (_ modulus: BigInt, _ exponent: BigInt) -> Bool
  ) -> CertificateRequest.Signature {
    guard case .rsa(let modulus, let exponent) = key else { return .ofOtherKey("RSA") }
    let bits = modulus.magnitude.bitWidth
    guard bits >= Self.leastModulusBits else {
      return .refused(
        because: "crypto/rsa: \(bits)-bit keys are insecure (see "
          + "https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)")
    }
    if let problem = Self.problem(modulus, exponent) {
      return .refused(because: "crypto/rsa: public \(problem)")
    }
    guard bits <= Self.mostModulusBits else { return .valid }
    return verifies(modulus, exponent) ? .valid : .invalid
  }

  /// Source: Go, crypto/internal/fips140/rsa `checkPublicKey`.
  private static func problem(_ modulus: BigInt, _ exponent: BigInt) -> String? {
    if modulus.isMultiple(of: 2) { return "modulus is even" }
    if exponent < 2 { return "exponent too small or negative" }
    if exponent.isMultiple(of: 2) { return "exponent is even" }
    return exponent.magnitude.bitWidth > mostExponentBits ? "exponent too large" : nil
  }

  /// RFC 8017, 8.2.2: the key turns the signature into 00 01 FF … FF 00 and the DigestInfo.
  private func isRSA(_ hash: SignatureHash, _ modulus: BigInt, _ exponent: BigInt) -> Bool {
    let info = hash.digestInfo(of: message)
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
  private func isECDSA(_ hash: SignatureHash, _ curve: EllipticCurve, _ point: [UInt8]) -> Bool {
    guard let parts = try? DER.parse(bytes).elements, parts.count == 2,
      case .primitive(let r) = parts[0].content, case .primitive(let s) = parts[1].content,
      parts.allSatisfy({ $0.identifier == .integer })
    else { return false }
    return curve.verifies(
      hash.digest(message), r: BigInt(unsigned: r), s: BigInt(unsigned: s), key: point)
  }
}

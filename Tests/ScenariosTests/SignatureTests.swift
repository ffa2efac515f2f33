import Foundation
import SimulationKernel
import Testing

@testable import Scenarios
@testable import TLSBootstrap

/// E.3: the signature of `spec.request` verifies. The requests are openssl's.
struct SignatureTests {
  private func bytes(_ name: String) throws -> [UInt8] {
    let lines = try fixture("signatures/\(name).pem").split(separator: "\n")
    return try [UInt8](#require(Data(base64Encoded: lines.dropFirst().dropLast().joined())))
  }

  private func content(_ bytes: [UInt8]) throws -> RequestShape.Content {
    let pem =
      "-----BEGIN CERTIFICATE REQUEST-----\n" + Data(bytes).base64EncodedString()
      + "\n-----END CERTIFICATE REQUEST-----\n"
    return CertificateRequestPEM.shape(Data(pem.utf8).base64EncodedString()).content
  }

  private func read(_ bytes: [UInt8]) throws -> CertificateRequest? {
    guard case .request(let request) = try content(bytes) else { return nil }
    return request
  }

  private static let signed: [(String, CertificateRequest.Key)] = [
    ("p224", .ecdsa(bits: 224)), ("p256", .ecdsa(bits: 256)), ("p384", .ecdsa(bits: 384)),
    ("p521", .ecdsa(bits: 521)),
    ("rsa1024", .rsa(bits: 1_024)), ("rsa2048", .rsa(bits: 2_048)), ("ed25519", .ed25519),
    ("p384-sha384", .ecdsa(bits: 384)), ("p521-sha512", .ecdsa(bits: 521)),
    ("p256-sha512", .ecdsa(bits: 256)), ("rsa2048-sha384", .rsa(bits: 2_048)),
    ("rsa2048-sha512", .rsa(bits: 2_048)), ("rsa2048-sha1", .rsa(bits: 2_048)),
    ("p256-sha1", .ecdsa(bits: 256)), ("rsa2048-pss-sha256", .rsa(bits: 2_048)),
    ("rsa2048-pss-sha512", .rsa(bits: 2_048)), ("rsa1025-pss-sha256", .rsa(bits: 1_025)),
  ]

  @Test(arguments: signed)
  func `E.3 a signature by the request's own key verifies`(
    name: String, key: CertificateRequest.Key
  ) throws {
    let request = try read(bytes(name))
    #expect(request?.key == key)
    #expect(request?.signature == .valid)
  }

  @Test(arguments: signed)
  func `E.3 a signature of other bytes does not verify`(
    name: String, key: CertificateRequest.Key
  ) throws {
    let bytes = try bytes(name)
    // The name that it asks for is changed after it was signed.
    let place = try #require(bytes.firstRange(of: Array("node-1".utf8))?.upperBound) - 1
    var changed = bytes
    changed[place] = UInt8(ascii: "2")
    let request = try read(changed)
    #expect(request?.commonName == "system:node:node-2")
    #expect(request?.signature == .invalid)
  }

  @Test(arguments: signed)
  func `E.3 a signature with another bit does not verify`(
    name: String, key: CertificateRequest.Key
  ) throws {
    var bytes = try bytes(name)
    bytes[bytes.count - 1] ^= 1
    #expect(try read(bytes)?.signature == .invalid)
  }

  @Test(arguments: [
    ("ecdsa-key-rsa-algorithm", "RSA"), ("rsa-key-ecdsa-algorithm", "ECDSA"),
    ("rsa-key-ed25519-algorithm", "Ed25519"),
  ])
  func `E.3 the algorithm of another kind of key is no signature`(
    name: String, algorithm: String
  ) throws {
    #expect(try read(bytes(name))?.signature == .ofOtherKey(algorithm))
  }

  /// Source: Go, crypto/x509 `namedCurveFromOID`.
  @Test func `E.3 a key of a curve that Go does not know makes no request`() throws {
    #expect(try read(bytes("secp256k1")) == nil)
    #expect(try content(bytes("secp256k1")) == .unreadable("x509: unsupported elliptic curve"))
  }

  /// Source: Go, crypto/internal/fips140/rsa `checkPublicKey`; crypto/x509 `parsePublicKey`.
  @Test func `E.3 Go takes no RSA key of any exponent`() throws {
    let refused = { (problem: String) in
      CertificateRequest.Signature.refused(because: "crypto/rsa: public exponent \(problem)")
    }
    #expect(try read(bytes("rsa2048-exponent-33-bits"))?.signature == refused("too large"))
    #expect(try read(withExponent([1, 0, 2]))?.signature == refused("is even"))
    let unreadable = RequestShape.Content.unreadable("x509: invalid RSA public exponent")
    #expect(try content(withExponent([0, 0, 1])) == unreadable)
    #expect(
      try content(withExponent([0x81, 0, 1]))
        == .unreadable("x509: RSA public exponent is not a positive number"))
  }

  /// Source: Go, crypto/x509 `parsePublicKey`, `parseSANExtension`.
  @Test func `E.3 what Go cannot read of a request is told in its words`() throws {
    #expect(
      try read(bytes("ed448"))?.signature
        == .refused(because: "x509: cannot verify signature: algorithm unimplemented"))
    var point = try bytes("p256")
    let curve = try #require(
      point.firstRange(of: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00]))
    point[curve.upperBound] = 5
    #expect(
      try content(point) == .unreadable("x509: failed to unmarshal elliptic curve point"))
    var rsa = try bytes("rsa2048")
    let parameters = try #require(
      rsa.firstRange(of: [0x0D, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82]))
    rsa[parameters.lowerBound + 4] = 0x04
    #expect(try content(rsa) == .unreadable("x509: RSA key missing NULL parameters"))
  }

  private func withExponent(_ exponent: [UInt8]) throws -> [UInt8] {
    var bytes = try bytes("rsa2048")
    let place = try #require(bytes.firstRange(of: [0x02, 0x03, 0x01, 0x00, 0x01]))
    bytes.replaceSubrange(place.lowerBound + 2..<place.upperBound, with: exponent)
    return bytes
  }

  /// Source: Go, crypto/x509 `checkSignature`, `getSignatureAlgorithmFromAI` (the salt has to be as long as the
  /// hash), `InsecureAlgorithmError`; crypto/rsa `checkKeySize`.
  @Test(arguments: [
    ("rsa2048-pss", "x509: cannot verify signature: algorithm unimplemented"),
    ("rsa2048-md5", "x509: cannot verify signature: insecure algorithm MD5-RSA"),
    (
      "rsa512",
      "crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
    ),
  ])
  func `E.3 what Go does not verify is refused in its words`(name: String, words: String) throws {
    var shape = RequestShape(.request(try #require(try read(bytes(name)))))
    shape.signerName = "example.com/s"
    shape.usages = ["digital signature"]
    #expect(shape.fieldErrors == ["spec.request: Invalid value: \"…\": \(words)"])
  }

  /// Source: NIST, FIPS 180-4 examples, "abc", 896 bits, and nothing.
  @Test(arguments: [
    (
      "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
        + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
        + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
    ),
    (
      "",
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
    ),
  ])
  func `SHA-512 of NIST's examples`(text: String, digest: String) {
    #expect(SHA512.sha512(Array(text.utf8)).map(\.hexadecimal).joined() == digest)
  }

  /// Source: NIST, FIPS 180-4 examples.
  @Test(arguments: [
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    ),
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
  ])
  func `SHA-1 of NIST's examples`(text: String, digest: String) {
    #expect(SHA1.bytes(of: Array(text.utf8)).map(\.hexadecimal).joined() == digest)
  }

  @Test func `SHA-384 of NIST's example`() {
    #expect(
      SHA512.sha384(Array("abc".utf8)).map(\.hexadecimal).joined()
        == "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
        + "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7")
  }
}

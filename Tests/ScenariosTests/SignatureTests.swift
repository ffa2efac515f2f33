import Foundation
import TLSBootstrap
import Testing

@testable import Scenarios

/// E.3: the signature of `spec.request` verifies. The requests are openssl's.
struct SignatureTests {
  private func bytes(_ name: String) throws -> [UInt8] {
    let lines = try fixture("signatures/\(name).pem").split(separator: "\n")
    return try [UInt8](#require(Data(base64Encoded: lines.dropFirst().dropLast().joined())))
  }

  private func read(_ bytes: [UInt8]) throws -> CertificateRequest? {
    let pem =
      "-----BEGIN CERTIFICATE REQUEST-----\n" + Data(bytes).base64EncodedString()
      + "\n-----END CERTIFICATE REQUEST-----\n"
    return CertificateRequestPEM.shape(Data(pem.utf8).base64EncodedString()).request
  }

  private static let signed: [(String, CertificateRequest.Key)] = [
    ("p256", .ecdsa(bits: 256)), ("p384", .ecdsa(bits: 384)), ("p521", .ecdsa(bits: 521)),
    ("rsa1024", .rsa(bits: 1_024)), ("rsa2048", .rsa(bits: 2_048)),
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
  ])
  func `E.3 the algorithm of another kind of key is no signature`(
    name: String, algorithm: String
  ) throws {
    #expect(try read(bytes(name))?.signature == .ofOtherKey(algorithm))
  }

  /// Only SHA-256 is computed (docs/FIDELITY.md).
  @Test(arguments: ["ed25519", "p384-sha384"])
  func `a signature that cannot be checked is taken for good`(name: String) throws {
    #expect(try read(bytes(name))?.signature == .valid)
  }
}

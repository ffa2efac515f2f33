import Foundation
import SimulationKernel
import TestSupport
import Testing

@testable import Inspection

/// The keys and signatures of certificates and their requests, which others parse and verify.
struct KnownKeyTests {
  private static func text(_ bytes: [UInt8]) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  /// Source: Python's integers, (SHA-256("abc") + x × private key) modulo the order.
  @Test(
    arguments: [
      (0, "258fe8b3702e123139fe27c3c15263166a1fe4771ceb0fb8b4f86de4ce35b2f2"),
      (15, "6bf535f4a1c5f462cd0faf3497f2314cf5ea5ef6e3255f095410086a94d639d6"),
    ] as [(UInt8, String)])
  func `a signature is the hash and the private key, modulo the order`(key: UInt8, s: String) {
    #expect(Self.text(KnownKey(key).signature(of: Array("abc".utf8)).s) == s)
  }

  @Test func `there are 16 different points`() {
    let points = (0..<16).map { KnownKey($0).point }
    #expect(Set(points).count == 16)
    #expect(points.allSatisfy { $0.count == 65 && $0[0] == 4 })
    #expect(KnownKey(16).point == points[0])
  }

  @Test(
    .enabled(if: Program.isPresent("openssl"), "there is no openssl"),
    arguments: ["first-node", "first-node-foreground", "handmade-requests"])
  func `openssl verifies each request, and reads each certificate`(scenario: String) throws {
    let recording = try Recording(scenario, level: .steps)
    let view = try ResourceView(
      ClusterSnapshot(recording.opened(), at: Instant.zero + .seconds(90)), .requests)
    var read = 0
    for object in view.objects {
      if let request = pem(object.document["spec"]?["request"]) {
        let ended = try openssl(["req", "-noout", "-verify", "-text"], request)
        #expect(ended.code == 0, "\(ended.errors)")
        #expect((ended.output + ended.errors).contains("verify OK"))
        read += 1
      }
      if let certificate = pem(object.document["status"]?["certificate"]) {
        let ended = try openssl(["x509", "-noout", "-text", "-pubkey"], certificate)
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.output.contains("NIST CURVE: P-256"))
      }
    }
    #expect(read > 0)
  }

  @Test(.enabled(if: Program.isPresent("openssl"), "there is no openssl"))
  func `openssl finds every name that the request has`() throws {
    let names = """
      {dnsNames: [d.example.com], ipAddresses: [192.0.2.9, "2001:db8::1"], \
      emailAddresses: [e@example.com], uris: [g:h]}
      """
    let create = """
      {subject: {commonName: c}, sans: \(names), \
      spec: {signerName: kubernetes.io/kubelet-serving, usages: [digital signature]}}
      """
    let recording = try Recording(
      "first-node", overrides: ["spec.requests=[{name: r, create: \(create)}]"])
    let view = try ResourceView(ClusterSnapshot(recording.opened(), at: nil), .requests)
    let requests = view.objects.compactMap { pem($0.document["spec"]?["request"]) }
    let texts = try requests.map { try openssl(["req", "-noout", "-text"], $0).output }
    let expected = [
      "DNS:d.example.com", "IP Address:192.0.2.9", "IP Address:2001:DB8:0:0:0:0:0:1",
      "email:e@example.com", "URI:g:h",
    ]
    #expect(
      texts.contains { text in expected.allSatisfy { text.contains($0) } }, "\(texts)")
  }

  private func pem(_ value: KubernetesDocument?) -> String? {
    guard case .string(let text) = value else { return nil }
    return Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) }
  }

  private func openssl(_ arguments: [String], _ text: String) throws -> Ended {
    let folder = TemporaryFolder()
    try folder.write(text, to: "it.pem")
    return try Program.run(
      "/usr/bin/env", ["openssl"] + arguments + ["-in", folder.file("it.pem")])
  }
}

import Foundation
import TLSBootstrap
import Testing

@testable import Scenarios

/// `spec.request` as Go reads it: encoding/base64 and encoding/pem.
struct RequestBytesTests {
  private typealias Change = @Sendable (String) -> String

  private static let begin = "-----BEGIN CERTIFICATE REQUEST-----"
  private static let end = "-----END CERTIFICATE REQUEST-----"
  private static let header = "Proc-Type: 4,X\n"

  /// A good block whose lines are changed, as base64.
  private func content(_ change: (String) -> String) throws -> RequestShape.Content {
    let pem = try fixture("node-csr.pem")
    return CertificateRequestPEM.shape(Data(change(pem).utf8).base64EncodedString()).content
  }

  private static func afterBegin(_ text: String) -> Change {
    { $0.replacing(begin + "\n", with: begin + "\n" + text) }
  }

  private static let accepted: [(String, Change)] = [
    ("as it is", { $0 }),
    ("text lines before it", { "Certificate Request:\n  Data: x\n" + $0 }),
    ("text lines after it", { $0 + "and more\n" }),
    ("no line end after END", { String($0.dropLast()) }),
    ("lines end with CR LF", { $0.replacing("\n", with: "\r\n") }),
    ("white space at the end of BEGIN and END", { $0.replacing("-----\n", with: "----- \t\n") }),
    ("an indented body", { $0.replacing("\nMII", with: "\n  MII") }),
    ("headers and a blank line", afterBegin(header + "\n")),
    ("headers without a blank line", afterBegin(header)),
    ("two BEGINs", { begin + "\n" + $0 }),
    ("a broken block before it", { begin + "\n!!!!\n" + end + "\n" + $0 }),
    ("a block before it that ends as another", { begin + "\nAAAA\n-----END X-----\n" + $0 }),
    ("a block before it that ends nowhere", { "-----BEGIN X-----\nAAAA\n" + $0 }),
    ("an END before it", { "\n" + end + "\n" + $0 }),
  ]

  @Test(arguments: accepted.indices)
  func `E.3 a block is found as Go finds it`(index: Int) throws {
    let (name, change) = Self.accepted[index]
    guard case .request = try content(change) else {
      Issue.record("\(name): \(try content(change))")
      return
    }
  }

  private static let refused: [(String, Change)] = [
    ("every line indented", { $0.split(separator: "\n").map { "  \($0)\n" }.joined() }),
    ("all in one line", { $0.replacing("\n", with: "") }),
    ("text before BEGIN", { "text " + $0 }),
    ("a byte order mark before BEGIN", { "\u{FEFF}" + $0 }),
    ("lines end with CR only", { $0.replacing("\n", with: "\r") }),
    ("END indented", { $0.replacing(end, with: "  " + end) }),
    ("text after END", { $0.replacing(end, with: end + "x") }),
    ("text after BEGIN", { $0.replacing(begin, with: begin + "x") }),
    ("BEGIN with four dashes", { String($0.dropFirst()) }),
    ("END of another type", { $0.replacing(end, with: "-----END X-----") }),
    ("no END", { $0.replacing(end, with: "") }),
    ("the padding of the base64 missing", { $0.replacing("=\n", with: "\n") }),
    ("only headers", { _ in begin + "\na: b\n-----END :\n" }),
    ("another type first", { "-----BEGIN X-----\nAAAA\n-----END X-----\n" + $0 }),
  ]

  @Test(arguments: refused.indices)
  func `E.3 what Go finds no block in is told so`(index: Int) throws {
    let (name, change) = Self.refused[index]
    #expect(try content(change) == .otherPEM, "\(name)")
  }

  @Test func `E.3 an empty block holds no PKCS#10`() throws {
    #expect(
      try content { _ in Self.begin + "\n" + Self.end + "\n" }
        == .unreadable("asn1: syntax error: sequence truncated"))
  }

  @Test(arguments: ["\n", "\r\n", ""])
  func `E.3 line ends alone are base64 of nothing`(text: String) {
    let shape = CertificateRequestPEM.shape(text)
    #expect(shape.content == .otherPEM)
    #expect(shape.base64 == "")
  }

  @Test(arguments: [
    ("QUFB", nil), ("QUE=", nil), ("QQ==", nil), ("QQ=\n=", nil), ("Q\nUFB\n", nil),
    ("QUE=\n", nil),
    ("Q", 0), ("QUFBQ", 4), ("QUFBQQ", 4), ("QUFBQUE", 4), ("=", 0), ("Q===", 1), ("QQ=", 3),
    ("QQ=A", 2), ("QUE=A", 4), ("QQ==QUFB", 4), ("QU A", 2), ("QUFB\n\nQ", 6), ("é", 0),
  ])
  func `E.3 the first wrong byte of base64 is told as Go tells it`(text: String, place: Int?) {
    let content = CertificateRequestPEM.shape(text).content
    #expect(content == place.map { .notBase64($0) } ?? .otherPEM, "\(text)")
  }
}

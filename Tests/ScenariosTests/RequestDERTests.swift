import Foundation
import TLSBootstrap
import Testing

@testable import Scenarios

/// E.3: the PKCS#10 in `spec.request` as Go reads it, by hand-made bytes.
///
/// Source: Go, encoding/asn1; crypto/x509 `ParseCertificateRequest`.
struct RequestDERTests {
  private static func der(_ tag: UInt8, _ content: [UInt8]...) -> [UInt8] {
    let bytes = content.flatMap { $0 }
    let length =
      bytes.count < 0x80
      ? [UInt8(bytes.count)] : [0x82, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)]
    precondition(bytes.count < 0x80 || bytes.count > 0xFF, "of \(bytes.count) bytes")
    return [tag] + length + bytes
  }

  private static let commonName: [UInt8] = [6, 3, 0x55, 4, 3]
  private static let extensionRequest: [UInt8] =
    [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 14]
  private static let alternativeName: [UInt8] = [6, 3, 0x55, 0x1D, 0x11]
  private static let keyUsage: [UInt8] = [6, 3, 0x55, 0x1D, 0x0F]

  /// A name of one attribute.
  private static func name(_ fields: [UInt8]...) -> [UInt8] {
    der(0x30, der(0x31, der(0x30, fields.flatMap { $0 })))
  }

  private static func name(_ tag: UInt8, _ text: String) -> [UInt8] {
    name(commonName, der(tag, Array(text.utf8)))
  }

  private static func attribute(_ values: [UInt8]...) -> [UInt8] {
    der(0x30, extensionRequest, der(0x31, values.flatMap { $0 }))
  }

  private static func extensions(_ extensions: [UInt8]...) -> [UInt8] {
    der(0x30, extensions.flatMap { $0 })
  }

  private static func alternativeNames(_ names: [UInt8]...) -> [UInt8] {
    der(0x30, alternativeName, der(4, der(0x30, names.flatMap { $0 })))
  }

  private static func uri(_ text: String) -> [UInt8] {
    attribute(extensions(alternativeNames(der(0x86, Array(text.utf8)))))
  }

  /// A request whose key Go does not know, and whose signature is none.
  private static func request(
    name: [UInt8] = name(12, "system:node:x"), version: [UInt8] = [2, 1, 0],
    attributes: [UInt8] = [], tag: UInt8 = 0xA0, rest: [UInt8] = [], outerRest: [UInt8] = []
  ) -> [UInt8] {
    let algorithm = der(0x30, [6, 2, 0x2A, 3])
    let key = der(0x30, algorithm, [3, 2, 0, 1])
    let body = der(0x30, version, name, key, tag == 0 ? [] : der(tag, attributes), rest)
    return der(0x30, body, algorithm, [3, 2, 0, 1], outerRest)
  }

  private func content(_ bytes: [UInt8]) -> RequestShape.Content {
    let pem =
      "-----BEGIN CERTIFICATE REQUEST-----\n\(Data(bytes).base64EncodedString())\n"
      + "-----END CERTIFICATE REQUEST-----\n"
    return CertificateRequestPEM.shape(Data(pem.utf8).base64EncodedString()).content
  }

  private static let mismatch =
    "{optional:false explicit:false application:false private:false defaultValue:<nil> tag:"
  private static let noSpecial = "<nil> stringType:0 timeType:0 set:false omitEmpty:false}"

  private static let refused: [(String, [UInt8], String)] = [
    (
      "PrintableString with _", request(name: name(19, "system:node:a_b")),
      "asn1: syntax error: PrintableString contains invalid character"
    ),
    (
      "IA5String of more than ASCII", request(name: name(22, "é")),
      "asn1: syntax error: IA5String contains invalid character"
    ),
    (
      "UTF8String that is none", request(name: name(commonName, [12, 1, 0xFF])),
      "asn1: invalid UTF-8 string"
    ),
    (
      "NumericString with letters", request(name: name(18, "1a")),
      "asn1: syntax error: NumericString contains invalid character"
    ),
    (
      "BMPString of 3 bytes", request(name: name(commonName, [30, 3, 0, 65, 0])),
      "pkcs12: odd-length BMP string"
    ),
    (
      "a long INTEGER as name", request(name: name(commonName, [2, 2, 0, 1])),
      "asn1: structure error: integer not minimally-encoded"
    ),
    (
      "a name that is no set", request(name: der(0x30, [5, 0])),
      "asn1: structure error: sequence tag mismatch"
    ),
    ("no attributes", request(tag: 0), "asn1: syntax error: sequence truncated"),
    (
      "attributes as a SET", request(tag: 0x31),
      "asn1: structure error: tags don't match (0 vs {class:0 tag:17 length:0 isCompound:true}) "
        + "\(mismatch)… stringType:0 timeType:0 set:false omitEmpty:false}  @43"
    ),
    (
      "a version that is no INTEGER", request(version: [5, 0]),
      "asn1: structure error: tags don't match (2 vs {class:0 tag:5 length:0 isCompound:false}) "
        + "\(mismatch)\(noSpecial) int @2"
    ),
    ("more after it", request() + [5, 0], "asn1: syntax error: trailing data"),
    ("less of it", request().dropLast(), "asn1: syntax error: data truncated"),
    ("no length", [0x30], "asn1: syntax error: truncated tag or length"),
    ("nothing", [], "asn1: syntax error: sequence truncated"),
    (
      "two names in one request",
      request(attributes: attribute(extensions(alternativeNames(), alternativeNames()))),
      "x509: certificate request contains duplicate requested extensions"
    ),
    (
      "two key usages in two requests",
      request(
        attributes: attribute(extensions(der(0x30, keyUsage, [4, 0])))
          + attribute(extensions(der(0x30, keyUsage, [4, 0])))),
      "x509: certificate request contains duplicate requested extensions"
    ),
    (
      "a criticality of 1",
      request(attributes: attribute(extensions(der(0x30, keyUsage, [1, 1, 1], [4, 0])))),
      "asn1: syntax error: invalid boolean"
    ),
    (
      "names that are no SEQUENCE",
      request(attributes: attribute(extensions(der(0x30, alternativeName, [4, 2, 5, 0])))),
      "x509: invalid subject alternative names"
    ),
    (
      "a name that is cut",
      request(attributes: attribute(extensions(alternativeNames([0x82, 2])))),
      "x509: invalid subject alternative name"
    ),
    (
      "a DNS name of more than ASCII",
      request(attributes: attribute(extensions(alternativeNames(der(0x82, [0xC3, 0xA9]))))),
      "x509: SAN dNSName is malformed"
    ),
    (
      "a URI with a bad escape", request(attributes: uri("%zz")),
      #"x509: cannot parse URI "%zz": parse "%zz": invalid URL escape "%zz""#
    ),
    (
      "a URI of no host", request(attributes: uri("http://a..b/")),
      #"x509: cannot parse URI "http://a..b/": invalid domain"#
    ),
  ]

  @Test(arguments: refused.indices)
  func `E.3 what Go refuses is refused in its words`(index: Int) {
    let (name, bytes, words) = Self.refused[index]
    #expect(content(bytes) == .unreadable(words), "\(name)")
  }

  private static let taken: [(String, [UInt8], String)] = [
    ("UTF8String", request(), "system:node:x"),
    ("PrintableString with * and &", request(name: name(19, "*&'()")), "*&'()"),
    ("T61String", request(name: name(20, "a_b")), "a_b"),
    ("IA5String", request(name: name(22, "a_b")), "a_b"),
    ("NumericString", request(name: name(18, "1 2")), "1 2"),
    (
      "BMPString", request(name: name(commonName, [30, 4, 0, 0x78, 0x20, 0xAC])), "x€"
    ),
    (
      "BMPString with an end", request(name: name(commonName, [30, 4, 0, 0x78, 0, 0])), "x"
    ),
    ("a type that is no string to Go", request(name: name(28, "x")), ""),
    ("a compound value", request(name: name(commonName, [0x30, 2, 5, 7])), ""),
    ("a third element beside a value", request(name: name(commonName, [12, 1, 65], [5])), "A"),
    ("more inside", request(rest: [5]), "system:node:x"),
    ("more outside", request(outerRest: [0xFF, 0xFF]), "system:node:x"),
    ("an attribute that is none", request(attributes: [2, 1, 1]), "system:node:x"),
    ("an attribute of no value", request(attributes: attribute()), "system:node:x"),
    (
      "an attribute whose values are cut",
      request(attributes: der(0x30, extensionRequest, [0x31, 2, 4, 7])), "system:node:x"
    ),
  ]

  @Test(arguments: taken.indices)
  func `E.3 what Go takes is taken, with its common name`(index: Int) {
    let (name, bytes, commonName) = Self.taken[index]
    guard case .request(let request) = content(bytes) else {
      Issue.record("\(name): \(content(bytes))")
      return
    }
    #expect(request.commonName == commonName, "\(name)")
  }

  @Test func `E.3 of an extensionRequest Go reads the first value`() throws {
    let names = Self.extensions(Self.alternativeNames(Self.der(0x82, [0x61])))
    let read = { (attribute: [UInt8]) -> [String]? in
      guard case .request(let request) = content(Self.request(attributes: attribute)) else {
        return nil
      }
      return request.dnsNames
    }
    #expect(read(Self.attribute(names, [5, 0])) == ["a"])
    #expect(read(Self.attribute(Self.extensions(), names)) == [])
  }

  @Test(arguments: [
    ("http://example.com:80/a%20b?%zz#c", nil), ("mailto:a@..", nil), ("/a..b", nil), ("", nil),
    ("*", nil), ("http://u:p%20@h", nil), ("http://[2001:db8::1%25eth0]:80", nil), ("x", nil),
    ("postgres://a:1,b:2", nil), ("spiffe://example.com/ns", nil), ("//a_b!", nil), ("///..", nil),
    ("#%zz", ##"parse "#%zz": invalid URL escape "%zz""##),
    ("http://a/%4", #"parse "http://a/%4": invalid URL escape "%4""#),
    ("http://%41/", #"parse "http://%41/": invalid URL escape "%41""#),
    ("http://a b/", #"parse "http://a b/": invalid character " " in host name"#),
    ("http://a/\n", #"parse "http://a/\n": net/url: invalid control character in URL"#),
    ("http://a:b/", #"parse "http://a:b/": invalid port ":b" after host"#),
    ("http://a:1:2/", #"parse "http://a:1:2/": invalid port ":1:2" after host"#),
    ("http://[::1/", #"parse "http://[::1/": missing ']' in host"#),
    ("http://[192.0.2.1]/", #"parse "http://[192.0.2.1]/": invalid IP-literal"#),
    (
      "http://[x]/", #"parse "http://[x]/": invalid host: ParseAddr("x"): unable to parse IP"#
    ),
    ("http://a^@b/", #"parse "http://a^@b/": net/url: invalid userinfo"#),
    (":a", #"parse ":a": missing protocol scheme"#),
    ("1a:b", #"parse "1a:b": first path segment in URL cannot contain colon"#),
    ("http://a./", "invalid domain"), ("http://.a/", "invalid domain"),
    ("http://%C3%A9/", "invalid domain"),
  ])
  func `E.3 a URI is parsed as Go parses it`(text: String, problem: String?) {
    #expect(GoURL.problem(of: text) == problem)
  }

  @Test(arguments: [
    ("dnsNames: [é]", "SAN dNSName is malformed"),
    ("emailAddresses: [ü@x]", "SAN rfc822Name is malformed"),
    ("uris: [é]", "SAN uniformResourceIdentifier is malformed"),
    ("uris: [\"%zz\"]", #"cannot parse URI "%zz": parse "%zz": invalid URL escape "%zz""#),
    ("dnsNames: [x.example.com], emailAddresses: [u@x], uris: [\"spiffe://x/n\"]", nil),
  ])
  func `E.3 the names of a request by subject are read as those of bytes`(
    names: String, problem: String?
  ) throws {
    let entry = "  - {name: a, create: {subject: {commonName: c}, sans: {\(names)}}}\n"
    let scenario = try load(nodesAndToken + "  requests:\n" + entry).scenario
    guard case .create(let shape) = scenario.requests.first?.act else {
      Issue.record("no request")
      return
    }
    if let problem {
      #expect(shape.content == .unreadable("x509: \(problem)"))
    } else {
      #expect(shape.request?.uris == ["spiffe://x/n"])
    }
  }
}

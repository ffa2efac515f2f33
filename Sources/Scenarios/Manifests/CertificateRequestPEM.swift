import Foundation
import SwiftASN1
import TLSBootstrap

/// What the API server reads of `spec.request` of a CSR: a PEM block with a PKCS#10 (RFC 2986).
///
/// Its signature is not checked: that needs cryptography, and nothing else does.
enum CertificateRequestPEM {
  /// - Parameter text: the value of `spec.request`, which should be base64.
  static func shape(_ text: String) -> RequestShape {
    let bytes: [UInt8]
    switch Base64Text.decode(text) {
    case .failure(let error):
      return RequestShape(.notBase64(error.place), base64: text)
    case .success(let decoded): bytes = decoded
    }
    return RequestShape(content(bytes), base64: Data(bytes).base64EncodedString())
  }

  private static func content(_ bytes: [UInt8]) -> RequestShape.Content {
    guard let block = PEMBlock.first(in: bytes), block.type == "CERTIFICATE REQUEST" else {
      return .otherPEM
    }
    do {
      return .request(try CertificateRequest(derEncoded: block.bytes))
    } catch {
      return .malformed
    }
  }
}

extension CertificateRequest {
  fileprivate init(derEncoded bytes: [UInt8]) throws {
    self.init()
    try DER.sequence(try DER.parse(bytes), identifier: .sequence) { parts in
      guard let body = parts.next(), parts.next() != nil, parts.next() != nil else {
        throw DistinguishedName.Malformed()
      }
      try DER.sequence(body, identifier: .sequence) { fields in
        _ = try Int(derEncoded: &fields)
        guard let subject = fields.next(), let publicKey = fields.next() else {
          throw DistinguishedName.Malformed()
        }
        read(subject: try DistinguishedName(subject))
        key = try Key(publicKey)
        while let attributes = fields.next() {
          for attribute in try DistinguishedName.children(of: attributes) {
            try read(attribute: attribute)
          }
        }
      }
    }
  }

  private mutating func read(subject: DistinguishedName) {
    commonName = subject.values(DistinguishedName.commonName).last ?? ""
    organizations = subject.values(DistinguishedName.organization)
    organizationalUnits = subject.values(DistinguishedName.organizationalUnit)
  }

  private static let extensionRequest: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 14]
  private static let subjectAlternativeName: ASN1ObjectIdentifier = [2, 5, 29, 17]

  private mutating func read(attribute: ASN1Node) throws {
    let parts = try DistinguishedName.children(of: attribute)
    guard parts.count == 2,
      try ASN1ObjectIdentifier(derEncoded: parts[0]) == Self.extensionRequest
    else { return }
    for list in try DistinguishedName.children(of: parts[1]) {
      for found in try DistinguishedName.children(of: list) {
        let fields = try DistinguishedName.children(of: found)
        guard let first = fields.first, let last = fields.last,
          try ASN1ObjectIdentifier(derEncoded: first) == Self.subjectAlternativeName
        else { continue }
        let value = try ASN1OctetString(derEncoded: last)
        for name in try DistinguishedName.children(of: try DER.parse(value.bytes)) {
          read(alternativeName: name)
        }
      }
    }
  }

  /// GeneralName (RFC 5280, 4.2.1.6).
  private mutating func read(alternativeName name: ASN1Node) {
    guard name.identifier.tagClass == .contextSpecific, case .primitive(let bytes) = name.content
    else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    switch name.identifier.tagNumber {
    case 1: emailAddresses.append(text)
    case 2: dnsNames.append(text)
    case 6: uris.append(text)
    case 7:
      ipAddresses.append(bytes.map { String($0) }.joined(separator: bytes.count == 4 ? "." : ":"))
    default: break
    }
  }
}

extension CertificateRequest.Key {
  private static let ellipticCurve: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 2, 1]
  private static let p384: ASN1ObjectIdentifier = [1, 3, 132, 0, 34]
  private static let p521: ASN1ObjectIdentifier = [1, 3, 132, 0, 35]
  private static let ed25519Key: ASN1ObjectIdentifier = [1, 3, 101, 112]

  /// Of a SubjectPublicKeyInfo.
  fileprivate init(_ info: ASN1Node) throws {
    let parts = try DistinguishedName.children(of: info)
    guard parts.count == 2 else { throw DistinguishedName.Malformed() }
    let algorithm = try DistinguishedName.children(of: parts[0])
    guard let type = algorithm.first else { throw DistinguishedName.Malformed() }
    switch try ASN1ObjectIdentifier(derEncoded: type) {
    case Self.ellipticCurve:
      guard algorithm.count == 2 else { throw DistinguishedName.Malformed() }
      let curve = try ASN1ObjectIdentifier(derEncoded: algorithm[1])
      self = .ecdsa(bits: curve == Self.p384 ? 384 : curve == Self.p521 ? 521 : 256)
    case Self.ed25519Key: self = .ed25519
    default:
      let key = try ASN1BitString(derEncoded: parts[1])
      let modulus = try DistinguishedName.children(of: try DER.parse(key.bytes)).first
      guard case .primitive(let bytes) = modulus?.content else {
        throw DistinguishedName.Malformed()
      }
      self = .rsa(bits: bytes.drop { $0 == 0 }.count * 8)
    }
  }
}

import Foundation
import SwiftASN1
import TLSBootstrap

/// What the API server reads of `spec.request` of a CSR: a PEM block with a PKCS#10 (RFC 2986).
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
    } catch let error as UnreadableRequest {
      return .unreadable(error.words)
    } catch {
      return .malformed
    }
  }
}

extension CertificateRequest {
  fileprivate init(derEncoded bytes: [UInt8]) throws {
    self.init()
    try DER.sequence(try DER.parse(bytes), identifier: .sequence) { parts in
      guard let body = parts.next(), let algorithm = parts.next(), let signature = parts.next()
      else { throw DistinguishedName.Malformed() }
      try DER.sequence(body, identifier: .sequence) { fields in
        _ = try Int(derEncoded: &fields)
        guard let subject = fields.next(), let publicKey = fields.next() else {
          throw DistinguishedName.Malformed()
        }
        read(subject: try DistinguishedName(subject))
        let signed = try SubjectPublicKey(publicKey)
        key = signed.kind
        self.signature =
          try RequestSignature(of: body, algorithm: algorithm, signature: signature, key: signed)
          .verdict
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
          try read(alternativeName: name)
        }
      }
    }
  }

  /// GeneralName (RFC 5280, 4.2.1.6).
  ///
  /// Source: Go, crypto/x509 `parseSANExtension`.
  private mutating func read(alternativeName name: ASN1Node) throws {
    guard name.identifier.tagClass == .contextSpecific, case .primitive(let bytes) = name.content
    else { return }
    let kinds: [UInt: String] = [1: "rfc822Name", 2: "dNSName", 6: "uniformResourceIdentifier"]
    let kind = name.identifier.tagNumber
    if let text = kinds[kind], bytes.contains(where: { $0 >= 0x80 }) {
      throw UnreadableRequest("SAN \(text) is malformed")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    switch kind {
    case 1: emailAddresses.append(text)
    case 2: dnsNames.append(text)
    case 6: uris.append(text)
    case 7:
      guard let address = IPAddress.text(bytes) else {
        throw UnreadableRequest("cannot parse IP address of length \(bytes.count)")
      }
      ipAddresses.append(address)
    default: break
    }
  }
}

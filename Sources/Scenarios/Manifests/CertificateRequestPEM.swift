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
    do throws(UnreadableRequest) {
      return .request(try CertificateRequest(derEncoded: block.bytes))
    } catch {
      return .unreadable(error.words)
    }
  }
}

/// Source: Go, crypto/x509 `ParseCertificateRequest`.
extension CertificateRequest {
  fileprivate init(derEncoded bytes: [UInt8]) throws(UnreadableRequest) {
    self.init()
    var outermost = DERReader(bytes[...])
    var parts = DERReader(try outermost.next(.sequence, "certificateRequest").content)
    let body = try parts.next(.sequence, "tbsCertificateRequest")
    var fields = DERReader(body.content)
    _ = try fields.next(.integer, "int").integer(bits: 64)
    let subject = try fields.next()
    var publicKey = DERReader(try fields.next(.sequence, "publicKeyInfo").content)
    let keyAlgorithm = try AlgorithmIdentifier(&publicKey)
    let keyBits = try publicKey.next(.bitString, "BitString").bitString()
    let attributes = try DERReader(try fields.next(.attributes).content).all()
    let algorithm = try AlgorithmIdentifier(&parts)
    let signatureBits = try parts.next(.bitString, "BitString").bitString()
    if !outermost.isAtEnd { throw .syntax("trailing data") }

    let signed = try SubjectPublicKey(keyAlgorithm, keyBits)
    key = signed.kind
    read(subject: try DistinguishedName(subject.bytes))
    try read(attributes)
    signature =
      RequestSignature(
        of: Array(body.bytes), algorithm: algorithm, signature: signatureBits, key: signed
      ).verdict
  }

  private mutating func read(subject: DistinguishedName) {
    commonName = subject.values(DistinguishedName.commonName).last ?? ""
    organizations = subject.values(DistinguishedName.organization)
    organizationalUnits = subject.values(DistinguishedName.organizationalUnit)
  }

  private static let extensionRequest: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 14]
  private static let subjectAlternativeName: ASN1ObjectIdentifier = [2, 5, 29, 17]

  private mutating func read(_ attributes: [DERReader.Value]) throws(UnreadableRequest) {
    var extensions: [ASN1ObjectIdentifier: ArraySlice<UInt8>] = [:]
    for attribute in attributes {
      guard let request = Self.extensionRequest(attribute) else { continue }
      var reader = DERReader(request.bytes)
      let found = try DERReader(try reader.next(.sequence).content).all(.sequence)
      for (type, value) in try found.map(Self.fields) {
        guard extensions.updateValue(value, forKey: type) == nil else {
          throw UnreadableRequest("certificate request contains duplicate requested extensions")
        }
      }
    }
    if let names = extensions[Self.subjectAlternativeName] { try read(alternativeNames: names) }
  }

  /// Of an extensionRequest the first value: Go looks at no other, and at no attribute that does not parse.
  private static func extensionRequest(_ attribute: DERReader.Value) -> DERReader.Value? {
    guard attribute.tag == .sequence else { return nil }
    var fields = DERReader(attribute.content)
    guard let type = try? fields.next(.objectIdentifier).objectIdentifier(),
      let values = try? fields.next(.set).content, type == extensionRequest
    else { return nil }
    return (try? DERReader(values).all())?.first
  }

  private static func fields(
    of extension: DERReader.Value
  ) throws(UnreadableRequest) -> (ASN1ObjectIdentifier, value: ArraySlice<UInt8>) {
    var fields = DERReader(`extension`.content)
    let type = try fields.next(.objectIdentifier, "ObjectIdentifier").objectIdentifier()
    if fields.isNext(.boolean) { _ = try fields.next(.boolean).boolean() }
    return (type, try fields.next(.octetString).content)
  }

  private mutating func read(
    alternativeNames bytes: ArraySlice<UInt8>
  ) throws(UnreadableRequest) {
    var outermost = DERReader(bytes)
    guard let sequence = try? outermost.next(.sequence) else {
      throw UnreadableRequest("invalid subject alternative names")
    }
    var names = DERReader(sequence.content)
    while !names.isAtEnd {
      guard let name = try? names.next(), name.tag.number < 0x1F else {
        throw UnreadableRequest("invalid subject alternative name")
      }
      guard name.tag.tagClass == 2, !name.tag.isCompound,
        let kind = AlternativeName(rawValue: name.tag.number)
      else { continue }
      let text = try kind.text(name.content)
      switch kind {
      case .email: emailAddresses.append(text)
      case .dns: dnsNames.append(text)
      case .uri: uris.append(text)
      case .ipAddress: ipAddresses.append(text)
      }
    }
  }
}

import SwiftASN1

/// A Name of X.509 (RFC 5280, 4.1.2.4): its attributes in order.
struct DistinguishedName: Equatable {
  static let commonName: ASN1ObjectIdentifier = [2, 5, 4, 3]
  static let organization: ASN1ObjectIdentifier = [2, 5, 4, 10]
  static let organizationalUnit: ASN1ObjectIdentifier = [2, 5, 4, 11]

  private var attributes: [Attribute] = []

  private struct Attribute: Equatable {
    var type: ASN1ObjectIdentifier
    var value: String
  }

  /// Source: Go, crypto/x509/pkix `RDNSequence`, `FillFromRDNSequence`.
  init(_ bytes: ArraySlice<UInt8>) throws(UnreadableRequest) {
    var outermost = DERReader(bytes)
    let sets = try outermost.next(.sequence, "RDNSequence").content
    for set in try DERReader(sets).all(.set) {
      for attribute in try DERReader(set.content).all(.sequence) {
        var fields = DERReader(attribute.content)
        let type = try fields.next(.objectIdentifier, "ObjectIdentifier").objectIdentifier()
        guard let value = try fields.next().text() else { continue }
        attributes.append(Attribute(type: type, value: value))
      }
    }
  }

  func values(_ type: ASN1ObjectIdentifier) -> [String] {
    attributes.filter { $0.type == type }.map(\.value)
  }
}

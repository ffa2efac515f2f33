import SwiftASN1

/// A Name of X.509 (RFC 5280, 4.1.2.4): its attributes in order.
struct DistinguishedName: Equatable {
  static let commonName: ASN1ObjectIdentifier = [2, 5, 4, 3]
  static let organization: ASN1ObjectIdentifier = [2, 5, 4, 10]
  static let organizationalUnit: ASN1ObjectIdentifier = [2, 5, 4, 11]

  private var attributes: [Attribute]

  private struct Attribute: Equatable {
    var type: ASN1ObjectIdentifier
    var value: String
  }

  struct Malformed: Error {}

  init(_ name: ASN1Node) throws {
    attributes = try Self.children(of: name).flatMap { set in
      try Self.children(of: set).map { attribute in
        try DER.sequence(attribute, identifier: .sequence) { pair in
          let type = try ASN1ObjectIdentifier(derEncoded: &pair)
          guard case .primitive(let bytes) = pair.next()?.content else { throw Malformed() }
          return Attribute(type: type, value: String(decoding: bytes, as: UTF8.self))
        }
      }
    }
  }

  func values(_ type: ASN1ObjectIdentifier) -> [String] {
    attributes.filter { $0.type == type }.map(\.value)
  }

  static func children(of node: ASN1Node) throws -> [ASN1Node] {
    guard case .constructed(let nodes) = node.content else { throw Malformed() }
    return Array(nodes)
  }
}

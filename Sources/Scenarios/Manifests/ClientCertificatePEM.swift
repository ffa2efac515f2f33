import SwiftASN1
import TLSBootstrap

/// What a simulated kubelet reads of its client certificate: names and validity, no cryptography.
struct ClientCertificatePEM: Equatable {
  /// Of the first certificate.
  var commonName: String?
  var organizations: [String] = []
  var notBefore: Int64
  /// The earliest of all certificates in the file: one that expired is enough (protocol.md A.2).
  var notAfter: Int64

  /// nil: the text does not begin with a certificate that can be read.
  init?(_ text: String) {
    guard let documents = try? PEMDocument.parseMultiple(pemString: text) else { return nil }
    let certificates = documents.filter { $0.discriminator == "CERTIFICATE" }
      .map { try? X509Fields(derEncoded: $0.derBytes) }
    guard let first = certificates.first, let leaf = first, !certificates.contains(nil) else {
      return nil
    }
    commonName = leaf.subject.values(DistinguishedName.commonName).last
    organizations = leaf.subject.values(DistinguishedName.organization)
    notBefore = leaf.notBefore
    notAfter = certificates.compactMap { $0?.notAfter }.min() ?? leaf.notAfter
  }
}

/// The fields of an X.509 certificate up to its subject (RFC 5280, 4.1).
private struct X509Fields: Equatable, DERParseable {
  var notBefore: Int64
  var notAfter: Int64
  var subject: DistinguishedName

  init(derEncoded certificate: ASN1Node) throws {
    self = try DER.sequence(certificate, identifier: .sequence) { parts in
      guard let body = parts.next() else { throw Malformed() }
      while parts.next() != nil {}
      return try DER.sequence(body, identifier: .sequence) { fields in
        _ = try DER.optionalExplicitlyTagged(
          &fields, tagNumber: 0, tagClass: .contextSpecific
        ) { try Int(derEncoded: $0) }
        // Serial number, signature algorithm, issuer.
        for _ in 0..<3 { _ = fields.next() }
        guard let validity = fields.next(), let subject = fields.next() else { throw Malformed() }
        while fields.next() != nil {}
        return try X509Fields(validity: validity, subject: subject)
      }
    }
  }

  private init(validity: ASN1Node, subject: ASN1Node) throws {
    (notBefore, notAfter) = try DER.sequence(validity, identifier: .sequence) { times in
      guard let from = times.next(), let to = times.next() else { throw Malformed() }
      return (try Self.time(from), try Self.time(to))
    }
    self.subject = try DistinguishedName(subject.encodedBytes)
  }

  /// RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime from then on.
  private static func time(_ node: ASN1Node) throws -> Int64 {
    if node.identifier == .utcTime {
      let time = try UTCTime(derEncoded: node)
      return Timestamp.at(
        time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    }
    let time = try GeneralizedTime(derEncoded: node)
    return Timestamp.at(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
  }

  private struct Malformed: Error {}
}

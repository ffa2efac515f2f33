import SwiftASN1

/// What the API server asks of `status.certificate` (protocol.md E.3).
enum CertificatesPEM {
  /// Why it is not valid; nil: it is, as far as its outermost DER goes.
  ///
  /// Source: pkg/apis/certificates/validation/validation.go `validateCertificate`; Go, crypto/x509
  /// `parseCertificate`.
  static func problem(of bytes: [UInt8]) -> String? {
    var place = 0
    var isEmpty = true
    while let block = PEMBlock.first(in: bytes, from: place) {
      if block.type != "CERTIFICATE" {
        return "only CERTIFICATE PEM blocks are allowed, found \"\(block.type)\""
      }
      if block.hasHeaders { return "no PEM block headers are permitted" }
      if block.bytes.isEmpty { return "found CERTIFICATE PEM block containing 0 certificates" }
      guard let certificate = try? DER.parse(block.bytes), certificate.identifier == .sequence
      else { return "x509: malformed certificate" }
      (place, isEmpty) = (block.end, false)
    }
    return isEmpty ? "must contain at least one CERTIFICATE PEM block" : nil
  }
}

/// The spec of a CertificateSigningRequest as a client wrote it, right or wrong (protocol.md A.5, E.3).
///
/// Kubelets' own differ in their node only and have none: their CSRs are of shape 0. The shapes of
/// other clients are in a table, so that a stored CSR stays small.
public struct RequestShape: Hashable, Sendable {
  /// `metadata.name`; nil: the server generates one after `generateName`.
  public var name: String?
  public var generateName = "csr-"
  /// As written; empty: not set.
  public var signerName = ""
  /// As written.
  public var usages: [String] = []
  /// nil: not set.
  public var expirationSeconds: Int32?
  public var content: Content
  /// `spec.request` in base64, which a refusal quotes.
  public var base64: String
  /// Of the object, as written.
  public var apiVersion = "certificates.k8s.io/v1"
  /// What is sent in place of the object; nil: the object is.
  public var body: String?
  /// How long the body is made by white space; 0: it is as long as it is.
  public var bodyBytes = 0

  public init(_ content: Content, base64: String = Self.unknownBytes) {
    self.content = content
    self.base64 = base64
  }

  /// Stands for the bytes of a request of which only the meaning is known.
  public static let unknownBytes = "…"

  /// What `spec.request` holds.
  public enum Content: Hashable, Sendable {
    case request(CertificateRequest)
    /// The text is no base64; the place of the first byte that is wrong.
    case notBase64(Int)
    /// No PEM block, or one of another type.
    case otherPEM
    /// The block of the right type holds no PKCS#10.
    case malformed
  }

  /// What the PKCS#10 asks for; nil: there is none to read.
  public var request: CertificateRequest? {
    guard case .request(let request) = content else { return nil }
    return request
  }
}

/// A PKCS#10 request, as Go's x509.CertificateRequest has it.
public struct CertificateRequest: Hashable, Sendable {
  public var commonName = ""
  public var organizations: [String] = []
  public var organizationalUnits: [String] = []
  public var dnsNames: [String] = []
  public var ipAddresses: [String] = []
  public var emailAddresses: [String] = []
  public var uris: [String] = []
  public var key = Key.ecdsa(bits: 256)
  /// Whether its signature is by the key that it carries.
  public var isSignatureValid = true

  public init() {}

  public enum Key: Hashable, Sendable {
    case ecdsa(bits: Int)
    case rsa(bits: Int)
    case ed25519
  }
}

// MARK: Field validation (E.3)

extension RequestShape {
  /// Every usage of certificates.k8s.io/v1, in the order in which a refusal lists them.
  static let knownUsages = [
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign",
    "data encipherment", "decipher only", "digital signature", "email protection",
    "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement",
    "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
  ]

  /// The least life that may be asked for. Source: E.3, 600 s.
  static let leastExpirationSeconds: Int32 = 600

  /// Why the body cannot be decoded: 400, before anything else is looked at.
  var decodingError: String? {
    if let body { return RequestBody.problem(ofText: body) }
    let problem = RequestBody.problem(ofVersion: apiVersion)
    guard case .notBase64(let place) = content, RequestBody.isKnown(apiVersion) else {
      return problem
    }
    let version = apiVersion.hasSuffix("beta1") ? "v1beta1" : "v1"
    return "CertificateSigningRequest in version \"\(version)\" cannot be handled as a "
      + "CertificateSigningRequest: illegal base64 data at input byte \(place)"
  }

  /// Why the request cannot be read; nil: it can.
  var parsingError: String? {
    switch content {
    case .request: nil
    case .notBase64, .otherPEM: "PEM block type must be CERTIFICATE REQUEST"
    // What follows `asn1:` depends on the bytes.
    case .malformed: "asn1: structure error: no certificate request"
    }
  }

  /// The errors of the fields, in the order of the server; empty: the CSR is valid.
  ///
  /// Source: E.3; pkg/apis/certificates/validation/validation.go.
  var fieldErrors: [String] {
    var errors: [String] = []
    if let error = parsingError ?? request?.signatureError {
      errors.append("spec.request: Invalid value: \"\(base64)\": \(error)")
    }
    errors += usageErrors + signerNameErrors
    if let seconds = expirationSeconds, seconds < Self.leastExpirationSeconds {
      errors.append(
        "spec.expirationSeconds: Invalid value: \(seconds): may not specify a duration less than "
          + "600 seconds (10 minutes)")
    }
    return errors
  }

  private var usageErrors: [String] {
    if usages.isEmpty { return ["spec.usages: Required value"] }
    var errors: [String] = []
    for (place, usage) in usages.enumerated() where !Self.knownUsages.contains(usage) {
      let known = Self.knownUsages.map { "\"\($0)\"" }.joined(separator: ", ")
      errors.append(
        "spec.usages[\(place)]: Unsupported value: \"\(usage)\": supported values: \(known)")
    }
    for (place, usage) in usages.enumerated() where usages[..<place].contains(usage) {
      errors.append("spec.usages[\(place)]: Duplicate value: \"\(usage)\"")
    }
    return errors
  }

  private var signerNameErrors: [String] {
    let field = "spec.signerName: "
    if signerName.isEmpty { return ["\(field)Required value"] }
    if signerName == SignerName.legacyUnknown.text {
      return [
        "\(field)Invalid value: \"\(signerName)\": the legacy signerName is not allowed via this "
          + "API version"
      ]
    }
    return SignerNameRule.errors(of: signerName).map { "\(field)\($0)" }
  }
}

extension CertificateRequest {
  /// Go's words for a signature that is not by the request's key.
  fileprivate var signatureError: String? {
    if isSignatureValid { return nil }
    return switch key {
    case .ecdsa: "x509: ECDSA verification failure"
    case .rsa: "crypto/rsa: verification error"
    case .ed25519: "x509: Ed25519 verification failure"
    }
  }
}

/// `<domain>/<path>`, where the domain has two labels or more.
///
/// Source: E.3; pkg/apis/core/validation, `ValidateSignerName`.
private enum SignerNameRule {
  static func errors(of name: String) -> [String] {
    let segments = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard segments.count == 2 else {
      return [
        "Invalid value: \"\(name)\": must be a fully qualified domain and path of the form "
          + "'example.com/signer-name'"
      ]
    }
    let labels = segments[0].split(separator: ".", omittingEmptySubsequences: false)
    var errors = invalid(labels, of: segments[0], most: 63, text: label)
    if labels.count < 2 {
      errors.append(
        "Invalid value: \"\(segments[0])\": should be a domain with at least two segments "
          + "separated by dots")
    }
    let parts = segments[1].split(separator: ".", omittingEmptySubsequences: false)
    errors += invalid(parts, of: segments[1], most: 253, text: subdomain)
    if name.utf8.count > most {
      errors.append("Too long: may not be more than \(most) bytes")
    }
    return errors
  }

  /// A domain of 253 bytes, and a path of a label of 63 and a subdomain of 253.
  private static let most = 253 + 1 + 63 + 1 + 253

  /// What is wrong with the first label that is not valid.
  private static func invalid(
    _ labels: [Substring], of segment: String, most: Int, text: String
  ) -> [String] {
    for label in labels {
      let problems =
        (label.utf8.count > most ? ["must be no more than \(most) bytes"] : [])
        + (isLabel(label) ? [] : [text])
      if !problems.isEmpty {
        return problems.map {
          "Invalid value: \"\(segment)\": validating label \"\(label)\": \($0)"
        }
      }
    }
    return []
  }

  /// RFC 1123.
  private static func isLabel(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return first.isLowerAlphanumeric && last.isLowerAlphanumeric
      && text.utf8.allSatisfy { $0.isLowerAlphanumeric || $0 == UInt8(ascii: "-") }
  }

  private static let label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    + "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "
    + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  private static let subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    + "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
}

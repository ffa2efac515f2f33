/// The spec of a CertificateSigningRequest as a client wrote it, right or wrong (protocol.md A.5, E.3).
///
/// Kubelets' own differ in their node only and have none: their CSRs are of shape 0. The shapes of
/// other clients are in a table, so that a stored CSR stays small.
public struct RequestShape: Hashable, Sendable {
  /// `metadata.name`, never empty; nil: the server generates one after `generateName`.
  public var name: String?
  /// Empty, and no name: there is none.
  public var generateName = "csr-"
  /// In the order of their keys.
  public var labels: [MetadataEntry] = []
  public var annotations: [MetadataEntry] = []
  /// As written; empty: not set, as it should be.
  public var resourceVersion = ""
  /// As written; empty: not set.
  public var signerName = ""
  /// As written.
  public var usages: [String] = []
  /// As written, though the field has 32 bits; nil: not set.
  public var expirationSeconds: Int64?
  public var content: Content
  /// `spec.request` in base64, which a refusal quotes.
  public var base64: String
  /// Of the object, as written.
  public var apiVersion = "certificates.k8s.io/v1"
  /// The header `Content-Type`; empty: there is none, which is JSON.
  public var contentType = ""
  /// What is sent in place of the object; nil: the object is.
  public var body: String?
  /// Whether EF BB BF comes first.
  public var hasByteOrderMark = false
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
    /// The field is not set.
    case absent
    /// The text is no base64; the place of the first byte that is wrong.
    case notBase64(Int)
    /// No PEM block, or one of another type.
    case otherPEM
    /// The block of the right type holds no PKCS#10 that Go can read, for the reason that it tells.
    case unreadable(String)
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
  public var signature = Signature.valid

  public init() {}

  /// What its signature is found to be.
  public enum Signature: Hashable, Sendable {
    /// By the key that the request carries.
    case valid
    case invalid
    /// Its algorithm (RSA, ECDSA or Ed25519) is none of the key that the request carries.
    case ofOtherKey(String)
    /// Not looked at, because the algorithm or the key is too weak or unknown, in Go's words.
    case refused(because: String)
  }

  /// The public key that it carries.
  public enum Key: Hashable, Sendable {
    case ecdsa(bits: Int)
    case rsa(bits: Int)
    case ed25519
    /// None of those whose signatures Go verifies.
    case other
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

  /// Those that become extended key usages; the others become bits of the key usage.
  ///
  /// Source: pkg/controller/certificates/authority/policies.go, `keyUsagesFromStrings`.
  static let extendedUsages = [
    "any", "client auth", "code signing", "email protection", "ipsec end system", "ipsec tunnel",
    "ipsec user", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth",
    "timestamping",
  ]

  /// The least life that may be asked for. Source: E.3, 600 s.
  static let leastExpirationSeconds: Int64 = 600

  /// Why the body cannot be decoded: 400, before anything else is looked at.
  var decodingError: String? {
    if hasByteOrderMark {
      return RequestBody.problem(ofText: "\u{FEFF}" + (body ?? RequestBody.start(of: apiVersion)))
    }
    if let body { return RequestBody.problem(ofText: body) }
    guard let version = RequestBody.knownVersion(apiVersion) else {
      return RequestBody.problem(ofVersion: apiVersion)
    }
    if let error = valueError {
      return "CertificateSigningRequest in version \"\(version)\" cannot be handled as a "
        + "CertificateSigningRequest: \(error)"
    }
    return RequestBody.problem(ofVersion: apiVersion)
  }

  /// The first value that is none of its field's type, in the order of the alphabet.
  ///
  /// Source: sigs.k8s.io/json `UnmarshalTypeError`; Go, encoding/base64 `CorruptInputError`.
  private var valueError: String? {
    if let expirationSeconds, Int32(exactly: expirationSeconds) == nil {
      return "json: cannot unmarshal number \(expirationSeconds) into Go struct field "
        + "CertificateSigningRequestSpec.spec.expirationSeconds of type int32"
    }
    guard case .notBase64(let place) = content else { return nil }
    return "illegal base64 data at input byte \(place)"
  }

  /// Why the request cannot be read; nil: it can.
  var parsingError: String? {
    switch content {
    case .request: nil
    case .absent, .notBase64, .otherPEM: "PEM block type must be CERTIFICATE REQUEST"
    case .unreadable(let words): words
    }
  }

  /// The errors of the fields, in the order of the server; empty: the CSR is valid. A string is printed with Go's
  /// `%q`, a usage, which is of a type of its own, as JSON.
  ///
  /// Source: E.3; pkg/apis/certificates/validation/validation.go; apimachinery util/validation/field `ErrorBody`.
  var fieldErrors: [String] {
    var errors: [String] = []
    if name == nil, generateName.isEmpty {
      errors.append("metadata.name: Required value: name or generateName is required")
    }
    errors += MetadataRule.errors(ofLabels: labels)
    errors += MetadataRule.errors(ofAnnotations: annotations)
    if let error = parsingError ?? request?.signatureError {
      let value = content == .absent ? "null" : "\"\(base64)\""
      errors.append("spec.request: Invalid value: \(value): \(error)")
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
        "spec.usages[\(place)]: Unsupported value: \(GoString.json(usage)): supported values: "
          + known)
    }
    for (place, usage) in usages.enumerated() where usages[..<place].contains(usage) {
      errors.append("spec.usages[\(place)]: Duplicate value: \(GoString.json(usage))")
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
  ///
  /// Source: Go, crypto/x509 `checkSignature`, `signaturePublicKeyAlgoMismatchError`.
  fileprivate var signatureError: String? {
    switch signature {
    case .valid: nil
    case .refused(let words): words
    case .ofOtherKey(let algorithm):
      "x509: signature algorithm specifies an \(algorithm) public key, but have public key of "
        + "type \(key.typeInGo)"
    case .invalid:
      switch key {
      case .ecdsa: "x509: ECDSA verification failure"
      case .rsa: "crypto/rsa: verification error"
      case .ed25519: "x509: Ed25519 verification failure"
      case .other: "x509: cannot verify signature: algorithm unimplemented"
      }
    }
  }
}

extension CertificateRequest.Key {
  fileprivate var typeInGo: String {
    switch self {
    case .ecdsa: "*ecdsa.PublicKey"
    case .rsa: "*rsa.PublicKey"
    case .ed25519: "ed25519.PublicKey"
    case .other: "<nil>"
    }
  }
}

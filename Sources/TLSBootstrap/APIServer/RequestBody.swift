import SimulationKernel

/// What the API server makes of the body of a create before it reads any field (protocol.md C.1: decode).
package struct RequestBody {
  /// The most bytes that it reads. Source: apiserver pkg/server/config.go `MaxRequestBodyBytes`, 3 MiB.
  static let mostBytes = 3 * 1_024 * 1_024

  /// The words of the 413.
  static let tooLarge = "Request entity too large: limit is \(mostBytes)"

  /// Whether it has a decoder for bodies of this type.
  ///
  /// Source: apiserver pkg/endpoints/handlers/negotiation/negotiate.go `NegotiateInputSerializer`: what no header
  /// says is the first one.
  static func knows(contentType: String) -> Bool {
    contentType.isEmpty || mediaTypes.contains(plain(contentType))
  }

  /// Whether it has a decoder that this is not.
  package static func needsOtherDecoder(_ contentType: String) -> Bool {
    mediaTypes.dropFirst().contains(plain(contentType))
  }

  private static func plain(_ contentType: String) -> String {
    contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
  }

  private static let mediaTypes = [
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
  ]

  /// The words of the 415. Source: negotiation/errors.go.
  static let unknownFormat =
    "the body of the request was in an unknown format - accepted media types include: "
    + mediaTypes.joined(separator: ", ")

  /// The words of the 500, which is no Status of its own and has no reason.
  ///
  /// Source: apiserver pkg/storage/errors.go `ErrResourceVersionSetOnCreate`.
  static let versionIsSet = "resourceVersion should not be set on objects to be created"

  /// The group and version of the only object that a POST of CSRs accepts.
  static let accepted = "certificates.k8s.io/v1"
  private static let old = "certificates.k8s.io/v1beta1"
  private static let kind = "CertificateSigningRequest"

  /// Why bytes that are no JSON object are no CSR: the words of the 400.
  ///
  /// Source: apimachinery `SimpleMetaFactory`; apiserver pkg/endpoints/handlers/rest.go `transformDecodeError`.
  static func problem(ofText text: String) -> String? {
    let error: String
    switch GoJSON.scan(text) {
    case .object, .null: return nil
    case .value(let kind):
      error =
        "json: cannot unmarshal \(kind) into Go value of type struct { APIVersion string "
        + #""json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#
    case .broken(let problem): error = problem
    }
    return "the object provided is unrecognized (must be of type \(kind)): couldn't get "
      + "version/kind; json parse error: \(error) (\(summary(of: text)))"
  }

  /// The first 30 bytes, as text of an object, else in hexadecimal.
  private static func summary(of text: String) -> String {
    let bytes = Array(text.utf8)
    guard let first = bytes.first else { return "<empty>" }
    let start = bytes.prefix(30)
    let more = bytes.count > 30 ? " ..." : ""
    if first == UInt8(ascii: "{") { return String(decoding: start, as: UTF8.self) + more }
    return start.map(\.hexadecimal).joined() + more
  }

  /// How the body of an object begins.
  static func start(of apiVersion: String) -> String {
    "{\"apiVersion\":\(GoString.json(apiVersion)),\"kind\":\"\(kind)\""
  }

  /// The CSR's version in the scheme, where this stands for one; nil: it does not.
  ///
  /// Source: apimachinery `ParseGroupVersion`; runtime/serializer/json `gvkWithDefaults`: what is not said is v1.
  static func knownVersion(_ apiVersion: String) -> String? {
    switch apiVersion {
    case "", "/", "certificates.k8s.io/", accepted: "v1"
    case old: "v1beta1"
    default: nil
    }
  }

  /// Why a CSR of another API version is not accepted by v1; nil: it is of v1, or says nothing.
  ///
  /// The scheme still knows v1beta1, which is not served any more. Assumption: the line of the scheme's source is
  /// that of recent versions, and the body begins with what is first in the alphabet.
  static func problem(ofVersion apiVersion: String) -> String? {
    if let known = knownVersion(apiVersion) {
      return known == "v1"
        ? nil
        : "the API version in the data (\(apiVersion)) does not match the expected API version "
          + "(\(accepted))"
    }
    let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let version = parts.last.map(String.init) else {
      let body = start(of: apiVersion)
      return "the object provided is unrecognized (must be of type \(kind)): unexpected "
        + "GroupVersion string: \(apiVersion) (\(summary(of: body)))"
    }
    // Go prints a version without a group alone.
    let name = parts[0].isEmpty ? version : apiVersion
    let reason =
      version.isEmpty
      ? "Object 'apiVersion' is missing in '\(RequestShape.unknownBytes)'"
      : "no kind \"\(kind)\" is registered for version \(GoString.quoted(name)) in scheme "
        + "\"pkg/api/legacyscheme/scheme.go:30\""
    return "\(kind) in version \(GoString.quoted(version)) cannot be handled as a \(kind): "
      + reason
  }
}

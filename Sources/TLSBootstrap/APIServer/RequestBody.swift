import SimulationKernel

/// What the API server makes of the body of a create before it reads any field (protocol.md C.1: decode).
struct RequestBody {
  /// The most bytes that it reads. Source: apiserver pkg/server/config.go `MaxRequestBodyBytes`, 3 MiB.
  static let mostBytes = 3 * 1_024 * 1_024

  /// The words of the 413.
  static let tooLarge = "Request entity too large: limit is \(mostBytes)"

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
    case .object: return nil
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

  /// Whether the scheme has a CSR of this version, so that its fields are read.
  static func isKnown(_ apiVersion: String) -> Bool { ["", accepted, old].contains(apiVersion) }

  /// Why a CSR of another API version is not accepted by v1; nil: it is of v1, or says nothing.
  ///
  /// The scheme still knows v1beta1, which is not served any more. Assumption: the line of the scheme's source is
  /// that of recent versions.
  static func problem(ofVersion apiVersion: String) -> String? {
    if apiVersion.isEmpty || apiVersion == accepted { return nil }
    if apiVersion == old {
      return "the API version in the data (\(apiVersion)) does not match the expected API version "
        + "(\(accepted))"
    }
    let version = apiVersion.split(separator: "/").last.map(String.init) ?? ""
    return "\(kind) in version \"\(version)\" cannot be handled as a \(kind): no kind \"\(kind)\" "
      + "is registered for version \"\(apiVersion)\" in scheme "
      + "\"pkg/api/legacyscheme/scheme.go:30\""
  }
}

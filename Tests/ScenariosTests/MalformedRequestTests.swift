import SimulationKernel
import Testing

@testable import Scenarios
@testable import TLSBootstrap

/// What a client may write into a CSR, and what the API server says of it (protocol.md C.1, E.3).
struct MalformedRequestTests {
  private static let good = "signerName: example.com/x, usages: [client auth]"

  /// - Parameter fields: of `create`, in one line.
  private func answer(_ fields: String, by user: String = "{}") throws -> (UInt16, String) {
    let loaded = try load(
      nodesAndToken + "  preset: kubeadm\n  duration: 1s\n  requests:\n"
        + "  - {name: it, as: \(user), create: {\(fields)}}\n")
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    let sink = Answers()
    var target: (any TraceSink)? = sink
    _ = try world.run(into: &target)
    let event = try #require(sink.events.first)
    return (event.answer.code, world.message(of: event) ?? "")
  }

  private func expect(
    _ fields: String, _ code: UInt16, _ message: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let (found, text) = try answer(fields)
    #expect(found == code, "\(text)", sourceLocation: location)
    // Five letters that the server draws.
    let plain = text.replacing(/(csr-|g\/|G)[bcdfghjklmnpqrstvwxz2456789]{5}"/) { "\($0.1)*\"" }
    #expect(plain == message, sourceLocation: location)
  }

  private static func invalid(_ name: String, _ problems: String) -> String {
    "CertificateSigningRequest.certificates.k8s.io \"\(name)\" is invalid: \(problems)"
  }

  // MARK: Names

  /// Source: apiserver pkg/registry/rest/create.go; apimachinery pkg/api/validation `ValidateObjectMetaAccessor`.
  @Test(arguments: ["{generateName: ''}", "{name: '', generateName: ''}"])
  func `E.3 a CSR needs a name or the beginning of one`(metadata: String) throws {
    try expect(
      "metadata: \(metadata), subject: {commonName: x}, spec: {\(Self.good)}", 422,
      Self.invalid("", "metadata.name: Required value: name or generateName is required"))
  }

  @Test func `E.3 an empty name is none, so that one is generated`() throws {
    #expect(
      try answer("metadata: {name: ''}, subject: {commonName: x}, spec: {\(Self.good)}").0 == 201)
    // Refused, so that the name is told.
    try expect(
      "metadata: {name: ''}, subject: {commonName: x}, spec: {signerName: example.com/x}", 422,
      Self.invalid("csr-*", "spec.usages: Required value"))
  }

  @Test func `E.3 the prefix of a generated name is judged, and then the name`() throws {
    try expect(
      "metadata: {generateName: g/}, subject: {commonName: x}, spec: {\(Self.good)}", 422,
      Self.invalid(
        "g/*",
        "[metadata.generateName: Invalid value: \"g/\": may not contain '/', metadata.name: Invalid "
          + "value: \"g/*\": may not contain '/']"))
  }

  /// Source: apiserver pkg/storage/names/generate.go.
  @Test func `E.3 a generated name has 63 bytes at most`() throws {
    let prefix = String(repeating: "g", count: 57) + "G"
    try expect(
      "metadata: {generateName: \(prefix)zzzz}, subject: {commonName: x}, spec: {}", 422,
      Self.invalid("\(prefix)*", "[spec.usages: Required value, spec.signerName: Required value]"))
  }

  /// Source: apiserver pkg/admission/errors.go, `extractResourceName`.
  @Test func `E.1 what has no name is called Unknown by admission`() throws {
    let node = "{certificate: {commonName: system:node:a, organizations: [system:nodes]}}"
    let (code, message) = try answer(
      "metadata: {generateName: ''}, subject: {commonName: x}, "
        + "spec: {signerName: kubernetes.io/kubelet-serving}", by: node)
    #expect(code == 403)
    #expect(
      message
        == "certificatesigningrequests.certificates.k8s.io \"Unknown\" is forbidden: can only "
        + "create a node CSR with CN=system:node:a")
  }

  // MARK: Values

  @Test func `E.3 a signer's domain has 253 bytes at most`() throws {
    let label = String(repeating: "a", count: 63)
    let domain = [label, label, label, String(repeating: "b", count: 61), "c"]
      .joined(separator: ".")
    try expect(
      "subject: {commonName: x}, spec: {signerName: \(domain)/foo, usages: [client auth]}", 422,
      Self.invalid("csr-*", "spec.signerName: Too long: may not be more than 253 bytes"))
  }

  /// Source: apimachinery pkg/util/validation/field `ErrorBody`: `%q` of strings, JSON of other types.
  @Test func `E.3 values are quoted as Go quotes them`() throws {
    try expect(
      #"subject: {commonName: x}, spec: {signerName: "a\"\tb", usages: ["q\"x", "a<b", "a<b"]}"#,
      422,
      Self.invalid(
        "csr-*",
        #"[spec.usages[0]: Unsupported value: "q\"x": supported values: \#(Self.usages), "#
          + #"spec.usages[1]: Unsupported value: "a\u003cb": supported values: \#(Self.usages), "#
          + #"spec.usages[2]: Unsupported value: "a\u003cb": supported values: \#(Self.usages), "#
          + #"spec.usages[2]: Duplicate value: "a\u003cb", spec.signerName: Invalid value: "a\"\tb": "#
          + "must be a fully qualified domain and path of the form 'example.com/signer-name']"))
    try expect(
      #"metadata: {name: "a\"/"}, subject: {commonName: x}, spec: {\#(Self.good)}"#, 422,
      Self.invalid(
        #"a\"/"#, #"metadata.name: Invalid value: "a\"/": may not contain '/'"#))
  }

  private static let usages = RequestShape.knownUsages.map { "\"\($0)\"" }.joined(separator: ", ")

  /// Source: Go, encoding/base64: line ends are passed over.
  @Test func `E.3 a request of line ends alone is empty`() throws {
    try expect(
      #"spec: {\#(Self.good), request: "\n"}"#, 422,
      Self.invalid(
        "csr-*",
        "spec.request: Invalid value: \"\": PEM block type must be CERTIFICATE REQUEST"))
  }

  /// Source: sigs.k8s.io/json, `UnmarshalTypeError`.
  @Test(arguments: ["2147483648", "-2147483649", "1000000000000"])
  func `C.1 expirationSeconds of more than 32 bits cannot be decoded`(seconds: String) throws {
    try expect(
      "subject: {commonName: x}, spec: {\(Self.good), expirationSeconds: \(seconds)}", 400,
      "CertificateSigningRequest in version \"v1\" cannot be handled as a CertificateSigningRequest: "
        + "json: cannot unmarshal number \(seconds) into Go struct field "
        + "CertificateSigningRequestSpec.spec.expirationSeconds of type int32")
  }

  // MARK: The object as kubectl prints it

  /// Source: apiserver pkg/storage/etcd3/store.go `Create`; pkg/endpoints/handlers/responsewriters/status.go.
  @Test(arguments: [("'123'", 500), ("'0'", 201), ("''", 201), ("abc", 201)])
  func `E.2 an object to be created has no version yet`(version: String, code: UInt16) throws {
    let pasted =
      "metadata: {name: x, resourceVersion: \(version), uid: 1-2, creationTimestamp: null, "
      + "managedFields: [{manager: kubectl}], labels: {app: y}, annotations: {A.b/c: ' d '}}, "
      + "subject: {commonName: x}, spec: {\(Self.good), uid: z, extra: {a: [b]}}, "
      + "status: {conditions: [{type: Approved, status: 'True'}], certificate: QUFB}"
    let (found, text) = try answer(pasted)
    #expect(found == code)
    #expect(
      text
        == (code == 201 ? "" : "resourceVersion should not be set on objects to be created"))
  }

  /// Source: apimachinery pkg/util/validation/validation.go.
  @Test(arguments: [
    ("labels: {a b: c}", "a b", "name part must \(characters) (e.g. \(keyExamples)"),
    ("labels: {'': c}", "", "name part must be non-empty"),
    ("labels: {a/b/c: d}", "a/b/c", "a qualified name must \(characters) (e.g. \(keyExamples)"),
    ("labels: {/c: d}", "/c", "prefix part must be non-empty"),
    (
      "labels: {A.b/c: d}", "A.b/c",
      "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
    ),
    (
      "labels: {a: 'b c'}", "b c",
      "a valid label must be an empty string or \(characters) (e.g. 'MyValue',  or 'my_value',  or "
        + "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    ),
    (
      "labels: {a: '\(String(repeating: "b", count: 64))'}", String(repeating: "b", count: 64),
      "must be no more than 63 bytes"
    ),
    ("annotations: {a b: c}", "a b", "name part must \(characters) (e.g. \(keyExamples)"),
  ])
  func `E.3 labels and annotations are judged before the request`(
    metadata: String, value: String, problem: String
  ) throws {
    let (code, text) = try answer(
      "metadata: {name: x, \(metadata)}, subject: {commonName: x}, spec: {\(Self.good)}")
    #expect(code == 422)
    let field = metadata.prefix { $0 != ":" }
    let start = "metadata.\(field): Invalid value: \"\(value)\": \(problem)"
    #expect(text.contains("\"x\" is invalid: \(start)") || text.contains("is invalid: [\(start)"))
  }

  private static let characters =
    "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    + "alphanumeric character"
  private static let keyExamples =
    "'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  /// Source: apiserver pkg/endpoints/handlers/negotiation.
  @Test(arguments: ["application/x-www-form-urlencoded", "text/plain; charset=utf-8", "x"])
  func `C.1 a body of an unknown type is not read`(type: String) throws {
    try expect(
      "contentType: '\(type)', bodyBytes: 4000000, subject: {commonName: x}, spec: {\(Self.good)}",
      415,
      "the body of the request was in an unknown format - accepted media types include: "
        + "application/json, application/yaml, application/vnd.kubernetes.protobuf")
  }

  @Test func `C.1 the parameters of a type do not matter`() throws {
    let type = "contentType: 'application/json; charset=utf-8'"
    #expect(
      try answer("\(type), subject: {commonName: x}, spec: {\(Self.good)}").0 == 201)
  }

  // MARK: Bodies and versions

  /// Source: Go, encoding/json: null leaves everything as it is.
  @Test(arguments: ["null", " null "])
  func `C.1 a body of null is an object that lacks everything`(body: String) throws {
    try expect(
      "body: '\(body)'", 422,
      Self.invalid(
        "",
        "[metadata.name: Required value: name or generateName is required, spec.request: Invalid "
          + "value: null: PEM block type must be CERTIFICATE REQUEST, spec.usages: Required value, "
          + "spec.signerName: Required value]"))
  }

  /// Source: Go, encoding/json: a byte order mark is no white space.
  @Test(arguments: [
    ("body: ' []'", "efbbbf205b5d"),
    (
      "subject: {commonName: x}, spec: {signerName: example.com/x, usages: [client auth]}",
      "efbbbf7b2261706956657273696f6e223a22636572746966696361746573 ..."
    ),
  ])
  func `C.1 a byte order mark is no beginning of JSON`(fields: String, bytes: String) throws {
    try expect(
      "byteOrderMark: true, \(fields)", 400,
      "the object provided is unrecognized (must be of type CertificateSigningRequest): couldn't get "
        + "version/kind; json parse error: invalid character 'ï' looking for beginning of value (\(bytes))"
    )
  }

  /// Source: apimachinery pkg/runtime/serializer/json `gvkWithDefaults`, `ParseGroupVersion`.
  @Test(arguments: ["''", "/", "certificates.k8s.io/", "certificates.k8s.io/v1"])
  func `C.1 a version that is not said is v1`(version: String) throws {
    #expect(
      try answer("apiVersion: \(version), subject: {commonName: x}, spec: {\(Self.good)}").0 == 201)
  }

  @Test(arguments: [
    ("/v1", "v1", "v1"), ("v1", "v1", "v1"), ("apps/v1", "v1", "apps/v1"),
    ("certificates.k8s.io/v3", "v3", "certificates.k8s.io/v3"), ("'a\"/b'", "b", #"a\"/b"#),
  ])
  func `C.1 another version is told as Go prints it`(
    written: String, version: String, name: String
  ) throws {
    try expect(
      "apiVersion: \(written), subject: {commonName: x}, spec: {\(Self.good)}", 400,
      "CertificateSigningRequest in version \"\(version)\" cannot be handled as a "
        + "CertificateSigningRequest: no kind \"CertificateSigningRequest\" is registered for version "
        + "\"\(name)\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")
  }

  /// Source: apimachinery pkg/runtime `NewMissingVersionErr`; the model does not have the body that it quotes.
  @Test func `C.1 another group without a version lacks one`() throws {
    try expect(
      "apiVersion: apps/, subject: {commonName: x}, spec: {\(Self.good)}", 400,
      "CertificateSigningRequest in version \"\" cannot be handled as a CertificateSigningRequest: "
        + "Object 'apiVersion' is missing in '…'")
  }

  /// Source: apimachinery pkg/runtime/schema `ParseGroupVersion`.
  @Test func `C.1 a version of more than two parts is no version`() throws {
    try expect(
      "apiVersion: a/b/c, subject: {commonName: x}, spec: {\(Self.good)}", 400,
      "the object provided is unrecognized (must be of type CertificateSigningRequest): unexpected "
        + #"GroupVersion string: a/b/c ({"apiVersion":"a/b/c","kind":" ...)"#)
  }
}

private final class Answers: TraceSink {
  private(set) var events: [TraceEvent] = []

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events += events.filter {
      $0.kind == .requestAnswered && $0.call == .createRequest && $0.node == TraceEvent.none
    }
  }
  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}
}

import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections E.3, F.2 and H.2 of protocol.md: what a CSR of any shape meets.
struct RequestShapeTests {
  /// A kubelet's own CSR with a change.
  static func shape(_ change: (inout CertificateRequest) -> Void = { _ in }) -> RequestShape {
    var request = CertificateRequest()
    request.commonName = "system:node:n1"
    request.organizations = ["system:nodes"]
    change(&request)
    var shape = RequestShape(.request(request))
    shape.signerName = "kubernetes.io/kube-apiserver-client-kubelet"
    shape.usages = ["digital signature", "client auth"]
    return shape
  }

  static func shape(
    signer: String, usages: [String]? = nil, _ change: (inout CertificateRequest) -> Void = { _ in }
  ) -> RequestShape {
    var shape = shape(change)
    shape.signerName = signer
    if let usages { shape.usages = usages }
    return shape
  }

  private func errors(_ change: (inout RequestShape) -> Void) -> [String] {
    var shape = Self.shape()
    change(&shape)
    return shape.fieldErrors
  }

  // MARK: E.3

  @Test func `E.3 a kubelet's own CSR is valid, also with any subject`() {
    #expect(Self.shape().fieldErrors == [])
    #expect(Self.shape { $0.commonName = "" }.fieldErrors == [])
    #expect(Self.shape { $0.organizations = [] }.fieldErrors == [])
  }

  @Test func `E.3 spec.request must be a PEM block of the right type`() {
    let shape = RequestShape(.otherPEM, base64: "QUFB")
    #expect(
      shape.fieldErrors.first
        == "spec.request: Invalid value: \"QUFB\": PEM block type must be CERTIFICATE REQUEST")
  }

  @Test func `E.3 spec.request must hold a PKCS#10`() {
    let words = "asn1: syntax error: sequence truncated"
    let shape = RequestShape(.unreadable(words), base64: "QUFB")
    #expect(shape.fieldErrors.first == "spec.request: Invalid value: \"QUFB\": \(words)")
  }

  @Test(arguments: [
    (CertificateRequest.Key.ecdsa(bits: 256), "x509: ECDSA verification failure"),
    (.rsa(bits: 2_048), "crypto/rsa: verification error"),
    (.ed25519, "x509: Ed25519 verification failure"),
  ])
  func `E.3 spec.request must be signed by its own key`(
    key: CertificateRequest.Key, text: String
  ) {
    let shape = Self.shape {
      $0.key = key
      $0.signature = .invalid
    }
    #expect(shape.fieldErrors == ["spec.request: Invalid value: \"…\": \(text)"])
  }

  /// Source: Go, crypto/x509 `signaturePublicKeyAlgoMismatchError`.
  @Test(arguments: [
    (CertificateRequest.Key.ecdsa(bits: 256), "RSA", "*ecdsa.PublicKey"),
    (.rsa(bits: 2_048), "ECDSA", "*rsa.PublicKey"), (.ed25519, "ECDSA", "ed25519.PublicKey"),
  ])
  func `E.3 a signature of another algorithm than the key's is told with both`(
    key: CertificateRequest.Key, algorithm: String, type: String
  ) {
    let shape = Self.shape {
      $0.key = key
      $0.signature = .ofOtherKey(algorithm)
    }
    #expect(
      shape.fieldErrors == [
        "spec.request: Invalid value: \"…\": x509: signature algorithm specifies an \(algorithm) "
          + "public key, but have public key of type \(type)"
      ])
  }

  @Test func `E.3 a body that is no base64 cannot be decoded`() {
    #expect(
      RequestShape(.notBase64(4)).decodingError
        == "CertificateSigningRequest in version \"v1\" cannot be handled as a "
        + "CertificateSigningRequest: illegal base64 data at input byte 4")
    #expect(Self.shape().decodingError == nil)
  }

  @Test func `E.3 spec.usages must not be empty`() {
    #expect(errors { $0.usages = [] } == ["spec.usages: Required value"])
  }

  @Test func `E.3 spec.usages must be known`() {
    let errors = errors { $0.usages = ["client auth", "foo"] }
    #expect(errors.count == 1)
    #expect(
      errors[0].hasPrefix(
        "spec.usages[1]: Unsupported value: \"foo\": supported values: \"any\", \"cert sign\", "))
    #expect(errors[0].hasSuffix("\"signing\", \"timestamping\""))
  }

  @Test func `E.3 spec.usages must not repeat one`() {
    #expect(
      errors { $0.usages = ["client auth", "client auth"] }
        == ["spec.usages[1]: Duplicate value: \"client auth\""])
  }

  @Test(arguments: [
    ("", "Required value"),
    (
      "kubernetes.io/legacy-unknown",
      "Invalid value: \"kubernetes.io/legacy-unknown\": the legacy signerName is not allowed via "
        + "this API version"
    ),
    (
      "foo",
      "Invalid value: \"foo\": must be a fully qualified domain and path of the form "
        + "'example.com/signer-name'"
    ),
    (
      "a.b/c/d",
      "Invalid value: \"a.b/c/d\": must be a fully qualified domain and path of the form "
        + "'example.com/signer-name'"
    ),
    (
      "local/foo",
      "Invalid value: \"local\": should be a domain with at least two segments separated by dots"
    ),
  ])
  func `E.3 spec.signerName must be a domain of two labels and a path`(
    name: String, text: String
  ) {
    #expect(errors { $0.signerName = name } == ["spec.signerName: \(text)"])
  }

  @Test(arguments: ["example.com/foo", "kubernetes.io/foo", "kubernetes.io/kubelet-serving"])
  func `E.3 spec.signerName may be anybody's`(name: String) {
    #expect(errors { $0.signerName = name } == [])
  }

  @Test(arguments: [599, 0, -1, Int64(Int32.min)])
  func `E.3 spec.expirationSeconds must not be less than 600`(seconds: Int64) {
    #expect(
      errors { $0.expirationSeconds = seconds } == [
        "spec.expirationSeconds: Invalid value: \(seconds): may not specify a duration less than "
          + "600 seconds (10 minutes)"
      ])
  }

  @Test(arguments: [600, 601, 3_600, 31_536_000, Int64(Int32.max)])
  func `E.3 spec.expirationSeconds may be 600 or more`(seconds: Int64) {
    #expect(errors { $0.expirationSeconds = seconds } == [])
  }

  @Test func `E.3 all errors are told, in the order of the fields`() {
    let errors = errors {
      $0.content = .otherPEM
      $0.base64 = ""
      $0.usages = []
      $0.signerName = ""
      $0.expirationSeconds = 1
    }
    #expect(
      errors.map { $0.prefix { $0 != ":" } } == [
        "spec.request", "spec.usages", "spec.signerName", "spec.expirationSeconds",
      ])
  }

  // MARK: F.2

  @Test func `F.2 a kubelet's own CSR is recognised, whatever follows system:node:`() {
    #expect(Self.shape().isKubeletClient)
    #expect(Self.shape { $0.commonName = "system:node:" }.isKubeletClient)
    #expect(Self.shape { $0.commonName = "system:node:Bad_Name!" }.isKubeletClient)
  }

  @Test func `F.2 neither an OU nor the key matters`() {
    #expect(Self.shape { $0.organizationalUnits = ["x"] }.isKubeletClient)
    #expect(Self.shape { $0.key = .rsa(bits: 1_024) }.isKubeletClient)
    #expect(Self.shape { $0.key = .ed25519 }.isKubeletClient)
  }

  @Test func `F.2 the usages as a set, with or without key encipherment`() {
    let signer = "kubernetes.io/kube-apiserver-client-kubelet"
    let all = ["key encipherment", "client auth", "digital signature"]
    #expect(Self.shape(signer: signer, usages: all).isKubeletClient)
    #expect(!Self.shape(signer: signer, usages: ["client auth"]).isKubeletClient)
    #expect(!Self.shape(signer: signer, usages: all + ["server auth"]).isKubeletClient)
  }

  @Test func `F.2 another signer's CSR is not recognised`() {
    #expect(!Self.shape(signer: "kubernetes.io/kube-apiserver-client").isKubeletClient)
    #expect(!Self.shape(signer: "example.com/foo").isKubeletClient)
  }

  /// In the order in which they are tried: each of these CSRs has all faults from its row on.
  @Test func `F.2 the checks of a kubelet's client CSR, in their order`() {
    let faults: [(WritableKeyPath<CertificateRequest, [String]>, String)] = [
      (\.organizations, "subject organization is not system:nodes"),
      (\.dnsNames, "DNS subjectAltNames are not allowed"),
      (\.emailAddresses, "Email subjectAltNames are not allowed"),
      (\.ipAddresses, "IP subjectAltNames are not allowed"),
      (\.uris, "URI subjectAltNames are not allowed"),
    ]
    for (row, fault) in faults.enumerated() {
      let shape = Self.shape { request in
        for later in faults[row...] { request[keyPath: later.0].append("x") }
        request.commonName = "foo"
      }
      #expect(shape.signerProblem == fault.1)
    }
    let named = Self.shape { $0.commonName = "foo" }
    #expect(named.signerProblem == "subject common name does not begin with system:node:")
    let signer = "kubernetes.io/kube-apiserver-client-kubelet"
    #expect(
      Self.shape(signer: signer, usages: ["client auth"]).signerProblem
        == "usages did not match [client auth digital signature key encipherment]")
  }

  @Test func `F.2 the checks of a kubelet's serving CSR`() {
    let signer = "kubernetes.io/kubelet-serving"
    let usages = ["digital signature", "server auth"]
    let problem: (CertificateRequest) -> String? = { request in
      Self.shape(signer: signer, usages: usages) { $0 = request }.signerProblem
    }
    var request = CertificateRequest()
    #expect(problem(request) == "subject organization is not system:nodes")
    request.organizations = ["system:nodes"]
    #expect(problem(request) == "DNS or IP subjectAltName is required")
    request.ipAddresses = ["192.0.2.2"]
    #expect(problem(request) == "subject common name does not begin with system:node:")
    request.commonName = "system:node:n1"
    #expect(problem(request) == nil)
    request.emailAddresses = ["a@example.com"]
    #expect(problem(request) == "Email subjectAltNames are not allowed")
    request.emailAddresses = []
    request.uris = ["spiffe://a"]
    #expect(problem(request) == "URI subjectAltNames are not allowed")
    request.uris = []
    #expect(
      Self.shape(signer: signer, usages: ["client auth"]) { $0 = request }.signerProblem
        == "usages did not match [digital signature key encipherment server auth]")
  }

  // MARK: H.2

  @Test func `H.2 the signer of API clients asks for client auth and nothing strange`() {
    let signer = "kubernetes.io/kube-apiserver-client"
    #expect(Self.shape(signer: signer) { $0.commonName = "jane" }.signerProblem == nil)
    #expect(
      Self.shape(signer: signer, usages: ["client auth", "server auth"]).signerProblem
        == "invalid usage for client certificate: server auth")
    #expect(
      Self.shape(signer: signer, usages: ["digital signature"]).signerProblem
        == "missing required usage for client certificate: client auth")
  }

  @Test func `H.2 nobody here checks what another signer is asked for`() {
    #expect(Self.shape(signer: "example.com/foo") { $0.organizations = [] }.signerProblem == nil)
  }

  // MARK: H.3, and table (r)

  @Test(arguments: [
    (31_536_000, nil, 31_535_700, 31_536_000), (86_400, nil, 86_100, 86_400),
    (86_400, 86_400, 86_100, 86_400), (86_400, 86_401, 86_100, 86_400),
    (86_400, 28_800, 28_500, 28_800), (86_400, 28_799, 28_799, 29_099),
    (86_400, 600, 600, 900), (86_400, 599, 600, 900), (28_800, 600, 600, 900),
    (28_800, nil, 28_500, 28_800),
    (28_800, 28_800, 28_500, 28_800), (28_800, 28_801, 28_500, 28_800), (120, nil, 120, 420),
    (120, 600, 120, 420),
  ])
  func `H.3 table (r): signing duration and expirationSeconds make the life`(
    duration: Int64, requested: Int64?, notAfter: Int64, lifetime: Int64
  ) throws {
    let start = Scenario().start
    let life = CertificateValidity.ttl(requested, most: .seconds(duration))
    let validity = try #require(CertificateValidity(signedAt: start, for: life, caEnd: .max))
    let second: Int64 = 1_000_000_000
    #expect(validity.notAfter - start == notAfter * second)
    #expect(validity.notAfter - validity.notBefore == lifetime * second)
  }

  @Test func `H.3 table (r): the CA's end cuts it`() throws {
    let start = Scenario().start
    let end = start + Duration.days(30).nanoseconds
    let validity = try #require(
      CertificateValidity(signedAt: start, for: .days(365), caEnd: end))
    #expect(validity.notAfter == end)
  }

  // MARK: A stored CSR stays small

  @Test func `a stored CSR has the size that it had without shapes`() {
    // 88 bytes, and 12 for its date and the event that wrote it last.
    #expect(MemoryLayout<CertificateSigningRequest>.size == 100)
    #expect(MemoryLayout<PendingCall>.stride == 64)
  }
}

import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Bodies of a create that are no CSR of v1: protocol.md C.1, decode.
struct RequestBodyTests {
  private func answer(_ change: (inout RequestShape) -> Void) -> (code: UInt16, message: String?) {
    var request = CertificateRequest()
    request.commonName = "system:node:x"
    request.organizations = ["system:nodes"]
    var shape = RequestShape(.request(request))
    shape.signerName = SignerName.kubeAPIServerClientKubelet.text
    shape.usages = ["digital signature", "client auth"]
    change(&shape)
    let played = Clients.play([Clients.entry(.create(shape), Clients.withToken)])
    return Clients.answers(played)[0]
  }

  @Test(arguments: [
    ("", "unexpected end of JSON input (<empty>)"),
    ("hello", "invalid character 'h' looking for beginning of value (68656c6c6f)"),
    ("{", "unexpected end of JSON input ({)"),
    (#"{"kind": CSR}"#, #"invalid character 'C' looking for beginning of value ({"kind": CSR})"#),
    ("{k: 1}", "invalid character 'k' looking for beginning of object key string ({k: 1})"),
    (#"{"a" 1}"#, #"invalid character '1' after object key ({"a" 1})"#),
    (#"{"a": 1 "b"}"#, #"invalid character '"' after object key:value pair ({"a": 1 "b"})"#),
    ("[1 2]", "invalid character '2' after array element (5b3120325d)"),
    ("{}x", "invalid character 'x' after top-level value ({}x)"),
    ("trux", "invalid character 'x' in literal true (expecting 'e') (74727578)"),
    ("-x", "invalid character 'x' in numeric literal (2d78)"),
    ("\"\\x\"", "invalid character 'x' in string escape code (225c7822)"),
  ])
  func `C.1 a body that is no JSON is answered 400 with Go's words`(body: String, problem: String) {
    let answer = answer { $0.body = body }
    #expect(answer.code == 400)
    #expect(
      answer.message
        == "the object provided is unrecognized (must be of type CertificateSigningRequest): "
        + "couldn't get version/kind; json parse error: \(problem)")
  }

  @Test func `C.1 JSON that is no object is answered 400, and quoted up to 30 bytes`() {
    let answer = answer { $0.body = "[" + String(repeating: " ", count: 40) + "]" }
    #expect(answer.code == 400)
    #expect(
      answer.message?.hasSuffix(
        #"json: cannot unmarshal array into Go value of type struct { APIVersion string "#
          + #""json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b"#
          + String(repeating: "20", count: 29) + " ...)") == true)
  }

  @Test(arguments: [
    (
      "certificates.k8s.io/v1beta1",
      "the API version in the data (certificates.k8s.io/v1beta1) does not match the expected API "
        + "version (certificates.k8s.io/v1)"
    ),
    (
      "certificates.k8s.io/v2",
      "CertificateSigningRequest in version \"v2\" cannot be handled as a "
        + "CertificateSigningRequest: no kind \"CertificateSigningRequest\" is registered for "
        + "version \"certificates.k8s.io/v2\" in scheme \"pkg/api/legacyscheme/scheme.go:30\""
    ),
  ])
  func `C.1 an object of another version is answered 400`(version: String, message: String) {
    let answer = answer { $0.apiVersion = version }
    #expect(answer.code == 400)
    #expect(answer.message == message)
  }

  @Test func `C.1 an object that says no version is one of v1`() {
    #expect(answer { $0.apiVersion = "" }.code == 201)
  }

  @Test(arguments: [(3_145_728, UInt16(201)), (3_145_729, 413)])
  func `C.1 a body of more than 3 MiB is answered 413`(bytes: Int, code: UInt16) {
    let answer = answer { $0.bodyBytes = bytes }
    #expect(answer.code == code)
    #expect(
      answer.message == (code == 413 ? "Request entity too large: limit is 3145728" : nil))
  }

  @Test func `D before C.1 decode: who may not create is told so, whatever the body`() {
    var shape = RequestShape(.otherPEM)
    shape.body = ""
    let played = Clients.play([Clients.entry(.create(shape)) { $0 = .anonymous }])
    #expect(Clients.answers(played)[0].code == 403)
  }

  @Test(arguments: [
    (
      String(repeating: "a", count: 64) + ".com/x",
      "Invalid value: \"\(String(repeating: "a", count: 64)).com\": validating label "
        + "\"\(String(repeating: "a", count: 64))\": must be no more than 63 bytes"
    ),
    (
      "a.b/" + String(repeating: "c", count: 253) + "." + String(repeating: "d", count: 253)
        + "." + String(repeating: "e", count: 60),
      "Too long: may not be more than 571 bytes"
    ),
  ])
  func `E.3 a signerName has limits of length`(name: String, problem: String) {
    let answer = answer { $0.signerName = name }
    #expect(answer.code == 422)
    #expect(answer.message?.hasSuffix("is invalid: spec.signerName: \(problem)") == true)
  }
}

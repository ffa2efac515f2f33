import Foundation
import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// `spec.requests`: what is read, and what is a mistake.
struct RequestTests {
  private func requests(_ text: String) throws -> [ClientRequest] {
    try load(nodesAndToken + "  requests:\n" + text).scenario.requests
  }

  /// Mistakes of one entry, which is line 10.
  private func mistakes(of entry: String) -> [String] {
    mistakes("\(nodesAndToken)  requests:\n  - \(entry)\n")
  }

  private func mistakes(_ spec: String) -> [String] { ScenariosTests.mistakes(spec) }

  @Test func `without credentials it is kubernetes-admin, once and at once`() throws {
    let request = try #require(try requests("  - {name: a, delete: {name: x}}\n").first)
    var expected = ClientRequest(name: "a", act: .delete(.name("x")))
    expected.credentials.groups = ["kubeadm:cluster-admins", "system:authenticated"]
    #expect(request == expected)
  }

  @Test(arguments: [
    ("user: u", ["system:authenticated"]), ("user: u, groups: []", ["system:authenticated"]),
    ("user: u, groups: [a]", ["a", "system:authenticated"]),
    ("user: u, groups: [system:authenticated, a]", ["system:authenticated", "a"]),
    (
      "user: 'system:serviceaccount:ns:robot'",
      ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"]
    ),
    ("user: 'system:serviceaccount:ns:robot', groups: [a]", ["a", "system:authenticated"]),
    ("user: 'system:serviceaccount:ns'", ["system:authenticated"]),
    ("user: kubernetes-admin", ["kubeadm:cluster-admins", "system:authenticated"]),
    ("user: kubernetes-admin, groups: []", ["system:authenticated"]),
  ])
  func `the groups of a user are those that the server finds`(
    user: String, groups: [String]
  ) throws {
    let loaded = try load(
      nodesAndToken + "  requests: [{name: a, as: {\(user)}, ask: {path: /healthz}}]\n"
        + "  approval: [{name: e, external: {}, \(user)}]\n")
    #expect(loaded.scenario.requests.map(\.credentials.groups) == [groups])
    #expect(loaded.scenario.approvers.map(\.groups) == [groups])
  }

  @Test func `as whom a client acts is read beside its credentials`() throws {
    let read = try requests(
      """
        - name: a
          as: {anonymous: true, impersonate: {user: u, groups: [g, h], uid: x}}
          dryRun: true
          delete: {name: x}
        - {name: b, as: {token: t, impersonate: {groups: [g]}}, delete: {name: x}}

      """)
    var wanted = ImpersonatedUser()
    (wanted.name, wanted.groups, wanted.uid) = ("u", ["g", "h"], "x")
    #expect(read[0].credentials.impersonated == wanted)
    #expect(read[0].credentials.user == nil)
    #expect(read.map(\.isDryRun) == [true, false])
    #expect(read[1].credentials.token == "t")
    #expect(read[1].credentials.impersonated?.name == "")
  }

  @Test func `the real object is read with its bytes`() throws {
    let pem = try fixture("node-csr.pem")
    let base64 = Data(pem.utf8).base64EncodedString()
    let request = try #require(
      try requests(
        """
          - name: a
            create:
              apiVersion: certificates.k8s.io/v1
              kind: CertificateSigningRequest
              metadata: {name: mine}
              spec:
                request: \(base64)
                signerName: kubernetes.io/kubelet-serving
                usages: [digital signature, server auth]
                expirationSeconds: 3600

        """
      ).first)
    guard case .create(let shape) = request.act else {
      Issue.record("\(request.act)")
      return
    }
    #expect(shape.name == "mine")
    #expect(shape.base64 == base64)
    #expect(shape.expirationSeconds == 3_600)
    #expect(shape.usages == ["digital signature", "server auth"])
    var expected = CertificateRequest()
    expected.commonName = "system:node:n1"
    expected.organizations = ["system:nodes"]
    expected.organizationalUnits = ["rack 7"]
    expected.dnsNames = ["n1.example.com"]
    expected.ipAddresses = ["192.0.2.7"]
    expected.emailAddresses = ["root@example.com"]
    expected.uris = ["spiffe://example.com/n1"]
    expected.key = .rsa(bits: 2_048)
    #expect(shape.request == expected)
  }

  /// As net.IP prints them; of openssl: `subjectAltName=IP:2001:db8::1,IP:192.0.2.7`.
  @Test func `addresses of both families are read out of the bytes`() {
    let shape = CertificateRequestPEM.shape(
      """
      LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIOE1JR2lBZ0VBTUF3eENqQUlCZ05WQkFN\
      TUFYZ3dXVEFUQmdjcWhrak9QUUlCQmdncWhrak9QUU1CQndOQwpBQVFrRmNKcGJyY3I5OHplRmVuYUJGUEhi\
      Rk16K0FBODUwVHlDM3dxUFh6UzB0RW11bHEveHJSWDRZdXp4aXpCCnRYLzdhMGNoMlVpYWgyM2RPSjJ4UU1G\
      TG9EUXdNZ1lKS29aSWh2Y05BUWtPTVNVd0l6QWhCZ05WSFJFRUdqQVkKaHhBZ0FRMjRBQUFBQUFBQUFBQUFB\
      QUFCaHdUQUFBSUhNQW9HQ0NxR1NNNDlCQU1DQTBrQU1FWUNJUUNjKzYrdApObkNML1FnTnZmTjNDdzM4NWN2\
      Tnc0Y3oxNmFOdDFRTGlKaFZ5d0loQUpLTWtESEJrcmtRbnVZZ0FsdERWZW50Cm1La0lIaEV3V29mL3pGTkln\
      TEdmCi0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=
      """)
    #expect(shape.request?.ipAddresses == ["2001:db8::1", "192.0.2.7"])
  }

  @Test func `addresses are written in their short form, and what is none is refused`() throws {
    let read = { (address: String) in
      try requests(
        "  - {name: a, create: {subject: {commonName: c}, sans: {ipAddresses: [\"\(address)\"]}}}\n"
      )
    }
    let request = try #require(try read("2001:0DB8:0:0::1").first)
    guard case .create(let shape) = request.act else {
      Issue.record("\(request.act)")
      return
    }
    #expect(shape.request?.ipAddresses == ["2001:db8::1"])
    for address in ["192.0.2", "192.0.2.1/24", "node-1", ""] {
      #expect(throws: ScenarioErrors.self, "\(address)") { try read(address) }
    }
  }

  @Test func `bytes that are no CSR are read as such`() throws {
    let content = { (text: String) in CertificateRequestPEM.shape(text).content }
    #expect(content("") == .otherPEM)
    #expect(content("QUFB") == .otherPEM)
    #expect(content("QUF") == .notBase64(0))
    #expect(content("QUFB!") == .notBase64(4))
    #expect(content("QUFBQQ=") == .notBase64(7))
    let garbage = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"
    #expect(
      content(Data(garbage.utf8).base64EncodedString())
        == .unreadable(
          "asn1: structure error: tags don't match (16 vs {class:0 tag:0 length:0 "
            + "isCompound:false}) {optional:false explicit:false application:false private:false "
            + "defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} "
            + "certificateRequest @2"))
  }

  @Test func `a body of one's own, another version and a length are read`() throws {
    let read = try requests(
      """
        - {name: a, create: {body: "no JSON", bodyBytes: 4000000}}
        - name: b
          create: {apiVersion: certificates.k8s.io/v2, subject: {commonName: x}, bodyBytes: 5}

      """)
    let shapes = read.compactMap { request -> RequestShape? in
      if case .create(let shape) = request.act { shape } else { nil }
    }
    #expect(shapes.map(\.body) == ["no JSON", nil])
    #expect(shapes.map(\.bodyBytes) == [4_000_000, 5])
    #expect(shapes.map(\.apiVersion) == ["certificates.k8s.io/v1", "certificates.k8s.io/v2"])
  }

  @Test func `a body excludes the object, and is none`() {
    #expect(
      mistakes(of: "{name: a, create: {body: x, spec: {signerName: a.b/c}}}") == [
        "s.yaml:11:39: `body` and `spec` exclude each other; keep one of them"
      ])
    #expect(
      mistakes(of: "{name: a, create: {body: '{}'}}") == [
        "s.yaml:11:30: `body` is a JSON object; give its fields in place of `body`"
      ])
  }

  @Test func `a deletion of a CSR by ask is one, and an update of it is asked for`() throws {
    let path = "/apis/certificates.k8s.io/v1/certificatesigningrequests/x"
    let resource = "group: certificates.k8s.io, resource: certificatesigningrequests, name: x"
    let acts = try requests(
      """
        - {name: a, ask: {verb: delete, path: \(path)}}
        - {name: b, dryRun: true, ask: {verb: delete, \(resource)}}
        - {name: c, ask: {verb: update, path: \(path)}}
        - {name: d, ask: {verb: patch, \(resource)}}

      """
    ).map(\.act)
    #expect(acts.prefix(2) == [.delete(.name("x")), .delete(.name("x"))])
    var wanted = ForeignRequest()
    (wanted.group, wanted.resource) = ("certificates.k8s.io", "certificatesigningrequests")
    (wanted.verb, wanted.name) = ("patch", "x")
    #expect(acts.last == .ask(wanted))
  }

  @Test func `an entry has one act and a name of its own`() {
    #expect(
      mistakes(of: "{name: a}") == [
        "s.yaml:11:5: `spec.requests[]` lacks its kind; give one of `create`, `approve`, `deny`, "
          + "`update`, `delete`, `replace`, `ask`"
      ])
    #expect(
      mistakes(of: "{name: a, approve: {name: x}, deny: {name: x}}") == [
        "s.yaml:11:41: `approve` and `deny` exclude each other; keep one of them"
      ])
    #expect(
      mistakes(of: "{approve: {name: x}}") == [
        "s.yaml:11:5: `spec.requests[]` lacks `name`; name the request"
      ])
    #expect(
      mistakes(of: "{name: a, approve: {name: x}}\n  - {name: a, deny: {name: x}}") == [
        "s.yaml:12:12: a second request “a”; the first is on line 11; give each request a name of "
          + "its own"
      ])
  }

  @Test func `there are at most 10,000 entries`() {
    let entries = (0...10_000).map { "  - {name: a\($0), delete: {name: x}}\n" }.joined()
    #expect(
      mistakes("\(nodesAndToken)  requests:\n\(entries)") == [
        "s.yaml:11:3: `spec.requests` has 10001 entries; give at most 10000; `every` and `count` repeat "
          + "one"
      ])
  }

  @Test(arguments: [
    (
      "approve: {of: node/elsewhere}",
      "s.yaml:11:24: no node is called “elsewhere”; use a name that `spec.nodes[].names` gives"
    ),
    (
      "approve: {of: request/b}",
      "s.yaml:11:24: no request “b” creates a CSR; add one to `spec.requests`"
    ),
    (
      "approve: {of: b}",
      "s.yaml:11:29: “b” names no CSR; write `node/NAME` or `request/NAME`, or give the CSR's "
        + "`name`"
    ),
    (
      "create: {spec: {usages: [client auth]}}",
      "s.yaml:11:23: `spec.requests[].create` lacks `subject`; give the CSR's `subject`, or its "
        + "bytes as `spec.request`"
    ),
    (
      "create: {kind: Secret, subject: {commonName: x}}",
      "s.yaml:11:30: `kind` is “Secret”; write `CertificateSigningRequest`"
    ),
    (
      "create: {spec: {request: QUFB}, subject: {commonName: x}}",
      "s.yaml:11:56: `spec.request` and `subject` exclude each other; keep one of them"
    ),
    (
      "update: {name: x, subresource: Approval, certificate: Cluster}",
      "s.yaml:11:46: an update of the approval keeps the certificate; write `subresource: Status`"
    ),
    (
      "dryRun: true, approve: {name: x}",
      "s.yaml:11:23: `dryRun` is for what is written by one request; remove it, or write by create, "
        + "update, delete or ask"
    ),
    (
      "dryRun: true, ask: {path: /healthz}",
      "s.yaml:11:23: `dryRun` is for what is written by one request; remove it, or write by create, "
        + "update, delete or ask"
    ),
    (
      "as: {impersonate: {}}, delete: {name: x}",
      "s.yaml:11:33: `spec.requests[].as.impersonate` lacks `user`; say as whom it asks"
    ),
    (
      "ask: {resource: nodes}",
      "s.yaml:11:20: `spec.requests[].ask` lacks `name`; name the object that is meant"
    ),
    ("ask: {path: healthz}", "s.yaml:11:27: `path` does not begin with /; add it"),
    ("ask: {path: /healthz?timeout=1s}", "s.yaml:11:27: `path` holds a query; end it before `?`"),
    (
      "ask: {verb: deletecollection, path: /apis/certificates.k8s.io/v1/certificatesigningrequests}",
      "s.yaml:11:51: this deletecollection of CSRs is not played by `ask`; use `create`, `approve`, "
        + "`deny`, `update`, `delete` or `replace` of the request"
    ),
    (
      "ask: {verb: patch, path: /apis/certificates.k8s.io/v1/certificatesigningrequests/x/status}",
      "s.yaml:11:40: this patch of CSRs is not played by `ask`; use `create`, `approve`, `deny`, "
        + "`update`, `delete` or `replace` of the request"
    ),
    (
      "ask: {resource: certificatesigningrequests, verb: delete, name: x}",
      "s.yaml:11:31: this delete of CSRs is not played by `ask`; use `create`, `approve`, `deny`, "
        + "`update`, `delete` or `replace` of the request"
    ),
    (
      "as: {tokenID: abcdeg}, delete: {name: x}",
      "s.yaml:11:29: no token has the ID “abcdeg”; did you mean `abcdef`?"
    ),
    (
      "as: {user: a, token: b}, delete: {name: x}",
      "s.yaml:11:36: `user` and `token` exclude each other; keep one of them"
    ),
    (
      "as: {anonymous: true, token: b}, delete: {name: x}",
      "s.yaml:11:44: `anonymous` and `token` exclude each other; keep one of them"
    ),
    (
      "as: {token: b, groups: [c]}, delete: {name: x}",
      "s.yaml:11:38: `groups` belong to a `user`; remove them: a token's and a certificate's are "
        + "its own"
    ),
    (
      "as: {certificate: {node: workers-1, commonName: x}}, delete: {name: x}",
      "s.yaml:11:63: `node` and `commonName` exclude each other; keep one of them: a certificate "
        + "made by hand is no node's"
    ),
    (
      "as: {certificate: {notBefore: 1h, notAfter: 0s}}, delete: {name: x}",
      "s.yaml:11:59: `notAfter` is before `notBefore`; exchange the two"
    ),
  ])
  func `mistakes have their place and cure`(entry: String, mistake: String) {
    #expect(mistakes(of: "{name: a, \(entry)}") == [mistake])
  }
}

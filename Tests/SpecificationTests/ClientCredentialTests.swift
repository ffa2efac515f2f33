import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Whom the API server takes other clients for: section C of protocol.md.
struct ClientCredentialTests {
  @Test func `C.2 a certificate comes before a token, and a bad one is helped by a good token`() {
    let create = ClientRequest.Act.create(RequestShapeTests.shape())
    let played = Clients.play([
      Clients.entry(.ask(Clients.get("nodes", name: "nodea"))) { credentials in
        Clients.asNode("system:node:nodea")(&credentials)
        credentials.token = "abcdef.aaaaaaaaaaaaaaaa"
      },
      Clients.entry(create, at: 1) { credentials in
        var made = HandmadeCertificate()
        made.commonName = "system:node:nodea"
        made.notAfter = .seconds(-60)
        credentials = .anonymous
        credentials.certificate = .handmade(made)
        credentials.token = Clients.token
      },
      Clients.entry(.ask(Clients.get("nodes", name: "nodea")), at: 2) { credentials in
        credentials = .anonymous
        credentials.token = "abcdef.aaaaaaaaaaaaaaaa"
      },
      Clients.entry(create, at: 3) { $0 = .anonymous },
    ])
    #expect(Clients.answers(played).map(\.code) == [404, 201, 401, 403])
    #expect(
      Clients.answers(played).last?.message
        == "\(Clients.resource) is forbidden: User \"system:anonymous\" cannot create resource "
        + "\"certificatesigningrequests\" in API group \"certificates.k8s.io\" at the cluster scope"
    )
  }

  @Test func `C.5 what is wrong with a certificate is told to the server's log only`() {
    let changes: [(String, (inout HandmadeCertificate) -> Void)] = [
      ("is after 2025-12-31T23:59:00Z", { $0.notAfter = .seconds(-60) }),
      ("is before 2026-01-01T00:01:00Z", { $0.notBefore = .seconds(60) }),
      ("x509: certificate signed by unknown authority", { $0.isTrusted = false }),
      ("x509: certificate specifies an incompatible key usage", { $0.isForClients = false }),
      // In the order of Go's crypto/x509, `Certificate.Verify`.
      (
        "is after 2025-12-31T23:59:00Z",
        {
          $0.notAfter = .seconds(-60)
          $0.isTrusted = false
          $0.isForClients = false
        }
      ),
      (
        "x509: certificate signed by unknown authority",
        {
          $0.isTrusted = false
          $0.isForClients = false
        }
      ),
    ]
    for (text, change) in changes {
      let played = Clients.play([
        Clients.entry(.ask(Clients.get("nodes", name: "nodea"))) { credentials in
          var made = HandmadeCertificate()
          made.commonName = "system:node:nodea"
          change(&made)
          credentials = .anonymous
          credentials.certificate = .handmade(made)
        }
      ])
      #expect(Clients.answers(played).map(\.code) == [401])
      #expect(Clients.answers(played).map(\.message) == ["Unauthorized"])
      let log = played.all(.authenticationFailed).first.flatMap { played.world.message(of: $0) }
      #expect(log?.hasSuffix(text) == true, "\(log ?? "")")
    }
  }

  @Test func `a client whose connection fails is told by what it asked for`() {
    var path = ForeignRequest()
    path.path = "/healthz"
    let played = Clients.play([
      Clients.entry(.ask(path), at: 1), Clients.entry(.ask(Clients.get("nodes", name: "a")), at: 2),
    ]) { $0.faults = [fault(.zero, for: .seconds(10), .apiServerDown())] }
    #expect(
      played.all(.connectionFailed).filter { $0.component == .client }
        .map { played.world.message(of: $0) }
        == ["/healthz", "/api/v1/nodes/a"].map {
          "Get \"https://192.0.2.1:6443\($0)\": dial tcp 192.0.2.1:6443: connect: connection refused"
        })
  }

  /// Source: client-go rest/request.go and apimachinery pkg/api/errors/errors.go, `NewGenericServerResponse`.
  @Test func `A.11 a 429 names what was asked for, and of a path nothing`() {
    var path = ForeignRequest()
    path.path = "/version"
    let played = Clients.play([
      Clients.entry(.ask(path)), Clients.entry(.ask(path), at: 1),
      Clients.entry(.ask(Clients.get("nodes", name: "a")), at: 2),
    ]) {
      $0.apiServer.enablePriorityAndFairness = false
      $0.apiServer.maxRequestsInFlight = 1
      $0.latency.read = .constant(.seconds(20))
    }
    let words = "the server has received too many requests and has asked us to try again later"
    let refused = played.all(.requestAnswered).filter { $0.answer == .tooManyRequests }
    #expect(
      Set(refused.map { played.world.message(of: $0) }) == [words, words + " (get nodes a)"])
  }

  /// H.3: the extended key usages are those of the CSR; without any, a certificate is for everything.
  @Test(arguments: [
    ("kubernetes.io/kubelet-serving", ["digital signature", "server auth"], false),
    ("kubernetes.io/kube-apiserver-client-kubelet", ["digital signature", "client auth"], true),
    ("example.com/x", ["digital signature", "code signing"], false),
    ("example.com/x", ["digital signature"], true),
    ("example.com/x", ["any", "server auth"], true),
  ])
  func `C.5 a certificate that was issued for servers is none of a client`(
    signer: String, usages: [String], isForClients: Bool
  ) {
    let isServing = SignerName(text: signer) == .kubeletServing
    let shape = RequestShapeTests.shape(signer: signer, usages: usages) {
      $0.dnsNames = isServing ? ["a"] : []
    }
    let act: ClientRequest.Act =
      SignerName(text: signer) == .other
      ? .update(.ofRequest("made"), RequestChange(.status, .certificate(isTrusted: true)))
      : .decide(.ofRequest("made"), .approve)
    let played = Clients.play([
      Clients.entry(.create(shape), name: "made"), Clients.entry(act, at: 1),
      Clients.entry(.ask(Clients.get("nodes", name: "n1")), at: 2) { credentials in
        credentials = .anonymous
        credentials.certificate = .ofRequest("made")
      },
    ])
    let log = played.all(.authenticationFailed).first.flatMap { played.world.message(of: $0) }
    #expect(
      log == (isForClients ? nil : "x509: certificate specifies an incompatible key usage"))
    #expect(Clients.answers(played).last?.code == (isForClients ? 404 : 401))
  }

  @Test func `C.6 a path is open to anybody, and to a bad token closed`() {
    var request = ForeignRequest()
    request.path = "/healthz"
    let played = Clients.play([
      Clients.entry(.ask(request)) { $0 = .anonymous },
      Clients.entry(.ask(request), at: 1) { credentials in
        credentials = .anonymous
        credentials.token = "ABCDEF.0123456789abcdef"
      },
    ])
    #expect(Clients.answers(played).map(\.code) == [200, 401])
  }

  /// Source: kubernetes apiserver pkg/authentication/group/authenticated_group_adder.go,
  /// `AuthenticateRequest`.
  @Test(arguments: [
    (["a"], ["a", "system:authenticated"]), ([], ["system:authenticated"]),
    (["system:authenticated", "a"], ["system:authenticated", "a"]),
    (["system:unauthenticated"], ["system:unauthenticated"]),
  ])
  func `C.2 whoever is known is of the group system authenticated`(
    groups: [String], known: [String]
  ) {
    var healthz = ForeignRequest()
    healthz.path = "/healthz"
    let played = Clients.play([
      Clients.entry(.ask(healthz)) { credentials in
        credentials.user = "u"
        credentials.groups = groups
      },
      Clients.entry(.ask(healthz), at: 1, Clients.asNode("u", groups)),
    ])
    #expect(Clients.answers(played).map(\.code) == [200, 200])
    let users = played.all(.requestAnswered).map { event in
      played.world.turn.facts.authorizer.user(event.actor, node: "")
    }
    #expect(users == [User(name: "u", groups: known), User(name: "u", groups: known)])
  }

  @Test func `C.3-0 a token that begins with a blank leaves its client anonymous`() {
    var healthz = ForeignRequest()
    healthz.path = "/healthz"
    let entries = ["", " ", " \(Clients.token)"].flatMap { token in
      [ClientRequest.Act.ask(healthz), .ask(Clients.get("nodes", name: "n"))].map { act in
        Clients.entry(act) { credentials in
          credentials = .anonymous
          credentials.token = token
        }
      }
    }
    let played = Clients.play(entries)
    let answers = Clients.answers(played)
    #expect(answers.map(\.code).sorted() == [200, 200, 200, 403, 403, 403])
    #expect(
      answers.compactMap(\.message).allSatisfy { $0.contains("User \"system:anonymous\"") })
  }
}

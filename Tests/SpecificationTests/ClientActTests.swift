import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What other clients may write to a CSR, and what is in the way of it (protocol.md E.2, E.3).
struct ClientActTests {
  // MARK: E.2, E.3

  @Test func `E.3 a name that is taken is refused, and free again after a delete`() {
    var shape = RequestShapeTests.shape()
    shape.name = "Dup_name"
    var twice = Clients.entry(.create(shape), Clients.withToken)
    twice.count = 2
    let played = Clients.play([
      twice, Clients.entry(.delete(.name("Dup_name")), at: 5),
      Clients.entry(.create(shape), at: 6, Clients.withToken),
    ])
    #expect(Clients.answers(played).map(\.code) == [201, 409, 200, 201])
    #expect(Clients.answers(played)[1].message == "\(Clients.resource) \"Dup_name\" already exists")
  }

  @Test func `E.3 an invalid CSR is refused with a generated name, several errors as a list`() {
    var shape = RequestShapeTests.shape()
    shape.usages = []
    shape.expirationSeconds = 0
    let played = Clients.play([Clients.entry(.create(shape), Clients.withToken)])
    let message = Clients.answers(played).first?.message ?? ""
    #expect(Clients.answers(played).map(\.code) == [422])
    #expect(message.hasPrefix("CertificateSigningRequest.certificates.k8s.io \"csr-"))
    #expect(
      message.hasSuffix(
        " is invalid: [spec.usages: Required value, spec.expirationSeconds: Invalid value: 0: may "
          + "not specify a duration less than 600 seconds (10 minutes)]"))
    #expect(played.world.requestCount == 0)
  }

  @Test(arguments: [
    ("a/b", ["may not contain '/'"]), (".", ["may not be '.'"]), ("..", ["may not be '..'"]),
    ("a%b", ["may not contain '%'"]), ("a/%", ["may not contain '/'", "may not contain '%'"]),
  ])
  func `E.3 a name that is no segment of a path is refused`(name: String, problems: [String]) {
    var shape = RequestShapeTests.shape()
    shape.name = name
    let played = Clients.play([Clients.entry(.create(shape), Clients.withToken)])
    let errors = problems.map { "metadata.name: Invalid value: \"\(name)\": \($0)" }
    let list = errors.count == 1 ? errors[0] : "[\(errors.joined(separator: ", "))]"
    #expect(Clients.answers(played).map(\.code) == [422])
    #expect(
      Clients.answers(played).first?.message
        == "CertificateSigningRequest.certificates.k8s.io \"\(name)\" is invalid: \(list)")
  }

  @Test func `E.3 conditions exclude each other and cannot be removed, on any path`() {
    let create = Clients.entry(
      .create(RequestShapeTests.shape { $0.commonName = "foo" }), name: "made", Clients.withToken)
    let reference = RequestReference.ofRequest("made")
    let changes: [(RequestChange, String?)] = [
      (
        RequestChange(.approval, .add(.approved)),
        "status.conditions: Invalid value: \"Approved\": Approved and Denied conditions are "
          + "mutually exclusive"
      ),
      (
        RequestChange(.approval, .remove(.denied)),
        "status.conditions: Forbidden: updates may not remove a condition of type \"Denied\""
      ),
      (
        RequestChange(.status, .remove(.denied)),
        "status.conditions: Forbidden: updates may not remove a condition of type \"Denied\""
      ),
      (
        RequestChange(.approval, .add(.denied)),
        "status.conditions[1].type: Duplicate value: \"Denied\""
      ),
      (RequestChange(.approval, .remove(.failed)), nil),
    ]
    for (change, text) in changes {
      let played = Clients.play([
        create, Clients.entry(.decide(reference, .deny), at: 1),
        Clients.entry(.update(reference, change), at: 2),
      ])
      let last = Clients.answers(played).last
      #expect(last?.code == (text == nil ? 200 : 422))
      #expect(
        last?.message
          == text.map {
            "CertificateSigningRequest.certificates.k8s.io "
              + "\"\(played.world.request(at: 0).name)\" is invalid: \($0)"
          })
      #expect(played.world.request(at: 0).condition == "Denied")
    }
  }

  /// Source: pkg/apis/certificates/validation/validation.go, `validateCertificateSigningRequestUpdate`.
  @Test func `E.3 /status says of a second approval what is wrong with it, and that it is one`() {
    let create = Clients.entry(
      .create(RequestShapeTests.shape { $0.commonName = "foo" }), name: "made", Clients.withToken)
    let reference = RequestReference.ofRequest("made")
    let problems: [(RequestChange.Condition, String)] = [
      (.denied, "status.conditions[1].type: Duplicate value: \"Denied\""),
      (
        .approved,
        "status.conditions: Invalid value: \"Approved\": Approved and Denied conditions are "
          + "mutually exclusive"
      ),
    ]
    for (condition, problem) in problems {
      let played = Clients.play([
        create, Clients.entry(.decide(reference, .deny), at: 1),
        Clients.entry(.update(reference, RequestChange(.status, .add(condition))), at: 2),
      ])
      #expect(
        Clients.answers(played).last?.message?.hasSuffix(
          " is invalid: [\(problem), status.conditions: Forbidden: updates may not add a condition "
            + "of type \"\(condition.rawValue)\"]") == true)
    }
  }

  @Test func `E.3 /status adds no approval, and changes no certificate`() {
    let create = Clients.entry(.create(RequestShapeTests.shape()), name: "made", Clients.withToken)
    let reference = RequestReference.ofRequest("made")
    let played = Clients.play([
      create, Clients.entry(.update(reference, RequestChange(.status, .add(.denied))), at: 1),
      Clients.entry(
        .update(reference, RequestChange(.status, .certificate(isTrusted: true))), at: 2),
    ]) { $0.controllerManager.csrapproving = false }
    #expect(
      Clients.answers(played)[1].message?.hasSuffix(
        "is invalid: status.conditions: Forbidden: updates may not add a condition of type "
          + "\"Denied\"") == true)
    #expect(played.world.request(at: 0).condition == "Pending,Issued")
    let issued = Clients.play([
      create,
      Clients.entry(
        .update(reference, RequestChange(.status, .certificate(isTrusted: true))), at: 1),
    ])
    let updates = issued.all(.requestAnswered, .updateStatus)
    #expect(updates.map(\.answer.code) == [200, 422])
    #expect(
      updates.last.flatMap { issued.world.message(of: $0) }?.hasSuffix(
        "updates may not modify existing certificate content") == true)
  }

  // MARK: Conditions

  private func failing(at seconds: Int64 = 6) -> ClientRequest {
    var change = RequestChange(.status, .add(.failed))
    (change.reason, change.message) = ("X", "Y")
    return Clients.entry(.update(.name("fail"), change), at: seconds, name: "fails")
  }

  @Test func `E.2 E.5 Failed keeps the words and the date of who set it when it is approved later`()
  {
    var shape = RequestShapeTests.shape()
    shape.name = "fail"
    let played = Clients.play([
      Clients.entry(.create(shape), at: 5), failing(),
      Clients.entry(.decide(.name("fail"), .approve), at: 7, name: "approves"),
    ]) { $0.controllerManager.csrapproving = false }
    let conditions = played.world.conditions(ofRequest: 0)
    #expect(conditions.map(\.type) == ["Failed", "Approved"])
    #expect(conditions.map(\.reason) == ["X", "KubectlApprove"])
    #expect(conditions.first?.message == "Y")
    let start = played.world.scenario.start
    #expect(conditions.map(\.date) == [6, 7].map { start + $0 * 1_000_000_000 })
    let record = played.world.request(at: 0)
    #expect(record.reason == "X" && record.message == "Y")
    #expect(record.failed == .zero + .seconds(6) && record.approved == .zero + .seconds(7))
  }

  @Test func `E.2 Failed that is added to an issued CSR has its own time`() {
    var shape = RequestShapeTests.shape { $0.commonName = "system:node:a" }
    shape.name = "fail"
    let played = Clients.play([
      Clients.entry(.create(shape), Clients.asNode("system:node:a")), failing(at: 5),
    ])
    let record = played.world.request(at: 0)
    #expect(record.condition == "Approved,Failed,Issued")
    #expect(record.issued == .zero && record.failed == .zero + .seconds(5))
    let conditions = played.world.conditions(ofRequest: 0)
    #expect(conditions.map(\.reason) == ["AutoApproved", "X"])
    let start = played.world.scenario.start
    #expect(conditions.map(\.date) == [0, 5].map { start + $0 * 1_000_000_000 })
  }

  // MARK: The run

  @Test func `a run is not settled before the last request and 5 s`() {
    let played = Clients.play([Clients.entry(.delete(.name("x")), at: 600)], nodes: 1)
    #expect(played.ending == .allReady)
    #expect(played.world.now == .zero + .seconds(605))
  }

  @Test func `what is not there yet is not asked for`() {
    let played = Clients.play([
      Clients.entry(.delete(.ofNode("node-1")), name: "early"),
      Clients.entry(.ask(Clients.get("nodes", name: "node-1"))) { credentials in
        credentials = .anonymous
        credentials.certificate = .ofNode("node-1")
      },
    ])
    #expect(
      played.all(.requestNotSent).map { played.world.message(of: $0) } == [
        "early: there is no such CSR yet", "it: node-1 has no client certificate yet",
      ])
  }

  @Test func `a request changes no draw of the kubelets`() {
    let names: ([ClientRequest]) -> [String] = { entries in
      let played = Clients.play(entries, nodes: 3) { $0.latency = Latencies() }
      return (0..<played.world.requestCount).map { played.world.request(at: $0) }
        .filter { $0.node != nil }.map(\.name)
    }
    #expect(
      names([]) == names([Clients.entry(.create(RequestShapeTests.shape()), Clients.withToken)]))
  }

  @Test func `two approvers with several workers are told apart`() {
    let played = Cluster.kubeadm(nodes: 4) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var settings = ApproverSettings.External()
      settings.workers = 2
      var first = ApproverSettings(kind: .external(settings))
      first.matching.nodeName = "nobody"
      var second = ApproverSettings(kind: .external(settings))
      second.reason = "Second"
      scenario.approvers = [first, second]
    }.play()
    #expect((0..<4).map { played.world.request(at: $0).reason }.allSatisfy { $0 == "Second" })
  }
}

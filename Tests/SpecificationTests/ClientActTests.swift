import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What becomes of CSRs that others create, decide on and delete (protocol.md E, F, H, O17 to O28).
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

  // MARK: E.5

  @Test func `E.5 kubectl does not approve what is denied`() {
    let played = Clients.play([
      Clients.entry(
        .create(RequestShapeTests.shape { $0.commonName = "foo" }), name: "made", Clients.withToken),
      Clients.entry(.decide(.ofRequest("made"), .deny), at: 1),
      Clients.entry(.decide(.ofRequest("made"), .approve), at: 2, name: "late"),
    ])
    let name = played.world.request(at: 0).name
    #expect(
      played.all(.requestNotSent).map { played.world.message(of: $0) }
        == ["late: error: certificate signing request \"\(name)\" is already Denied"])
    #expect(played.world.request(at: 0).reason == "KubectlDeny")
    #expect(
      played.world.request(at: 0).message == "This CSR was denied by kubectl certificate deny.")
  }

  @Test func `E.5 kubectl writes nothing where it is approved already`() {
    let played = Clients.play([
      Clients.entry(.create(RequestShapeTests.shape()), name: "made", Clients.withToken),
      Clients.entry(.decide(.ofRequest("made"), .approve), at: 1),
    ])
    #expect(played.all(.requestAnswered, .updateApproval).count == 1)
    #expect(played.world.request(at: 0).reason == "AutoApproved")
  }

  @Test func `O17 an approval by hand gets a node on whom nobody approves`() {
    let played = Clients.play(
      [Clients.entry(.decide(.ofNode("node-1"), .approve), at: 60)], nodes: 1
    ) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
    }
    #expect(played.ending == .allReady)
    #expect(played.world.request(at: 0).reason == "KubectlApprove")
    #expect(played.steps(of: 0).contains(8))
  }

  @Test func `A.7 a certificate without approval is ignored, and what comes after it is seen`() {
    let entry = { (change: RequestChange, at: Int64) in
      Clients.entry(.update(.ofNode("node-1"), change), at: at)
    }
    let certificate = entry(RequestChange(.status, .certificate(isTrusted: true)), 10)
    let approved = Clients.play(
      [certificate, entry(RequestChange(.approval, .add(.approved)), 20)], nodes: 1
    ) { $0.controllerManager.csrapproving = false }
    #expect(approved.seconds(.certificateFetched) == [20])
    let failed = Clients.play(
      [certificate, entry(RequestChange(.status, .add(.failed)), 20)], nodes: 1
    ) { $0.controllerManager.csrapproving = false }
    #expect(failed.seconds(.waitEnded) == [20])
  }

  @Test func `O19 a denial by hand is no policy: the node's next CSR is approved`() {
    let played = Clients.play([Clients.entry(.decide(.ofNode("node-1"), .deny), at: 1)], nodes: 1) {
      scenario in
      scenario.controllerManager.csrapproving = false
      var external = ApproverSettings(kind: .external(.init()))
      if case .external(var settings) = external.kind {
        settings.serviceTime = .constant(.seconds(2))
        external.kind = .external(settings)
      }
      scenario.approvers = [external]
    }
    #expect(played.ending == .allReady)
    #expect(
      (0..<2).map { played.world.request(at: $0).condition } == ["Denied", "Approved,Issued"])
  }

  @Test func `O28 a kubelet whose CSR is deleted creates another`() {
    let played = Clients.play([Clients.entry(.delete(.ofNode("node-1")), at: 1)], nodes: 1) {
      scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
    }
    #expect(played.all(.waitEnded).map(\.time) == [.zero + .seconds(1)])
    #expect(played.all(.requestAnswered, .createRequest).count == 2)
    #expect(played.world.request(at: 0).condition == "Pending (deleted)")
  }

  @Test func `O28 in MODE-F the kubelet exits, and its name is free`() {
    let played = Clients.play([Clients.entry(.delete(.ofNode("node-1")), at: 1)], nodes: 1) {
      scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.stop = .duration
      scenario.duration = .seconds(30)
    }
    #expect(played.all(.kubeletExited).count == 1)
    #expect(
      played.all(.requestAnswered, .createRequest).map(\.answer) == [.created, .created])
  }

  // MARK: F.2, H.2

  @Test func `F.2 a CSR that was made again is recognised by who made it again`() {
    let node = Clients.asNode("system:node:node-1", ["system:nodes", "system:masters"])
    let played = Clients.play(
      [Clients.entry(.replace(.ofNode("node-1")), at: 1, node)], nodes: 1
    ) { scenario in
      // Nobody has seen the first one before it is gone.
      scenario.latency.watchDelivery = .constant(.seconds(2))
      scenario.stop = .duration
      scenario.duration = .seconds(60)
    }
    #expect(played.world.request(at: 1).condition == "Approved,Issued")
    #expect(
      played.world.request(at: 1).message
        == "Auto approving self kubelet client certificate after SubjectAccessReview.")
  }

  @Test func `O18 a CSR that is not recognised stays pending, and O20 fails when approved`() {
    let played = Clients.play([
      Clients.entry(
        .create(RequestShapeTests.shape { $0.commonName = "foo" }), name: "made", Clients.withToken),
      Clients.entry(.decide(.ofRequest("made"), .approve), at: 3),
    ])
    #expect(played.all(.notRecognized).count >= 1)
    #expect(played.all(.requestAnswered, .createSubjectAccessReview).isEmpty)
    #expect(played.world.request(at: 0).condition == "Approved,Failed")
    #expect(
      played.all(.shapeRefused).map { played.world.message(of: $0) }
        == ["subject common name does not begin with system:node:"])
  }

  @Test func `H.1 the signer of API clients issues what is approved`() {
    let shape = RequestShapeTests.shape(signer: "kubernetes.io/kube-apiserver-client") {
      $0.commonName = "jane"
    }
    let played = Clients.play([
      Clients.entry(.create(shape), name: "made", Clients.withToken),
      Clients.entry(.decide(.ofRequest("made"), .approve), at: 3),
    ])
    #expect(played.world.request(at: 0).condition == "Approved,Issued")
    #expect(played.world.certificate(at: 0).node == nil)
  }

  @Test func `J.4 the signer of API clients takes what was approved before it started`() {
    let shape = RequestShapeTests.shape(signer: "kubernetes.io/kube-apiserver-client") {
      $0.commonName = "jane"
    }
    let played = Clients.play([
      Clients.entry(.create(shape), name: "made", Clients.withToken),
      Clients.entry(.decide(.ofRequest("made"), .approve), at: 3),
    ]) {
      $0.controllerManager.startsAt = .seconds(10)
      $0.stop = .duration
      $0.duration = .minutes(1)
    }
    #expect(played.world.request(at: 0).condition == "Approved,Issued")
  }

  @Test func `H.2 nobody signs for another signer, and nobody refuses`() {
    let shape = RequestShapeTests.shape(signer: "kubernetes.io/foo")
    let played = Clients.play([
      Clients.entry(.create(shape), name: "made", Clients.withToken),
      Clients.entry(.decide(.ofRequest("made"), .approve), at: 3),
    ])
    #expect(played.world.request(at: 0).condition == "Approved")
  }

  @Test func `H.3 expirationSeconds shortens the certificate`() {
    var shape = RequestShapeTests.shape()
    shape.expirationSeconds = 3_600
    let played = Clients.play([Clients.entry(.create(shape), Clients.withToken)])
    let certificate = played.world.certificate(at: 0)
    #expect(certificate.notAfter - certificate.notBefore == 3_900_000_000_000)
  }

  @Test func `F.2 a node asks for itself as selfnodeclient`() {
    let shape = RequestShapeTests.shape { $0.commonName = "system:node:a" }
    let played = Clients.play([Clients.entry(.create(shape), Clients.asNode("system:node:a"))])
    #expect(
      played.world.request(at: 0).message
        == "Auto approving self kubelet client certificate after SubjectAccessReview.")
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

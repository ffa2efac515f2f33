import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Decisions by hand, and what signers make of the CSRs of other clients: sections E.5, F.2 and H of protocol.md.
struct ClientDecisionTests {
  // MARK: A.5

  @Test func `A.5 no kubelet's CSR gets a name that another client has given`() {
    let first = Clients.play([], nodes: 1)
    var given = RequestShapeTests.shape { $0.commonName = "x" }
    given.name = first.world.request(at: 0).name
    let played = Clients.play([Clients.entry(.create(given), Clients.withToken)], nodes: 1)
    let names = (0..<played.world.requestCount).map { played.world.request(at: $0).name }
    #expect(names.count == 2 && Set(names).count == 2)
    #expect(names.contains(first.world.request(at: 0).name))
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
}

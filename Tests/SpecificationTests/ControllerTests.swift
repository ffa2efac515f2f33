import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections E to H of protocol.md: approving and signing.
struct ControllerTests {
  @Test
  func `F.1 G a signer updates the copy that it judged: what another wrote since is a conflict`() {
    var cluster = Cluster.kubeadm(nodes: 1)
    cluster.scenario.latency.signing = .constant(.seconds(2))
    var world = World(cluster.scenario)
    while world.statistics.approved.count == 0, world.step() {}
    // Its worker has the CSR; meanwhile another issues it, and the informer says so.
    world.advance(to: world.now + .seconds(1))
    world.server.requests[0].conditions.insert(.issued)
    world.server.requests[0].resourceVersion += 1
    let stored = world.server.requests[0]
    world.managers[0].see(
      RequestID(0),
      ControllerManager.CachedRequest(
        own: stored, stored.conditions, version: stored.shortVersion), &world.turn)
    world.advance(to: world.now + .seconds(5))
    #expect(world.server.requests[0].resourceVersion == stored.resourceVersion)
    #expect(world.statistics.issued.count == 0)
  }

  // MARK: F, csrapproving

  @Test func `F.3 a bootstrap CSR costs one review and one update`() {
    let played = Cluster.kubeadm(nodes: 7).play()
    for request in UInt32(0)..<7 { #expect(calls(played, request) == [1, 1]) }
    let record = played.world.request(at: 0)
    #expect(record.condition == "Approved,Issued")
    #expect(record.reason == "AutoApproved")
    #expect(
      record.message == "Auto approving kubelet client certificate after SubjectAccessReview.")
  }

  @Test func `F.3 a renewal with selfnodeclient bound costs one review and one update`() {
    let played = renewed { _ in }
    #expect(calls(played, 1) == [1, 1])
    let record = played.world.request(at: 1)
    #expect(record.condition == "Approved,Issued")
    #expect(
      record.message == "Auto approving self kubelet client certificate after SubjectAccessReview.")
    #expect(played.world.username(of: record.requestor) == "system:node:node-1")
  }

  @Test func `F.3 a renewal with only nodeclient bound costs two reviews and one update`() {
    let played = renewed { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-certificate-rotation" }
      scenario.bindings.append(
        Cluster.binding(
          "nodes", "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
          "system:nodes"))
    }
    #expect(calls(played, 1) == [2, 1])
    #expect(
      played.world.request(at: 1).message
        == "Auto approving kubelet client certificate after SubjectAccessReview.")
  }

  @Test func `F.3 a renewal with neither bound costs two reviews a try and no update`() {
    let played = renewed {
      $0.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-certificate-rotation" }
    }
    // From 2430 s on: tries after 0, 0.2, 0.6, 1.4, 3, 6.2, 12.6 and 25.4 s.
    #expect(calls(played, 1) == [16, 0])
    #expect(played.world.request(at: 1).condition == "Pending")
  }

  @Test func `F.1 a decided CSR costs csrapproving nothing`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.csrapproving = false
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(3)
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
    }.play()
    #expect(played.all(.requestAnswered, .createSubjectAccessReview).isEmpty)
    #expect(played.seconds(.certificateStored) == [3])
  }

  @Test func `E.5 an administrator's approval carries kubectl's reason and message`() {
    let played = Cluster.kubeadm(nodes: 3) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(60)
      manual.every = .seconds(60)
      manual.batch = 2
      manual.timePerRequest = .constant(.seconds(5))
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
    }.play()
    #expect(played.seconds(.administratorDecided) == [65, 70, 125])
    for index in 0..<3 {
      #expect(played.world.request(at: index).condition == "Approved,Issued")
      #expect(played.world.request(at: index).reason == "KubectlApprove")
      #expect(
        played.world.request(at: index).message
          == "This CSR was approved by kubectl certificate approve.")
    }
  }

  @Test func `E.1 an approver without the right to the signer is refused at admission`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.roles = [
        RBAC.Role(
          name: "half",
          rules: [
            RBAC.Rule(
              verbs: ["*"], apiGroups: ["certificates.k8s.io"],
              resources: ["certificatesigningrequests", "certificatesigningrequests/approval"])
          ])
      ]
      scenario.bindings.append(Cluster.binding("half", "half", "halves"))
      var approver = ApproverSettings(kind: .external(ApproverSettings.External()))
      approver.user = "half"
      approver.groups = ["halves", "system:authenticated"]
      scenario.approvers = [approver]
      scenario.stop = .duration
      scenario.duration = .milliseconds(50)
    }.play()
    let refused = played.all(.requestAnswered, .updateApproval)
    #expect(refused.first?.answer == .forbiddenToApprove)
    #expect(
      refused.first.flatMap { played.world.message(of: $0) }?.hasSuffix(
        " is forbidden: user not permitted to approve requests with signerName "
          + "\"kubernetes.io/kube-apiserver-client-kubelet\"") == true)
    #expect(played.world.request(at: 0).condition == "Pending")
  }

  // MARK: G, retries

  @Test func `G a refused review is asked again after 0.2 s doubling up to 1000 s`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      // MODE-F, because it keeps to one CSR.
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.stop = .duration
      scenario.duration = .seconds(5_000)
    }.play()
    #expect(
      played.seconds(.reviewRefused) == [
        0, 0.2, 0.6, 1.4, 3, 6.2, 12.6, 25.4, 51, 102.2, 204.6, 409.4, 819, 1_638.2, 2_638.2,
        3_638.2, 4_638.2,
      ])
  }

  @Test func `E.5 an external approver retries after 5 ms, twice that each time, up to 1,000 s`() {
    for (failures, milliseconds) in [
      (0, 5), (1, 10), (2, 20), (3, 40), (17, 655_360), (18, 1_000_000), (255, 1_000_000),
    ] as [(UInt8, Int64)] {
      #expect(ExternalApprover.retryDelay(failures) == .milliseconds(milliseconds))
    }
  }

  @Test func `G the first 100 retries are free and later ones come at 10 a second`() {
    let played = Cluster.kubeadm(nodes: 150) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.controllerManager.kubeAPIMilliQPS = 1_000_000_000
      scenario.controllerManager.kubeAPIBurst = 1_000_000
      scenario.stop = .duration
      scenario.duration = .seconds(5)
    }.play()
    let delays = played.all(.retryScheduled).filter { $0.time == .zero }.map(\.value)
    #expect(delays.count == 150)
    #expect(delays.prefix(102).allSatisfy { $0 == 200_000_000 })
    #expect(
      Array(delays.dropFirst(102)) == (3...50).map { Int64($0) * 100_000_000 })
  }

  @Test func `G without a controller-manager CSRs stay pending`() {
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.controllerManager.running = false
      scenario.stop = .duration
      scenario.duration = .seconds(100)
    }.play()
    #expect((0..<2).map { played.world.request(at: $0).condition } == ["Pending", "Pending"])
    #expect(played.all(.keyTaken).isEmpty)
  }

  // MARK: H, csrsigning

  @Test(
    arguments: [
      (8_760 * 3_600, 31_535_700, 31_536_000), (86_400, 86_100, 86_400), (28_800, 28_500, 28_800),
      (28_799, 28_799, 29_099), (28_801, 28_501, 28_801), (600, 600, 900), (120, 120, 420),
    ] as [(Int64, Int64, Int64)])
  func `H.3 NotAfter and the life of a certificate follow from the signing duration`(
    ttl: Int64, notAfter: Int64, life: Int64
  ) {
    let certificate = certificate { $0.controllerManager.clusterSigningDuration = .seconds(ttl) }
    #expect(certificate?.notAfter == notAfter)
    #expect(certificate.map { $0.notAfter - $0.notBefore } == life)
    #expect(certificate?.notBefore == -300)
  }

  @Test(arguments: [30 * 86_400, 3_600, 1] as [Int64])
  func `H.3 no certificate outlives the CA`(seconds: Int64) {
    let certificate = certificate {
      $0.controllerManager.signingCANotAfter = $0.start + seconds * 1_000_000_000
    }
    #expect(certificate?.notAfter == seconds)
  }

  @Test func `H.3 validity goes by the controller-manager's clock`() {
    let certificate = certificate { scenario in
      scenario.controllerManager.clock.offset = .seconds(100)
    }
    #expect(certificate?.notBefore == -200)
    #expect(certificate?.notAfter == 31_535_800)
  }

  @Test(
    arguments: [
      (
        Int64(0),
        "refusing to sign a certificate that expired in the past: NotAfter=2026-01-01 00:00:00 +0000 UTC"
      ),
      (
        -299,
        "refusing to sign a certificate that expired in the past: "
          + "NotAfter=2025-12-31 23:55:01 +0000 UTC"
      ),
      (-300, "the signer has expired: NotAfter=2025-12-31 23:55:00 +0000 UTC"),
      (-86_400, "the signer has expired: NotAfter=2025-12-31 00:00:00 +0000 UTC"),
    ] as [(Int64, String)])
  func `H.3 an expired CA is an error that is retried and no Failed condition`(
    seconds: Int64, text: String
  ) {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.signingCANotAfter = scenario.start + seconds * 1_000_000_000
      scenario.stop = .duration
      scenario.duration = .milliseconds(1_500)
    }.play()
    let failed = played.all(.signingFailed)
    #expect(failed.map { Double($0.time.nanoseconds) / 1e9 } == [0, 0.2, 0.6, 1.4])
    let first = failed.first.flatMap { played.world.message(of: $0) }
    #expect(first == "error auto signing csr: " + text)
    #expect(played.world.request(at: 0).condition == "Approved")
    #expect(played.all(.requestAnswered, .updateStatus).isEmpty)
  }

  @Test func `O21 without a signing key CSRs stay Approved and the kubelet files new ones`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.hasSigningKey = false
      scenario.stop = .duration
      scenario.duration = .seconds(1_000)
    }.play()
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 902])
    #expect(
      (0..<2).map { played.world.request(at: $0).condition } == ["Approved", "Approved"])
    #expect(played.all(.approvalSeen).count == 2)
    #expect(played.all(.kubeletExited).isEmpty)
  }

  @Test func `J.1 signers have a bucket of their own, with the same burst of 30`() {
    let played = Cluster.kubeadm(nodes: 60) { scenario in
      scenario.controllerManager.csrapproving = false
      var external = ApproverSettings.External()
      external.workers = 60
      external.milliQPS = 1_000_000_000
      external.burst = 1_000
      scenario.approvers = [ApproverSettings(kind: .external(external))]
    }.play()
    let issued = played.all(.requestAnswered, .updateStatus).map(\.time.nanoseconds)
    #expect(issued == (1...60).map { max(0, Int64($0 - 30) * 50_000_000) })
  }

  @Test func `a key waits until a worker of the external approver becomes free`() {
    let played = Cluster.kubeadm(nodes: 9) { scenario in
      scenario.controllerManager.csrapproving = false
      var external = ApproverSettings.External()
      external.workers = 2
      external.serviceTime = .constant(.seconds(3))
      scenario.approvers = [ApproverSettings(kind: .external(external))]
    }.play()
    let taken = played.all(.keyTaken).filter { $0.component == .externalApprover }
    let ends = taken.map { key in played.events.first { $0.id == key.endedBy } }
    #expect(taken.map(\.value) == (0..<9).map { $0 / 2 * 3_000_000_000 })
    #expect(ends[..<2] == [nil, nil])
    for (key, end) in zip(taken, ends).dropFirst(2) {
      #expect(end?.kind == .keyDone && end?.component == .externalApprover)
      #expect(end?.time == key.time)
    }
  }

  // MARK: Helpers

  /// Reviews and approval updates about one CSR.
  private func calls(_ played: Played, _ request: UInt32) -> [Int] {
    [Call.createSubjectAccessReview, .updateApproval].map { call in
      played.all(.requestAnswered, call).filter { $0.request == request }.count
    }
  }

  /// One node with certificates of 1 h, a minute past its first renewal.
  private func renewed(_ change: (inout Scenario) -> Void) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .seconds(2_430 + 45)
    }.play()
  }

  /// NotBefore and NotAfter in seconds from the signing, which is at 0.
  private func certificate(
    _ change: (inout Scenario) -> Void
  ) -> (notBefore: Int64, notAfter: Int64)? {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .milliseconds(50)
    }.play()
    guard played.world.certificateCount == 1 else { return nil }
    let record = played.world.certificate(at: 0)
    let start = played.world.scenario.start
    return (
      (record.notBefore - start) / 1_000_000_000, (record.notAfter - start) / 1_000_000_000
    )
  }
}

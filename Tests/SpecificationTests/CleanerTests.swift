import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section I.1 of protocol.md: csrcleaner, and the clocks of M.1 by which it judges.
struct CleanerTests {
  @Test func `I.1 an issued CSR is deleted in the first hourly pass more than an hour later`() {
    // Approved at t = 0: the pass at 1 h is late, however little, so that it is older than an hour.
    #expect(deletions(of: lasting(.hours(5))) == [3_600])
    #expect(
      deletions(of: lasting(.hours(5)) { $0.groups[0].arrivals = .atOnce(.seconds(1)) })
        == [7_200])
    // Approved a second later than 1 h: passes are at whole hours all the same.
    #expect(
      deletions(of: lasting(.hours(5)) { $0.groups[0].arrivals = .atOnce(.seconds(3_601)) })
        == [10_800])
  }

  @Test
  func `I.1 deletes take tokens of a bucket of their own, and the next pass is an hour later`() {
    let played = lasting(.hours(7), nodes: 101) { scenario in
      scenario.groups[0].arrivals = .times(
        Array(repeating: Duration.seconds(1), count: 100) + [Duration.seconds(7_000)])
    }.play()
    let times = played.seconds(.requestAnswered, .deleteRequest)
    #expect(times.count == 101)
    #expect(times.prefix(30).allSatisfy { $0 == 7_200 })
    // 70 tokens more at 20 a second.
    #expect(times[99] == 7_203.5)
    #expect(times[100] == 7_203.5 + 3_600)
    let first = played.all(.requestAnswered, .deleteRequest)[0]
    #expect(
      played.world.username(of: first.actor)
        == "system:serviceaccount:kube-system:certificate-controller")
  }

  @Test func `I.1 a CSR that nobody decides on is deleted after a day, which its kubelet sees`() {
    let played = lasting(.hours(26)) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.groups[0].kubelet.rotateCertificates = false
    }.play()
    // At 24 h, and however little later.
    #expect(played.seconds(.requestAnswered, .deleteRequest) == [86_400])
    let seen = played.all(.deletionSeen)
    #expect(seen.map { Double($0.time.nanoseconds) / 1e9 } == [86_400])
    let name = played.world.requestName(0)
    #expect(
      played.world.message(of: seen[0])
        == "cannot watch on the certificate signing request: csr \"\(name)\" was deleted")
    // A.7: MODE-F exits, and its name is free again.
    #expect(played.seconds(.kubeletExited).contains(86_400))
    #expect(played.world.requestName(1) == name)
    #expect(
      played.all(.requestAnswered, .createRequest).filter { $0.answer == .created }.count == 2)
  }

  @Test func `O28 MODE-B files a new CSR when its own is deleted`() {
    let played = lasting(.hours(2)) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      // M.2: C ahead of A by more than 24 h deletes pending CSRs at each pass.
      scenario.controllerManager.clock.offset = .hours(25)
    }.play()
    // What earlier attempts left, and the one that pends at 1 h.
    #expect(played.seconds(.deletionSeen).first == 3_600)
    #expect(played.all(.kubeletExited).isEmpty)
    let creates = played.seconds(.requestAnswered, .createRequest)
    #expect(creates.contains { $0 > 3_600 && $0 <= 3_600 + 32 })
  }

  @Test func `I.1 an expired certificate's CSR is deleted whatever its age`() {
    #expect(
      deletions(
        of: lasting(.hours(2)) { scenario in
          scenario.controllerManager.clusterSigningDuration = .minutes(10)
          scenario.groups[0].kubelet.rotateCertificates = false
          scenario.groups[0].arrivals = .atOnce(.minutes(30))
        }) == [3_600])
  }

  /// Approved, denied or failed at 10 min, and something else 80 min later.
  @Test(
    arguments: [
      (.approval, .approved, .status, .failed), (.approval, .denied, .status, .failed),
      (.status, .failed, .approval, .approved),
    ]
      as [(
        RequestChange.Subresource, RequestChange.Condition, RequestChange.Subresource,
        RequestChange.Condition
      )])
  func `I.1 each condition's own date decides, whatever was set later`(
    first: RequestChange.Subresource, condition: RequestChange.Condition,
    second: RequestChange.Subresource, later: RequestChange.Condition
  ) {
    let played = Clients.play([
      Clients.entry(
        .create(RequestShapeTests.shape { $0.commonName = "x" }), at: 500, name: "made",
        Clients.withToken),
      Clients.entry(.update(.ofRequest("made"), RequestChange(first, .add(condition))), at: 600),
      Clients.entry(.update(.ofRequest("made"), RequestChange(second, .add(later))), at: 5_400),
    ]) { scenario in
      scenario.controllerManager.csrsigning = condition == .approved
      scenario.stop = .duration
      scenario.duration = .hours(5)
    }
    #expect(played.seconds(.requestAnswered, .deleteRequest) == [7_200])
  }

  @Test(arguments: [(3_000, 3_600), (3_001, 7_200)] as [(Int64, Double)])
  func `I.1 a certificate that expires at a pass has expired, one of a second more has not`(
    arrival: Int64, pass: Double
  ) {
    let cluster = lasting(.hours(3)) { scenario in
      scenario.controllerManager.clusterSigningDuration = .minutes(10)
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.groups[0].arrivals = .atOnce(.seconds(arrival))
    }
    #expect(deletions(of: cluster) == [pass])
  }

  @Test func `I.1 the first pass is at the controllers' start, an hour before the second`() {
    #expect(
      deletions(
        of: lasting(.hours(5)) { scenario in
          scenario.controllerManager.startsAt = .seconds(1_000)
          scenario.groups[0].arrivals = .atOnce(.seconds(2_000))
          scenario.controllerManager.leaderElect = false
        }) == [8_200.9])
  }

  @Test func `O19 O30 a denied CSR poisons MODE-F until csrcleaner frees its name`() {
    let played = denied { _ in }.play()
    #expect(played.seconds(.requestAnswered, .deleteRequest).first == 7_200)
    #expect(played.ending == .allReady)
    #expect(played.world.node(at: 0).restarts > 600)
    #expect(played.seconds(.nodeReady)[0] < 7_221)
  }

  @Test func `O19 without csrcleaner it poisons MODE-F for good`() {
    let played = denied { $0.controllerManager.csrcleaner = false }.play()
    #expect(played.all(.requestAnswered, .deleteRequest).isEmpty)
    #expect(played.ending == .settled)
    #expect(played.world.node(at: 0).settlement == .denied)
  }

  @Test func `M.1 row 13 a pending CSR's age is C's clock minus A's`() {
    let cluster = lasting(.hours(5)) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.controllerManager.clock.offset = .hours(10)
      scenario.apiServer.clock.offset = .hours(-13)
    }
    #expect(deletions(of: cluster).first == 3_600)
  }

  @Test func `M.1 row 14 kubectl dates an approval by its own host's clock`() {
    let early = lasting(.hours(5)) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var administrator = ApproverSettings(kind: .manual(ApproverSettings.Manual()))
      administrator.clock.offset = .minutes(-30)
      scenario.approvers = [administrator]
    }
    #expect(deletions(of: early) == [3_600])
    // csrapproving leaves the date to the server, whose clock errs as much.
    #expect(
      deletions(of: lasting(.hours(5)) { $0.apiServer.clock.offset = .minutes(-30) }) == [3_600])
  }

  @Test func `M.2 C ahead of A by more than an hour deletes what is seconds old`() {
    #expect(
      deletions(
        of: lasting(.hours(2)) { scenario in
          scenario.groups[0].arrivals = .atOnce(.seconds(3_595))
          scenario.controllerManager.clock.offset = .minutes(61)
          // Else the certificate is not yet valid.
          scenario.stop = .duration
        }) == [3_600])
  }

  @Test func `M.2 C behind A lets CSRs linger`() {
    #expect(
      deletions(of: lasting(.hours(6)) { $0.controllerManager.clock.offset = .hours(-2) })
        == [3_600 * 3])
  }

  @Test func `a pass that can find nothing is no event`() {
    let played = lasting(.days(400), nodes: 10).play()
    // Each node's first CSR and its renewal.
    #expect(played.all(.requestAnswered, .deleteRequest).count == 20)
    #expect(played.world.turns < 2_000)
    #expect(
      played.seconds(.requestAnswered, .deleteRequest).allSatisfy {
        $0.truncatingRemainder(dividingBy: 3_600) == 0
      })
  }

  private func lasting(
    _ length: Duration, nodes count: Int = 1, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Cluster {
    Cluster.kubeadm(nodes: count) { scenario in
      scenario.stop = .duration
      scenario.duration = length
      change(&scenario)
    }
  }

  private func deletions(of cluster: Cluster) -> [Double] {
    cluster.play().seconds(.requestAnswered, .deleteRequest)
  }

  /// A MODE-F node whose first CSR an administrator denies at 1 s; half an hour later others are approved.
  private func denied(_ change: (inout Scenario) -> Void) -> Cluster {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(1)
      manual.every = .days(100)
      var administrator = ApproverSettings(kind: .manual(manual))
      administrator.decision = .deny
      scenario.approvers = [administrator]
      scenario.faults = [
        TimedFault(
          name: "late", at: .zero, length: .minutes(30),
          fault: .binding(BindingFault(name: "kubeadm:node-autoapprove-bootstrap")))
      ]
      change(&scenario)
    }
  }
}

import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Rows of section M.2 of protocol.md that last beyond a node's first certificate.
struct SkewTests {
  /// Certificates of 1 h: T = 65 min from NotBefore.
  private func play(
    nodeOffset: Duration, until end: Duration, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.groups[0].clockOffset = SignedDistribution(.constant(.zero), shift: nodeOffset)
      scenario.duration = end
      scenario.stop = .duration
      change(&scenario)
    }.play()
  }

  @Test func `M.2 O47 a node ahead by more than T − 5 min holds every certificate for expired`() {
    let played = play(nodeOffset: .minutes(61), until: .minutes(11))
    // Asked for again 1 s after each success, by the bootstrap token.
    let creates = played.all(.requestAnswered, .createRequest)
    #expect(creates.count > 200)
    #expect(
      creates.allSatisfy { played.world.username(of: $0.actor) == "system:bootstrap:abcdef" })
    // It had a certificate, so the server is healthy: exit 5 min after the start, then again.
    #expect(played.seconds(.kubeletExited).first.map { (300...311).contains($0) } == true)
    #expect(played.all(.kubeletStarted).count >= 2)
    #expect(played.world.readyCount == 0)
  }

  @Test func `B.6 M.2 in the hot loop each check closes connections once`() {
    // 57 min: past the deadline of each, which is 40.5 to 53.5 min after its issue.
    let played = play(nodeOffset: .minutes(57), until: .minutes(2))
    #expect(played.all(.certificateStored).count > 100)
    let checks = played.all(.connectionsClosed).map(\.time)
    #expect((12...13).contains(checks.count))
    #expect(checks == Set(checks).sorted())
  }

  @Test
  func `M.2 a node behind by more than 30 % of T is cut off until its own clock passes NotAfter`() {
    // The draw of 70 % plans 40.5 min after the issue on the node's clock, 65.5 min in truth.
    let played = play(nodeOffset: .minutes(-25), until: .hours(2)) {
      // An older cluster, to which a clock that is so late can connect.
      $0.apiServer.servingCertificateNotBefore = $0.start - Duration.days(1).nanoseconds
    }
    let lost = played.seconds(.nodeLost)
    // L.6: found Unknown 50 to 60 s after its last heartbeat.
    #expect(lost.first.map { (3_640...3_670).contains($0) } == true, "\(lost)")
    // Attempts in between use the dead certificate: 401, and no exit, because it still counts here.
    let refused = played.all(.authenticationFailed, .createRequest)
    #expect(!refused.isEmpty)
    #expect(refused.allSatisfy { $0.time >= Instant.zero + .seconds(3_600) })
    // 85 min: the node's clock is past NotAfter, and the token bootstraps anew.
    let stored = played.seconds(.certificateStored)
    #expect(stored.count >= 2)
    #expect(stored.dropFirst().first.map { (5_100...5_140).contains($0) } == true, "\(stored)")
    #expect(played.all(.kubeletExited).isEmpty)
  }

  @Test(arguments: [(61, false), (59, true)])
  func `M.2 an API server ahead of the administrator by the token's life refuses it`(
    _ minutes: Int64, _ isReady: Bool
  ) {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.secrets[0].expiration = .at(scenario.start + Duration.hours(1).nanoseconds)
      scenario.apiServer.clock.offset = .minutes(minutes)
      scenario.controllerManager.clock.offset = .minutes(minutes)
    }.play()
    #expect((played.world.readyCount == 1) == isReady)
  }

  @Test func `M.2 an API server behind lets a token live longer`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.secrets[0].expiration = .at(scenario.start + Duration.hours(1).nanoseconds)
      scenario.apiServer.clock.offset = .minutes(-30)
      scenario.controllerManager.clock.offset = .minutes(-30)
      scenario.groups[0].arrivals = .atOnce(.minutes(80))
    }.play()
    #expect(played.world.readyCount == 1)
  }
}

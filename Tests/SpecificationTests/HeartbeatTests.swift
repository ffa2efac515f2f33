import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections L.4 and L.5 of protocol.md: the heartbeats of a Ready node, played.
struct HeartbeatTests {
  @Test func `L.5 the Lease is renewed every 10 s`() {
    let played = played(seconds: 65)
    // Skipped at 0 s, because there is no Node; created at the next tick.
    #expect(played.seconds(.leaseCreated) == [10])
    #expect(played.seconds(.requestAnswered, .updateLease) == [20, 30, 40, 50, 60])
    #expect(played.all(.requestAnswered, .updateLease).allSatisfy { $0.answer == .ok })
  }

  @Test func `L.4 the status is reported every 5 min, first after half of it at the earliest`() {
    let played = played(seconds: 1_100)
    // At the runs of the 10 s loop, the first of which was at 0.1 s.
    #expect(
      played.seconds(.requestAnswered, .patchNodeStatus) == [
        0.1, 0.4, 160.1, 460.1, 760.1, 1_060.1,
      ]
    )
  }

  @Test func `L.4 a status that is not Ready is sent by the 10 s loop when it says something new`()
  {
    let played = played(seconds: 40) { $0.latency.networkReady = .constant(.seconds(25)) }
    // Registered at 0.1 s; CSINode by the run of 10.1 s; the network at 25.1 s, on the fast path.
    #expect(played.seconds(.requestAnswered, .patchNodeStatus) == [0.1, 10.1, 25.1])
    #expect(played.seconds(.statusPatched) == [0.1, 10.1])
    #expect(played.seconds(.nodeReady) == [25.1])
  }

  @Test
  func `L.4 and L.5 each gap is drawn up to 4 % longer, the first report between 2.5 and 7.5 min`()
  {
    var cluster = cluster(nodes: 200, seconds: 1_000)
    cluster.jitter = .drawn
    let played = cluster.play()
    var firsts: [Double] = []
    for node in 0..<200 {
      let times: (Call) -> [Double] = { call in
        played.all(.requestAnswered, call).filter { $0.node == node }
          .map { Double($0.time.nanoseconds) / 1e9 }
      }
      let renewals = times(.updateLease)
      let gaps = zip(renewals.dropFirst(), renewals).map { $0 - $1 }
      #expect(gaps.count > 90 && gaps.allSatisfy { $0 >= 10 && $0 < 10.4 })
      let reports = times(.patchNodeStatus)
      firsts.append(reports[2] - reports[1])
      // Due after 5 min, sent at the next run of the loop.
      let later = zip(reports.dropFirst(3), reports.dropFirst(2)).map { $0 - $1 }
      #expect(!later.isEmpty && later.allSatisfy { $0 >= 300 && $0 < 310.4 })
    }
    #expect(firsts.allSatisfy { $0 >= 150 && $0 < 460.4 })
    #expect(abs(firsts.reduce(0, +) / 200 - 305) < 20)
  }

  @Test func `L.5 a Lease that exists at the start is updated at once`() {
    let played = played(seconds: 15) { $0.existingLeases = ["node-1"] }
    #expect(played.seconds(.requestAnswered, .updateLease) == [0, 10])
    #expect(played.all(.requestAnswered, .createLease).isEmpty)
  }

  @Test func `L.5 a renewal that fails is tried five times, then the Lease is read, with backoff`()
  {
    let played = expired(seconds: 3_720)
    let updates = played.all(.requestAnswered, .updateLease).filter { $0.answer != .ok }
    let reads = played.all(.requestAnswered, .getLease).filter { $0.time > .zero + .seconds(3_600) }
    #expect(updates.map(\.answer) == Array(repeating: .unauthorized, count: 5))
    let first = updates[0].time
    #expect(updates.allSatisfy { $0.time == first })
    let gaps = zip(reads.dropFirst(), reads).map { Double(($0.time - $1.time).nanoseconds) / 1e9 }
    #expect(reads.first?.time == first)
    #expect(Array(gaps.prefix(7)) == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 7])
  }

  @Test func `L.4 a report that fails is tried five times, then again at the next run`() {
    let played = expired(seconds: 4_000)
    let patches = played.all(.requestAnswered, .patchNodeStatus).filter { $0.answer != .ok }
    let reads = played.all(.requestAnswered, .getNode).filter { $0.answer == .unauthorized }
    #expect(patches.count >= 2)
    // One patch of the cached Node, then four reads that already fail.
    #expect(reads.count == 4 * patches.count)
    let gaps = zip(patches.dropFirst(), patches).map { $0.time - $1.time }
    #expect(gaps.allSatisfy { $0 == .seconds(10) })
  }

  @Test func `L.4 a refused Ready update is tried five times, then again`() {
    let played = played(seconds: 1) { scenario in
      scenario.apiServer.authorizationModes = [.rbac]
      scenario.roles = [
        RBAC.Role(
          name: "node",
          rules: BuiltinRoles.nodeRules.filter { $0.resources != ["nodes/status"] })
      ]
      scenario.bindings.append(Cluster.binding("nodes", "node", "system:nodes"))
    }
    let patches = played.all(.requestAnswered, .patchNodeStatus)
    #expect(patches.allSatisfy { $0.answer == .forbidden })
    #expect(patches.filter { $0.time == patches[0].time }.count == 5)
    #expect(played.world.readyCount == 0)
  }

  @Test func `O6 a heartbeat goes by its open connection, whatever the certificate`() {
    let played = played(seconds: 300) {
      $0.faults = [fault(.seconds(100), .authority(.expireServingCertificate))]
    }
    #expect(played.seconds(.requestAnswered, .updateLease).last == 300)
    #expect(played.all(.connectionFailed, .updateLease).isEmpty)
    #expect(played.all(.nodeUnknown).isEmpty)
  }

  @Test(arguments: [AuthorityFault.expireServingCertificate, .replaceServingCA])
  func `L.6 O6 one that needs another connection fails, and the node is Unknown after 50 s`(
    authority: AuthorityFault
  ) {
    let played = played(seconds: 400) {
      $0.faults = [
        fault(.seconds(100), for: .seconds(200), .authority(authority)),
        fault(.seconds(151), for: .seconds(1), .apiServerDown()),
      ]
    }
    // The last Lease of before is of 150 s: noticed by the scan of 150, Unknown by that of 200.
    let failures = played.all(.connectionFailed, .updateLease)
    #expect(failures.first?.time == .zero + .seconds(160))
    #expect(
      failures.first?.answer
        == (authority == .replaceServingCA ? .unknownAuthority : .servingCertificateExpired))
    #expect(played.seconds(.nodeUnknown) == [200])
    #expect(played.seconds(.nodeKnown).count == 1)
    #expect(played.seconds(.nodeKnown)[0] >= 300 && played.seconds(.nodeKnown)[0] <= 311)
    #expect(played.world.readyCount == 1)
  }

  @Test func `L.4 on a clock that gains, a report that fails is tried again at the next run, too`()
  {
    let played = played(seconds: 300) {
      $0.groups[0].clockDriftPPB = 200_000...200_000
      $0.faults = [fault(.seconds(20), for: .seconds(250), .apiServerDown())]
    }
    #expect(played.all(.connectionFailed, .patchNodeStatus).count < 30)
    #expect(played.world.readyCount == 1)
  }

  @Test func `L.6 heartbeats that RBAC refuses make a node Unknown`() {
    let played = played(seconds: 200) { scenario in
      scenario.apiServer.authorizationModes = [.rbac]
      scenario.roles = [RBAC.Role(name: "node", rules: BuiltinRoles.nodeRules)]
      scenario.bindings.append(Cluster.binding("nodes", "node", "system:nodes"))
      scenario.faults = [fault(.seconds(95), .binding(BindingFault(name: "nodes")))]
    }
    #expect(played.all(.requestAnswered, .updateLease).last?.answer == .forbidden)
    #expect(played.seconds(.nodeUnknown) == [140])
  }

  @Test func `derived heartbeats are no events, and change nothing else`() {
    let derived = cluster(nodes: 1, seconds: 600) { $0.groups[0].kubelet.playsHeartbeats = false }
      .play()
    #expect(derived.all(.requestAnswered, .updateLease).isEmpty)
    #expect(derived.all(.requestAnswered, .patchNodeStatus).count == 2)
    #expect(derived.seconds(.nodeReady) == played(seconds: 600).seconds(.nodeReady))
  }

  /// A certificate of 1 h that nobody renews, and a node whose clock is 10 min behind: the API server
  /// refuses it for 10 min before the node knows.
  private func expired(seconds: Int64) -> Played {
    played(seconds: seconds) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-certificate-rotation" }
      scenario.groups[0].clockOffset.shift = .minutes(-10)
      scenario.apiServer.servingCertificateNotBefore = scenario.start - Duration.days(1).nanoseconds
    }
  }

  private func played(seconds: Int64, _ change: (inout Scenario) -> Void = { _ in }) -> Played {
    cluster(nodes: 1, seconds: seconds, change).play()
  }

  private func cluster(
    nodes: Int, seconds: Int64, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Cluster {
    Cluster.kubeadm(nodes: nodes) { scenario in
      scenario.groups[0].kubelet.playsHeartbeats = true
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
      change(&scenario)
    }
  }
}

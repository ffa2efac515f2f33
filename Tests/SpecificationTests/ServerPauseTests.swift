import SimulationKernel
import Testing

@testable import TLSBootstrap

/// A.11 and J.3: an API server that is paused, or killed and started again.
struct ServerPauseTests {
  @Test func `A.11 what reaches a paused server within 10 s is answered when it goes on`() {
    let played = play(pause(.zero, for: .seconds(5)))
    #expect(created(played) == [5])
    #expect(played.all(.connectionFailed, .createRequest).isEmpty)
    #expect(played.seconds(.nodeReady).count == 1)
  }

  @Test func `A.11 a TLS handshake that nobody answers is given up after 10 s`() {
    let played = play(pause(.zero, for: .seconds(15)))
    let fails = played.all(.connectionFailed, .createRequest)
    #expect(fails.map(\.answer) == [.handshakeTimeout])
    #expect(
      fails.first.flatMap { played.world.message(of: $0) }?.hasSuffix(
        "net/http: TLS handshake timeout") == true)
    // B.2: 2 s after the first try, and B.5: the server did not answer, so that the kubelet stays.
    #expect(created(played) == [15])
    #expect(played.seconds(.nodeReady).count == 1)
  }

  @Test func `A.4 the tries of /healthz end after 1 s each while the server is paused`() {
    let played = play(pause(.zero, for: .milliseconds(6_500))) {
      $0.groups[0].kubelet.rotateCertificates = false
    }
    let tries = played.all(.connectionFailed, .getHealthz)
    #expect(tries.map(\.answer) == [.deadlineExceeded, .deadlineExceeded])
    #expect(tries.map { Double($0.time.nanoseconds) / 1e9 } == [1, 4])
    // The third, of 6 s, is answered.
    #expect(played.seconds(.requestAnswered, .getHealthz) == [6.5])
  }

  @Test func `A.11 what a server has in hand is done when it goes on`() {
    let played = play(pause(.seconds(1), for: .seconds(20))) {
      $0.latency.createRequest = .constant(.seconds(2))
    }
    #expect(created(played) == [21])
    #expect(played.all(.connectionFailed, .createRequest).isEmpty)
  }

  @Test func `A.11 after 45 s a client takes the connection of its request for lost`() {
    let played = play(pause(.seconds(1), for: .seconds(60))) {
      $0.latency.createRequest = .constant(.seconds(2))
    }
    let fails = played.all(.connectionFailed, .createRequest)
    #expect(fails.first?.answer == .connectionLost)
    #expect(fails.first.map { Double($0.time.nanoseconds) / 1e9 } == 46)
    // Its write is done all the same, and nobody waits for that CSR.
    #expect(played.seconds(.writeCommitted) == [61])
    #expect(played.world.requestCount == 2)
    #expect(played.seconds(.nodeReady).count == 1)
  }

  @Test func `A.7 the watch of a CSR is begun anew after a pause of more than 45 s`() {
    let short = play(pause(.seconds(10), for: .seconds(45)), approvedAt: 100)
    #expect(short.all(.requestAnswered, .watchRequest).count == 1)
    let long = play(pause(.seconds(10), for: .seconds(46)), approvedAt: 100)
    #expect(long.all(.requestAnswered, .watchRequest).count == 2)
    #expect(long.seconds(.certificateStored) == [100])
  }

  @Test func `J.3 a leader whose server is paused gives the Lease up after 10 s, and leads again`()
  {
    let played = play(pause(.seconds(20), for: .seconds(30)), until: 120) {
      $0.groups[0].arrivals = .atOnce(.seconds(60))
    }
    let exits = played.seconds(.managerExited)
    #expect(exits.count == 1 && (30...32.1).contains(exits[0]))
    #expect(played.seconds(.leaderElected).count == 1)
    #expect(played.seconds(.nodeReady).count == 1)
  }

  @Test func `J.3 a leader outlives a pause of its server of 8 s`() {
    let played = play(pause(.seconds(20), for: .seconds(8)), until: 120)
    #expect(played.all(.managerExited).isEmpty)
  }

  @Test func `F.1 csrapproving goes on with the CSR that it reviewed when the server was paused`() {
    let played = play(pause(.milliseconds(500), for: .seconds(8))) {
      $0.latency.createSubjectAccessReview = .constant(.seconds(1))
    }
    #expect(played.seconds(.requestAnswered, .updateApproval) == [8.5])
    #expect(played.all(.retryScheduled).isEmpty)
  }

  @Test func `A.11 beside a paused server the load balancer leads the next try to another`() {
    let played = play(
      fault(.zero, for: .seconds(200), .apiServerPaused(replica: 0)), until: 120
    ) { $0.apiServer.replicas = 2 }
    let fails = played.all(.connectionFailed, .createRequest)
    #expect(fails.map(\.answer) == [.handshakeTimeout])
    #expect(created(played) == [12])
  }

  @Test func `L.2 a node that waits without a certificate hears nothing of a paused server`() {
    let played = play(pause(.seconds(60), for: .seconds(60)), until: 240) {
      withoutApproval(&$0)
    }
    let heard = played.all(.requestAnswered, .getCSINode).filter {
      ((Instant.zero + .seconds(60))..<(.zero + .seconds(120))).contains($0.time)
    }
    #expect(heard.isEmpty)
    #expect(!played.all(.connectionFailed, .getCSINode).isEmpty)
  }

  @Test func `J.3 a killed API server listens again after 10 s and its start, then after 20 s`() {
    let kill = { (at: Int64) in fault(.seconds(at), .apiServerKilled()) }
    let played = play(kill(0), kill(20), kill(700), until: 900) {
      withoutApproval(&$0)
    }
    let refused = played.all(.connectionFailed, .getCSINode)
      .map { Double($0.time.nanoseconds) / 1e9 }
    let spans = [(0.0, 12.5), (20, 42.5), (700, 712.5)]
    #expect(refused.allSatisfy { time in spans.contains { $0.0 <= time && time < $0.1 } })
    for span in spans {
      #expect(refused.contains { span.0 <= $0 && $0 < span.0 + 1 })
      #expect(refused.contains { span.1 - 1.1 <= $0 && $0 < span.1 })
    }
  }

  @Test func `a run waits for a killed server to listen again`() {
    let played = Cluster.kubeadm(nodes: 1) {
      $0.faults = [fault(.seconds(30), .apiServerKilled())]
    }.play()
    #expect(played.ending == .allReady)
    #expect(played.world.now >= .zero + .milliseconds(42_500))
  }

  @Test func `a paused server that is killed is started again, and is not paused then`() {
    let played = play(
      pause(.zero, for: .seconds(300)), fault(.seconds(1), .apiServerKilled()), until: 120)
    #expect(played.seconds(.nodeReady).count == 1)
  }

  // MARK: Clusters

  private func pause(_ at: Duration, for length: Duration) -> TimedFault {
    fault(at, for: length, .apiServerPaused())
  }

  private func play(
    _ faults: TimedFault..., until seconds: Int64 = 200, approvedAt second: Int64? = nil,
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = faults
      if let second {
        withoutApproval(&scenario)
        var manual = ApproverSettings.Manual()
        manual.firstLook = .seconds(second)
        scenario.approvers = [ApproverSettings(kind: .manual(manual))]
      }
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
    }.play()
  }

  private func created(_ played: Played) -> [Double] {
    played.all(.requestAnswered, .createRequest).filter { $0.answer == .created }
      .map { Double($0.time.nanoseconds) / 1e9 }
  }
}

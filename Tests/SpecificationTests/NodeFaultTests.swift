import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What `spec.faults` does to kubelets, their disks and the cluster's CAs.
struct NodeFaultTests {
  private func play(
    _ faults: [TimedFault], until end: Duration? = nil,
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = faults
      scenario.duration = end
      if end != nil { scenario.stop = .duration }
      change(&scenario)
    }.play()
  }

  private let all = NodeSelector()
  private let longServing = { (scenario: inout Scenario) in
    scenario.apiServer.servingCertificateNotAfter =
      scenario.start + Duration.days(3_650).nanoseconds
  }

  // MARK: The process

  @Test func `O36 a kubelet killed while it waits leaves its CSR and makes a new one`() {
    let played = play(
      [fault(.seconds(60), .kubelet(all, .kill))], until: .seconds(200), withoutApproval)
    // A.10: RestartSec 10 s.
    #expect(played.seconds(.kubeletStarted) == [0, 70])
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 70])
    #expect(played.world.requestCount == 2)
  }

  @Test func `O36 MODE-F killed while it waits joins the same CSR again`() {
    let played = play([fault(.seconds(60), .kubelet(all, .kill))], until: .seconds(200)) {
      withoutApproval(&$0)
      $0.groups[0].kubelet.rotateCertificates = false
    }
    let creates = played.all(.requestAnswered, .createRequest)
    #expect(creates.map(\.answer) == [.created, .alreadyExists])
    #expect(played.world.requestCount == 1)
  }

  @Test(arguments: [KubeletFault.kill, .stop])
  func `SIGKILL ends a paused kubelet, and the next process is not paused`(end: KubeletFault) {
    let played = play([
      fault(.milliseconds(100), for: .minutes(10), .kubelet(all, .pause)),
      fault(.seconds(20), for: end == .stop ? .seconds(10) : nil, .kubelet(all, end)),
    ])
    // A.10, or the end of `systemctl stop`.
    #expect(played.seconds(.kubeletStarted) == [0, 30])
    #expect(played.world.node(at: 0).ready.map { $0 < .zero + .seconds(40) } == true)
  }

  @Test func `SIGSTOP before a kubelet's start stops nothing`() {
    let played = play([fault(.seconds(1), for: .minutes(10), .kubelet(all, .pause))]) {
      $0.groups[0].arrivals = .atOnce(.seconds(5))
    }
    #expect(played.world.node(at: 0).ready.map { $0 < .zero + .seconds(10) } == true)
  }

  @Test func `O39 a node that was off past its certificate's end bootstraps again`() {
    let played = play(
      [fault(.hours(1), for: .days(400), .kubelet(all, .stop))], until: .days(402), longServing)
    #expect(played.seconds(.kubeletStarted) == [0, 3_600 + 400 * 86_400])
    #expect(played.all(.kubeconfigExpired).count == 1)
    #expect(played.world.requestCount == 2)
    #expect(played.world.readyCount == 1)
  }

  @Test func `O38 the same without the bootstrap kubeconfig crash-loops until it is written again`()
  {
    let off = Duration.hours(1) + .days(400)
    let played = play(
      [
        fault(.minutes(5), for: off, .disk(all, .deleteBootstrapKubeconfig)),
        fault(.hours(1), for: .days(400), .kubelet(all, .stop)),
      ], until: .days(402), longServing)
    let starts = played.seconds(.kubeletStarted)
    let boot = 3_600.0 + 400 * 86_400
    // The file is written 5 min after the machine is on; A.10: one start each 10 s.
    #expect(Array(starts.prefix(4)) == [0, boot, boot + 10, boot + 20])
    #expect(starts.count == 1 + 31)
    #expect(played.world.readyCount == 1)
  }

  @Test func `a node that is off while it should start starts when it boots`() {
    let played = play([fault(.zero, for: .seconds(50), .kubelet(all, .stop))])
    #expect(played.seconds(.kubeletStarted) == [50])
    #expect(played.ending == .allReady)
  }

  @Test func `a paused kubelet finds everything when it goes on`() {
    let played = play([fault(.milliseconds(50), for: .seconds(30), .kubelet(all, .pause))])
    #expect(played.all(.kubeletStarted).count == 1)
    #expect(played.seconds(.nodeRegistered) == [30.05])
    #expect(played.ending == .allReady)
  }

  @Test func `B.2 a paused kubelet's overdue attempt comes when it goes on, and the series too`() {
    let played = play(
      [
        fault(.zero, for: .seconds(60), .apiServerDown()),
        fault(.seconds(10), for: .seconds(30), .kubelet(all, .pause)),
      ])
    // Due at 14 s; the fifth 16 s after the fourth, then the 32 s ticker.
    #expect(played.seconds(.connectionFailed, .createRequest) == [0, 2, 6, 40, 56])
    #expect(played.seconds(.requestAnswered, .createRequest) == [88])
    #expect(played.ending == .allReady)
  }

  @Test func `B.4 a wait that ends while the kubelet is paused is over when it goes on`() {
    let played = play(
      [fault(.minutes(14), for: .minutes(2), .kubelet(all, .pause))], until: .minutes(17)
    ) { $0.controllerManager.csrapproving = false }
    #expect(played.seconds(.waitEnded) == [960])
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 962])
  }

  @Test func `B.6 a kubelet that was paused over its 5 min exits when it goes on`() {
    let played = play(
      [fault(.seconds(10), for: .seconds(400), .kubelet(all, .pause))], until: .seconds(415)
    ) { $0.secrets = [] }
    #expect(played.seconds(.kubeletExited) == [410])
  }

  @Test func `B.3 a rotation that is due while the kubelet is paused comes when it goes on`() {
    // Due at 70 % of 65 min, which began 5 min ago: 2430 s.
    let played = play(
      [fault(.minutes(30), for: .minutes(15), .kubelet(all, .pause))], until: .minutes(50)
    ) { $0.controllerManager.clusterSigningDuration = .hours(1) }
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 2_700])
    #expect(played.seconds(.certificateStored) == [0, 2_700])
  }

  @Test func `A.4 MODE-F goes on asking for healthz after a pause`() {
    let played = play(
      [
        fault(.zero, for: .seconds(35), .apiServerDown()),
        fault(.seconds(3), for: .seconds(27), .kubelet(all, .pause)),
      ]
    ) { $0.groups[0].kubelet.rotateCertificates = false }
    #expect(played.seconds(.connectionFailed, .getHealthz) == [0, 2, 30, 32, 34])
    #expect(played.seconds(.requestAnswered, .getHealthz).first == 36)
    #expect(played.ending == .allReady)
  }

  @Test func `L.4 a status report that is due during a pause is sent after it`() {
    let played = play(
      [fault(.seconds(100), for: .seconds(200), .kubelet(all, .pause))], until: .seconds(700)
    ) { $0.groups[0].kubelet.playsHeartbeats = true }
    // Due at 160.1 s (HeartbeatTests); the next 5 min later, at a run of the loop, which goes on from there.
    #expect(
      played.seconds(.requestAnswered, .patchNodeStatus) == [0.1, 0.4, 300, 600])
  }

  @Test func `a reboot of a Ready node makes no CSR`() {
    let played = play([fault(.minutes(10), for: .minutes(2), .kubelet(all, .stop))])
    #expect(played.world.requestCount == 1)
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.all(.nodeAdopted).count == 1)
    #expect(played.ending == .allReady)
  }

  @Test func `a node whose disk was wiped while it was off makes a new CSR`() {
    let played = play([
      fault(.minutes(10), for: .minutes(2), .kubelet(all, .stop)),
      fault(.minutes(11), .disk(all, .wipe)),
    ])
    #expect(played.world.requestCount == 2)
    #expect(played.all(.kubeconfigMissing).count == 2)
    #expect(played.ending == .allReady)
  }

  // MARK: The disk

  @Test func `O33 with a full disk MODE-B makes a new CSR at each attempt`() {
    let played = play([fault(.zero, for: .seconds(20), .disk(all, .fill))])
    // B.2: attempts at 0, 2, 6, 14 s fail to store; the one at 30 s stores.
    #expect(played.seconds(.storeFailed) == [0, 2, 6, 14])
    #expect(played.seconds(.certificateStored) == [30])
    #expect(played.world.requestCount == 5)
    #expect(played.ending == .allReady)
  }

  @Test func `O33 with a full disk MODE-F exits`() {
    let played = play([fault(.zero, for: .seconds(20), .disk(all, .fill))]) {
      $0.groups[0].kubelet.rotateCertificates = false
    }
    #expect(played.seconds(.storeFailed) == [0, 10])
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.seconds(.kubeconfigWritten) == [20])
    // The same key, the same CSR: its certificate is stored at last.
    #expect(played.world.requestCount == 1)
    #expect(played.ending == .allReady)
  }

  @Test func `O34 a pair that becomes corrupt is met at the next start`() {
    let played = play([
      fault(.minutes(1), for: .minutes(1), .disk(all, .corruptCertificate)),
      fault(.seconds(70), .kubelet(all, .kill)),
    ])
    // Killed at 70 s, it starts at 80, 90, 100 and 110 s in vain.
    #expect(played.seconds(.storedPairUnusable) == [80, 90, 100, 110])
    #expect(played.world.requestCount == 1)
    #expect(played.ending == .allReady)
  }

  // MARK: CAs

  @Test func `O22 a signing CA that expired is an error until it is renewed`() {
    let played = play([fault(.zero, for: .seconds(10), .authority(.expireSigningCA))])
    // G: retries after 0.2, 0.4, 0.8 … s.
    #expect(played.seconds(.signingFailed) == [0, 0.2, 0.6, 1.4, 3, 6.2])
    #expect(played.seconds(.certificateStored) == [12.6])
  }

  @Test func `O25 a certificate of a CA that the API server does not know is refused for good`() {
    let played = play(
      [fault(.zero, for: .seconds(10), .authority(.replaceSigningCA))], until: .minutes(10))
    #expect(played.seconds(.certificateStored) == [0])
    #expect(played.all(.requestAnswered, .createNode).allSatisfy { $0.answer == .unauthorized })
    #expect(played.all(.kubeletExited).isEmpty)
  }

  @Test func `a replaced client CA loses all nodes, and the old one brings them back`() {
    let played = play([fault(.hours(1), for: .hours(1), .authority(.replaceClientCA))])
    // L.6: at the first scan more than 50 s later.
    #expect(played.seconds(.nodeLost) == [3_650])
    #expect(played.ending == .allReady)
  }

  @Test func `O5 a serving certificate of another CA is not trusted until the old one is back`() {
    let played = play([fault(.zero, for: .seconds(10), .authority(.replaceServingCA))])
    #expect(
      played.all(.connectionFailed, .createRequest).map(\.answer) == [
        .unknownAuthority, .unknownAuthority, .unknownAuthority,
      ])
    #expect(played.seconds(.certificateStored) == [14])
  }

  @Test func `M.1 row 6 a connection that is open needs no look at the serving certificate`() {
    // Without rotateCertificates no connection is closed (B.6), and the informers' are open at 0 s.
    let changes: [Fault] = [
      .authority(.replaceServingCA), .nodeClock(all, ClockFault(offset: .hours(-1))),
    ]
    for change in changes {
      let played = play([fault(.milliseconds(200), change)], until: .seconds(3)) {
        $0.groups[0].kubelet.rotateCertificates = false
        $0.apiServer.servingCertificateNotBefore = $0.start
      }
      #expect(played.world.node(at: 0).ready.map { $0 < .zero + .seconds(2) } == true)
      #expect(played.all(.connectionFailed).isEmpty)
    }
  }

  @Test func `B.6 M.1 row 6 the connection after the first certificate looks at it`() {
    let played = play(
      [fault(.milliseconds(200), .authority(.replaceServingCA))], until: .seconds(9))
    let failed = played.all(.connectionFailed).map { Double($0.time.nanoseconds) / 1e9 }
    #expect(failed.first == 1)
    #expect(played.world.readyCount == 1)
  }

  @Test func `O6 a serving certificate that expired is refused by the node's clock`() {
    let played = play([fault(.zero, for: .seconds(10), .authority(.expireServingCertificate))]) {
      $0.groups[0].arrivals = .atOnce(.seconds(1))
    }
    #expect(
      played.all(.connectionFailed, .createRequest).map(\.answer).last
        == .servingCertificateExpired)
    #expect(played.ending == .allReady)
  }

  @Test func `M.2 an API server's clock stepped back refuses certificates until NotBefore`() {
    let played = play(
      [fault(.hours(1), .serverClock(ClockFault(offset: .hours(-2))))], until: .hours(3))
    // Issued at 0, NotBefore −300 s: the clock shows −3,600 s and gets there 3,300 s later.
    // L.6: at the first scan more than 50 s later.
    #expect(played.seconds(.nodeLost) == [3_650])
    #expect(played.world.readyCount == 1)
  }
}

import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section S of protocol.md: no latency, least jitter, one API server, kubeadm's set-up.
struct TimelineTests {
  @Test func `S1 one node: certificate at 0, first registration try is authenticated`() {
    let played = Cluster.kubeadm(nodes: 1).play()
    #expect(played.steps(of: 0) == [1, 2, 3, 4, 12, 13, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    #expect(played.seconds(.certificateStored) == [0])
    #expect(played.seconds(.requestAnswered, .createNode) == [0.1])
    #expect(played.all(.requestAnswered, .createNode).map(\.answer) == [.created])
    #expect(played.ending == .allReady)
  }

  @Test func `S2 N nodes at once: the approval of each to the nanosecond`() {
    let played = Cluster.kubeadm(nodes: 1_000).play()
    let approved = played.all(.requestAnswered, .updateApproval).map(\.time.nanoseconds)
    #expect(approved.count == 1_000)
    for k in 1...1_000 {
      let expected: Int64
      if k <= 15 {
        expected = 0
      } else {
        let (g, j) = (k - 16).quotientAndRemainder(dividingBy: 5)
        expected = 50_000_000 * Int64(10 * g + 6 + j)
      }
      #expect(approved[k - 1] == expected, "CSR \(k)")
    }
    let issued = played.all(.requestAnswered, .updateStatus).map(\.time.nanoseconds)
    #expect(issued == approved)
  }

  @Test func `S3 the same with 100 requests a second and a burst of 200`() {
    let played = Cluster.kubeadm(nodes: 500) { scenario in
      scenario.controllerManager.kubeAPIMilliQPS = 100_000
      scenario.controllerManager.kubeAPIBurst = 200
    }.play()
    let approved = played.all(.requestAnswered, .updateApproval).map(\.time.nanoseconds)
    for k in 1...500 {
      let (g, j) = max(0, k - 101).quotientAndRemainder(dividingBy: 5)
      let expected = k <= 100 ? 0 : 10_000_000 * Int64(10 * g + 6 + j)
      #expect(approved[k - 1] == expected, "CSR \(k)")
    }
  }

  @Test func `S5 one CSR without the nodeclient binding is tried again after 0.2, 0.4, 0.8 s`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.stop = .duration
      scenario.duration = .seconds(60)
    }.play()
    #expect(
      played.seconds(.reviewRefused) == [0, 0.2, 0.6, 1.4, 3, 6.2, 12.6, 25.4, 51])
  }

  @Test func `S5 200 CSRs without the nodeclient binding settle at 10 reviews a second`() {
    let played = Cluster.kubeadm(nodes: 200) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.stop = .duration
      scenario.duration = .seconds(120)
    }.play()
    let reviews = played.all(.reviewRefused)
    var seen: Set<UInt32> = []
    let first = reviews.filter { seen.insert($0.request).inserted }
    #expect(first.count == 200)
    let late = reviews.filter { $0.time >= .zero + .seconds(60) }.count
    #expect(late <= 10 * 60 + 1, "\(late) reviews in the last 60 s")
  }

  @Test func `S7 expired token in MODE-F: healthz until 60 s, then exit, restart at 70 s`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.secrets[0].expiration = .at(scenario.start)
      scenario.stop = .duration
      scenario.duration = .seconds(150)
    }.play()
    let polls = played.seconds(.requestAnswered, .getHealthz)
    #expect(Array(polls.prefix(30)) == stride(from: 0.0, through: 58, by: 2).map { $0 })
    #expect(played.all(.requestAnswered, .getHealthz).allSatisfy { $0.answer == .unauthorized })
    #expect(played.seconds(.requestAnswered, .createRequest) == [60, 130])
    #expect(played.seconds(.kubeletExited) == [60, 130])
    #expect(played.seconds(.kubeletStarted) == [0, 70, 140])
  }

  @Test func `S12 a certificate of 365 days is renewed at 0.7 of its life less 5 min`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.stop = .duration
      scenario.duration = .days(400)
    }.play()
    let expected = Duration.days(365).scaled(by: 7, over: 10) - .seconds(300)
    #expect(played.all(.rotationStarted).first?.time == Instant.zero + expected)
    #expect(played.events.filter { $0.step == 15 }.first?.time == Instant.zero + expected)
  }

  @Test func `S14 a ttl of 8 h is not short`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(8)
    }.play()
    let certificate = played.world.certificate(at: 0)
    #expect(certificate.notAfter - played.world.turn.facts.scenario.start == 28_500_000_000_000)
    #expect(certificate.notAfter - certificate.notBefore == 28_800_000_000_000)
  }

  @Test func `S16 a certificate at 8 s is used by the registration try at 12.7 s`() {
    var cluster = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(8)
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    cluster.scenario.stop = .ready
    let played = cluster.play()
    #expect(played.seconds(.certificateStored) == [8])
    let tries = played.waits.filter { $0.call == .createNode }
    #expect(tries.map(\.count) == [6])
    #expect(tries.map(\.answer) == [.forbidden])
    #expect(tries.map(\.last.nanoseconds) == [6_300_000_000])
    #expect(played.seconds(.nodeRegistered) == [12.7])
  }
}

import SimulationKernel
import Testing

@testable import TLSBootstrap

/// The API server is down, or cannot be reached.
struct OutageTests {
  private func play(
    _ faults: [TimedFault], nodes: Int = 1, until end: Duration? = nil,
    jitter: World.Jitter = .lowest, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    var cluster = Cluster.kubeadm(nodes: nodes) { scenario in
      scenario.faults = faults
      scenario.duration = end
      if end != nil { scenario.stop = .duration }
      change(&scenario)
    }
    cluster.jitter = jitter
    return cluster.play()
  }

  private let all = NodeSelector()
  // MARK: Outages (K.4)

  @Test func `S8 a server that refuses connections until t = 40 is reached at 62`() {
    let played = play([fault(.zero, for: .seconds(40), .apiServerDown())])
    let refused = played.all(.connectionFailed, .createRequest)
    #expect(refused.map { $0.time.nanoseconds / 1_000_000_000 } == [0, 2, 6, 14, 30])
    #expect(refused.allSatisfy { $0.answer == .connectionRefused })
    #expect(played.seconds(.requestAnswered, .createRequest) == [62])
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.ending == .allReady)
  }

  @Test func `O3 the client reads connection refused with the address`() throws {
    let played = play([fault(.zero, for: .seconds(40), .apiServerDown())])
    let first = try #require(played.all(.connectionFailed, .createRequest).first)
    #expect(
      played.world.message(of: first)
        == "Post \"https://192.0.2.1:6443/apis/certificates.k8s.io/v1/certificatesigningrequests\": "
        + "dial tcp 192.0.2.1:6443: connect: connection refused")
  }

  @Test func `A.11 an informer's request reads with its selector, as recorded`() {
    let played = play(
      [fault(.seconds(10), for: .seconds(12), .apiServerDown())], until: .seconds(20),
      withoutApproval
    )
    let path = { (call: Call) -> String? in
      let event = played.all(.connectionFailed, call).first
      let message = event.flatMap { played.world.message(of: $0) }
      return message?.split(separator: "\"").dropFirst().first.map {
        String($0.dropFirst("https://192.0.2.1:6443".count))
      }
    }
    // Without resourceVersion, timeout and timeoutSeconds.
    let name = played.world.request(at: 0).name
    #expect(
      path(.watchRequest)
        == "/apis/certificates.k8s.io/v1/certificatesigningrequests?allowWatchBookmarks=true"
        + "&fieldSelector=metadata.name%3D\(name)&watch=true")
    #expect(
      path(.watchNodes)
        == "/api/v1/nodes?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnode-1&watch=true")
    #expect(
      path(.watchServices)
        == "/api/v1/services?allowWatchBookmarks=true&fieldSelector=spec.clusterIP%21%3DNone"
        + "&watch=true")
    #expect(
      path(.getLease)
        == "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1?timeout=10s")
    #expect(path(.getCSINode) == "/apis/storage.k8s.io/v1/csinodes/node-1")
  }

  @Test func `O3 MODE-F waits a minute for the server, exits, and comes back`() {
    let played = play([fault(.zero, for: .seconds(100), .apiServerDown())]) {
      $0.groups[0].kubelet.rotateCertificates = false
    }
    // A.4: tries every 2 s; the POST after 60 s fails; A.10: again after 10 s, then at once.
    #expect(played.seconds(.kubeletExited) == [60])
    #expect(played.seconds(.requestAnswered, .createRequest) == [100])
    #expect(played.ending == .allReady)
  }

  @Test func `A.11 a watch that breaks is opened again after 1 s and the series of back-offs`() {
    let played = play(
      [fault(.seconds(10), for: .seconds(12), .apiServerDown())], until: .seconds(40),
      withoutApproval)
    // Recorded: re-watch at 0, 1.0, 2.5, 4.3, 8.3, 15.2 s with jitter drawn; here each has its least.
    let tries = played.all(.connectionFailed, .watchRequest)
    #expect(
      tries.map { $0.time.nanoseconds / 1_000_000 } == [10_000, 11_000, 11_800, 13_400, 16_600])
    #expect(
      tries.map(\.answer) == [.connectionLost] + Array(repeating: .connectionRefused, count: 4))
    // Too old a version, and after one more step a new watch.
    let answered = played.all(.requestAnswered, .watchRequest).dropFirst()
    #expect(answered.map(\.answer) == [.gone, .ok])
    #expect(answered.map { $0.time.nanoseconds / 1_000_000 } == [23_000, 35_800])
  }

  /// failure-matrix.md, "pending kubelet across an API outage of 75 s".
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `A.11 the recorded times of a watch that is opened again are among those drawn`(
    seed: UInt64
  ) {
    let played = play(
      [fault(.seconds(10), for: .seconds(200), .apiServerDown())], until: .seconds(110),
      jitter: .drawn
    ) { scenario in
      withoutApproval(&scenario)
      scenario.seed = seed
    }
    let tries = played.seconds(.connectionFailed, .watchRequest).map { $0 - 10 }
    #expect(tries.count >= 7)
    #expect(tries.prefix(2) == [0, 1])
    // 1 s, and sums of 0.8·2ⁿ × U[1, 2).
    let recorded = [2.5, 4.3, 8.3, 15.2, 39.6, 87]
    var backoffs = 0.0
    for (place, (time, real)) in zip(tries.dropFirst(2), recorded).enumerated() {
      backoffs += 0.8 * Double(1 << place)
      #expect((1 + backoffs...1 + 2 * backoffs).contains(time))
      #expect((1 + backoffs...1 + 2 * backoffs).contains(real))
    }
  }

  @Test func `A.7 a CSR approved while its watch was broken is found when it opens again`() {
    let played = play([fault(.seconds(10), for: .seconds(12), .apiServerDown())]) { scenario in
      withoutApproval(&scenario)
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(25)
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    #expect(played.seconds(.administratorDecided) == [25])
    // J.3: the controller-manager could not renew its Lease for 10 s, and signs in its next life.
    #expect(played.seconds(.certificateStored) == [49])
    #expect(played.ending == .allReady)
  }

  @Test func `K.4 what a server had when it went down gets no answer and is not written`() {
    let played = play([fault(.milliseconds(500), for: .seconds(1), .apiServerDown())]) {
      $0.latency.createRequest = .constant(.seconds(1))
    }
    let lost = played.all(.connectionFailed, .createRequest)
    #expect(lost.map(\.answer).first == .connectionLost)
    #expect(played.world.requestCount == 1)
    #expect(played.ending == .allReady)
  }

  @Test func `L.2 a node that waits meets the outage in each of its loops`() {
    let played = play(
      [fault(.seconds(100), for: .seconds(30), .apiServerDown())], until: .seconds(200),
      withoutApproval)
    #expect(played.all(.connectionFailed, .createNode).count >= 4)
    #expect(played.all(.connectionFailed, .getCSINode).count >= 29)
    // Afterwards they are refused by the server again.
    #expect(
      played.all(.requestAnswered, .getCSINode).last.map { $0.answer } == .forbidden)
  }

  @Test func `K.4 when the server is back all informers come at once`() {
    let played = play(
      [fault(.minutes(10), for: .seconds(20), .apiServerDown())], nodes: 20, until: .minutes(12))
    // At once, after 1 s, and back-offs of 0.8, 1.6, 3.2, 6.4 and 12.8 s, all with their least jitter.
    #expect(played.all(.connectionFailed, .watchNodes).count == 20 * 6)
    let herd = played.all(.requestAnswered, .watchNodes).filter { $0.time > .zero + .minutes(10) }
    #expect(herd.count == 20)
    #expect(herd.allSatisfy { $0.answer == .ok && $0.time == .zero + .milliseconds(625_800) })
  }

  // MARK: The network

  @Test func `A.11 a connection that fails says when its client knows it`() {
    let played = play(
      [fault(.zero, for: .seconds(100), .network(all, .partition))], until: .seconds(90))
    let fails = played.all(.connectionFailed, .createRequest)
    #expect(fails.count == 3)
    #expect(fails.allSatisfy { $0.value == 30_000_000_000 })
  }

  @Test func `O4 through a partition each try to connect takes thirty seconds`() {
    let played = play([fault(.zero, for: .minutes(2), .network(all, .partition))])
    let failed = played.all(.connectionFailed, .createRequest)
    #expect(failed.allSatisfy { $0.answer == .dialTimeout })
    // Tries of 30 s, 2, 4 and 8 s apart: at 0, 32, 66 and 104 s, whose SYN of 119 s is too early.
    #expect(failed.map { $0.time.nanoseconds / 1_000_000_000 } == [0, 32, 66, 104])
    #expect(played.seconds(.requestAnswered, .createRequest) == [150])
    #expect(played.ending == .allReady)
  }

  @Test func `a connection dialled just before the end of a partition comes about by a later SYN`()
  {
    let played = play([fault(.zero, for: .seconds(2), .network(all, .partition))])
    #expect(played.seconds(.requestAnswered, .createRequest) == [3])
  }

  @Test func `A.11 a partition longer than 45 s breaks the watch`() {
    let played = play(
      [fault(.seconds(10), for: .seconds(60), .network(all, .partition))], until: .seconds(120),
      withoutApproval)
    // Found dead at 55 s; the dial of then comes about by the SYN of 70 s.
    let again = played.all(.requestAnswered, .watchRequest).dropFirst().map(\.time)
    #expect(again.map { $0.nanoseconds / 1_000_000_000 } == [70])
  }

  @Test func `A.11 through a shorter one the certificate comes when it is over`() {
    let played = play([fault(.seconds(10), for: .seconds(30), .network(all, .partition))]) {
      withoutApproval(&$0)
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(20)
      $0.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    #expect(played.seconds(.certificateStored) == [40])
    #expect(played.ending == .allReady)
  }

  @Test func `a delay is added to each way`() {
    let delay = Distribution.constant(.milliseconds(100))
    let played = play([fault(.zero, for: .minutes(5), .network(all, .delay(delay)))])
    // POST there and back, LIST there and back, WATCH there, the event back.
    #expect(played.seconds(.certificateStored) == [0.6])
  }

  @Test func `A.11 a dial whose answer takes longer than 30 s fails`() {
    let delay = Distribution.constant(.minutes(5))
    let played = play([fault(.zero, for: .minutes(2), .network(all, .delay(delay)))])
    let failed = played.all(.connectionFailed, .createRequest)
    #expect(failed.map(\.answer) == Array(repeating: .dialTimeout, count: 4))
    #expect(failed.map { $0.time.nanoseconds / 1_000_000_000 } == [0, 32, 66, 104])
    #expect(failed.first.flatMap { played.world.message(of: $0) }?.hasSuffix("i/o timeout") == true)
    #expect(played.seconds(.requestAnswered, .createRequest) == [150])
  }

  @Test func `A.11 a TLS handshake whose answer takes longer than 10 s fails`() {
    let delay = Distribution.constant(.seconds(11))
    let played = play([fault(.zero, for: .minutes(1), .network(all, .delay(delay)))])
    let failed = played.all(.connectionFailed, .createRequest)
    // The dial's 22 s, then 10 s; B.2: 2 and 4 s.
    #expect(failed.map(\.answer) == [.handshakeTimeout, .handshakeTimeout])
    #expect(failed.map { $0.time.nanoseconds / 1_000_000_000 } == [0, 34])
    #expect(
      failed.first.flatMap { played.world.message(of: $0) }?
        .hasSuffix("net/http: TLS handshake timeout") == true)
    #expect(played.seconds(.requestAnswered, .createRequest) == [70])
  }

  @Test func `L.1 a heartbeat is waited for 10 s through a slow network`() {
    let delay = Distribution.constant(.seconds(6))
    let played = play(
      [fault(.seconds(95), for: .seconds(60), .network(all, .delay(delay)))], until: .seconds(149)
    ) { $0.groups[0].kubelet.playsHeartbeats = true }
    let failed = played.all(.connectionFailed, .updateLease)
    #expect(failed.map(\.answer) == Array(repeating: .deadlineExceeded, count: 5))
    #expect(failed.map { $0.time.nanoseconds / 1_000_000_000 } == [100, 110, 120, 130, 140])
  }

  @Test func `after the end of a loss the next retransmission gets through`() {
    let played = play(
      [fault(.zero, for: .seconds(10), .network(all, .loss(perMille: 500)))], nodes: 500)
    #expect(played.ending == .allReady)
    // Lost at 0, 0.2, 0.6, 1.4, 3 and 6.2 s.
    #expect(played.seconds(.requestAnswered, .createRequest).max() == 12.6)
  }

  @Test func `A.11 no dial outlives 30 s however many of its packets are lost`() {
    let played = play(
      [fault(.zero, for: .minutes(10), .network(all, .loss(perMille: 900)))], nodes: 50,
      until: .minutes(10))
    let failed = played.all(.connectionFailed, .createRequest)
    #expect(failed.contains { $0.answer == .dialTimeout })
    for node in UInt32(0)..<50 {
      let first = played.all(.requestAnswered, .createRequest).first { $0.node == node }
      let isEarly = !failed.contains { $0.node == node && $0.time < first?.time ?? .never }
      #expect(!isEarly || first.map { $0.time <= .zero + .seconds(30) } == true)
    }
  }

  @Test func `lost packets come later, by TCP's timeouts of 200, 400, 800 ms`() {
    let played = play(
      [fault(.zero, for: .hours(1), .network(all, .loss(perMille: 200)))], nodes: 50,
      until: .hours(1), jitter: .drawn)
    let times = played.seconds(.certificateStored)
    #expect(times.count == 50)
    #expect(times.allSatisfy { ($0 * 10).rounded() / 10 - $0 < 0.051 })
    #expect(Set(times.map { Int($0 * 5) }).count > 5)
  }
}

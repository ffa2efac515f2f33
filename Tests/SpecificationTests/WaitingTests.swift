import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections L.2, L.3 and M.2 of protocol.md: a kubelet without a certificate, and with a wrong clock.
struct WaitingTests {
  @Test(arguments: [0.05, 0.1, 0.2, 1, 6.3, 6.4, 12.7, 19.8, 100, 121, 333.25, 899])
  func `L.2 the loops of a waiting kubelet count as many tries as one played by hand`(
    seconds: Double
  ) {
    let played = waiting(until: seconds)
    let registration = stair(from: 0.1, sleeps: doubling(0.2, most: 7), until: seconds)
    let lease = stair(from: 0, sleeps: doubling(0.2, most: 7), until: seconds)
    let csiNode = stair(
      from: 0, sleeps: AnySequence(repeatElement(1.0, count: 2_000)), until: seconds)
    #expect(count(played, .createNode) == registration.count)
    #expect(count(played, .getNode) == registration.count)
    #expect(count(played, .getLease) == lease.count)
    #expect(count(played, .getCSINode) == csiNode.count)
    #expect(last(played, .createNode) == registration.last)
    #expect(last(played, .getLease) == lease.last)
    let cycles = reflectorCycles(until: seconds)
    for call in [
      Call.watchNodes, .listNodes, .watchServices, .listServices, .watchCSIDrivers,
      .listCSIDrivers, .watchRuntimeClasses, .listRuntimeClasses,
    ] {
      #expect(count(played, call) == cycles.count, "\(call)")
      #expect(last(played, call) == cycles.last, "\(call)")
    }
    #expect(played.waits.allSatisfy { $0.answer == .forbidden })
  }

  @Test func `L.2 without anonymous requests the same tries end in 401`() {
    let played = waiting(until: 10) { $0.apiServer.anonymousAuth = false }
    #expect(played.waits.allSatisfy { $0.answer == .unauthorized })
    #expect(count(played, .createNode) == 6)
    // L.3: only after 403 and 409 it looks for the Node.
    #expect(count(played, .getNode) == 0)
  }

  @Test(arguments: [0.15, 0.3, 2, 6.29, 6.3, 6.31, 20, 301, 600.5])
  func `L.2 a certificate is used by the next try of the stair`(seconds: Double) {
    let played = waiting(until: seconds, margin: 8)
    #expect(played.seconds(.certificateStored) == [seconds])
    let next = stair(from: 0.1, sleeps: doubling(0.2, most: 7), until: seconds + 8)
      .first { $0 >= seconds }
    #expect(played.seconds(.nodeRegistered).first.map { round($0) } == next)
  }

  @Test func `L.3 an existing Node is adopted after 409`() {
    let played = Cluster.kubeadm(nodes: 2) { $0.existingNodes = ["node-2"] }.play()
    let node = { (index: UInt32, call: Call) in
      played.all(.requestAnswered, call).filter { $0.node == index }.map(\.answer)
    }
    #expect(node(0, .createNode) == [.created])
    #expect(node(1, .createNode) == [.alreadyExists])
    #expect(played.all(.nodeAdopted).map(\.node) == [1])
    #expect(played.all(.nodeRegistered).map(\.node) == [0])
    #expect(played.ending == .allReady)
    let conflict = played.all(.requestAnswered, .createNode).first { $0.node == 1 }
    #expect(
      conflict.flatMap { played.world.message(of: $0) } == "nodes \"node-2\" already exists")
  }

  @Test func `L.5 an existing Lease is found by the first GET`() {
    let played = Cluster.kubeadm(nodes: 1) { $0.existingLeases = ["node-1"] }.play()
    #expect(played.all(.requestAnswered, .getLease).map(\.answer) == [.ok])
    #expect(played.all(.requestAnswered, .createLease).isEmpty)
  }

  @Test func `L.5 without a Node the Lease is left out until the next tick of 10 s`() {
    let played = played(seconds: 15) { _ in }
    #expect(played.seconds(.leaseSkipped) == [0])
    #expect(played.seconds(.leaseCreated) == [10])
  }

  @Test func `B.4 row 4 the wait ends after 15 min, whatever its LIST is answered later`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.roles = [Cluster.bootstrapperWithoutWatch]
      scenario.latency.refusal = .constant(.milliseconds(1_100))
      scenario.stop = .duration
      scenario.duration = .seconds(901)
    }.play()
    // Tries in both versions 3.2 s apart: the 282nd is sent at 899.2 s.
    #expect(played.seconds(.requestAnswered, .listRequest).last == 900.3)
    #expect(played.seconds(.waitEnded) == [900])
  }

  @Test(arguments: [true, false], [490, 500, 510] as [Int64])
  func `B.4 row 4 and A.3 row 8 a dial that is pending does not prolong the wait`(
    rotates: Bool, cut: Int64
  ) {
    let patience: Int64 = rotates ? 900 : 3_600
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      withoutApproval(&scenario)
      scenario.groups[0].kubelet.rotateCertificates = rotates
      scenario.stop = .duration
      scenario.duration = .seconds(patience + 50)
      scenario.faults = [
        fault(.seconds(patience - 900 + cut), .network(NodeSelector(), .partition))
      ]
    }.play()
    #expect(played.all(.waitEnded).map(\.value) == [patience * 1_000_000_000])
  }

  @Test func `A.11 a refused reflector's backoff starts anew after 2 min`() {
    let played = played(seconds: 299) { $0.controllerManager.clock.offset = .minutes(10) }
    let watches = played.seconds(.requestAnswered, .watchNodes).map(round)
    #expect(watches == reflectorCycles(until: 299))
    #expect(played.seconds(.requestAnswered, .listNodes).map(round) == watches)
  }

  @Test func `A.11 a reflector's backoff goes on where the wait without a certificate left it`() {
    let played = waiting(until: 150, margin: 140) {
      $0.controllerManager.clock.offset = .minutes(10)
    }
    let watches = played.seconds(.requestAnswered, .watchNodes).map(round)
    #expect(watches == reflectorCycles(until: 290).filter { $0 >= 150 })
  }

  // MARK: M.2, clocks

  @Test func `M.2 a controller-manager 10 min ahead makes certificates that count from 5 min on`() {
    let played = played(seconds: 320) { $0.controllerManager.clock.offset = .minutes(10) }
    #expect(played.seconds(.certificateStored) == [0])
    let tries = played.all(.requestAnswered, .createNode)
    for attempt in tries {
      let isEarly = attempt.time < .zero + .seconds(300)
      #expect(attempt.answer == (isEarly ? .unauthorized : .created))
    }
    #expect(played.seconds(.nodeRegistered) == [306.7])
    #expect(played.all(.kubeletExited).isEmpty)
  }

  @Test(arguments: [300, 299] as [Int64])
  func `M.2 a controller-manager up to 5 min ahead does no harm`(seconds: Int64) {
    let played = played(seconds: 20) { $0.controllerManager.clock.offset = .seconds(seconds) }
    #expect(played.seconds(.nodeRegistered) == [0.1])
  }

  @Test func `M.2 a node behind the server's certificate never exits and heals by itself`() {
    let played = played(seconds: 340) {
      $0.groups[0].clockOffset.shift = Duration.zero - .minutes(10)
    }
    #expect(
      played.seconds(.connectionFailed, .createRequest) == [
        0, 2, 6, 14, 30, 62, 94, 126, 158, 190, 222, 254, 286,
      ])
    #expect(played.seconds(.requestAnswered, .createRequest) == [318])
    #expect(played.all(.kubeletExited).isEmpty)
    let message = played.all(.connectionFailed, .createRequest).first
      .flatMap { played.world.message(of: $0) }
    #expect(
      message?.hasSuffix(
        "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: "
          + "current time 2025-12-31T23:50:00Z is before 2025-12-31T23:55:00Z") == true)
  }

  @Test func `M.2 a node ahead of the server's certificate never connects`() {
    let played = played(seconds: 400) { $0.groups[0].clockOffset.shift = .days(366) }
    #expect(played.all(.requestAnswered).isEmpty)
    #expect(played.all(.kubeletExited).isEmpty)
    let message = played.all(.connectionFailed, .createRequest).first
      .flatMap { played.world.message(of: $0) }
    #expect(message?.hasSuffix(" is after 2027-01-01T00:00:00Z") == true)
  }

  @Test func `M.2 a node ahead past the rotation deadline asks for a new certificate each second`()
  {
    let played = played(seconds: 10) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.groups[0].clockOffset.shift = .minutes(55)
    }
    #expect(played.seconds(.certificateStored) == (0...10).map(Double.init))
    #expect(played.all(.kubeletExited).isEmpty)
  }

  @Test func `M.2 a controller-manager behind by the whole ttl makes certificates born expired`() {
    let played = played(seconds: 30) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.controllerManager.clock.offset = Duration.zero - .minutes(61)
      // The node's clock errs alike, so that only the API server objects.
      scenario.groups[0].clockOffset.shift = Duration.zero - .minutes(4)
    }
    #expect(played.all(.nodeRegistered).isEmpty)
  }

  @Test func `M.1 a drifting clock stretches the ladder`() {
    let played = played(seconds: 40) { scenario in
      scenario.groups[0].bootstrapKubeconfig.server = "https://192.0.2.9:6443"
      // It gains a fourth: a timer of 2 s takes 1.6 s.
      scenario.groups[0].clockDriftPPB = 250_000_000...250_000_000
    }
    #expect(
      played.seconds(.connectionFailed, .createRequest) == [0, 1.6, 4.8, 11.2, 24])
  }

  // MARK: By hand

  /// A kubelet that gets its certificate at this time, and stops then.
  private func waiting(
    until seconds: Double, margin: Int64 = 0, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    let end = Duration(nanoseconds: Int64((seconds * 1e9).rounded()))
    return Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var manual = ApproverSettings.Manual()
      manual.firstLook = end
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = end + .seconds(margin)
    }.play()
  }

  private func played(seconds: Int64, _ change: (inout Scenario) -> Void) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
    }.play()
  }

  private func count(_ played: Played, _ call: Call) -> Int {
    played.waits.filter { $0.call == call }.reduce(0) { $0 + Int($1.count) }
  }

  private func last(_ played: Played, _ call: Call) -> Double? {
    played.waits.filter { $0.call == call }.map(\.last).max()
      .map { round(Double($0.nanoseconds) / 1e9) }
  }

  /// To the millisecond.
  private func round(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }

  private func doubling(_ first: Double, most: Double) -> AnySequence<Double> {
    AnySequence(sequence(first: first) { min($0 * 2, most) })
  }

  /// The tries before `end`.
  private func stair(
    from first: Double, sleeps: AnySequence<Double>, until end: Double
  ) -> [Double] {
    var tries: [Double] = []
    var next = first
    for sleep in sleeps {
      if round(next) >= end { break }
      tries.append(round(next))
      next += sleep
    }
    return tries
  }

  /// A.11 with the least jitter: a cycle, then 0.8 s doubling to 30 s; anew after 2 min.
  private func reflectorCycles(until end: Double) -> [Double] {
    var cycles: [Double] = []
    var now = 0.0
    var restarted = 0.0
    var backoff = 0.8
    while round(now) < end {
      cycles.append(round(now))
      if round(now - restarted) > 120 {
        restarted = now
        backoff = 0.8
      }
      now += backoff
      backoff = min(backoff * 2, 30)
    }
    return cycles
  }
}

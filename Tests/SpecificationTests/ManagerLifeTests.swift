import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section J.4 of protocol.md, groundtruth (l): how a controller-manager starts, crashes and is missed.
struct ManagerLifeTests {
  @Test func `J.4 a run that says nothing begins with a leader whose workers run`() {
    let played = Cluster.kubeadm(nodes: 1).play()
    #expect(played.all(.managerStarted).isEmpty)
    #expect(played.seconds(.requestAnswered, .updateApproval) == [0])
    #expect(played.all(.requestAnswered, .getLeaderLease).isEmpty)
  }

  @Test func `J.4 the start asks for healthz, then 30 service accounts at once and 20 a second`() {
    let played = late(nodes: 1).play()
    #expect(played.seconds(.managerStarted) == [10])
    #expect(played.seconds(.requestAnswered, .getHealthz) == [10])
    let lookups = played.seconds(.requestAnswered, .getServiceAccount)
    // The last one is the fetch of the controllers' token.
    #expect(lookups.count == ControllerManager.serviceAccounts + 1)
    #expect(lookups.prefix(30).allSatisfy { $0 == 10 })
    for (number, time) in lookups.prefix(48).dropFirst(30).enumerated() {
      #expect(abs(time - 10 - 0.05 * Double(number + 1)) < 1e-9)
    }
    // Without latency the list is there at the first look: the poll is at once.
    #expect(played.seconds(.requestAnswered, .watchRequests) == [10.9])
    #expect(played.seconds(.controllersStarted) == [10.9])
  }

  @Test func `J.4 without service-account credentials no account is looked up`() {
    var cluster = late(nodes: 1)
    cluster.scenario.controllerManager.useServiceAccountCredentials = false
    cluster.scenario.stop = .duration
    cluster.scenario.duration = .seconds(20)
    let played = cluster.play()
    #expect(played.all(.requestAnswered, .getServiceAccount).isEmpty)
    #expect(played.seconds(.controllersStarted) == [10])
  }

  @Test func `J.4 the caches' sync is seen at the next 100 ms`() {
    var cluster = late(nodes: 1)
    cluster.scenario.latency.watchDelivery = .constant(.milliseconds(130))
    let played = cluster.play()
    #expect(played.seconds(.controllersStarted) == [11.1])
  }

  @Test func `l 200 CSRs pend until the start; the first approval follows it by 1.76 s`() {
    var cluster = late(nodes: 200)
    cluster.scenario.latency = Latencies()
    cluster.jitter = .drawn
    let played = cluster.play()
    let approvals = played.seconds(.requestAnswered, .updateApproval)
    #expect(approvals.count == 200)
    #expect(played.all(.controllersStarted).map(\.value) == [200])
    // Recorded: 1.76 s; then the burst of 15, then 10.0 a second, all in 18.6 s.
    #expect(abs(approvals[0] - 11.76) < 0.03)
    for (seconds, count) in [(1.0, 25), (2, 35), (5, 65)] {
      #expect(abs(approvals.filter { $0 < approvals[0] + seconds }.count - count) <= 2)
    }
    #expect(abs(approvals[199] - approvals[0] - 18.6) < 0.3)
  }

  @Test(arguments: 1...5)
  func `l the backlog is taken in random order, by neither age nor name`(seed: UInt64) {
    let order = self.order(seed: seed)
    #expect(order.sorted() == Array(0..<200))
    // Spearman's rank correlation; recorded 0.03.
    let squares = order.enumerated().reduce(0) {
      $0 + ($1.offset - $1.element) * ($1.offset - $1.element)
    }
    let correlation = 1 - 6 * Double(squares) / Double(200 * (200 * 200 - 1))
    #expect(abs(correlation) < 0.25)
    #expect(order != self.order(seed: seed + 5))
  }

  @Test
  func `l a CSR of a backlog keeps to its own node's chain, and its wait ends with the start`() {
    let played = late(nodes: 3).play()
    let started = played.all(.controllersStarted)[0]
    for taken in played.all(.keyTaken).prefix(3) {
      #expect(played.chain(of: taken).allSatisfy { $0.node == taken.node })
      #expect(taken.endedBy == (taken.value > 0 ? started.id : 0))
    }
    #expect(played.ending == .allReady)
  }

  @Test func `J.3 a killed process starts again after 10, 20, 40 s, up to 300 s`() {
    var cluster = Cluster.kubeadm(nodes: 1)
    cluster.scenario.faults = (0..<8).map { number in
      TimedFault(
        name: "kill-\(number)", at: .seconds(1 + 1_000 * number),
        fault: .manager(ManagerFault(.kill)))
    }
    cluster.scenario.stop = .duration
    cluster.scenario.duration = .hours(3)
    // Each lives more than 10 min, so the series begins anew.
    #expect(cluster.play().all(.managerRestartPlanned).allSatisfy { $0.value == 10_000_000_000 })
    cluster.scenario.faults = [1, 12, 33, 74, 155, 316, 617].enumerated().map { number, at in
      TimedFault(
        name: "kill-\(number)", at: .seconds(at), fault: .manager(ManagerFault(.kill)))
    }
    #expect(
      cluster.play().all(.managerRestartPlanned).map { $0.value / 1_000_000_000 } == [
        10, 20, 40, 80, 160, 300, 300,
      ])
  }

  @Test(arguments: [(0, 20), (1, 10)] as [(Int64, Int64)])
  func `J.3 a process that lived for more than 10 min begins the series anew`(
    longer: Int64, seconds: Int64
  ) {
    var backOff = RestartBackOff()
    backOff.start(at: .zero)
    #expect(backOff.next(at: .zero + .seconds(1)) == .seconds(10))
    backOff.start(at: .zero + .seconds(11))
    #expect(
      backOff.next(at: Instant(nanoseconds: 611_000_000_000 + longer)) == .seconds(seconds))
  }

  @Test func `a crash loses what the process knew: its answers reach nobody, its writes stay`() {
    // The approval of node 1 is on its way when the process is killed.
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.latency.updateApproval = .constant(.seconds(2))
      scenario.controllerManager.leaderElect = false
      scenario.faults = [
        TimedFault(name: "kill", at: .seconds(1), fault: .manager(ManagerFault(.kill)))
      ]
    }.play()
    #expect(played.seconds(.managerKilled) == [1])
    #expect(played.seconds(.requestAnswered, .updateApproval) == [2])
    // Nobody is done with the key before the new process finds it approved, and signs.
    #expect(played.seconds(.managerStarted) == [11])
    #expect(played.seconds(.certificateSigned) == [11.9])
    #expect(played.all(.keyDone).map(\.component) == [.signer])
    #expect(played.ending == .allReady)
  }

  @Test func `O23 while it is down CSRs just pend, and no kubelet asks anew`() {
    let played = Cluster.kubeadm(nodes: 5) { scenario in
      scenario.groups[0].arrivals = .atOnce(.seconds(5))
      scenario.controllerManager.leaderElect = false
      scenario.faults = [
        TimedFault(
          name: "failure", at: .seconds(1), length: .seconds(100),
          fault: .manager(ManagerFault(.failure)))
      ]
    }.play()
    #expect(played.all(.requestAnswered, .createRequest).count == 5)
    #expect(played.seconds(.managerStarted) == [101])
    #expect(played.all(.controllersStarted).map(\.value) == [5])
    #expect(played.ending == .allReady)
  }

  @Test func `O23 a controller-manager that never comes back settles who waits for it`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "gone", at: .zero, fault: .manager(ManagerFault(.failure)))
      ]
    }.play()
    #expect(played.ending == .settled)
    #expect(played.world.node(at: 0).settlement == .nobodyApproves)
  }

  /// kubernetes#94398: each asks the API server of its own host.
  @Test(arguments: [(1, true), (2, false)])
  func `O23 so does the API server of the only controller-manager, once it is gone`(
    managers: Int, isHopeless: Bool
  ) {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.replicas = 3
      scenario.controllerManager.replicas = managers
      scenario.groups[0].arrivals = .times([.seconds(10)])
      scenario.faults = [TimedFault(name: "gone", at: .zero, fault: .apiServerDown(replica: 0))]
    }.play()
    #expect(played.ending == (isHopeless ? .settled : .allReady))
    #expect(played.world.node(at: 0).settlement == (isHopeless ? .nobodyApproves : .ready))
  }

  @Test func `O23 K.4 one that ends gracefully for good is gone when its grace period is over`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.replicas = 3
      scenario.groups[0].arrivals = .times([.seconds(10)])
      scenario.faults = [
        fault(.seconds(1), .apiServerDown(replica: 0, grace: .seconds(30)))
      ]
    }.play()
    #expect(played.ending == .settled)
    #expect(played.world.node(at: 0).settlement == .nobodyApproves)
    #expect(played.world.now < .zero + .minutes(20))
  }

  @Test func `O17 nobody will approve a CSR, as before, when the controller-manager is back`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      withoutApproval(&scenario)
      scenario.faults = [fault(.seconds(30), .manager(ManagerFault(.kill)))]
      scenario.stop = .duration
      scenario.duration = .minutes(5)
    }.play()
    #expect(played.world.node(at: 0).settlement == .nobodyApproves)
  }

  @Test func `O23 controller-managers that go one after the other are gone too`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.replicas = 2
      scenario.groups[0].arrivals = .times([.seconds(10)])
      scenario.faults = [
        TimedFault(
          name: "one", at: .seconds(1), fault: .manager(ManagerFault(.failure, replica: 1))),
        TimedFault(name: "two", at: .seconds(2), fault: .manager(ManagerFault(.pause, replica: 0))),
      ]
    }.play()
    #expect(played.ending == .settled)
    #expect(played.world.node(at: 0).settlement == .nobodyApproves)
  }

  @Test func `a paused process does nothing, and goes on with all that reached it`() {
    let played = Cluster.kubeadm(nodes: 5) { scenario in
      scenario.groups[0].arrivals = .times([0, 3, 4, 5, 20].map { .seconds($0) })
      scenario.faults = [
        TimedFault(
          name: "pause", at: .seconds(2), length: .seconds(5), fault: .manager(ManagerFault(.pause))
        )
      ]
    }.play()
    #expect(played.seconds(.requestAnswered, .updateApproval) == [0, 7, 7, 7, 20])
    #expect(played.all(.managerExited).isEmpty)
    #expect(played.all(.managerStarted).isEmpty)
  }

  @Test func `an answer that comes during a pause is received after it`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.latency.createSubjectAccessReview = .constant(.seconds(3))
      scenario.faults = [
        TimedFault(
          name: "pause", at: .seconds(1), length: .seconds(5), fault: .manager(ManagerFault(.pause))
        )
      ]
    }.play()
    #expect(played.seconds(.requestAnswered, .createSubjectAccessReview) == [3])
    #expect(played.seconds(.reviewAllowed) == [6])
  }

  @Test func `G a retry that is due during a pause comes after it`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      // MODE-F, because it keeps to one CSR.
      scenario.groups[0].kubelet.rotateCertificates = false
      let binding = BindingFault(name: "kubeadm:node-autoapprove-bootstrap")
      scenario.faults = [
        fault(.zero, for: .seconds(30), .binding(binding)),
        fault(.seconds(20), for: .seconds(10), .manager(ManagerFault(.pause))),
      ]
    }.play()
    // Due at 25.4 s, after tries at 0, 0.2, 0.6 … 12.6 s.
    #expect(played.seconds(.requestAnswered, .createSubjectAccessReview).suffix(2) == [12.6, 30])
    #expect(played.seconds(.requestAnswered, .updateApproval) == [30])
  }

  @Test func `J.4 a start that was paused goes on`() {
    var cluster = late(nodes: 1)
    cluster.scenario.faults = [
      fault(.milliseconds(10_200), for: .seconds(5), .manager(ManagerFault(.pause)))
    ]
    let played = cluster.play()
    // By then each look-up that is left has its token.
    #expect(played.seconds(.controllersStarted) == [15.2])
    #expect(played.ending == .allReady)
  }

  /// kubeadm's cluster whose controller-manager starts at 10 s.
  private func late(nodes count: Int) -> Cluster {
    Cluster.kubeadm(nodes: count) { scenario in
      scenario.controllerManager.startsAt = .seconds(10)
      scenario.controllerManager.leaderElect = false
    }
  }

  /// The order in which csrapproving takes 200 CSRs that it found.
  private func order(seed: UInt64) -> [Int] {
    var cluster = late(nodes: 200)
    cluster.scenario.seed = seed
    return cluster.play().all(.keyTaken).filter { $0.component == .approver }
      .map { Int($0.request) }
  }
}

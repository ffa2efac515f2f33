import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Bare CSR clients: client-go's `certificate/csr` package without a kubelet around it.
struct CSRClientTests {
  @Test func `A.6, A.7 a client creates, lists by name and watches, and nothing else`() {
    let played = Self.cluster(clients: 3).play()
    #expect(played.ending == .allReady)
    let ofNodes = played.all(.requestAnswered).filter { $0.actor.kind == .bootstrapToken }
    #expect(
      ofNodes.map(\.call).sorted { $0.rawValue < $1.rawValue }
        == [.createRequest, .listRequest, .watchRequest].flatMap { Array(repeating: $0, count: 3) })
    #expect(played.all(.requestAnswered).allSatisfy { $0.actor != .anonymous })
    #expect(played.waits.isEmpty)
    #expect(played.all(.certificateFetched).allSatisfy { $0.component == .csrClient })
  }

  @Test func `A.7 a client is served when it has its certificate: the run then ends as when Ready`()
  {
    let played = Self.cluster(clients: 2) { $0.stop = .ready }.play()
    #expect(played.ending == .allReady)
    #expect(played.world.readyCount == 2)
    let record = played.world.node(at: 0)
    #expect(record.kind == .csrClient)
    #expect(record.settlement == .ready && record.ready == .zero)
  }

  @Test func `B.4 a client gives up after 15 min, and after the gap requests anew`() {
    let played = Self.cluster(clients: 1) { scenario in
      scenario.controllerManager.running = false
      scenario.stop = .duration
      scenario.duration = .seconds(2_000)
    }.play()
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 902, 1_804])
    #expect(played.all(.waitEnded).map(\.value) == [900_000_000_000, 900_000_000_000])
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.world.requestCount == 3)
  }

  @Test func `A.7 a client that may not list tries again each second until its patience is over`() {
    let played = Self.cluster(clients: 1, settings: Self.settings(patience: .seconds(3))) {
      $0.roles = [Cluster.bootstrapperWithoutWatch]
      $0.stop = .duration
      $0.duration = .seconds(6)
    }.play()
    #expect(played.seconds(.requestAnswered, .listRequest) == [0, 1, 2, 5, 6])
    // The second client's last is asked for in the one version only: there its patience is over.
    #expect(played.seconds(.requestAnswered, .listBetaRequest) == [0, 1, 2, 5, 6])
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 5])
    #expect(played.world.node(at: 0).settlement == .notAllowedToWatch)
  }

  @Test func `A.7 patience ends a list that is under way`() {
    let played = Self.cluster(clients: 1, settings: Self.settings(patience: .seconds(3))) {
      $0.latency.listRequest = .constant(.seconds(10))
      $0.stop = .duration
      $0.duration = .seconds(9)
    }.play()
    #expect(played.all(.waitEnded).map(\.value) == [3_000_000_000, 3_000_000_000])
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 5])
  }

  @Test func `A.11 a client whose watch breaks watches again with back-offs, without a list`() {
    let played = Self.cluster(clients: 1) { scenario in
      withoutApproval(&scenario)
      scenario.faults = [fault(.seconds(10), for: .seconds(12), .apiServerDown())]
      scenario.stop = .duration
      scenario.duration = .seconds(40)
    }.play()
    // As the kubelet's (OutageTests): the same code of client-go.
    #expect(played.seconds(.connectionFailed, .watchRequest) == [10, 11, 11.8, 13.4, 16.6])
    #expect(
      played.all(.requestAnswered, .watchRequest).map(\.answer) == [.ok, .gone, .ok])
    #expect(played.seconds(.requestAnswered, .watchRequest) == [0, 23, 35.8])
    #expect(played.seconds(.requestAnswered, .listRequest) == [0])
  }

  @Test func `A.11 a refused watch costs a list too, and a token of the bucket`() {
    let settings = Self.settings(patience: .seconds(3), gap: .seconds(60))
    let played = Self.cluster(clients: 1, settings: settings) { scenario in
      withoutApproval(&scenario)
      var role = Cluster.bootstrapperWithoutWatch
      role.rules[0].verbs.append("list")
      scenario.roles = [role]
      scenario.stop = .duration
      scenario.duration = .seconds(10)
    }.play()
    #expect(played.all(.requestAnswered, .watchRequest).first?.answer == .forbidden)
    // The list with which A.7 begins, and one after the refusal, which succeeds; then the watch at once, and
    // A.11: after `ListAndWatch` has returned, one backoff step. The patience ends in the second.
    #expect(played.seconds(.requestAnswered, .listRequest) == [0, 0, 0.8, 2.4])
    #expect(played.seconds(.requestAnswered, .watchRequest) == [0, 0, 0.8, 0.8, 2.4, 2.4])
  }

  @Test func `A.7 row 2 a client that may list, but not watch, is served by its informer's list`() {
    let played = Self.cluster(clients: 1) { scenario in
      var role = Cluster.bootstrapperWithoutWatch
      role.rules[0].verbs.append("list")
      scenario.roles = [role]
      scenario.latency.updateApproval = .constant(.milliseconds(500))
      scenario.latency.updateStatus = .constant(.milliseconds(500))
      scenario.stop = .ready
    }.play()
    #expect(played.ending == .allReady)
    // It is there after 1 s; lists come at 0 s, twice, and after back-offs at 0.8 and 2.4 s (A.11).
    #expect(played.world.node(at: 0).ready == .zero + .milliseconds(2_400))
  }

  @Test func `A.6 a client that is refused requests anew after the gap and never exits`() {
    let played = Self.cluster(clients: 1) { scenario in
      scenario.secrets = []
      scenario.stop = .duration
      scenario.duration = .seconds(9)
    }.play()
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 2, 4, 6, 8])
    #expect(played.world.node(at: 0).settlement == .tokenRefused)
  }

  @Test func `B.4 creates and lists share a bucket of 5 a second, burst 10; a watch is free`() {
    let settings = Self.settings(patience: .milliseconds(1), gap: .milliseconds(1))
    let played = Self.cluster(clients: 1, settings: settings) { scenario in
      scenario.controllerManager.running = false
      scenario.stop = .duration
      scenario.duration = .seconds(10)
    }.play()
    let limited = played.all(.requestAnswered).filter { $0.call != .watchRequest }
    // 10 at once, the next at once too late by 1 or 2 ms, then 5 a second until 10 s.
    #expect((58...60).contains(limited.count))
    let waits = played.all(.limiterWaited)
    #expect(waits.count >= limited.count - 10)
    #expect(waits.allSatisfy { $0.component == .csrClient })
  }

  @Test func `A.7 what others do to a client's CSR ends its wait, or serves it`() {
    let acts: [(ClientRequest.Act, TraceEvent.Kind)] = [
      (.decide(.ofNode("client-1"), .approve), .certificateFetched),
      (.decide(.ofNode("client-1"), .deny), .waitEnded),
      (.delete(.ofNode("client-1")), .deletionSeen), (.replace(.ofNode("client-1")), .waitEnded),
    ]
    for (act, kind) in acts {
      let played = Self.cluster(clients: 1) {
        $0.controllerManager.csrapproving = false
        $0.requests = [Clients.entry(act, at: 10)]
        $0.stop = .duration
        $0.duration = .seconds(11)
      }.play()
      #expect(played.seconds(kind) == [10], "\(act)")
    }
  }

  @Test func `0.9 an approval that comes too late is counted, and its certificate is nobody's`() {
    let played = Self.cluster(clients: 1, settings: Self.settings(patience: .seconds(30))) {
      $0.controllerManager.csrapproving = false
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(31)
      $0.approvers = [ApproverSettings(kind: .manual(manual))]
      $0.stop = .duration
      $0.duration = .minutes(4)
    }.play()
    #expect(played.world.statistics.approved.count == 1)
    #expect(played.world.statistics.abandonedApproved == 1)
    #expect(played.world.statistics.abandonedIssued == 1)
    #expect(played.world.readyCount == 0)
  }

  @Test func `0.9 a kubelet abandons its CSR after 15 min too`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.csrapproving = false
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(901)
      manual.every = .minutes(30)
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
      scenario.stop = .duration
      scenario.duration = .minutes(40)
    }.play()
    #expect(played.world.statistics.approved.count == 1)
    #expect(played.world.statistics.abandonedApproved == 1)
    #expect(played.world.statistics.abandonedIssued == 1)
  }

  @Test func `0.9 approvals of CSRs that are waited for are not abandoned`() {
    let played = Cluster.kubeadm(nodes: 20) { $0.groups[0].kubelet.serverTLSBootstrap = true }
      .play()
    #expect(played.world.statistics.approved.count == 20)
    #expect(played.world.statistics.abandonedApproved == 0)
    #expect(played.world.statistics.abandonedIssued == 0)
  }

  @Test func `nodes and clients of one scenario share the approver, and end as what they are`() {
    var cluster = Cluster.kubeadm(nodes: 2)
    cluster.scenario.groups += Self.cluster(clients: 2).scenario.groups
    let played = cluster.play()
    #expect(played.ending == .allReady)
    let records = (0..<played.world.nodeCount).map { played.world.node(at: $0) }
    #expect(records.map(\.kind) == [.kubelet, .kubelet, .csrClient, .csrClient])
    #expect(played.all(.nodeReady).count == 2)
  }

  @Test func `faults of kubelets leave clients alone`() {
    let played = Self.cluster(clients: 2) { scenario in
      scenario.faults = [
        TimedFault(
          name: "pause", at: .zero, length: .seconds(5), fault: .kubelet(NodeSelector(), .pause))
      ]
    }.play()
    #expect(played.ending == .allReady)
    #expect(played.world.readyCount == 2)
  }

  // MARK: Clusters

  static func settings(
    patience: Duration, gap: Duration = .seconds(2)
  ) -> CSRClientSettings {
    var settings = CSRClientSettings()
    settings.patience = patience
    settings.gap = gap
    return settings
  }

  /// kubeadm's set-up without nodes, and clients in their place.
  static func cluster(
    clients count: Int, settings: CSRClientSettings = CSRClientSettings(),
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Cluster {
    Cluster.kubeadm(nodes: count) { scenario in
      scenario.groups[0].name = "clients"
      scenario.groups[0].nodeNames = (1...count).map { "client-\($0)" }
      scenario.groups[0].csrClient = settings
      change(&scenario)
    }
  }
}

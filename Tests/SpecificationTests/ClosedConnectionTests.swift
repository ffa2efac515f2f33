import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section B.6 of protocol.md: a kubelet that has a new certificate closes its connections, and what it
/// waits for fails.
struct ClosedConnectionTests {
  /// A node that starts at 100 s; for an earlier one the controllers have fetched their token.
  private static func cluster(
    nodes: Int = 1, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Cluster {
    Cluster.kubeadm(nodes: nodes + 1) { scenario in
      scenario.groups[0].arrivals = .times(
        [.zero] + Array(repeating: .seconds(100), count: nodes))
      change(&scenario)
    }
  }

  private func play(
    until end: Int64, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Self.cluster {
      $0.stop = .duration
      $0.duration = .seconds(end)
      change(&$0)
    }.play()
  }

  /// Of the node that starts at 100 s.
  private func closed(in played: Played, _ call: Call? = nil) -> [TraceEvent] {
    played.all(.connectionFailed, call).filter { $0.answer == .connectionClosed && $0.node == 1 }
  }

  @Test func `B.6 A.11 a POST in flight fails, is not sent again, and is done nevertheless`() throws
  {
    // Sent at 100.1 s; the connections of the first certificate are closed at 101 s.
    let played = play(until: 120) { $0.latency.write = .constant(.seconds(2)) }
    let failed = try #require(closed(in: played, .createNode).first)
    #expect(failed.time == .zero + .seconds(101))
    #expect(played.events[Int(failed.cause) - 1].kind == .connectionsClosed)
    #expect(
      played.world.message(of: failed)
        == "Post \"https://192.0.2.1:6443/api/v1/nodes\": "
        + "read tcp …->192.0.2.1:6443: use of closed network connection")
    #expect(
      played.all(.writeCommitted).filter { $0.node == 1 }.map(\.time) == [
        .zero + .milliseconds(102_100)
      ])
    // L.2: the next try is the kubelet's own, 0.2 s later; it finds the orphan (L.3).
    #expect(played.all(.retryAfterWaited, .createNode).isEmpty)
    let answers = played.all(.requestAnswered, .createNode).filter { $0.node == 1 }
    #expect(answers.map(\.answer) == [.alreadyExists])
    #expect(answers.map(\.time) == [.zero + .milliseconds(103_200)])
    #expect(played.all(.nodeAdopted).map(\.node) == [1])
    #expect(played.world.readyCount == 2)
  }

  @Test func `B.6 A.11 GETs and watches in flight are sent again after 1 s`() {
    // The loops begin at 101.5 s, with the certificate; the check is at 102 s.
    let played = play(until: 130) {
      $0.latency.kubeletInitialization = .constant(.milliseconds(1_500))
      $0.latency.read = .constant(.milliseconds(900))
      $0.latency.network = .constant(.milliseconds(50))
    }
    let failed = closed(in: played)
    let verbs = Set(failed.map(\.call.shape.verb))
    #expect(verbs == ["get", "watch"])
    for event in failed {
      let again = played.all(.retryAfterWaited, event.call).filter { $0.cause == event.id }
      #expect(again.map(\.time) == [event.time + .seconds(1)])
      #expect(again.map(\.value) == [Duration.seconds(1).nanoseconds])
    }
    #expect(played.world.readyCount == 2)
    #expect(played.world.turn.calls.awaited(by: 1, generation: 1).isEmpty)
  }

  @Test func `B.6 L.5 a heartbeat in flight fails, and the next try follows at once`() throws {
    let played = play(until: 10_000) {
      $0.controllerManager.clusterSigningDuration = .minutes(10)
      $0.groups[0].kubelet.playsHeartbeats = true
      $0.latency.write = .constant(.seconds(4))
    }
    let failed = try #require(closed(in: played, .updateLease).first)
    #expect(played.events[Int(failed.cause) - 1].kind == .connectionsClosed)
    let next = played.all(.requestAnswered, .updateLease).first {
      $0.time > failed.time && $0.node == 1
    }
    #expect(next?.time == failed.time + .seconds(4))
    #expect(next?.answer == .ok)
    #expect(played.all(.nodeUnknown).isEmpty)
  }

  @Test func `B.6 K.3 one that waits for a seat leaves its queue, one that has a seat returns it`()
  {
    // Five or so nodes have a seat for their POST, the others wait.
    let cluster = Self.cluster(nodes: 40) { scenario in
      scenario.apiServer.maxRequestsInFlight = 30
      scenario.apiServer.maxMutatingRequestsInFlight = 0
      scenario.latency.write = .constant(.seconds(3))
      // So that all have their certificates at once.
      scenario.controllerManager.kubeAPIMilliQPS = 1_000_000
      scenario.controllerManager.kubeAPIBurst = 1_000
    }
    var world = World(cluster.scenario, jitter: .lowest)
    world.advance(to: .zero + .milliseconds(100_900))
    world.turn.now = .zero + .milliseconds(100_900)
    let waiting = world.fairness[0].waiting
    #expect(waiting > 20)
    #expect(world.turn.calls.queued.count == waiting)
    for node in world.allNodes.dropFirst() {
      let before = world.fairness[0].waiting
      let calls = world.turn.calls.awaited(by: node.index, generation: 1)
      let queued = calls.filter { world.turn.calls.isQueued($0) }
      world.breakRequests(of: node)
      // A seat goes to the next one at once.
      #expect(world.fairness[0].waiting == max(0, before - calls.count))
      #expect(world.turn.calls.queued.count == world.fairness[0].waiting)
      #expect(queued.allSatisfy { !world.turn.calls.isQueued($0) })
    }
    #expect(world.fairness[0].waiting == 0)
  }

  @Test func `B.6 A.11 what waits for its Retry-After is sent by the next connection`() {
    var world = World(Cluster.kubeadm(nodes: 1).scenario, jitter: .lowest)
    world.advance(to: .zero + .milliseconds(50))
    var call = PendingCall(
      call: .getNode, client: .kubelet, owner: 0, node: 0, credential: .none)
    call.generation = 1
    call.answer = .tooManyRequests
    call.retryAfter = 1
    world.kubelets[0].memory.work.requests = 1
    world.receiveAnswer(call)
    let number = world.turn.calls.awaited(by: 0, generation: 1)
    #expect(number.count == 1)
    world.breakRequests(of: NodeID(0))
    #expect(world.turn.calls.awaited(by: 0, generation: 1) == number)
    #expect(number.allSatisfy { world.turn.calls[$0].credential.kind == .certificate })
  }

  @Test func `B.6 what its certificate manager asks goes on`() {
    // B.4: the CSR's own clientset has connections of its own.
    let played = play(until: 4_000) {
      $0.controllerManager.clusterSigningDuration = .minutes(10)
      $0.latency.createRequest = .constant(.seconds(20))
    }
    #expect(played.all(.connectionsClosed).count > 5)
    #expect(closed(in: played, .createRequest).isEmpty)
    #expect(played.all(.requestAnswered, .createRequest).allSatisfy { $0.answer == .created })
  }

  @Test func `B.6 a certificate that ended before the check closes no connection`() {
    // M.2: the node's clock steps past NotAfter between the store, at 100 s, and the check of 101 s.
    let played = play(until: 103) {
      $0.controllerManager.clusterSigningDuration = .hours(1)
      $0.faults = [
        fault(.milliseconds(100_500), .nodeClock(NodeSelector(), ClockFault(offset: .hours(2))))
      ]
    }
    #expect(played.all(.certificateExpired).contains { $0.node == 1 })
    #expect(played.all(.connectionsClosed).allSatisfy { $0.node == 0 })
  }
}

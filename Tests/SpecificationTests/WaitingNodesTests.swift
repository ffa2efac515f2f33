import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section L.2 of protocol.md: the requests of nodes without a certificate as load on the API server.
struct WaitingNodesTests {
  @Test func `L.2 waiting nodes take as many seats on average as nodes that are played`() {
    // Played, because each may read its own Node, which is not there.
    let played = nodes { scenario in
      scenario.roles = [
        RBAC.Role(
          name: "peek",
          rules: [
            RBAC.Rule(
              verbs: ["get"], apiGroups: [""], resources: ["nodes"],
              resourceNames: scenario.groups[0].nodeNames)
          ])
      ]
      scenario.bindings.append(Cluster.binding("peek", "peek", "system:unauthenticated"))
    }.play()
    let requests = played.all(.requestAnswered).filter { $0.actor == .anonymous }
    #expect(played.waits.isEmpty)
    #expect(requests.count > 3_000)
    var world = World(nodes { _ in }.scenario)
    var derived: [Int64] = []
    var taken: [Int64] = []
    for (from, to) in [(0, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 60)] {
      derived.append(0)
      var time = Instant.zero + .seconds(Int64(from))
      while time < .zero + .seconds(Int64(to)) {
        world.advance(to: time)
        var nodes = world.fairness[0].nodes
        nodes.advance(to: time)
        derived[derived.count - 1] += nodes.load / 100
        time = time + .milliseconds(10)
      }
      taken.append(
        requests.filter { (from..<to).contains(Int($0.time.nanoseconds / 1_000_000_000)) }
          .reduce(0) { $0 + $1.value })
    }
    for (derived, taken) in zip(derived, taken) {
      #expect(abs(derived - taken) * 100 <= taken * 16, "\(derived) and \(taken)")
    }
    let sums = (derived.reduce(0, +), taken.reduce(0, +))
    #expect(abs(sums.0 - sums.1) * 100 <= sums.1 * 3, "\(sums)")
  }

  @Test func `K.3 waiting nodes keep no more than the fair share of their flow from others`() {
    var crowd = crowd(waiting: 1_000)
    crowd.arrive(40, at: 0)
    // 56 seats, half of them for the six queues of the other flow.
    #expect(crowd.seats.count == 28)
    #expect(crowd.server.waiting == 12)
    // What they do not need goes to the other flow.
    var few = self.crowd(waiting: 20)
    few.arrive(40, at: 0)
    #expect(few.seats.count == 36)
  }

  @Test func `K.2 what waiting nodes ask for raises their level's limit at the next tick`() {
    var crowd = crowd(waiting: 1_000)
    crowd.arrive(40, at: 0)
    #expect(crowd.server[.globalDefault].limit == 56)
    crowd.fire(at: 10_000)
    #expect(crowd.server[.globalDefault].limit > 300)
    #expect(crowd.server.waiting == 0)
  }

  @Test func `L.2 nodes that go no longer take seats`() {
    var crowd = crowd(waiting: 1_000)
    for _ in 0..<1_000 { crowd.server.endWait(began: .zero, at: .zero + .minutes(5)) }
    #expect(crowd.server[.globalDefault].background == 0)
    #expect(crowd.server.nodes.total == 0)
  }

  /// Nodes each of which takes one seat at every age.
  private func crowd(waiting count: Int) -> Crowd {
    var server = PriorityAndFairness()
    server.expect(
      WaitingNodes(loads: Array(repeating: 1_000_000_000, count: WaitingNodes.classes)))
    for _ in 0..<count { server.beginWait(began: .zero, at: .zero) }
    return Crowd(server)
  }

  private func nodes(_ change: (inout Scenario) -> Void) -> Cluster {
    var cluster = Cluster.kubeadm(nodes: 40) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.groups[0].arrivals = .times((0..<40).map { .milliseconds(47 * $0) })
      scenario.latency.refusal = .constant(.milliseconds(10))
      scenario.latency.read = .constant(.milliseconds(10))
      scenario.stop = .duration
      scenario.duration = .seconds(60)
      change(&scenario)
    }
    cluster.jitter = .drawn
    return cluster
  }
}

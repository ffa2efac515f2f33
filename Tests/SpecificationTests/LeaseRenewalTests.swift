import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What refuses or delays a leader's renewals while the API server runs: protocol.md J.3, K.3, K.4.
struct LeaseRenewalTests {
  @Test func `J.3 D without the right to renew a leader exits, and nobody leads again`() {
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.groups[0].arrivals = .times([.zero, .seconds(20)])
      scenario.roles = [Self.managerWithoutLease]
    }.play()
    // Each try writes, reads, and writes again.
    let writes = played.all(.requestAnswered, .updateLeaderLease)
    #expect(writes.map(\.answer) == Array(repeating: .forbidden, count: 10))
    #expect(
      played.seconds(.requestAnswered, .updateLeaderLease) == [2, 2, 4, 4, 6, 6, 8, 8, 10, 10])
    #expect(played.seconds(.requestAnswered, .getLeaderLease) == [2, 4, 6, 8, 10])
    #expect(played.seconds(.managerExited) == [12])
    #expect(played.world.node(at: 0).settlement == .ready)
    #expect(played.world.node(at: 1).settlement == .nobodyApproves)
    #expect(played.ending == .settled)
    #expect(played.world.now == .zero + .seconds(20))
  }

  @Test func `J.3 D the right that comes back lets one lead again`() {
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.groups[0].arrivals = .times([.zero, .seconds(20)])
      scenario.roles = [Self.managerWithoutLease]
      scenario.bindings.append(
        RBAC.Binding(
          name: "leases", roleName: "leases", subjects: [.user("system:kube-controller-manager")]))
      scenario.roles.append(
        RBAC.Role(
          name: "leases",
          rules: [
            RBAC.Rule(
              verbs: ["get", "update"], apiGroups: ["coordination.k8s.io"], resources: ["leases"])
          ]))
      scenario.faults = [
        fault(.seconds(5), for: .seconds(60), .binding(BindingFault(name: "leases")))
      ]
    }.play()
    // The renewal of 6 s is the first that is refused; the restart at 26 finds its Lease of 4 s.
    #expect(played.seconds(.managerExited).first == 16)
    #expect(played.all(.leaderElected).count == 1)
    #expect(played.seconds(.leaderElected)[0] >= 65)
    #expect(played.ending == .allReady)
  }

  @Test func `K.3 A.11 without fairness 429s cost the leader its Lease after 10 s`() {
    let played = renewing { scenario in
      scenario.apiServer.enablePriorityAndFairness = false
      scenario.apiServer.maxMutatingRequestsInFlight = 1
      // The node's create has the only seat from 1 s on.
      scenario.groups[0].arrivals = .times([.seconds(1)])
      scenario.latency.createRequest = .constant(.seconds(30))
    }
    // One call is sent again each second of its 5, then another one.
    #expect(
      played.seconds(.requestAnswered, .updateLeaderLease) == (2...11).map(Double.init))
    #expect(
      played.all(.requestAnswered, .updateLeaderLease).allSatisfy { $0.answer == .tooManyRequests })
    #expect(
      played.all(.connectionFailed, .updateLeaderLease).map(\.answer).first == .deadlineExceeded)
    #expect(played.seconds(.managerExited) == [12])
  }

  @Test func `K.4 answers slower than 5 s cost the leader its Lease after 10 s`() {
    let played = renewing { $0.latency.write = .constant(.seconds(6)) }
    #expect(played.seconds(.requestAnswered, .updateLeaderLease).prefix(1) == [7])
    #expect(played.all(.requestAnswered, .updateLeaderLease).first?.answer == .timeout)
    #expect(played.seconds(.managerExited) == [12])
  }

  @Test func `J.3 slow answers of less than 5 s cost nothing, and are no events`() {
    let played = renewing { $0.latency.write = .constant(.milliseconds(4_900)) }
    #expect(played.all(.requestAnswered, .updateLeaderLease).isEmpty)
    #expect(played.all(.managerExited).isEmpty)
  }

  @Test func `J.3 some answers slower than 5 s cost single tries`() {
    let played = renewing(jitter: .drawn) {
      $0.latency.write = .uniform(from: .zero, to: .seconds(6))
      $0.duration = .minutes(10)
    }
    let answers = played.all(.requestAnswered, .updateLeaderLease).map(\.answer)
    #expect(answers.contains(.ok) && answers.contains(.timeout))
    #expect(played.all(.managerExited).count < 10)
  }

  /// Found by chance: a poll that is still on its way when its process already leads.
  @Test(arguments: 1...40)
  func `J.3 of several candidates one leads again after a while without the right`(seed: UInt64) {
    var cluster = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.seed = seed
      scenario.latency = Latencies()
      scenario.groups[0].arrivals = .times([.zero, .seconds(100)])
      scenario.apiServer.enablePriorityAndFairness = false
      scenario.controllerManager.replicas = 3
      scenario.faults = [
        fault(
          .seconds(23), for: .seconds(15),
          .binding(BindingFault(name: "system:kube-controller-manager"))),
        fault(.seconds(49), .manager(ManagerFault(.kill, replica: 1))),
      ]
    }
    cluster.jitter = .drawn
    let played = cluster.play()
    #expect(played.ending == .allReady)
    // One starts for each election, and none twice.
    #expect(played.all(.controllersStarted).count <= played.all(.leaderElected).count)
  }

  private func renewing(
    jitter: World.Jitter = .lowest, _ change: (inout Scenario) -> Void
  ) -> Played {
    var cluster = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.stop = .duration
      scenario.duration = .seconds(20)
      change(&scenario)
    }
    cluster.jitter = jitter
    return cluster.play()
  }

  /// In place of the built-in role.
  private static let managerWithoutLease = RBAC.Role(
    name: "system:kube-controller-manager",
    rules: [
      RBAC.Rule(verbs: ["get", "list", "watch"], apiGroups: ["*"], resources: ["*"]),
      RBAC.Rule(
        verbs: ["create", "get"], apiGroups: [""],
        resources: ["serviceaccounts", "serviceaccounts/token"]),
      RBAC.Rule(
        verbs: ["create"], apiGroups: ["authorization.k8s.io"],
        resources: ["subjectaccessreviews"]),
    ])
}

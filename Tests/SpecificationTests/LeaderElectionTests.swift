import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section J.3 of protocol.md: who leads the controller-managers.
struct LeaderElectionTests {
  @Test func `J.3 the first candidate makes the Lease and leads`() {
    let played = Cluster.kubeadm(nodes: 1) { $0.controllerManager.startsAt = .seconds(10) }.play()
    #expect(
      played.all(.requestAnswered, .getLeaderLease).map { played.world.message(of: $0) }
        == ["leases.coordination.k8s.io \"kube-controller-manager\" not found"])
    #expect(played.all(.requestAnswered, .createLeaderLease).map(\.answer) == [.created])
    #expect(played.seconds(.leaderElected) == [10])
    let election = played.all(.requestAnswered, .getLeaderLease)[0]
    #expect(played.world.username(of: election.actor) == "system:kube-controller-manager")
    #expect(
      played.world.userAgent(of: election.call, by: election.actor)
        == "kube-controller-manager/v1.36.2 (linux/amd64) kubernetes/$Format/leader-election")
  }

  @Test func `J.3 of two that start together one leads; the other makes no events while it does`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.startsAt = .seconds(10)
      scenario.controllerManager.replicas = 2
      scenario.stop = .duration
      scenario.duration = .days(2)
    }.play()
    #expect(played.all(.leaderElected).count == 1)
    // The second finds the Lease made when it writes, and polls once more.
    #expect(
      played.all(.requestAnswered, .createLeaderLease).map(\.answer) == [.created, .alreadyExists])
    #expect(played.all(.requestAnswered, .getLeaderLease).count == 3)
  }

  @Test func `J.3 a standby takes over 15 s after it saw the dead leader's last renewal`() {
    // With the least jitter the standby polls every 2 s, and so does the leader renew.
    let played = failover(killedAt: .seconds(61)).play()
    #expect(played.seconds(.managerKilled) == [61])
    // Last renewal and observation at 60; the first poll from 75 on is at 76.
    #expect(played.seconds(.leaderElected).first == 76)
    #expect(played.all(.leaderElected).map(\.value).first == 1)
    #expect(played.seconds(.controllersStarted).first == 76.9)
    #expect(played.ending == .allReady)
  }

  @Test(arguments: 1...40)
  func `J.3 a failover takes 15 s, an observation lag and a poll's phase of up to 4.4 s each`(
    seed: UInt64
  ) {
    var cluster = failover(killedAt: .seconds(61))
    cluster.scenario.seed = seed
    cluster.jitter = .drawn
    let elected = cluster.play().seconds(.leaderElected).first ?? 0
    #expect((75...60 + 15 + 4.4 + 4.4).contains(elected))
  }

  @Test func `J.3 polls are 2 to 4.4 s apart`() {
    var cluster = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.replicas = 2
      // The standby's polls alone, each of which is an event where it cannot connect.
      scenario.faults = [
        fault(.seconds(59), .manager(ManagerFault(.pause, replica: 0))),
        fault(.seconds(60), .apiServerDown()),
      ]
      scenario.stop = .duration
      scenario.duration = .minutes(30)
    }
    cluster.jitter = .drawn
    let polls = cluster.play().seconds(.connectionFailed, .getLeaderLease)
    let gaps = zip(polls.dropFirst(), polls).map { $0 - $1 }
    #expect(gaps.count > 500)
    #expect(gaps.allSatisfy { 2 <= $0 && $0 < 4.4 })
    #expect((gaps.min() ?? 3) < 2.1 && (gaps.max() ?? 3) > 4.3)
  }

  @Test func `J.3 failovers are drawn, not all alike`() {
    let times = (1...40).map { seed in
      var cluster = failover(killedAt: .seconds(61))
      cluster.scenario.seed = UInt64(seed)
      cluster.jitter = .drawn
      return cluster.play().seconds(.leaderElected).first ?? 0
    }
    // Mean: 15 s, half a gap of observation lag, half a gap of phase, gaps of 3.2 s on the mean.
    let mean = times.reduce(0, +) / 40 - 60
    #expect(abs(mean - 18.4) < 0.8)
    #expect((times.max() ?? 0) - (times.min() ?? 0) > 2)
  }

  @Test func `J.3 a single replica that crashes waits for its own old Lease`() {
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.groups[0].arrivals = .times([.zero, .seconds(70)])
      scenario.faults = [
        TimedFault(name: "kill", at: .seconds(61), fault: .manager(ManagerFault(.kill)))
      ]
    }.play()
    #expect(played.seconds(.managerStarted) == [71])
    // It sees the Lease first at 71 and so takes it at the first poll from 86 on, 2 s apart.
    #expect(played.seconds(.leaderElected) == [87])
    #expect(played.ending == .allReady)
  }

  @Test func `J.3 a leader paused for less than the Lease's age renews it and goes on`() {
    let played = paused(for: .seconds(12)).play()
    #expect(played.all(.leaderElected).isEmpty)
    #expect(played.all(.managerExited).isEmpty)
    #expect(played.all(.requestAnswered, .updateLeaderLease).map(\.answer) == [.ok])
  }

  @Test func `J.3 a leader that was taken over tries to renew for 10 s, then exits and stands by`()
  {
    let played = paused(for: .seconds(60)).play()
    #expect(played.seconds(.leaderElected) == [76])
    #expect(played.seconds(.managerResumed) == [121])
    // Its Lease is older than 15 s by its own clock, so that it reads it first: it is another's.
    #expect(played.all(.requestAnswered, .updateLeaderLease).map(\.answer) == [.ok])
    #expect(
      played.seconds(.requestAnswered, .getLeaderLease).filter { (121...131).contains($0) }
        == [121, 123, 125, 127, 129])
    #expect(played.seconds(.managerExited) == [131])
    #expect(played.seconds(.managerStarted) == [141])
    #expect(played.all(.leaderElected).map(\.value) == [1])
  }

  @Test func `J.3 a standby judges by what it saw last, also after a short outage`() {
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.controllerManager.replicas = 2
      scenario.groups[0].arrivals = .times([.zero, .seconds(110)])
      scenario.faults = [
        fault(.milliseconds(100_500), for: .seconds(3), .apiServerDown()),
        fault(.seconds(105), .manager(ManagerFault(.kill, replica: 0))),
      ]
    }.play()
    // Renewed at 104 and seen then, by polls every 2 s; the first one from 119 on is at 120.
    #expect(played.seconds(.leaderElected).first == 120)
    #expect(played.ending == .allReady)
  }

  @Test func `J.3 for those 10 s both of them approve`() {
    let played = Cluster.kubeadm(nodes: 60) { scenario in
      scenario.controllerManager.replicas = 2
      scenario.groups[0].arrivals = .atOnce(.seconds(125))
      scenario.faults = [pause(for: .seconds(60))]
    }.play()
    let reviews = played.seconds(.requestAnswered, .createSubjectAccessReview)
    // Each CSR is reviewed by both where neither knows of the other's approval yet.
    // One alone has tokens for 15 reviews and 15 updates.
    #expect(reviews.filter { $0 == 125 }.count == 30)
    #expect(
      played.all(.requestAnswered, .updateApproval).filter { $0.answer.isSuccess }.count == 60)
    #expect(played.ending == .allReady)
  }

  @Test func `J.3 without election all replicas act at once`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.replicas = 2
      scenario.controllerManager.leaderElect = false
    }.play()
    #expect(played.all(.requestAnswered, .createSubjectAccessReview).count == 2)
    #expect(
      played.all(.requestAnswered, .updateApproval).map(\.answer).contains(.conflict))
    #expect(played.ending == .allReady)
  }

  @Test func `M.1 row 17 only the rate of a clock matters to the election`() {
    var cluster = failover(killedAt: .seconds(61))
    cluster.scenario.controllerManager.clock.offset = .hours(-5)
    #expect(cluster.play().seconds(.leaderElected).first == 76)
    cluster.scenario.controllerManager.clock.driftPPB = -100_000_000
    // A tenth slow: 15 s take 16.7 s, polls 2.2 s.
    let elected = cluster.play().seconds(.leaderElected).first ?? 0
    #expect(elected > 76.5 && elected < 81.5)
  }

  @Test func `J.3 a month with standbys costs no events`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.replicas = 3
      scenario.stop = .duration
      scenario.duration = .days(30)
    }.play()
    #expect(played.world.turns < 200)
  }

  private func failover(killedAt instant: Duration) -> Cluster {
    Cluster.kubeadm(nodes: 2) { scenario in
      scenario.controllerManager.replicas = 2
      scenario.groups[0].arrivals = .times([.zero, .seconds(70)])
      scenario.faults = [
        TimedFault(
          name: "kill", at: instant, fault: .manager(ManagerFault(.kill, replica: 0)))
      ]
    }
  }

  private func paused(for length: Duration) -> Cluster {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.replicas = 2
      scenario.faults = [pause(for: length)]
      scenario.stop = .duration
      scenario.duration = .seconds(400)
    }
  }

  private func pause(for length: Duration) -> TimedFault {
    TimedFault(
      name: "pause", at: .seconds(61), length: length,
      fault: .manager(ManagerFault(.pause, replica: 0)))
  }
}

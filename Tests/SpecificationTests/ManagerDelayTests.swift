import SimulationKernel
import Testing

@testable import TLSBootstrap

/// A.11 and J.3: the way between a controller-manager and its API server is slow.
struct ManagerDelayTests {
  /// F.3: throughput is the lesser of the limiter's 10 a second and 5 workers over two round trips.
  @Test func `F.3 200 ms each way leave 5 workers 6.25 approvals a second`() {
    let played = play(nodes: 150, .delay(.constant(.milliseconds(200))))
    let approved = played.seconds(.requestAnswered, .updateApproval)
    #expect(approved.count == 150)
    let span = (approved.last ?? 0) - (approved.first ?? 0)
    #expect((145 / 6.25...149 / 6.25 + 1).contains(span), "\(span) s")
    #expect(played.all(.managerExited).isEmpty)
  }

  /// 20 approvals a second would need round trips of 125 ms.
  @Test func `F.3 10 ms each way cost nothing but themselves`() {
    let approved = play(nodes: 150, .delay(.constant(.milliseconds(10))))
      .seconds(.requestAnswered, .updateApproval)
    let calm = play(nodes: 150, .delay(.constant(.zero))).seconds(.requestAnswered, .updateApproval)
    #expect(approved.count == calm.count)
    #expect(abs((approved.last ?? 0) - (calm.last ?? 0)) < 0.1)
  }

  @Test func `J.3 answers about the Lease that take 6 s cost the leader its Lease`() {
    let played = play(nodes: 1, .delay(.constant(.seconds(3))), at: .seconds(20))
    let exits = played.seconds(.managerExited)
    #expect(exits.count == 1 && exits.allSatisfy { (30.0...32.1).contains($0) }, "\(exits)")
    #expect(played.all(.connectionFailed, .updateLeaderLease).first?.answer == .deadlineExceeded)
  }

  @Test func `J.3 those that take 4.8 s do not`() {
    let played = play(nodes: 1, .delay(.constant(.milliseconds(2_400))), at: .seconds(20))
    #expect(played.all(.managerExited).isEmpty)
    #expect(played.all(.requestAnswered, .updateLeaderLease).count > 5)
  }

  @Test func `J.3 only the replica that it hits is slow`() {
    let played = play(nodes: 1, .delay(.constant(.seconds(3))), at: .seconds(20), replica: 1)
    #expect(played.all(.managerExited).isEmpty)
    #expect(played.all(.connectionFailed).isEmpty)
  }

  @Test func `A.11 lost packets come by TCP, and the informer is told everything in order`() {
    let played = play(nodes: 50, .loss(perMille: 300))
    #expect(played.seconds(.nodeReady).count == 50)
    #expect(played.all(.managerExited).isEmpty)
    let calm = play(nodes: 50, .loss(perMille: 1)).seconds(.requestAnswered, .updateApproval)
    let approved = played.seconds(.requestAnswered, .updateApproval)
    #expect((approved.last ?? 0) > (calm.last ?? 0))
  }

  private func play(
    nodes: Int, _ fault: NetworkFault, at: Duration = .zero, replica: Int? = nil
  ) -> Played {
    Cluster.kubeadm(nodes: nodes) { scenario in
      scenario.controllerManager.replicas = 2
      scenario.faults = [
        TimedFault(
          name: "slow", at: at, length: .seconds(100),
          fault: .managerNetwork(fault, replica: replica))
      ]
      scenario.stop = .duration
      scenario.duration = .seconds(200)
    }.play()
  }
}

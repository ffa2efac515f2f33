import SimulationKernel
import Testing

@testable import TLSBootstrap

/// A.11 and J.3: a controller-manager that does not reach its API server.
struct ManagerPartitionTests {
  @Test func `J.3 a leader that is cut off gives the Lease up, and another one leads`() {
    let played = play(
      fault(.seconds(20), for: .seconds(100), .managerNetwork(.partition, replica: 0))
    ) {
      $0.controllerManager.replicas = 2
      $0.groups[0].arrivals = .atOnce(.seconds(60))
    }
    let exits = played.all(.managerExited)
    #expect(exits.map(\.value) == [0])
    #expect(exits.allSatisfy { (30.0...32.1).contains(seconds($0)) })
    let elected = played.all(.leaderElected)
    #expect(elected.map(\.value) == [1])
    // 15 s after its last look that saw a renewal, at the next poll.
    #expect(elected.allSatisfy { (35.0...45.0).contains(seconds($0)) })
    #expect(played.seconds(.nodeReady).count == 1)
  }

  @Test func `J.3 requests about the Lease end after 5 s each, and the leader exits after 10 s`() {
    let played = play(fault(.seconds(20), for: .seconds(100), .managerNetwork(.partition)))
    let tries = played.all(.connectionFailed, .updateLeaderLease)
    #expect(tries.first?.answer == .deadlineExceeded)
    #expect(played.seconds(.managerExited).count == 1)
  }

  @Test func `J.3 a leader outlives a partition of 8 s`() {
    let played = play(fault(.seconds(20), for: .seconds(8), .managerNetwork(.partition))) {
      $0.groups[0].arrivals = .atOnce(.seconds(22))
    }
    #expect(played.all(.managerExited).isEmpty)
    // What changed meanwhile is told to its informer at the end.
    #expect(played.seconds(.keyTaken).first == 28)
    #expect(played.seconds(.requestAnswered, .updateApproval) == [28])
  }

  @Test func `A.11 without election its informer watches again 45 s after a partition began`() {
    let played = play(fault(.seconds(20), for: .seconds(50), .managerNetwork(.partition))) {
      $0.controllerManager.leaderElect = false
      $0.groups[0].arrivals = .atOnce(.seconds(22))
    }
    #expect(played.all(.managerExited).isEmpty)
    let watches = played.all(.requestAnswered, .watchRequests)
    #expect(watches.count == 1 && watches.allSatisfy { seconds($0) >= 70 })
    let approved = played.seconds(.requestAnswered, .updateApproval)
    #expect(approved.count == 1 && approved[0] == watches.first.map(seconds))
  }

  @Test func `A.11 an approval whose answer is lost is done, and csrapproving finds it so`() {
    let played = play(fault(.milliseconds(500), for: .seconds(100), .managerNetwork(.partition))) {
      $0.controllerManager.leaderElect = false
      $0.latency.updateApproval = .constant(.seconds(1))
    }
    let done = played.all(.requestAnswered, .updateApproval).filter { $0.answer == .ok }
    #expect(done.map(seconds) == [1])
    let lost = played.all(.connectionFailed, .updateApproval)
    #expect(lost.map(\.answer) == [.connectionLost])
    #expect(played.world.statistics.approved.count == 1)
    #expect(played.seconds(.nodeReady).count == 1)
  }

  @Test func `L.2 nodes that wait meanwhile have their requests worked out`() {
    let played = play(fault(.zero, for: .seconds(100), .managerNetwork(.partition)))
    #expect(played.all(.requestAnswered, .getCSINode).count < 5)
    #expect(!played.waits.isEmpty)
  }

  @Test func `O23 who waits for a controller-manager that is cut off for good waits in vain`() {
    let played = Cluster.kubeadm(nodes: 1) {
      $0.faults = [fault(.zero, .managerNetwork(.partition))]
    }.play()
    #expect(played.ending == .settled)
    #expect(played.all(.nodeReady).isEmpty)
  }

  private func play(
    _ faults: TimedFault..., change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = faults
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .seconds(200)
    }.play()
  }

  private func seconds(_ event: TraceEvent) -> Double { Double(event.time.nanoseconds) / 1e9 }
}

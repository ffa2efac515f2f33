import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What an outage of the API server does to the controller-managers: J.3, A.11, groundtruth (k).
struct ManagerOutageTests {
  @Test func `J.3 a leader that cannot renew for 10 s exits, and starts again with back-off`() {
    let played = outage(from: .seconds(100), for: .seconds(60)).play()
    // The renewal of 102 s is the first that fails.
    #expect(played.seconds(.managerExited).first == 112)
    #expect(played.seconds(.managerStarted).first == 122)
    // Its candidate polls every 2 s until the server is there, and waits for its own old Lease.
    let polls = played.all(.connectionFailed, .getLeaderLease)
    #expect(polls.count >= 15)
    let elected = played.seconds(.leaderElected)
    #expect(elected.count == 1 && elected[0] >= 175 && elected[0] <= 182)
    #expect(played.ending == .allReady)
  }

  @Test func `J.3 an outage shorter than 10 s costs no leadership`() {
    let played = outage(from: .seconds(100), for: .seconds(7)).play()
    #expect(played.all(.managerExited).isEmpty)
    #expect(played.all(.leaderElected).isEmpty)
    #expect(played.ending == .allReady)
  }

  @Test func `A.11 k the informer of one that survives watches again after its backoff`() {
    var cluster = outage(from: .seconds(100), for: .seconds(60))
    cluster.scenario.controllerManager.leaderElect = false
    let played = cluster.play()
    #expect(played.all(.managerExited).isEmpty)
    // At once, after 1 s, and 0.8, 1.6, 3.2 … s later, then every 30 s.
    #expect(
      played.seconds(.connectionFailed, .watchRequests).map { ($0 * 10).rounded() / 10 } == [
        100, 101, 101.8, 103.4, 106.6, 113, 125.8, 151.4,
      ])
    #expect(
      played.seconds(.requestAnswered, .watchRequests).map { ($0 * 10).rounded() / 10 } == [181.4])
    // A CSR of 165 s is approved when the watch is there again.
    #expect(played.seconds(.requestAnswered, .updateApproval).last.map { $0 >= 181.4 } == true)
    #expect(played.ending == .allReady)
  }

  /// A node joins before the outage, one after it.
  private func outage(from instant: Duration, for length: Duration) -> Cluster {
    Cluster.kubeadm(nodes: 2) { scenario in
      scenario.groups[0].arrivals = .times([.zero, .seconds(165)])
      scenario.faults = [
        TimedFault(name: "outage", at: instant, length: length, fault: .apiServerDown())
      ]
    }
  }
}

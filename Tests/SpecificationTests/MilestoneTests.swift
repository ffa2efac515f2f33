import SimulationKernel
import Testing

@testable import TLSBootstrap

/// The 15 steps as each mode takes them (protocol.md 0.11), how a CSR stands meanwhile (E.4), and how long
/// what kubeadm makes beforehand is valid (N.3).
struct MilestoneTests {
  @Test func `0.11 MODE-B writes the kubeconfig and runs before it asks, and renews later`() {
    #expect(
      steps(rotates: true)
        == [1, 2, 3, 4, 12, 13, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
  }

  @Test func `0.11 MODE-F takes each step once, and none of a renewal`() {
    #expect(steps(rotates: false) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  }

  /// Of a node whose certificate lives for an hour, until the hour is over.
  private func steps(rotates: Bool) -> [Int] {
    let cluster = Cluster.kubeadm(nodes: 1) {
      $0.groups[0].kubelet.rotateCertificates = rotates
      $0.controllerManager.clusterSigningDuration = .hours(1)
      $0.stop = .duration
      $0.duration = .minutes(55)
    }
    // A refused try repeats none of them here, as nothing is missing; healthz and POST both authenticate.
    return cluster.play().steps(of: 0).reduce(into: []) { steps, step in
      if steps.last != step { steps.append(step) }
    }
  }

  @Test(
    arguments: [
      ([], "Pending"), ([.approved], "Approved"), ([.approved, .issued], "Approved,Issued"),
      ([.denied], "Denied"), ([.approved, .failed], "Approved,Failed"),
      // Denied comes before Approved, Failed before Issued.
      ([.denied, .approved], "Denied"),
      ([.approved, .failed, .issued], "Approved,Failed,Issued"),
    ] as [(RequestConditions, String)])
  func `E.4 kubectl prints`(conditions: RequestConditions, text: String) {
    #expect(conditions.text == text)
  }

  @Test func `E.4 the usual life is Pending, Approved, Approved and Issued`() {
    let cluster = Cluster.kubeadm(nodes: 1) { $0.latency = Latencies() }
    var world = World(cluster.scenario)
    var seen: [String] = []
    while world.readyCount == 0, world.step() {
      guard let stored = world.server.requests.first else { continue }
      if seen.last != stored.conditions.text { seen.append(stored.conditions.text) }
    }
    #expect(seen == ["Pending", "Approved", "Approved,Issued"])
  }

  @Test func `N.3 leaves live for a year, the CA for ten, and NotBefore is 5 min back`() {
    let scenario = Cluster.kubeadm(nodes: 1).scenario
    let facts = Facts(scenario)
    let start = Timestamp.text(scenario.start)
    #expect(start == "2026-01-01T00:00:00Z")
    #expect(
      Timestamp.text(facts.servingCertificateValidity.lowerBound) == "2025-12-31T23:55:00Z")
    #expect(
      Timestamp.text(facts.servingCertificateValidity.upperBound) == "2027-01-01T00:00:00Z")
    #expect(Timestamp.text(facts.signingCANotAfter) == "2035-12-30T00:00:00Z")
  }

  @Test func `N.3 with an external CA no signer is started, and CSRs stay Approved`() {
    let played = Cluster.kubeadm(nodes: 1) {
      $0.controllerManager.csrsigning = false
      $0.stop = .duration
      $0.duration = .minutes(10)
    }.play()
    #expect(played.world.server.requests.map(\.conditions.text) == ["Approved"])
    #expect(played.all(.certificateSigned).isEmpty)
  }
}

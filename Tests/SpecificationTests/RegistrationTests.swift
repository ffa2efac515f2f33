import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections L.3 and L.4 of protocol.md: a kubelet with `registerNode: false`.
struct RegistrationTests {
  private func play(until end: Int64? = nil, _ change: (inout Scenario) -> Void = { _ in })
    -> Played
  {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.registersNode = false
      // So that its loops begin with a certificate.
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.duration = end.map { .seconds($0) }
      if end != nil { scenario.stop = .duration }
      change(&scenario)
    }.play()
  }

  @Test func `L.3 it never creates a Node, and finds one that exists`() {
    let played = play { $0.existingNodes = ["node-1"] }
    #expect(played.all(.requestAnswered, .createNode).isEmpty)
    #expect(played.seconds(.nodeAdopted) == [0])
    #expect(played.ending == .allReady)
  }

  @Test func `L.4 without a Node its status fails four GETs at a time, each 10 s`() {
    let played = play(until: 35)
    let looks = played.all(.requestAnswered, .getNode).filter { $0.answer == .notFound }
    let times = Dictionary(grouping: looks) { $0.time.nanoseconds / 1_000_000_000 }
    for second: Int64 in [10, 20, 30] {
      // One more is the Lease's (L.5), each 10 s, too.
      #expect((times[second] ?? []).count >= 4, "at \(second) s")
    }
    #expect(played.all(.nodeAdopted).isEmpty)
    #expect(played.all(.requestAnswered, .patchNodeStatus).isEmpty)
    #expect(played.world.node(at: 0).settlement == .nodeMissing)
  }

  @Test func `L.4 without a Node the last try for CSINode ends the process`() {
    let played = play(until: 400)
    let exits = played.seconds(.kubeletExited)
    // 0.03 s × 8ⁿ between six tries: 140 s and some.
    #expect(exits.count == 2)
    #expect((140...160).contains(exits.first ?? 0))
  }

  @Test func `L.3 the run ends with it, as nothing but an act can change that`() {
    let played = play()
    #expect(played.ending == .settled)
    #expect(played.world.node(at: 0).settlement == .nodeMissing)
  }

  @Test func `L.3 a Node that somebody makes later is found by the next status`() {
    var creation = ForeignRequest()
    creation.verb = "create"
    creation.resource = "nodes"
    creation.name = "node-1"
    let entry = Clients.entry(.ask(creation), at: 45) { $0.groups = ["system:masters"] }
    let played = play { $0.requests = [entry] }
    #expect(played.ending == .allReady)
    #expect(played.seconds(.nodeAdopted) == [50])
  }

  @Test func `L.2 without a certificate it asks for its Node, anonymously`() {
    let played = play(until: 25) {
      $0.groups[0].kubelet.rotateCertificates = true
      withoutApproval(&$0)
    }
    #expect(played.all(.requestAnswered, .createNode).isEmpty)
    #expect(played.waits.allSatisfy { $0.call != .createNode })
    let refused = played.all(.requestAnswered, .getNode)
    #expect(refused.allSatisfy { $0.answer == .forbidden })
    #expect(refused.count == 12)
  }
}

import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section G of protocol.md: every 12 to 24 h the informer gives the controllers each CSR once more.
struct ResyncTests {
  /// CSRs that nobody may approve, or not before the binding is there; every draw is the least.
  private func play(
    hours: Int64, granted: Duration? = nil, count: Int = 1, others: [ClientRequest] = [],
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    let shape = RequestShapeTests.shape { $0.commonName = "system:node:a" }
    var create = Clients.entry(.create(shape), name: "made", Clients.withToken)
    create.count = count
    create.every = .milliseconds(1)
    return Clients.play([create] + others) { scenario in
      scenario.stop = .duration
      scenario.duration = .hours(hours)
      let binding = BindingFault(name: "kubeadm:node-autoapprove-bootstrap")
      scenario.faults = [fault(.zero, for: granted, .binding(binding))]
      change(&scenario)
    }
  }

  @Test func `G a CSR that nobody may approve is reviewed at the resync, too`() {
    let played = play(hours: 13)
    #expect(played.seconds(.informerResynced) == [43_200])
    #expect(played.all(.informerResynced).map(\.value) == [1])
    // Its own back-off: 1,000 s from 1,638.2 s on.
    let reviews = played.seconds(.requestAnswered, .createSubjectAccessReview)
    #expect(
      reviews.filter { $0 > 42_000 } == [42_638.2, 43_200, 43_638.2, 44_638.2, 45_638.2, 46_638.2])
  }

  @Test func `G O17 a binding that came late helps at the resync, before the next retry`() {
    let played = play(hours: 13, granted: .seconds(43_000))
    #expect(played.seconds(.requestAnswered, .updateApproval) == [43_200])
    #expect(played.world.request(at: 0).issued != nil)
  }

  @Test func `G what is finished is not looked at, and without CSRs there is nothing to see`() {
    let played = play(hours: 30, granted: .seconds(10))
    #expect(played.world.request(at: 0).issued != nil)
    #expect(played.all(.informerResynced).isEmpty)
  }

  /// F.3: 600 reviews, of which the bucket has 30, and 20 a second; the good one comes after them.
  @Test func `G a crowd that nobody may approve keeps good CSRs waiting after a resync`() throws {
    let own = RequestShapeTests.shape { $0.commonName = "system:node:b" }
    var good = Clients.entry(.create(own), name: "good", Clients.asNode("system:node:b"))
    good.at = .hours(12) + .milliseconds(500)
    let played = play(hours: 13, count: 600, others: [good])
    #expect(played.all(.informerResynced).map(\.value) == [600])
    let approved = try #require(played.seconds(.requestAnswered, .updateApproval).first)
    #expect(abs(approved - (43_200 + Double(600 + 2 - 30) / 20)) < 0.5, "\(approved)")
  }

  @Test func `G the period is from 12 to 24 h, of each process its own`() {
    var periods: Set<Double> = []
    for seed in 1...8 {
      var cluster = Cluster.kubeadm(nodes: 1) { scenario in
        scenario.stop = .duration
        scenario.duration = .hours(24)
        scenario.seed = UInt64(seed)
        withoutApproval(&scenario)
      }
      cluster.jitter = .drawn
      periods.formUnion(cluster.play().seconds(.informerResynced))
    }
    #expect(periods.count == 8)
    #expect(periods.allSatisfy { (43_200..<86_400).contains($0) })
  }
}

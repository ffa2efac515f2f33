import TLSBootstrap
import Testing

/// Every chain of causes of the 5,000-worker run.
struct CausalityTests {
  @Test func `the chain of every Ready leads through issuance, approval and POST to the start`()
    throws
  {
    let played = try PlayedScenario("kubeadm-5000-workers")
    let readies = played.events.filter { $0.kind == .nodeReady }
    #expect(readies.count == 5_000)
    var broken = 0
    for ready in readies {
      var calls: Set<Call> = []
      var event = ready
      while event.cause != 0 {
        guard event.cause < event.id else { break }
        event = played.events[Int(event.cause) - 1]
        if event.kind == .requestAnswered { calls.insert(event.call) }
        if event.node != ready.node { break }
      }
      let isWhole =
        event.kind == .kubeletStarted && event.node == ready.node
        && calls.isSuperset(of: [.createRequest, .updateApproval, .updateStatus])
      if !isWhole { broken += 1 }
    }
    #expect(broken == 0, "\(broken) chains do not reach their node's start")
  }

  @Test func `every event has an earlier cause, and only starts and looks have none`() throws {
    let played = try PlayedScenario("kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=200"])
    for event in played.events {
      #expect(event.cause < event.id)
      if event.cause == 0 { #expect(event.kind == .kubeletStarted) }
    }
  }
}

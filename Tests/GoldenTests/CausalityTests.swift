import SimulationKernel
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

  @Test func `every event has an earlier cause, and only starts have none`() throws {
    let played = try PlayedScenario(
      "kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=200"])
    #expect(played.events.allSatisfy { $0.cause < $0.id })
    let first = played.events.filter { $0.cause == 0 }
    #expect(first.map(\.kind) == Array(repeating: .kubeletStarted, count: 200))
  }

  @Test func `every wait of a queued key ends with the worker that becomes free`() throws {
    let events = try PlayedScenario("kubeadm-5000-workers").events
    let taken = events.filter { $0.kind == .keyTaken }
    let waited = taken.filter { $0.value > 0 }
    #expect(waited.count > 4_900)
    #expect(taken.allSatisfy { ($0.endedBy != 0) == ($0.value > 0) })
    let broken = waited.first { key in
      let end = events[Int(key.endedBy) - 1]
      return key.endedBy >= key.id || end.kind != .keyDone || end.component != key.component
        || end.time != key.time
    }
    #expect(broken == nil)
    #expect(Set(waited.map(\.endedBy)).count == waited.count)
    #expect(firstBesideAnIdleWorker(of: .approver, events) == nil)
  }

  /// The first key that was queued while one of csrapproving's five workers had nothing to do.
  private func firstBesideAnIdleWorker(
    of component: TraceEvent.ComponentName, _ events: [TraceEvent]
  ) -> TraceEvent? {
    var busy = 0
    var last = Instant.zero
    var idleUntil = Instant.zero
    for event in events where event.component == component {
      if busy < 5, event.time > last { idleUntil = event.time }
      last = event.time
      if event.kind == .keyDone { busy -= 1 }
      guard event.kind == .keyTaken else { continue }
      busy += 1
      let waited = Duration(nanoseconds: event.value)
      if waited > .zero, event.time < idleUntil + waited { return event }
    }
    return nil
  }
}

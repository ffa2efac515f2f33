import SimulationKernel
import Testing

@testable import TLSBootstrap

/// L.2: a kubelet without a certificate whose requests were played is worked out again once nothing disturbs them,
/// and asks what it would have asked, when it would have.
struct WaitAgainTests {
  private static let disturbances: [Fault] = [
    .network(.init(), .delay(.constant(.milliseconds(700)))), .network(.init(), .partition),
    .apiServerDown(), .authority(.replaceServingCA), .kubelet(.init(), .pause),
    .nodeClock(.init(), ClockFault(offset: .minutes(-10))),
  ]

  /// A delay of nothing from the first instant on changes no time, and lets every request be played.
  @Test(arguments: disturbances)
  func `L.2 a wait that is worked out again has the requests of one that is played`(
    disturbance: Fault
  ) {
    let faults = [
      fault(.seconds(60), for: .seconds(45), disturbance),
      fault(.seconds(400), for: .seconds(20), disturbance),
    ]
    let again = play(faults)
    let nothing = NetworkFault.delay(.constant(.zero))
    let played = play(faults + [fault(.zero, .network(.init(), nothing))])
    let more = Set(again.requests).subtracting(played.requests).map(\.text).sorted()
    let fewer = Set(played.requests).subtracting(again.requests).map(\.text).sorted()
    #expect(more.prefix(8) == [])
    #expect(fewer.prefix(8) == [])
    #expect(again.requests.count == played.requests.count)
    #expect(again.ready == played.ready)
    #expect(played.answered > 5 * again.answered, "\(played.answered), \(again.answered)")
  }

  /// Of 3 nodes, whose CSRs somebody approves after 10 min, between two polls for the CSINode.
  private func play(_ faults: [TimedFault]) -> Requests {
    let cluster = Cluster.kubeadm(nodes: 3) { scenario in
      withoutApproval(&scenario)
      scenario.latency.refusal = .constant(.milliseconds(1))
      scenario.faults = faults
      var people = ApproverSettings.Manual()
      people.firstLook = .milliseconds(600_300)
      scenario.approvers = [ApproverSettings(kind: .manual(people))]
      scenario.stop = .duration
      scenario.duration = .minutes(15)
    }
    var sink: (any TraceSink)? = Requests()
    var world = World(cluster.scenario, level: .full, jitter: .drawn)
    world.listedWaits = .all
    do {
      _ = try world.run(into: &sink)
    } catch {
      preconditionFailure("a recording in memory threw \(error)")
    }
    var requests = sink as? Requests ?? Requests()
    requests.requests.sort { $0.key < $1.key }
    return requests
  }
}

/// What kubelets without a certificate ask, played or worked out.
private struct Requests: TraceSink {
  struct Request: Hashable {
    let time: Int64
    let node: UInt32
    let call: UInt8
    let answer: Answer

    var key: (Int64, UInt32, UInt8, UInt8) { (time, node, call, answer.rawValue) }
    var text: String { "\(time) node \(node) call \(call) \(answer)" }
  }

  var requests: [Request] = []
  var ready: [Int64] = []
  /// How many were played.
  var answered = 0

  mutating func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    for event in events where event.node != TraceEvent.none {
      if event.kind == .nodeReady { ready.append(event.time.nanoseconds) }
      let isSent = [.requestAnswered, .connectionFailed].contains(event.kind)
      guard isSent, WaitingLoops.calls.contains(event.call), event.actor.kind != .node else {
        continue
      }
      answered += 1
      let length = event.kind == .requestAnswered ? event.value : 0
      requests.append(
        Request(
          time: event.time.nanoseconds - length, node: event.node, call: event.call.rawValue,
          answer: event.answer))
    }
  }
  mutating func record(_ requests: WaitingRequests) {}
  mutating func record(_ list: [WaitingRequest]) {
    requests += list.map {
      Request(
        time: $0.time.nanoseconds, node: $0.node, call: $0.call.rawValue, answer: $0.answer)
    }
  }
}

import SimulationKernel

/// A clock is stepped, or begins to drift (M.2). At the end of the fault the step is taken back; what
/// the clock gained by drifting stays.
public struct ClockFault: Hashable, Sendable {
  /// How far it is stepped forward; negative: back.
  public var offset: Duration
  /// Nanoseconds gained per second of true time, in addition.
  public var driftPPB: Int64

  public init(offset: Duration = .zero, driftPPB: Int64 = 0) {
    self.offset = offset
    self.driftPPB = driftPPB
  }

  func change(_ skew: inout ClockSkew, began: Instant) {
    skew.offset = skew.offset + offset - drift(until: began)
    skew.driftPPB += driftPPB
  }

  func leave(_ skew: inout ClockSkew, began: Instant, ended: Instant) {
    skew.offset = skew.offset + drift(until: ended) - drift(until: began)
  }

  /// - Parameter replica: nil: that of every API server.
  func change(_ server: inout APIServerSettings, _ replica: Int?, began: Instant) {
    forEachClock(of: &server, replica) { change(&$0, began: began) }
  }

  func leave(_ server: inout APIServerSettings, _ replica: Int?, began: Instant, ended: Instant) {
    forEachClock(of: &server, replica) { leave(&$0, began: began, ended: ended) }
  }

  private func forEachClock(
    of server: inout APIServerSettings, _ replica: Int?, _ change: (inout ClockSkew) -> Void
  ) {
    if replica != nil, server.replicaClocks.isEmpty {
      server.replicaClocks = Array(repeating: server.clock, count: server.replicas)
    }
    if replica == nil { change(&server.clock) }
    for place in server.replicaClocks.indices where place == replica ?? place {
      change(&server.replicaClocks[place])
    }
  }

  func begin(_ world: inout World, _ nodes: [NodeID]) {
    let gain = drift(until: world.turn.now)
    world.endWaits(of: nodes, by: offset - gain, driftPPB: driftPPB)
    for node in nodes {
      world.change(clockOf: node, by: offset - gain, driftPPB: driftPPB)
      if offset < .zero { world.stepBack(node, by: .zero - offset) }
    }
    world.lookAtCertificates(of: nodes)
  }

  func end(_ world: inout World, _ nodes: [NodeID]) {
    let gain = drift(until: world.turn.now)
    world.endWaits(of: nodes, by: gain - offset, driftPPB: driftPPB)
    for node in nodes {
      world.change(clockOf: node, by: gain - offset, driftPPB: -driftPPB)
      if offset > .zero { world.stepBack(node, by: offset) }
    }
    world.lookAtCertificates(of: nodes)
  }

  /// What a clock that always drifted so would have gained by now; it did not.
  private func drift(until instant: Instant) -> Duration {
    (instant - .zero).scaled(by: driftPPB, over: 1_000_000_000)
  }
}

import SimulationKernel
import TLSBootstrap

/// What a whole run says of each of its nodes, in sums: for questions about all of them.
///
/// A class, so that nobody who holds it copies its world.
package final class RunHistory: Sendable {
  /// At the end of the run.
  package let world: World
  /// Why it ended.
  let ending: World.Ending
  /// By node.
  package let nodes: [Sightings]
  /// Of what concerns no node: faults, replicas, other clients.
  package let cluster: Sightings

  /// Plays the run again.
  ///
  /// - Throws: `TraceError` where it comes out otherwise.
  package init(_ run: RecordedRun) throws {
    let tally = SightingTally()
    (world, ending) = try run.played(into: tally)
    nodes = (0..<world.nodeCount).map { $0 < tally.nodes.count ? tally.nodes[$0] : Sightings() }
    cluster = tally.cluster
  }
}

private final class SightingTally: TraceSink {
  var nodes: [Sightings] = []
  var cluster = Sightings()

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    for event in events {
      guard event.node != TraceEvent.none else {
        cluster.add(event)
        continue
      }
      while nodes.count <= Int(event.node) { nodes.append(Sightings()) }
      nodes[Int(event.node)].add(event)
    }
  }
  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}
}

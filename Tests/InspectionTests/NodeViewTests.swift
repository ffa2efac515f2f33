import SimulationKernel
import TestSupport
import Testing

@testable import Inspection

/// Nodes, their Leases and their Events after a clock was stepped, a silence, or a clone.
struct NodeViewTests {
  // MARK: Nodes of one name

  @Test func `O26 a Lease is there whichever of two nodes of one name has made it`() throws {
    let run = try Recording("failures/o26-duplicate-node-name", level: .steps).opened()
    let look = try ClusterSnapshot(run, at: .zero + .minutes(1))
    let names = ResourceView(look, .leases).objects.map(\.name)
    #expect(names.count { $0 == "worker-1" } == 1, "\(names)")
  }

  // MARK: Clocks that are stepped

  @Test func `M.1 a step of a node's clock changes nothing that was dated before it`() throws {
    let run = try Recording(
      kubeadm: """
          duration: 1h
          tokens: [{token: abcdef.0123456789abcdef}]
          nodes: [{name: w}]
          faults: [{at: 20m, action: time-offset, on: {node: w-1}, timeOffset: 7m}]
        """, level: .steps
    ).opened()
    let dates = try [19, 40].map { (minutes: Int64) -> [String] in
      let look = try ClusterSnapshot(run, at: .zero + .minutes(minutes))
      let events = ResourceView(look, .events).objects.map {
        "\($0.document["firstTimestamp"] ?? .null)"
      }
      let node = try #require(ResourceView(look, .nodes).objects.first?.document)
      guard case .list(let conditions)? = node["status"]?["conditions"] else { return [] }
      return events + conditions.map { "\($0["lastTransitionTime"] ?? .null)" }
    }
    #expect(dates[0].count > 8 && dates[0] == dates[1], "\(dates)")
  }

  // MARK: After Unknown

  @Test func `L.4 a kubelet that is heard again sets each condition that was Unknown, and says so`()
    throws
  {
    let run = try Recording(
      kubeadm: """
          duration: 1h
          tokens: [{token: abcdef.0123456789abcdef}]
          nodes: [{name: w}]
          faults: [{at: 10m, for: 3m, action: partition, on: {node: w-1}}]
        """, level: .steps
    ).opened()
    let look = try ClusterSnapshot(run, at: .zero + .minutes(20))
    let node = try #require(ResourceView(look, .nodes).objects.first?.document)
    guard case .list(let conditions)? = node["status"]?["conditions"] else {
      Issue.record("no conditions")
      return
    }
    let since = conditions.map { "\($0["lastTransitionTime"] ?? .null)" }
    #expect(since.count == 4 && since.allSatisfy { $0.contains("T00:13:") }, "\(since)")
    let late = ResourceView(look, .events).objects.filter {
      "\($0.document["firstTimestamp"] ?? .null)".contains("T00:13:")
    }
    let reasons = late.map { "\($0.document["reason"] ?? .null)" }.joined(separator: " ")
    for reason in [
      "NodeReady", "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID",
    ] {
      #expect(reasons.contains(reason), "\(reasons)")
    }
  }
}

import SimulationKernel
import TestSupport

@testable import Inspection

/// A scenario of the repository, played; without a time at its end.
func snapshot(
  _ scenario: String = "first-node", at seconds: Int64? = nil, overrides: [String] = []
) throws -> ClusterSnapshot {
  let recording = try Recording(scenario, overrides: overrides, level: .steps)
  return try ClusterSnapshot(
    recording.opened(), at: seconds.map { Instant.zero + .seconds($0) })
}

/// The words of a table, by line.
func cells(_ table: String) -> [[String]] {
  table.split(separator: "\n").map { line in
    line.split(separator: /\ {2,}/).map(String.init)
  }
}

/// What `bootsim describe` prints.
func described(
  _ snapshot: ClusterSnapshot, _ resource: Resource, _ names: [String] = [],
  namespace: String? = nil, showsEvents: Bool = false
) -> String {
  ResourceViews(
    snapshot, [ResourceSelection(resource, names: names)], namespace: namespace
  ).descriptions(showsEvents: showsEvents)
}

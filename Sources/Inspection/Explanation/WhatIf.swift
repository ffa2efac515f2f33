import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// The run played with overrides, beside what it was: whether a fix cures, and what twice the rate brings.
package struct WhatIf: Sendable {
  /// What it is played for: `O15: no binding lets its token create CSRs`.
  package let subject: String
  package let overrides: [String]
  /// Applied where there are no overrides; empty: none.
  package let manifest: String
  package let before: RunReport
  /// An error where the scenario does not take the change.
  package let after: Result<After, any Error>
  /// Names of the nodes that it is about.
  package let nodes: [String]

  /// What comes of it.
  package struct After: Sendable {
    package let report: RunReport
    /// How many of the nodes that it is about are Ready.
    package let cured: Int
    /// How the others end.
    package let left: [String]
  }

  /// - Parameter nodes: places of the nodes that it is about.
  init(
    _ run: RecordedRun, _ subject: String, _ remedy: Remedy, nodes: [Int], before: RunReport
  ) {
    self.subject = subject
    self.before = before
    overrides = remedy.overrides
    manifest = remedy.overrides.isEmpty ? remedy.manifest : ""
    let names = run.loaded.scenario.groups.flatMap(\.nodeNames)
    self.nodes = nodes.map { names[$0] }
    after = Result { [overrides, manifest] in
      let (world, ending) = try run.played(with: overrides, manifest: manifest)
      let ends = nodes.filter { $0 < world.nodeCount }.map { world.node(at: $0) }
      return After(
        report: RunReport(world, ending: ending), cured: ends.count { $0.settlement == .ready },
        left: ends.filter { $0.settlement != .ready }.map { "\($0.name): \($0.settlement.text)" })
    }
  }

  /// For each group of failures its fix, then what doubles the throughput.
  package static func all(_ run: RecordedRun, _ explanation: RunExplanation) -> [WhatIf] {
    let fixes = explanation.failures.compactMap { group in
      fix(
        run, Rule.name(group.number, group.title), group.remedy, cure: explanation.cure,
        nodes: group.nodes, before: explanation.report)
    }
    guard !explanation.throughput.doubling.isEmpty else { return fixes }
    return fixes + [
      WhatIf(
        run, "twice what limits", Remedy(overrides: explanation.throughput.doubling), nodes: [],
        before: explanation.report)
    ]
  }

  /// The fix of one node's causes.
  package static func all(_ run: RecordedRun, _ explanation: NodeExplanation) throws -> [WhatIf] {
    let before = RunReport(explanation.world, ending: explanation.ending)
    let cure = ScenarioStory(run.loaded).cure
    return explanation.causes.compactMap { cause in
      fix(
        run, Rule.name(cause.number, cause.title), cause.remedy, cure: cure,
        nodes: [explanation.index], before: before)
    }
  }

  /// The fix that the explanation has, or, where a scenario does not say that, the cure that it names itself.
  ///
  /// - Returns: nil: neither can be said in a scenario.
  private static func fix(
    _ run: RecordedRun, _ subject: String, _ remedy: Remedy, cure: [String], nodes: [Int],
    before: RunReport
  ) -> WhatIf? {
    let played = remedy.isPlayable ? remedy : Remedy(overrides: cure)
    guard played.isPlayable else { return nil }
    return WhatIf(run, subject, played, nodes: nodes, before: before)
  }
}

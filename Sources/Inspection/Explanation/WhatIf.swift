import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// The run played with overrides, beside what it was: whether a fix cures, and what twice the rate brings.
package struct WhatIf: Sendable {
  /// What it is played for, such as `O15: no binding lets its token create CSRs`: causes that share a fix share
  /// its run.
  package let subjects: [String]
  package let overrides: [String]
  /// Applied where there are no overrides; empty: none.
  package let manifest: String
  package let before: RunReport
  /// An error where the scenario does not take the change.
  package let after: Result<After, any Error>
  /// Names of the nodes that it is about.
  package let nodes: [String]
  /// Whether it is about what held up nodes that became Ready all the same.
  package let isOfReady: Bool
  /// How much sooner the last that waited was said to be through; nil: nothing was said of that.
  package let promised: Duration?

  /// What comes of it.
  package struct After: Sendable {
    package let report: RunReport
    /// How many of the nodes that it is about are Ready.
    package let cured: Int
    /// How the others end.
    package let left: [String]
  }

  init(_ run: RecordedRun, _ trial: Trial, before: RunReport) {
    let nodes = trial.nodes.sorted()
    subjects = trial.subjects
    self.before = before
    overrides = trial.remedy.overrides
    manifest = trial.manifest
    isOfReady = trial.isOfReady
    promised = trial.promised
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

  /// For each group of failures its fix, then what doubles the throughput; where there is neither, what held up nodes
  /// that are Ready left away.
  package static func all(_ run: RecordedRun, _ explanation: RunExplanation) -> [WhatIf] {
    let fixes = explanation.failures.compactMap { group in
      Trial(
        Rule.name(group.number, group.title), group.remedy, cure: explanation.cure,
        nodes: Set(group.nodes))
    }
    let doubling = Remedy(overrides: explanation.throughput.doubling)
    let doubled = Trial(
      "twice what limits", doubling, nodes: [], promised: explanation.throughput.sooner)
    let trials = fixes + [doubled].compactMap { $0 }
    let delays = explanation.delays.compactMap { group in
      Trial(
        Rule.name(group.number, group.title), group.remedy, nodes: Set(group.nodes),
        isOfReady: true)
    }
    return played(run, trials.isEmpty ? delays : trials, before: explanation.report)
  }

  /// The fix of one node's causes.
  package static func all(_ run: RecordedRun, _ explanation: NodeExplanation) throws -> [WhatIf] {
    let cure = ScenarioStory(run.loaded).cure
    let fixes = explanation.causes.compactMap { cause in
      Trial(
        Rule.name(cause.number, cause.title), cause.remedy, cure: cure,
        nodes: [explanation.index], isOfReady: explanation.node.settlement == .ready)
    }
    return played(
      run, fixes, before: RunReport(explanation.world, ending: explanation.ending))
  }

  /// Each change once, in the order of what it is played for.
  private static func played(
    _ run: RecordedRun, _ trials: [Trial], before: RunReport
  ) -> [WhatIf] {
    var distinct: [Trial] = []
    for trial in trials {
      if let same = distinct.firstIndex(where: { $0.isSameChange(as: trial) }) {
        distinct[same].subjects += trial.subjects
        distinct[same].nodes.formUnion(trial.nodes)
      } else {
        distinct.append(trial)
      }
    }
    return distinct.map { WhatIf(run, $0, before: before) }
  }
}

/// A change of the scenario that is to be played.
struct Trial {
  var subjects: [String]
  let remedy: Remedy
  /// Places of the nodes that it is about.
  var nodes: Set<Int>
  /// Whether these became Ready all the same.
  let isOfReady: Bool
  let promised: Duration?

  /// The fix that the explanation has, or, where a scenario does not say that, the cure that it names itself.
  ///
  /// - Returns: nil: neither can be said in a scenario.
  init?(
    _ subject: String, _ fix: Remedy, cure: [String] = [], nodes: Set<Int>, isOfReady: Bool = false,
    promised: Duration? = nil
  ) {
    remedy = fix.isPlayable ? fix : Remedy(overrides: cure)
    guard remedy.isPlayable else { return nil }
    subjects = [subject]
    self.nodes = nodes
    self.isOfReady = isOfReady
    self.promised = promised
  }

  /// What is applied; empty where overrides are enough.
  var manifest: String { remedy.overrides.isEmpty ? remedy.manifest : "" }

  func isSameChange(as other: Trial) -> Bool {
    remedy.overrides == other.remedy.overrides && manifest == other.manifest
  }
}

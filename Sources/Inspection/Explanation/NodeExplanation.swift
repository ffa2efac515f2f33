import Scenarios
import SimulationKernel
import TLSBootstrap

/// Why a node is not Ready; or where the time of one went that is.
package struct NodeExplanation: Sendable {
  package let run: String
  package let node: NodeRecord
  /// Its place among all nodes.
  let index: Int
  /// Why it is not Ready, or else what held it up.
  package let causes: [Cause]
  /// Where its time went; empty where it never became Ready.
  package let passages: [Passage]
  /// The events that led to how it ended, a line each.
  package let chain: [String]
  /// At the end of the run.
  let world: World
  /// Why it ended.
  let ending: World.Ending

  /// A root cause with all that is to be said of it.
  package struct Cause: Hashable, Sendable {
    /// `O15`: row of the protocol reference.
    package let number: String
    package let title: String
    /// From the symptom to the root cause.
    package let observations: [Observation]
    package let clock: ClockVerdict?
    package let needed: String
    package let remedy: Remedy
  }

  /// - Parameter name: of the node, with or without `node/` before it.
  /// - Throws: `ScenarioErrors` where the run has no such node, `TraceError`.
  package init(_ run: RecordedRun, node name: String) throws {
    index = try run.node(named: name)
    let history = try NodeHistory(run, node: index)
    let patient = NodeCase(history, given: run.loaded)
    let observer = Observer(history, patient)
    let isReady = history.record.settlement == .ready
    let rules = isReady ? Rule.delays(of: patient) : [Rule.cause(of: patient)].compactMap { $0 }
    self.run = run.path
    node = history.record
    world = history.world
    ending = history.ending
    causes = rules.map { rule in
      Cause(
        number: rule.number, title: rule.title, observations: observer.observations(rule),
        clock: rule.clock(patient), needed: rule.needed(patient),
        remedy: rule.remedy(patient).playable(in: run))
    }
    passages = history.record.ready == nil ? [] : Passage.all(of: history)
    chain = isReady ? [] : CauseSummary(history).lines(history.world)
  }
}

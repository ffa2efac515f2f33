import SimulationKernel
import TLSBootstrap

/// How often a step was reached, and how long after the node's step before it.
package struct ReachedStep: Hashable, Sendable {
  package let step: BootstrapStep
  /// Whether it was reached before those with smaller numbers.
  ///
  /// Steps 12 and 13 of MODE-B are, before there is a certificate (protocol.md 0.11).
  package let isEarly: Bool
  package let count: Int
  package let total: WideSum
  package let longest: Duration

  var mean: Duration { total.mean(of: count) }

  /// Those of a run, in the order of their numbers, the early ones of each number first.
  ///
  /// An early step takes no time after the one before it, which is at the same instant.
  static func all(of world: World) -> [ReachedStep] {
    BootstrapStep.allCases.flatMap { step in
      let times = world.statistics.steps[Int(step.rawValue)]
      return [
        ReachedStep(
          step: step, isEarly: true, count: times.early, total: WideSum(), longest: .zero),
        ReachedStep(
          step: step, isEarly: false, count: times.count - times.early, total: times.total,
          longest: times.longest),
      ]
    }.filter { $0.count > 0 }
  }
}

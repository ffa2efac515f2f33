import SimulationKernel
import TLSBootstrap

/// How often a step was reached, and how long after the node's step before it.
public struct ReachedStep: Hashable, Sendable {
  public let step: BootstrapStep
  /// Whether it was reached before those with smaller numbers; nil: both together.
  ///
  /// Steps 12 and 13 of MODE-B are, before there is a certificate (protocol.md 0.11).
  public let isEarly: Bool?
  public let count: Int
  public let total: Duration
  public let longest: Duration

  var mean: Duration { total.scaled(by: 1, over: Int64(count)) }

  /// Those of a run, in the order of their numbers, the early ones of each number first.
  static func all(of world: World) -> [ReachedStep] {
    let early = earlyCount(in: world)
    return BootstrapStep.allCases.flatMap { step -> [ReachedStep] in
      let times = world.statistics.steps[Int(step.rawValue)]
      let together = ReachedStep(
        step: step, isEarly: nil, count: times.count, total: times.total, longest: times.longest)
      guard [.writesKubeconfig, .nodeIsReady].contains(step) else { return [together.told(false)] }
      guard let early else { return [together] }
      return together.apart(early: early)
    }.filter { $0.count > 0 }
  }

  private func told(_ isEarly: Bool) -> ReachedStep {
    ReachedStep(step: step, isEarly: isEarly, count: count, total: total, longest: longest)
  }

  /// An early step takes no time after the one before it, which is at the same instant.
  private func apart(early: Int) -> [ReachedStep] {
    [
      ReachedStep(step: step, isEarly: true, count: early, total: .zero, longest: .zero),
      ReachedStep(
        step: step, isEarly: false, count: count - early, total: total, longest: longest),
    ]
  }

  /// How often steps 12 and 13 were reached early: as often as a kubelet of MODE-B read its token.
  ///
  /// - Returns: nil where that is not known: of kubelets of both modes, and where a pair may not
  ///   load, so that the kubelet exits between the two.
  private static func earlyCount(in world: World) -> Int? {
    let scenario = world.scenario
    let kubelets = scenario.groups.filter { $0.csrClient == nil }
    let rotating = kubelets.count { $0.kubelet.rotateCertificates }
    if rotating == 0 { return 0 }
    let mayBeCorrupt =
      kubelets.contains { $0.disk.certificate.state == .corrupt }
      || scenario.faults.contains {
        if case .disk(_, .corruptCertificate) = $0.fault { true } else { false }
      }
    guard rotating == kubelets.count, !mayBeCorrupt else { return nil }
    return world.statistics.steps[Int(BootstrapStep.readsServerAndToken.rawValue)].count
  }
}

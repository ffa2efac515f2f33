import SimulationKernel
import TLSBootstrap

/// Rotation deadlines as fractions of the certificates' life, recorded and drawn (protocol.md B.3).
struct RotationDraws {
  /// Nodes of the simulated run, one draw each.
  static let draws = 1_000
  /// Of the distance of two samples, for the level 1 %: 1.63 √(1/n + 1/m), Kolmogorov and Smirnov.
  static let coefficient = 1.63

  static let file = "rotation-deadline-draws.csv"

  func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let recorded = try recordings.table(Self.file).numbers("fraction_of_notBefore_notAfter")
    let simulated = try play()
    let distance = Self.distance(recorded, simulated)
    let bound =
      Self.coefficient * (1 / Double(recorded.count) + 1 / Double(simulated.count)).squareRoot()
    return [
      ConformanceCheck(
        .kubelet, Self.file, "least and greatest", recorded: Self.range(recorded),
        simulated: Self.range(simulated), bound: "within",
        holds: (simulated.min() ?? 1) <= (recorded.min() ?? 0) + 0.002
          && (recorded.max() ?? 1) <= (simulated.max() ?? 0) + 0.002),
      ConformanceCheck(
        .kubelet, Self.file, "distance of the distributions", recorded: "0",
        simulated: Figure.fixed(distance, decimals: 3),
        bound: "≤ \(Figure.fixed(bound, decimals: 3))", holds: distance <= bound,
        reason: "\(recorded.count) draws against \(simulated.count), level 1 %"),
    ]
  }

  private func play() throws -> [Double] {
    let played = try PlayedText(
      """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata:
        name: rotation
      spec:
        preset: kubeadm
        duration: 5m
        stopWhen: Never
        nodes:
        - name: workers
          count: \(Self.draws)
        tokens:
        - token: abcdef.0123456789abcdef
        controllerManager: {kubeAPIQPS: 1000, kubeAPIBurst: 1000}
      """)
    let world = played.world
    let start = Double(world.scenario.start)
    var certificates: [UInt32: CertificateRecord] = [:]
    for certificate in (0..<world.certificateCount).map(world.certificate(at:)) {
      if let node = certificate.node { certificates[node.index] = certificate }
    }
    return played.events.filter { $0.kind == .rotationPlanned }.compactMap { event in
      certificates[event.node].map { certificate in
        let deadline = start + Double(event.time.nanoseconds) + Double(event.value)
        let life = Double(certificate.notAfter - certificate.notBefore)
        return (deadline - Double(certificate.notBefore)) / life
      }
    }
  }

  private static func range(_ values: [Double]) -> String {
    "\(Figure.fixed(values.min() ?? 0, decimals: 3)) … \(Figure.fixed(values.max() ?? 0, decimals: 3))"
  }

  /// The greatest distance of the two empirical distributions.
  private static func distance(_ left: [Double], _ right: [Double]) -> Double {
    let share = { (values: [Double], bound: Double) in
      Double(values.count { $0 <= bound }) / Double(values.count)
    }
    return (left + right).map { abs(share(left, $0) - share(right, $0)) }.max() ?? 1
  }
}

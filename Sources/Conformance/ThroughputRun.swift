import Scenarios
import SimulationKernel
import TLSBootstrap

/// A recorded run of many CSRs through a controller-manager, and the same run simulated.
struct ThroughputRun {
  /// Of its CSV file.
  let name: String
  let kubeAPIQPS: Int
  let kubeAPIBurst: Int
  /// When the controller-manager's process starts, after the first create; nil: long before.
  var startsAt: String?
  /// Whether client rate limits, and not the recording's two cores, decide its curve.
  let isRateLimited: Bool

  static let all = [
    ThroughputRun(name: "d20_k50", kubeAPIQPS: 20, kubeAPIBurst: 30, isRateLimited: true),
    ThroughputRun(name: "d20_k200", kubeAPIQPS: 20, kubeAPIBurst: 30, isRateLimited: true),
    ThroughputRun(name: "d20_k500", kubeAPIQPS: 20, kubeAPIBurst: 30, isRateLimited: true),
    ThroughputRun(name: "d20_rate10", kubeAPIQPS: 20, kubeAPIBurst: 30, isRateLimited: true),
    ThroughputRun(
      name: "d20_k200_kcmdown", kubeAPIQPS: 20, kubeAPIBurst: 30, startsAt: "9600ms",
      isRateLimited: true),
    ThroughputRun(name: "q100_k1000", kubeAPIQPS: 100, kubeAPIBurst: 200, isRateLimited: false),
    ThroughputRun(name: "q2000_k200", kubeAPIQPS: 2_000, kubeAPIBurst: 4_000, isRateLimited: false),
  ]

  /// Of the folder of the recordings.
  var file: String { "throughput/\(name).csv" }

  private static let cores =
    "TLS handshakes and signatures of all clients shared the recording's two cores; the model has "
    + "service times of an idle server"

  func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    CurveComparison(
      subject: name, recorded: try Curve(recordings.table(file)),
      simulated: try play(recordings), isBounded: isRateLimited, whyUnbounded: Self.cores
    ).checks
  }

  private func play(_ recordings: Recordings) throws -> Curve {
    let loaded = try ScenarioFile.load(
      text: scenario(recordings), path: "\(name).yaml", overrides: [], seed: nil
    ) { path in try String(contentsOfFile: path, encoding: .utf8) }
    var world = World(loaded.scenario)
    world.run()
    return Curve(world)
  }

  /// The clients of the recording arrive when their CSRs were created: `t_create` is the end of the
  /// create, so that in the simulation a create takes no time.
  private func scenario(_ recordings: Recordings) -> String {
    """
    apiVersion: bootsim.dev/v1alpha1
    kind: Scenario
    metadata:
      name: \(name.replacing("_", with: "-"))
    spec:
      preset: kubeadm
      nodes:
      - name: clients
        kind: csrClient
        start:
          csv:
            file: "\(recordings.folder)/\(file)"
            column: t_create
      tokens:
      - token: abcdef.0123456789abcdef
      latency:
        createRequest: {constant: 0s}
      controllerManager:
        kubeAPIQPS: \(kubeAPIQPS)
        kubeAPIBurst: \(kubeAPIBurst)
    \(startsAt.map { "    startsAt: \($0)" } ?? "")
    """
  }
}

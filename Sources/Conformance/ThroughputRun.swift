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

  /// The larger of the two is the bound of a rate-limited run's makespan and approvals.
  static let relativeTolerance = 0.03
  static let leastTolerance = 0.06
  /// The bound of the median from approval to certificate.
  static let issueTolerance = 0.02

  private static let cores =
    "TLS handshakes and signatures of all clients shared the recording's two cores; the model has "
    + "service times of an idle server"

  func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let real = try Curve(recordings.table("throughput/\(name).csv"))
    let simulated = try play(recordings)
    let bounded = isRateLimited ? "" : Self.cores
    var checks = [
      check("makespan", real.makespan, simulated.makespan, reason: bounded)
    ]
    for percent in [50.0, 90, 99] {
      checks.append(
        check(
          "create→approved p\(Int(percent))", real.createToApproved(percent),
          simulated.createToApproved(percent), reason: bounded))
    }
    for percent in [50.0, 90, 99] {
      let isBounded = isRateLimited && percent == 50
      checks.append(
        ConformanceCheck(
          .curves, name, "approved→issued p\(Int(percent))",
          recorded: real.approvedToIssued(percent), simulated: simulated.approvedToIssued(percent),
          tolerance: isBounded ? Self.issueTolerance : nil, reason: isBounded ? "" : Self.cores))
    }
    return checks
  }

  private func check(
    _ quantity: String, _ recorded: Double, _ simulated: Double, reason: String
  ) -> ConformanceCheck {
    let tolerance = max(Self.relativeTolerance * recorded, Self.leastTolerance)
    return ConformanceCheck(
      .curves, name, quantity, recorded: recorded, simulated: simulated,
      tolerance: isRateLimited ? tolerance : nil, reason: reason)
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
            file: "\(recordings.folder)/throughput/\(name).csv"
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

/// When each CSR was created, approved and issued, in seconds.
struct Curve {
  private let created: [Double]
  private let approved: [Double]
  private let issued: [Double]

  init(_ table: RecordedTable) throws(RecordingError) {
    created = try table.numbers("t_create")
    approved = try table.numbers("t_approved")
    issued = try table.numbers("t_issued")
  }

  init(_ world: World) {
    let requests = (0..<world.requestCount).map(world.request(at:))
      .filter { $0.approved != nil && $0.issued != nil }
    created = requests.map { $0.created.seconds }
    approved = requests.compactMap { $0.approved.map(\.seconds) }
    issued = requests.compactMap { $0.issued.map(\.seconds) }
  }

  /// From the first create to the last certificate.
  var makespan: Double { (issued.max() ?? 0) - (created.min() ?? 0) }

  func createToApproved(_ percent: Double) -> Double {
    Figure.percentile(percent, of: zip(created, approved).map { $1 - $0 })
  }

  func approvedToIssued(_ percent: Double) -> Double {
    Figure.percentile(percent, of: zip(approved, issued).map { $1 - $0 })
  }
}

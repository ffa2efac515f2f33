import TLSBootstrap

/// When each CSR was created, approved and issued, in seconds.
struct Curve {
  private let created: [Double]
  private let approved: [Double]
  private let issued: [Double]

  /// - Throws: where a time is no number or before the one before it, or no CSR has all of them.
  init(_ table: RecordedTable) throws(RecordingError) {
    // What nobody approved, or nobody signed, waits still.
    let table = try table.rows(with: ["t_approved", "t_issued"])
    created = try table.numbers("t_create")
    approved = try table.numbers("t_approved")
    issued = try table.numbers("t_issued")
    let odd = table.rows.indices.first {
      !(created[$0] <= approved[$0] && approved[$0] <= issued[$0])
    }
    guard let odd else { return }
    throw RecordingError(
      path: table.path,
      problem:
        "has times in line \(table.rows[odd].line) that no CSR has: created, approved, issued")
  }

  init(_ world: World) {
    let requests = (0..<world.requestCount).map(world.request(at:))
      .filter { $0.approved != nil && $0.issued != nil }
    created = requests.map { $0.created.seconds }
    approved = requests.compactMap { $0.approved.map(\.seconds) }
    issued = requests.compactMap { $0.issued.map(\.seconds) }
  }

  var issuedCount: Int { issued.count }

  /// From the first create to the last certificate.
  var makespan: Double { (issued.max() ?? 0) - (created.min() ?? 0) }

  func createToApproved(_ percent: Double) -> Double {
    Figure.percentile(percent, of: zip(created, approved).map { $1 - $0 })
  }

  func approvedToIssued(_ percent: Double) -> Double {
    Figure.percentile(percent, of: zip(approved, issued).map { $1 - $0 })
  }
}

/// The curves of one run, real beside simulated.
struct CurveComparison {
  let subject: String
  let recorded: Curve
  let simulated: Curve
  /// Whether the two have to be near each other; else they are only shown.
  let isBounded: Bool
  /// Of what is only shown.
  var whyUnbounded = ""

  /// The larger of the two is the bound of the makespan and of approvals.
  static let relativeTolerance = 0.03
  static let leastTolerance = 0.06
  /// The bound of the median from approval to certificate.
  static let issueTolerance = 0.02

  var checks: [ConformanceCheck] {
    let approvals = [50.0, 90, 99].map { percent in
      check(
        "create→approved p\(Int(percent))", recorded.createToApproved(percent),
        simulated.createToApproved(percent), within: Self.tolerance)
    }
    let certificates = [50.0, 90, 99].map { percent in
      check(
        "approved→issued p\(Int(percent))", recorded.approvedToIssued(percent),
        simulated.approvedToIssued(percent)
      ) { _ in percent == 50 ? Self.issueTolerance : nil }
    }
    return [check("makespan", recorded.makespan, simulated.makespan, within: Self.tolerance)]
      + approvals + certificates
  }

  private static func tolerance(of recorded: Double) -> Double? {
    max(relativeTolerance * recorded, leastTolerance)
  }

  private func check(
    _ quantity: String, _ recorded: Double, _ simulated: Double,
    within tolerance: (Double) -> Double?
  ) -> ConformanceCheck {
    let bound = isBounded ? tolerance(recorded) : nil
    return ConformanceCheck(
      .curves, subject, quantity, recorded: recorded, simulated: simulated, tolerance: bound,
      reason: bound == nil ? whyUnbounded : "")
  }
}

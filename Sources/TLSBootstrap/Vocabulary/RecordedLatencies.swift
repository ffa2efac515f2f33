import SimulationKernel

/// Service times of a control plane with an idle CPU: 600 nodes joined a Kubernetes v1.36.2 at 10 a
/// second.
///
/// Made by the test DefaultProfileTests with UPDATE_PROFILE=1, as scenarios/profiles/idle.yaml is by
/// `bootsim calibrate d20_rate10.audit.jsonl.gz --output idle.yaml`.
enum RecordedLatencies {
  static let createRequest = microseconds(1_910, 2_971, 3_599, 5_959, 5_959)
  static let createSubjectAccessReview = microseconds(574, 803, 1_314, 2_261, 2_261)
  static let updateApproval = microseconds(1_627, 2_573, 3_441, 4_795, 4_795)
  static let updateStatus = microseconds(1_629, 2_187, 2_813, 5_411, 5_411)
  static let listRequest = microseconds(745, 1_191, 2_007, 3_021, 3_021)
  static let read = microseconds(600, 1_004, 1_763, 2_975, 2_975)

  private static func microseconds(
    _ least: Int64, _ p50: Int64, _ p90: Int64, _ p99: Int64, _ greatest: Int64
  ) -> Distribution {
    let length: (Int64) -> Duration = { Duration(nanoseconds: $0 * 1_000) }
    return .quantiles(
      Distribution.Quantiles(
        least: length(least), p50: length(p50), p90: length(p90), p99: length(p99),
        greatest: length(greatest)))
  }
}

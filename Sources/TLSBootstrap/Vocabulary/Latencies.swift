import SimulationKernel

/// How long things take that the protocol does not fix (protocol.md Q, "free parameters").
///
/// Defaults: what `bootsim calibrate` makes of a recording with an idle CPU (`RecordedLatencies`).
public struct Latencies: Hashable, Sendable {
  /// One way between a node and the API server; zero by default, because the recorded service times
  /// contain loopback's.
  public var network = Distribution.constant(.zero)
  /// Process start to first request.
  public var kubeletStart = Distribution.constant(.milliseconds(225))
  /// First request of MODE-B, or certificate in MODE-F, to the start of the kubelet's other loops.
  public var kubeletInitialization = Distribution.constant(.milliseconds(215))
  /// Zero, as is signing: both are inside the recorded times.
  public var keyGeneration = Distribution.constant(.zero)
  public var signing = Distribution.constant(.zero)
  /// How long the API server takes for each, from its arrival to its answer, without a wait for a seat.
  public var createRequest = RecordedLatencies.createRequest
  public var createSubjectAccessReview = RecordedLatencies.createSubjectAccessReview
  public var updateApproval = RecordedLatencies.updateApproval
  public var updateStatus = RecordedLatencies.updateStatus
  public var listRequest = RecordedLatencies.listRequest
  /// Every other read, and opening a watch.
  public var read = RecordedLatencies.read
  /// Every other write. Assumption: as creating a CSR; the recording has one other write.
  public var write = RecordedLatencies.createRequest
  /// A refusal (401, 403), which touches no storage. Assumption: 1 ms; the recording has none.
  public var refusal = Distribution.constant(.milliseconds(1))
  /// Commit to delivery at a watcher. Source: groundtruth/throughput.md, which has it from the clients'
  /// clocks: no audit log tells it.
  public var watchDelivery = Latencies.quantiles(190, 570, 1_060)
  /// From a token's expiration to tokencleaner's request, as recorded (tokencleaner-delay.csv, without the
  /// first, which had to fetch credentials).
  public var tokenDeletion = Latencies.quantiles(1_100, 1_500, 1_500, least: 700)
  /// From the start of a kube-controller-manager to its first request.
  ///
  /// 750 ms: its first approval then follows 1.76 s after its start, as recorded (d20_k200_kcmdown).
  public var controllerManagerStart = Distribution.constant(.milliseconds(750))
  /// From registration to the container network being ready.
  public var networkReady = Distribution.constant(.zero)

  public init() {}

  /// All zero, as the golden timelines of section S want it.
  public static let zero: Latencies = {
    var latencies = Latencies()
    let zero = Distribution.constant(.zero)
    latencies.network = zero
    latencies.kubeletStart = zero
    latencies.kubeletInitialization = zero
    latencies.keyGeneration = zero
    latencies.signing = zero
    latencies.createRequest = zero
    latencies.createSubjectAccessReview = zero
    latencies.updateApproval = zero
    latencies.updateStatus = zero
    latencies.listRequest = zero
    latencies.read = zero
    latencies.write = zero
    latencies.refusal = zero
    latencies.watchDelivery = zero
    latencies.networkReady = zero
    latencies.controllerManagerStart = zero
    latencies.tokenDeletion = zero
    return latencies
  }()

  /// From p50, p90, p99 in microseconds; nothing is faster than half the median, or `least`, or slower than
  /// p99.
  static func quantiles(
    _ p50: Int64, _ p90: Int64, _ p99: Int64, least: Int64? = nil
  ) -> Distribution {
    let microsecond: (Int64) -> Duration = { Duration(nanoseconds: $0 * 1_000) }
    return .quantiles(
      Distribution.Quantiles(
        least: microsecond(least ?? p50 / 2), p50: microsecond(p50), p90: microsecond(p90),
        p99: microsecond(p99), greatest: microsecond(p99)))
  }
}

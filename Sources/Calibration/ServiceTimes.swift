import Histogram
import SimulationKernel

/// How long requests of one kind took, in whole microseconds, in a memory that does not grow with
/// their number.
struct ServiceTimes {
  /// Microseconds with three significant digits: an error below 0.1 %.
  private var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .three)

  /// The longest service time that is believed.
  ///
  /// 1 h. Assumption: requests that are not kept open end after 60 s (kube-apiserver
  /// `--request-timeout`), so more is a clock that was set.
  static let longest = Duration.hours(1)

  var count: Int { Int(histogram.totalCount) }

  mutating func add(_ length: Duration) {
    histogram.record(UInt64(length.nanoseconds / 1_000))
  }

  mutating func add(_ other: ServiceTimes) { histogram.add(other.histogram) }

  var quantiles: LatencyProfile.Quantiles {
    let value = { Int64(histogram.valueAtPercentile($0)) }
    return LatencyProfile.Quantiles(
      least: Int64(histogram.min), p50: value(50), p90: value(90), p99: value(99),
      p999: value(99.9), greatest: Int64(histogram.maxRecorded))
  }
}

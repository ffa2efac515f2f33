import Testing

@testable import Exports

struct MetricSeriesTests {
  /// Source: the OpenMetrics specification: a bucket has what is less than or equal to its bound.
  @Test func `what is as long as a bucket's bound is in it`() throws {
    let family = MetricFamily(
      name: "x_seconds", type: .histogram(bounds: ["0.005", "1.0"]), help: "", labels: [], query: ""
    )
    var series = MetricSeries(family, labels: "")
    var text = ""
    let output = ExportOutput { text += String(decoding: $0, as: UTF8.self) }
    let sample: MetricSeries.Sample = { name, labels, value, _ in "\(name){\(labels)} \(value)\n" }
    for value: Int64 in [5_000_000, 5_000_001, 1_000_000_000, 1_000_000_001] {
      try series.add(value, at: 0, sample, to: output)
    }
    try series.finish(through: 0, sample, to: output)
    try output.finish()
    #expect(
      text == """
        x_seconds_bucket{le="0.005"} 1
        x_seconds_bucket{le="1.0"} 3
        x_seconds_bucket{le="+Inf"} 4
        x_seconds_count{} 4
        x_seconds_sum{} 2.010000002

        """)
  }
}

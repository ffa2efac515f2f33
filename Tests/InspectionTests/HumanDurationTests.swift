import Inspection
import SimulationKernel
import Testing

/// The tables of apimachinery's own test, `pkg/util/duration/duration_test.go`.
struct HumanDurationTests {
  /// Seconds, milliseconds less, and the text.
  struct Row: Sendable, CustomTestStringConvertible {
    let seconds: Int64
    var less: Int64 = 0
    let text: String

    var testDescription: String { text }
    var duration: Duration {
      Duration(nanoseconds: seconds * 1_000_000_000 - less * 1_000_000)
    }
  }

  private static let minute: Int64 = 60
  private static let hour: Int64 = 3_600
  private static let day: Int64 = 86_400
  private static let year: Int64 = 365 * 86_400

  static let figures: [Row] = [
    Row(seconds: 1, text: "1s"), Row(seconds: 70, text: "70s"), Row(seconds: 190, text: "3m10s"),
    Row(seconds: 70 * minute, text: "70m"), Row(seconds: 47 * hour, text: "47h"),
    Row(seconds: 49 * hour, text: "2d1h"), Row(seconds: 194 * hour, text: "8d"),
    Row(seconds: 367 * day, text: "367d"), Row(seconds: 2 * year + 25 * hour, text: "2y1d"),
    Row(seconds: 8 * year + 2 * hour, text: "8y"),
  ]

  static let bounds: [Row] = [
    Row(seconds: -2, text: "<invalid>"), Row(seconds: -1, less: 999, text: "0s"),
    Row(seconds: 0, text: "0s"), Row(seconds: 1, less: 1, text: "0s"),
    Row(seconds: 2 * minute, less: 1, text: "119s"), Row(seconds: 2 * minute, text: "2m"),
    Row(seconds: 121, text: "2m1s"), Row(seconds: 10 * minute, less: 1, text: "9m59s"),
    Row(seconds: 10 * minute, text: "10m"), Row(seconds: 601, text: "10m"),
    Row(seconds: 3 * hour, less: 1, text: "179m"), Row(seconds: 3 * hour, text: "3h"),
    Row(seconds: 181 * minute, text: "3h1m"), Row(seconds: 8 * hour, less: 1, text: "7h59m"),
    Row(seconds: 8 * hour, text: "8h"), Row(seconds: 539 * minute, text: "8h"),
    Row(seconds: 2 * day, less: 1, text: "47h"), Row(seconds: 2 * day, text: "2d"),
    Row(seconds: 49 * hour, text: "2d1h"), Row(seconds: 8 * day, less: 1, text: "7d23h"),
    Row(seconds: 8 * day, text: "8d"), Row(seconds: 8 * day + 23 * hour, text: "8d"),
    Row(seconds: 2 * year, less: 1, text: "729d"), Row(seconds: 2 * year, text: "2y"),
    Row(seconds: 2 * year + 23 * hour, text: "2y"),
    Row(seconds: 2 * year + day, less: 1, text: "2y"), Row(seconds: 2 * year + day, text: "2y1d"),
    Row(seconds: 3 * year, text: "3y"), Row(seconds: 7 * year, text: "7y"),
    Row(seconds: 8 * year, less: 1, text: "7y364d"), Row(seconds: 8 * year, text: "8y"),
    Row(seconds: 8 * year + 364 * day, text: "8y"), Row(seconds: 9 * year, text: "9y"),
  ]

  @Test(arguments: figures)
  func `two or three figures`(row: Row) { #expect(HumanDuration.text(row.duration) == row.text) }

  @Test(arguments: bounds)
  func `the bounds between them`(row: Row) { #expect(HumanDuration.text(row.duration) == row.text) }
}

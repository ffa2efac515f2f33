import Scenarios
import SimulationKernel
import TLSBootstrap

/// Numbers for people.
package enum Text {
  /// `498.512 s`, `1 h 02 min 03 s`, `90 d 00 h`.
  package static func length(_ duration: Duration) -> String {
    let nanoseconds = duration.nanoseconds
    let seconds = nanoseconds / 1_000_000_000
    if seconds < 3_600 { return seconds3(nanoseconds) + " s" }
    if seconds < 2 * 86_400 {
      return "\(seconds / 3_600) h \(pad(seconds / 60 % 60, 2)) min \(pad(seconds % 60, 2)) s"
    }
    return "\(seconds / 86_400) d \(pad(seconds / 3_600 % 24, 2)) h"
  }

  /// Seconds with three decimals, rounded down.
  static func seconds3(_ nanoseconds: Int64) -> String {
    "\(nanoseconds / 1_000_000_000).\(pad(nanoseconds / 1_000_000 % 1_000, 3))"
  }

  /// `00:00:12.345` since the start of the run; hours grow as needed.
  package static func clock(_ instant: Instant) -> String {
    let milliseconds = instant.nanoseconds / 1_000_000
    let seconds = milliseconds / 1_000
    return
      "\(pad(seconds / 3_600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))"
      + ".\(pad(milliseconds % 1_000, 3))"
  }

  /// `20`, `7.5`.
  package static func rate(milli: Int64) -> String {
    milli % 1_000 == 0 ? "\(milli / 1_000)" : "\(Double(milli) / 1_000)"
  }

  /// `10.25`, rounded; what would be `0.00` with two digits that are not: `0.0016`.
  package static func hundredths(_ value: Double) -> String {
    if value > 0, value < 0.005 { return small(value) }
    guard let hundredths = Int64(exactly: (value * 100).rounded()) else { return "\(value)" }
    return "\(hundredths / 100).\(pad(hundredths % 100, 2))"
  }

  /// Below 0.005, to two digits.
  private static func small(_ value: Double) -> String {
    var (decimals, scaled) = (Int64(2), value * 100)
    while scaled.rounded() < 10, decimals < 18 { (decimals, scaled) = (decimals + 1, scaled * 10) }
    return "0.\(pad(Int64(scaled.rounded()), Int(decimals)))"
  }

  /// What became of the requests of a priority level.
  static func seats(_ seats: Statistics.SeatWaits) -> String {
    "\(Quantity.count(seats.waits.waited)) of \(Quantity.count(seats.waits.count)) requests waited for a seat, "
      + "the longest \(length(seats.waits.longest)), and \(Quantity.count(seats.refused)) were refused (429)"
  }

  package static func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  package static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  package static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

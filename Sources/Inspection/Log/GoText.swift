import Reporting
import SimulationKernel
import TLSBootstrap

/// Values as Go prints them.
enum GoText {
  /// `Duration.String()`: `7644h31m19.873980299s`, `5m0s`, `250ms`, `0s`.
  static func duration(_ duration: Duration) -> String {
    let nanoseconds = duration.nanoseconds.magnitude
    let sign = duration.nanoseconds < 0 ? "-" : ""
    if nanoseconds == 0 { return "0s" }
    if nanoseconds < 1_000 { return "\(sign)\(nanoseconds)ns" }
    if nanoseconds < 1_000_000 { return sign + decimal(nanoseconds, digits: 3) + "µs" }
    if nanoseconds < 1_000_000_000 { return sign + decimal(nanoseconds, digits: 6) + "ms" }
    let minutes = nanoseconds / 60_000_000_000
    let seconds = decimal(nanoseconds % 60_000_000_000, digits: 9) + "s"
    if minutes == 0 { return sign + seconds }
    return minutes < 60
      ? "\(sign)\(minutes)m\(seconds)" : "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
  }

  /// `0.961622510`: what follows `m=+` in a time with a monotonic clock.
  static func seconds(_ duration: Duration) -> String {
    let (seconds, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return "\(seconds).\(Text.pad(rest, 9))"
  }

  /// `Time.String()` in UTC: `2026-11-23 17:40:04.885930606 +0000 UTC`.
  ///
  /// - Parameter nanoseconds: since 1970.
  static func time(_ nanoseconds: Int64) -> String {
    let text = Timestamp.text(nanoseconds)
    return "\(text.prefix(10)) \(text.dropFirst(11).dropLast())\(fraction(nanoseconds)) +0000 UTC"
  }

  /// `Time.Format(time.RFC1123Z)` in UTC: `Mon, 23 Nov 2026 17:41:43 +0000`.
  static func longDate(_ nanoseconds: Int64) -> String {
    let text = Timestamp.text(nanoseconds)
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let day = nanoseconds.quotientRoundedDown(by: 86_400_000_000_000)
    let month = Int(text.dropFirst(5).prefix(2)) ?? 1
    return "\(days[Int(day - day.quotientRoundedDown(by: 7) * 7)]), \(text.dropFirst(8).prefix(2)) "
      + "\(months[month - 1]) \(text.prefix(4)) \(text.dropFirst(11).dropLast()) +0000"
  }

  /// Without zeros at its end, and without a point where nothing is left.
  private static func fraction(_ nanoseconds: Int64) -> String {
    let part = nanoseconds - Timestamp.wholeSeconds(nanoseconds)
    return part == 0 ? "" : "." + trimmed(part, digits: 9)
  }

  private static func decimal(_ value: UInt64, digits: Int) -> String {
    let unit = (0..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
    let part = value % unit
    return part == 0 ? "\(value / unit)" : "\(value / unit)." + trimmed(Int64(part), digits: digits)
  }

  private static func trimmed(_ part: Int64, digits: Int) -> String {
    var text = Text.pad(part, digits)
    while text.hasSuffix("0") { text.removeLast() }
    return text
  }
}

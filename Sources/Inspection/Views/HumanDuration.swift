import SimulationKernel

/// How kubectl writes an age.
///
/// Source: k8s.io/apimachinery `pkg/util/duration`, `HumanDuration`.
package enum HumanDuration {
  /// `9m59s`, `3h1m`, `2d1h`, `<invalid>`: two or three figures.
  package static func text(_ duration: Duration) -> String {
    let seconds = duration.nanoseconds / 1_000_000_000
    if seconds < -1 { return "<invalid>" }
    if seconds < 0 { return "0s" }
    if seconds < 120 { return "\(seconds)s" }
    let minutes = seconds / 60
    if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
    if minutes < 180 { return "\(minutes)m" }
    let hours = minutes / 60
    if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
    if hours < 48 { return "\(hours)h" }
    let days = hours / 24
    if days < 8 { return pair(days, "d", hours % 24, "h") }
    if days < 2 * 365 { return "\(days)d" }
    let years = days / 365
    return years < 8 ? pair(years, "y", days % 365, "d") : "\(years)y"
  }

  private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ part: String) -> String
  {
    small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(part)"
  }
}

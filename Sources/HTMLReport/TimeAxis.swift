import Reporting
import Scenarios
import SimulationKernel

/// The horizontal axis of a chart: virtual time from the start of the run, in a drawing 760 units wide.
struct TimeAxis: Sendable {
  let end: Instant

  static let width = 760
  static let left = 56
  static let right = 16
  private static let widestLabel = 60
  private static var plot: Int { width - left - right }

  /// - Parameter end: of the run, or of the longer of two.
  init(end: Instant) {
    self.end = max(end, .zero + .milliseconds(1))
  }

  func x(_ instant: Instant) -> Double {
    let share = Double(instant.nanoseconds) / Double(end.nanoseconds)
    return Double(Self.left) + Double(Self.plot) * min(max(share, 0), 1)
  }

  /// Some six round times.
  var ticks: [Instant] {
    let steps: [Double] = [
      0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600,
      7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000,
      31_536_000,
    ]
    let step = steps.first { end.seconds / $0 <= 8 } ?? 31_536_000
    return (0...8).map { Instant(nanoseconds: Int64(Double($0) * step * 1e9)) }
      .filter { $0 <= end }
  }

  /// `0:30`, `12:00`, `3 h`, `40 d`, `0.2 s`.
  func label(_ instant: Instant) -> String {
    let seconds = instant.nanoseconds / 1_000_000_000
    if end.nanoseconds < 10_000_000_000 { return "\(instant.seconds) s" }
    if end.nanoseconds < 3 * 3_600_000_000_000 {
      return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
    }
    if end.nanoseconds <= 4 * 86_400_000_000_000 {
      return seconds % 3_600 == 0 ? "\(seconds / 3_600) h" : "\(seconds / 60) min"
    }
    return "\(seconds / 86_400) d"
  }

  func drawing(from top: Int, to bottom: Int) -> HTML {
    ticks.map { tick in
      let x = Number(x(tick)).text
      // Beside the last tick there may be no room for half a label.
      let isLast = self.x(tick) > Double(Self.width - Self.widestLabel / 2)
      let place: HTML =
        isLast
        ? "x=\"\(Self.width)\" text-anchor=\"end\"" : "x=\"\(x)\" text-anchor=\"middle\""
      return """
        <line class="axis" x1="\(x)" x2="\(x)" y1="\(top)" y2="\(bottom)"/>\
        <text \(place) y="\(bottom + 16)">\(label(tick))</text>
        """
    }.joined()
  }
}

/// A coordinate with one digit after the point, which is enough for a picture.
struct Number {
  let text: String

  init(_ value: Double) {
    let tenths = Int((value * 10).rounded())
    text = tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }
}

/// One quantity, real beside simulated.
package struct ConformanceCheck: Hashable, Encodable, Sendable {
  let area: Area
  /// The recording.
  package let subject: String
  package let quantity: String
  package let recorded: String
  package let simulated: String
  /// What the two may differ by; empty: they are only shown.
  package let bound: String
  let verdict: Verdict
  /// Why they differ, where they do.
  let reason: String

  enum Area: String, CaseIterable, Encodable, Hashable, Sendable {
    case curves = "Curves"
    case collapse = "Collapse"
    case requests = "Requests of one node"
    case answers = "Answers"
    case kubelet = "Kubelet's time"
  }

  enum Verdict: String, Encodable, Hashable, Sendable {
    case held, broken
    /// No bound is set.
    case shown
  }

  init(
    _ area: Area, _ subject: String, _ quantity: String, recorded: String, simulated: String,
    bound: String = "", holds: Bool? = nil, reason: String = ""
  ) {
    self.area = area
    self.subject = subject
    self.quantity = quantity
    self.recorded = recorded
    self.simulated = simulated
    self.bound = bound
    verdict = holds.map { $0 ? .held : .broken } ?? .shown
    self.reason = reason
  }

  /// Two lengths of time, in seconds.
  ///
  /// - Parameter tolerance: in seconds; nil: they are only shown.
  init(
    _ area: Area, _ subject: String, _ quantity: String, recorded: Double, simulated: Double,
    tolerance: Double?, reason: String = ""
  ) {
    self.init(
      area, subject, quantity, recorded: Figure.seconds(recorded),
      simulated: Figure.seconds(simulated),
      bound: tolerance.map { "± \(Figure.seconds($0))" } ?? "",
      holds: tolerance.map { abs(recorded - simulated) <= $0 }, reason: reason)
  }

  /// Two numbers of things.
  init(
    _ area: Area, _ subject: String, _ quantity: String, recorded: Int, simulated: Int,
    tolerance: Int, reason: String = ""
  ) {
    self.init(
      area, subject, quantity, recorded: "\(recorded)", simulated: "\(simulated)",
      bound: tolerance == 0 ? "equal" : "± \(tolerance)",
      holds: abs(recorded - simulated) <= tolerance, reason: reason)
  }
}

/// Figures as the tables show them.
enum Figure {
  /// `8.411 s`.
  static func seconds(_ value: Double) -> String { "\(fixed(value, decimals: 3)) s" }

  static func fixed(_ value: Double, decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let digits = String(scaled)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return (value < 0 && scaled != 0 ? "-" : "") + padded.dropLast(decimals) + "."
      + padded.suffix(decimals)
  }

  /// By linear interpolation between the closest ranks; 0 of no values.
  static func percentile(_ percent: Double, of values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let rank = percent / 100 * Double(sorted.count - 1)
    let below = Int(rank)
    guard below + 1 < sorted.count else { return sorted[below] }
    return sorted[below] + (rank - Double(below)) * (sorted[below + 1] - sorted[below])
  }
}

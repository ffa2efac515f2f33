import Reporting
import Scenarios
import SimulationKernel

/// What two runs came to, line by line, for people.
struct FigureChanges: Encodable, Sendable {
  let rows: [Row]

  struct Row: Encodable, Hashable, Sendable {
    let name: String
    let left: String
    let right: String
    /// How much it is more or less; empty where that says nothing.
    let change: String

    var differs: Bool { left != right }
  }

  init(_ left: RunFigures, _ right: RunFigures) {
    var rows = Self.rows(left.nodes, right.nodes, "", "Ready")
    if left.clients.total + right.clients.total > 0 {
      rows += Self.rows(left.clients, right.clients, "clients ", "served")
    }
    for cause in Set(left.failures.keys).union(right.failures.keys).sorted() {
      let (before, after) = (left.failures[cause] ?? 0, right.failures[cause] ?? 0)
      rows.append(Self.count("failed: " + cause, before, after))
    }
    rows += Self.rows("approvals", left.approvals, right.approvals)
    rows += Self.rows("certificates", left.certificates, right.certificates)
    rows.append(
      Row(
        name: "limited by", left: left.limitedBy ?? Self.unknown,
        right: right.limitedBy ?? Self.unknown, change: ""))
    self.rows = rows
  }

  private static let unknown = "not known: played by another build of bootsim"

  private static func rows(
    _ left: RunFigures.Population, _ right: RunFigures.Population, _ prefix: String, _ done: String
  ) -> [Row] {
    let times: [(String, KeyPath<RunFigures.Percentiles, Double>)] = [
      ("p50", \.p50), ("p90", \.p90), ("p99", \.p99), ("max", \.max),
    ]
    return [
      count(prefix + done, left.ready, right.ready),
      count(prefix + "failed", left.failed, right.failed),
      count(prefix + "waiting", left.waiting, right.waiting),
    ]
      + times.map { name, path in
        time("time to \(done) \(name)", left.seconds?[keyPath: path], right.seconds?[keyPath: path])
      }
  }

  private static func rows(
    _ name: String, _ left: RunFigures.Rate, _ right: RunFigures.Rate
  ) -> [Row] {
    let text = { (rate: Double?) in rate.map(Text.hundredths) ?? "-" }
    return [
      count(name, left.count, right.count),
      Row(
        name: name + " per second", left: text(left.perSecond), right: text(right.perSecond),
        change: share(left.perSecond, right.perSecond)),
    ]
  }

  private static func count(_ name: String, _ left: Int, _ right: Int) -> Row {
    let (change, isTooLarge) = right.subtractingReportingOverflow(left)
    return Row(
      name: name, left: Quantity.count(left), right: Quantity.count(right),
      change: change == 0 || isTooLarge
        ? "" : change > 0 ? "+\(Quantity.count(change))" : "−\(Quantity.count(-change))")
  }

  private static func time(_ name: String, _ left: Double?, _ right: Double?) -> Row {
    let text = { (seconds: Double?) in seconds.map(length) ?? "-" }
    return Row(name: name, left: text(left), right: text(right), change: share(left, right))
  }

  /// Of a file that anybody may have written: what no run can last is told as it is.
  static func length(_ seconds: Double) -> String {
    guard let nanoseconds = Int64(exactly: (seconds * 1e9).rounded()) else { return "\(seconds) s" }
    return Text.length(Duration(nanoseconds: nanoseconds))
  }

  /// `−77 %`; empty where both are alike, or one is missing or nothing.
  private static func share(_ left: Double?, _ right: Double?) -> String {
    guard let left, let right, left > 0, left != right else { return "" }
    guard let tenths = Int64(exactly: ((right / left - 1) * 1_000).rounded()) else { return "" }
    let sign = tenths < 0 ? "−" : "+"
    return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10) %"
  }
}

// MARK: For people

extension FigureChanges {
  /// A table with a column for each side and one for the change; long texts below it.
  func lines(left: String, right: String) -> [String] {
    let isShort = { (row: Row) in max(row.left.count, row.right.count) <= 24 }
    let short = rows.filter(isShort)
    let nameWidth = Self.width("", short.map(\.name))
    let leftWidth = Self.width(left, short.map(\.left))
    let rightWidth = Self.width(right, short.map(\.right))
    func line(_ name: String, _ ofLeft: String, _ ofRight: String) -> String {
      Text.left(name, nameWidth) + Text.right(ofLeft, leftWidth) + Text.right(ofRight, rightWidth)
    }
    var lines = [line("", left, right)]
    for row in short {
      let change = row.change.isEmpty ? "" : "  \(row.change)"
      lines.append(line(row.name, row.left, row.right) + change)
    }
    for row in rows where !isShort(row) {
      if row.differs {
        lines.append("\(row.name), \(left): \(row.left)")
        lines.append("\(row.name), \(right): \(row.right)")
      } else {
        lines.append("\(row.name): \(row.left)")
      }
    }
    return lines
  }

  private static func width(_ head: String, _ cells: [String]) -> Int {
    (cells.map(\.count) + [head.count]).reduce(0, max) + 2
  }
}

import Scenarios
import SimulationKernel
import TLSBootstrap

/// Runs side by side.
package struct Comparison {
  private let runs: [(name: String, report: RunReport)]

  package init(_ runs: [(name: String, report: RunReport)]) {
    self.runs = runs
  }

  /// What is compared, with the value of each run.
  package var rows: [(name: String, values: [String])] {
    let rows: [(String, (RunReport) -> String)] =
      populationRows + [
        ("approvals per second", { Self.rate($0.statistics.approved) }),
        ("issues per second", { Self.rate($0.statistics.issued) }),
        ("virtual time", { Text.length($0.length) }),
        ("events", { Quantity.count($0.events) }),
        ("digest", { String($0.digest.prefix(12)) }),
      ]
    return rows.map { name, value in (name, runs.map { value($0.report) }) }
  }

  package var text: String {
    let rows = rows
    let widths = runs.indices.map { place in
      max(runs[place].name.count, rows.map { $0.values[place].count }.max() ?? 0) + 2
    }
    let head =
      Text.left("", 22) + zip(runs, widths).map { Text.right($0.name, $1) }.joined()
    let lines = rows.map { name, values in
      Text.left(name, 22) + zip(values, widths).map { Text.right($0, $1) }.joined()
    }
    let limits = runs.map { "\($0.name): limited by \($0.report.bottleneck.text)" }
    return ([head] + lines + [""] + limits).joined(separator: "\n")
  }

  /// Nodes, and CSR clients where a run has any.
  private var populationRows: [(String, (RunReport) -> String)] {
    let nodes = Self.rows("Ready") { $0.nodes }
    let clients = Self.rows("served") { $0.clients }
    return nodes + (runs.contains { $0.report.clients.total > 0 } ? clients : [])
  }

  private static func rows(
    _ done: String, _ population: @escaping (RunReport) -> RunReport.Population
  ) -> [(String, (RunReport) -> String)] {
    let prefix = done == "served" ? "clients " : ""
    let time = { (percent: Int) -> (RunReport) -> String in
      { population($0).time(percent: percent).map(Text.length) ?? "-" }
    }
    return [
      (prefix + done, { Quantity.count(population($0).ready) }),
      (prefix + "failed", { Quantity.count(population($0).failed) }),
      (prefix + "waiting", { Quantity.count(population($0).waiting) }),
      ("time to \(done) p50", time(50)), ("time to \(done) p90", time(90)),
      ("time to \(done) p99", time(99)), ("time to \(done) max", time(100)),
    ]
  }

  private static func rate(_ span: Statistics.Span) -> String {
    RunReport.rate(span).map(Text.hundredths) ?? "-"
  }
}

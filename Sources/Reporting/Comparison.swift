import SimulationKernel
import TLSBootstrap

/// Runs side by side.
public struct Comparison {
  private let runs: [(name: String, report: RunReport)]

  public init(_ runs: [(name: String, report: RunReport)]) {
    self.runs = runs
  }

  public var text: String {
    let rows: [(String, (RunReport) -> String)] = [
      ("Ready", { Text.count($0.ready) }),
      ("failed", { Text.count($0.failed) }),
      ("waiting", { Text.count($0.waiting) }),
      ("time to Ready p50", { Self.time($0, 50) }),
      ("time to Ready p90", { Self.time($0, 90) }),
      ("time to Ready p99", { Self.time($0, 99) }),
      ("time to Ready max", { Self.time($0, 100) }),
      ("approvals per second", { Self.rate($0.statistics.approved) }),
      ("issues per second", { Self.rate($0.statistics.issued) }),
      ("virtual time", { Text.length($0.length) }),
      ("events", { Text.count($0.events) }),
      ("digest", { String($0.digest.prefix(12)) }),
    ]
    let widths = runs.map { run in
      max(run.name.count, rows.map { $0.1(run.report).count }.max() ?? 0) + 2
    }
    let head =
      Text.left("", 22) + zip(runs, widths).map { Text.right($0.name, $1) }.joined()
    let lines = rows.map { name, value in
      Text.left(name, 22)
        + zip(runs, widths).map { Text.right(value($0.report), $1) }.joined()
    }
    let limits = runs.map { "\($0.name): limited by \($0.report.bottleneck.text)" }
    return ([head] + lines + [""] + limits).joined(separator: "\n")
  }

  private static func time(_ report: RunReport, _ percent: Int) -> String {
    report.timeToReady(percent: percent).map(Text.length) ?? "-"
  }

  private static func rate(_ span: Statistics.Span) -> String {
    guard let rate = RunReport.rate(span) else { return "-" }
    let hundredths = Int64((rate * 100).rounded())
    return "\(hundredths / 100).\(Text.pad(hundredths % 100, 2))"
  }
}

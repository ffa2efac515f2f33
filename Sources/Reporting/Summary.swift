import SimulationKernel
import TLSBootstrap

/// The summary for people.
public struct Summary {
  private let report: RunReport
  private let trace: String
  private let command: String

  /// - Parameters:
  ///   - trace: where the trace is, or why there is none.
  ///   - command: the one command that repeats the run.
  public init(_ report: RunReport, trace: String, command: String) {
    self.report = report
    self.trace = trace
    self.command = command
  }

  public var text: String {
    ([
      "\(report.scenario), seed \(report.seed): \(Text.length(report.length)) of virtual time, "
        + "\(Text.count(report.events)) events; \(endingText)",
      "",
      row("Nodes", nodesText),
    ] + failureRows + [
      row("Time to Ready", readyText),
      row("Approvals", spanText(report.statistics.approved)),
      row("Certificates", spanText(report.statistics.issued)),
      row("Limited by", report.bottleneck.text), "",
    ] + stepRows + [
      "", row("Digest", report.digest), row("Trace", trace), row("Repeat with", command),
    ]).joined(separator: "\n")
  }

  private var endingText: String {
    switch report.ending {
    case .allReady: "ended when every node was Ready"
    case .settled: "ended when nothing but an outside act could change a node's state"
    case .duration: "ended with spec.duration"
    case .limit: "ended after 24 h, the bound of a run without spec.duration"
    case .nothingLeft: "ended when nothing was left to happen"
    case .interrupted: "interrupted"
    }
  }

  private var nodesText: String {
    "\(Text.count(report.nodes)): \(Text.count(report.ready)) Ready, "
      + "\(Text.count(report.failed)) failed, \(Text.count(report.waiting)) still waiting"
  }

  private var failureRows: [String] {
    report.failures.map { row("", "\(Text.count($0.count)) × \($0.settlement.text)") }
  }

  private var readyText: String {
    let named = [("p50", 50), ("p90", 90), ("p99", 99), ("max", 100)]
    let parts = named.compactMap { name, percent in
      report.timeToReady(percent: percent).map { "\(name) \(Text.length($0))" }
    }
    return parts.isEmpty ? "no node became Ready" : parts.joined(separator: ", ")
  }

  private func spanText(_ span: Statistics.Span) -> String {
    guard span.count > 0 else { return "none" }
    guard let rate = RunReport.rate(span) else { return Text.count(span.count) }
    let tenths = Int64((rate * 100).rounded())
    return "\(Text.count(span.count)), \(tenths / 100).\(Text.pad(tenths % 100, 2)) per second"
  }

  /// For each step how often it was reached and how long after the node's step before it.
  private var stepRows: [String] {
    let head =
      Text.left("Step", 42) + Text.right("reached", 10) + Text.right("mean", 18)
      + Text.right("longest", 18)
    let rows = BootstrapStep.allCases.compactMap { step -> String? in
      let times = report.statistics.steps[Int(step.rawValue)]
      guard times.count > 0 else { return nil }
      let mean = times.total.scaled(by: 1, over: Int64(times.count))
      let name = Text.right("\(step.rawValue)", 2) + " " + step.title
      return Text.left(name, 42) + Text.right(Text.count(times.count), 10)
        + Text.right(Text.length(mean), 18) + Text.right(Text.length(times.longest), 18)
    }
    return [head] + rows
  }

  private func row(_ name: String, _ text: String) -> String { Text.left(name, 15) + text }
}

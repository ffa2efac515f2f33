import Scenarios
import SimulationKernel
import TLSBootstrap

/// The summary for people.
package struct Summary {
  private let report: RunReport
  private let trace: String
  private let command: String
  private let explanation: String?

  /// - Parameters:
  ///   - trace: where the trace is, or why there is none.
  ///   - command: the one command that repeats the run.
  ///   - explanation: the command that explains why nodes are not Ready; nil where no trace could tell.
  package init(_ report: RunReport, trace: String, command: String, explanation: String? = nil) {
    self.report = report
    self.trace = trace
    self.command = command
    self.explanation = explanation
  }

  package var text: String {
    ([
      "\(report.scenario), seed \(report.seed): \(Text.length(report.length)) of virtual time, "
        + "\(Quantity.count(report.events)) events; \(endingText)",
      "",
    ] + populationRows + failureRows + timeRows + [
      row("Approvals", spanText(report.statistics.approved)),
      row("Certificates", spanText(report.statistics.issued)),
    ] + abandonedRows + [
      row("Limited by", report.bottleneck.text)
    ] + seatRows + [""] + stepRows + [
      "", row("Digest", report.digest), row("Trace", trace),
    ] + explanationRows + [row("Repeat with", command)]).joined(separator: "\n")
  }

  /// The rows above say in which state nodes are left; what led there, the trace tells.
  private var explanationRows: [String] {
    guard let explanation, report.nodes.ready < report.nodes.total else { return [] }
    return [row("Root causes", explanation)]
  }

  private var endingText: String {
    switch report.ending {
    case .allReady:
      report.clients.total == 0
        ? "ended when every node was Ready" : "ended when every node was Ready or served"
    case .settled: "ended when nothing but an outside act could change a node's state"
    case .duration: "ended with spec.duration"
    case .limit: "ended after 24 h, the bound of a run without spec.duration"
    case .nothingLeft: "ended when nothing was left to happen"
    case .interrupted: "interrupted"
    case .tooManyEvents: "ended because there were too many events to number"
    }
  }

  private var populationRows: [String] {
    populations.map { row($0.name, text(of: $0.population, done: $0.done)) }
  }

  /// Nodes where there are any, or nothing else; CSR clients where there are any.
  private var populations: [(name: String, done: String, population: RunReport.Population)] {
    var populations: [(name: String, done: String, population: RunReport.Population)] = []
    if report.nodes.total > 0 || report.clients.total == 0 {
      populations.append(("Nodes", "Ready", report.nodes))
    }
    if report.clients.total > 0 { populations.append(("CSR clients", "served", report.clients)) }
    return populations
  }

  private func text(of population: RunReport.Population, done: String) -> String {
    "\(Quantity.count(population.total)): \(Quantity.count(population.ready)) \(done), "
      + "\(Quantity.count(population.failed)) failed, \(Quantity.count(population.waiting)) still waiting"
  }

  private var failureRows: [String] {
    report.failures.map { row("", "\(Quantity.count($0.count)) × \($0.settlement.text)") }
  }

  /// Priority levels at which somebody waited or was refused.
  private var seatRows: [String] {
    report.crowdedLevels.map { row("", "\($0.level): \(Text.seats($0))") }
  }

  private var timeRows: [String] {
    populations.map { populated in
      let named = [("p50", 50), ("p90", 90), ("p99", 99), ("max", 100)]
      let parts = named.compactMap { name, percent in
        populated.population.time(percent: percent).map { "\(name) \(Text.length($0))" }
      }
      let none = populated.done == "Ready" ? "no node became Ready" : "no client was served"
      return row(
        "Time to \(populated.done)", parts.isEmpty ? none : parts.joined(separator: ", "))
    }
  }

  /// 0.9: what the controllers did for nobody.
  private var abandonedRows: [String] {
    let statistics = report.statistics
    guard statistics.abandonedApproved + statistics.abandonedIssued > 0 else { return [] }
    return [
      row(
        "In vain",
        "approvals spent on abandoned requests: \(Quantity.count(statistics.abandonedApproved)) of "
          + "\(Quantity.count(statistics.approved.count)); certificates issued to nobody: "
          + "\(Quantity.count(statistics.abandonedIssued)) of \(Quantity.count(statistics.issued.count))"
      )
    ]
  }

  private func spanText(_ span: Statistics.Span) -> String {
    guard span.count > 0 else { return "none" }
    guard let rate = RunReport.rate(span) else {
      let isOneInstant = span.count >= RunReport.fewestOfARate && span.first == span.last
      let why =
        isOneInstant
        ? "all at one instant"
        : span.count < RunReport.fewestOfARate ? "too few for a rate" : "too fast for a rate"
      return "\(Quantity.count(span.count)), \(why)"
    }
    return "\(Quantity.count(span.count)), \(Text.hundredths(rate)) per second"
  }

  /// For each step how often it was reached and how long after the node's step before it.
  private var stepRows: [String] {
    let head =
      Text.left("Step", 42) + Text.right("reached", 10) + Text.right("mean", 18)
      + Text.right("longest", 18)
    let rows = report.steps.map { reached in
      let when = reached.isEarly ? ", early" : ""
      let name = Text.right("\(reached.step.rawValue)", 2) + " " + reached.step.title + when
      return Text.left(name, 42) + Text.right(Quantity.count(reached.count), 10)
        + Text.right(Text.length(reached.mean), 18) + Text.right(Text.length(reached.longest), 18)
    }
    return [head] + rows
  }

  private func row(_ name: String, _ text: String) -> String { Text.left(name, 15) + text }
}

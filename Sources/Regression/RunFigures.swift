import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// What a run came to for its user: what two runs are compared by.
package struct RunFigures: Codable, Hashable, Sendable {
  package var nodes = Population()
  /// Bare CSR clients.
  package var clients = Population()
  /// How many nodes and clients failed, by cause.
  package var failures: [String: Int] = [:]
  package var approvals = Rate()
  package var certificates = Rate()
  /// nil: not known, because the run cannot be played by this build.
  package var limitedBy: String?

  package struct Population: Codable, Hashable, Sendable {
    package var total = 0
    /// Ready, or served.
    package var ready = 0
    package var failed = 0
    package var waiting = 0
    /// From the start to Ready, or to the certificate; nil where nobody came that far.
    package var seconds: Percentiles?
  }

  package struct Percentiles: Codable, Hashable, Sendable {
    package var p50: Double
    package var p90: Double
    package var p99: Double
    package var max: Double
  }

  package struct Rate: Codable, Hashable, Sendable {
    package var count = 0
    /// Between the first and the last; nil where that says nothing (`RunReport.rate`).
    package var perSecond: Double?
  }
}

extension RunFigures {
  package init(_ report: RunReport) {
    nodes = Population(report.nodes)
    clients = Population(report.clients)
    failures = Dictionary(
      report.failures.map { ($0.settlement.text, $0.count) }, uniquingKeysWith: +)
    approvals = Rate(report.statistics.approved)
    certificates = Rate(report.statistics.issued)
    limitedBy = report.bottleneck.text
  }
}

extension RunFigures.Population {
  init(_ population: RunReport.Population) {
    total = population.total
    ready = population.ready
    failed = population.failed
    waiting = population.waiting
    seconds = RunFigures.Percentiles(sorted: population.times)
  }
}

extension RunFigures.Percentiles {
  /// - Returns: nil where there are none.
  init?(sorted times: [Duration]) {
    guard let p50 = times.percentile(50), let p90 = times.percentile(90),
      let p99 = times.percentile(99), let max = times.last
    else { return nil }
    self.init(p50: p50.seconds, p90: p90.seconds, p99: p99.seconds, max: max.seconds)
  }
}

extension RunFigures.Rate {
  init(_ span: Statistics.Span) {
    self.init(
      count: span.count, first: span.first.nanoseconds, last: span.last.nanoseconds)
  }

  init(count: Int, first: Int64, last: Int64) {
    self.count = count
    perSecond = RunReport.rate(count: count, length: Duration(nanoseconds: last - first))
  }
}

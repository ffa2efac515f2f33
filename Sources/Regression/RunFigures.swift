import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// What a run came to for its user: what two runs are compared by.
struct RunFigures: Codable, Hashable, Sendable {
  var nodes = Population()
  /// Bare CSR clients.
  var clients = Population()
  /// How many nodes and clients failed, by cause.
  var failures: [String: Int] = [:]
  var approvals = Rate()
  var certificates = Rate()
  /// nil: not known, because the run cannot be played by this build.
  var limitedBy: String?

  struct Population: Codable, Hashable, Sendable {
    var total = 0
    /// Ready, or served.
    var ready = 0
    var failed = 0
    var waiting = 0
    /// From the start to Ready, or to the certificate; nil where nobody came that far.
    var seconds: Percentiles?
  }

  struct Percentiles: Codable, Hashable, Sendable {
    var p50: Double
    var p90: Double
    var p99: Double
    var max: Double
  }

  struct Rate: Codable, Hashable, Sendable {
    var count = 0
    /// Between the first and the last; nil where that says nothing (`RunReport.rate`).
    var perSecond: Double?
  }
}

extension RunFigures {
  init(_ report: RunReport) {
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

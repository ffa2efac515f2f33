import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap

/// The report as one JSON object.
package struct JSONReport: Encodable {
  let scenario: String
  let seed: UInt64
  let digest: String
  let events: Int
  let virtualSeconds: Double
  let ending: String
  let nodes: Nodes
  let clients: Clients
  let timeToReadySeconds: Times
  let timeToServedSeconds: Times
  let approval: Approval
  let failures: [Failure]
  let limitedBy: String
  let analysis: Analysis.Object
  let seats: [Seats]
  let steps: [Step]
  let expectations: [Expected]
  let trace: Nullable<String>

  /// Written as null where there is nothing, so that every key is always there.
  struct Nullable<Value: Encodable>: Encodable {
    let value: Value?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if let value { try container.encode(value) } else { try container.encodeNil() }
    }
  }

  struct Nodes: Encodable { let total, ready, failed, waiting: Int }
  /// Bare CSR clients.
  struct Clients: Encodable { let total, served, failed, waiting: Int }
  struct Times: Encodable { let p50, p90, p99, max: Nullable<Double> }
  struct Approval: Encodable {
    let approved, issued: Int
    /// Of CSRs whose creator no longer waited.
    let abandonedApproved, abandonedIssued: Int
    let perSecond, issuedPerSecond: Nullable<Double>
  }
  struct Failure: Encodable {
    let reason: String
    let nodes: Int
  }
  /// A priority level of the API server at which a request waited or was refused.
  struct Seats: Encodable {
    let level: String
    let executed, waited, refused: Int
    let longestSeconds: Double
  }
  struct Step: Encodable {
    let step: Int
    let name: String
    /// Whether it is about those that were reached before smaller numbers.
    let early: Bool
    let reached: Int
    let meanSeconds, longestSeconds: Double
  }

  /// One of `spec.expect`.
  struct Expected: Encodable {
    /// As written, and where.
    let text, place: String
    let holds: Bool
    /// What was expected, and what came; null where it holds.
    let problem: Nullable<String>
  }

  /// - Parameters:
  ///   - expectations: each with what breaks it; nil: it holds.
  ///   - trace: the trace's path; nil: none was written.
  package init(
    _ report: RunReport, expectations: [(expectation: Expectation, problem: String?)] = [],
    trace: String?
  ) {
    self.expectations = expectations.map { expectation, problem in
      Expected(
        text: expectation.text, place: "\(expectation.place)", holds: problem == nil,
        problem: Nullable(value: problem))
    }
    scenario = report.scenario
    seed = report.seed
    digest = report.digest
    events = report.events
    virtualSeconds = report.length.seconds
    ending = report.ending.rawValue
    nodes = Nodes(
      total: report.nodes.total, ready: report.nodes.ready, failed: report.nodes.failed,
      waiting: report.nodes.waiting)
    clients = Clients(
      total: report.clients.total, served: report.clients.ready, failed: report.clients.failed,
      waiting: report.clients.waiting)
    timeToReadySeconds = Self.times(report.nodes)
    timeToServedSeconds = Self.times(report.clients)
    approval = Approval(
      approved: report.statistics.approved.count, issued: report.statistics.issued.count,
      abandonedApproved: report.statistics.abandonedApproved,
      abandonedIssued: report.statistics.abandonedIssued,
      perSecond: Nullable(value: RunReport.rate(report.statistics.approved)),
      issuedPerSecond: Nullable(value: RunReport.rate(report.statistics.issued)))
    failures = report.failures.map { Failure(reason: $0.settlement.text, nodes: $0.count) }
    limitedBy = report.bottleneck.text
    analysis = report.analysis.object
    seats = report.crowdedLevels.map {
      Seats(
        level: $0.level, executed: $0.waits.count, waited: $0.waits.waited, refused: $0.refused,
        longestSeconds: $0.waits.longest.seconds)
    }
    steps = report.steps.map {
      Step(
        step: Int($0.step.rawValue), name: "\($0.step)", early: $0.isEarly,
        reached: $0.count, meanSeconds: $0.total.approximate / 1e9 / Double($0.count),
        longestSeconds: $0.longest.seconds)
    }
    self.trace = Nullable(value: trace)
  }

  /// Keys sorted, so that equal runs print equal bytes.
  package func text() throws -> String {
    try JSONText.pretty(self)
  }

  private static func times(_ population: RunReport.Population) -> Times {
    let time = { Nullable(value: population.time(percent: $0).map(\.seconds)) }
    return Times(p50: time(50), p90: time(90), p99: time(99), max: time(100))
  }
}

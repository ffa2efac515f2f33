import Foundation
import SimulationKernel
import TLSBootstrap

/// The report as one JSON object.
public struct JSONReport: Encodable {
  let scenario: String
  let seed: UInt64
  let digest: String
  let events: Int
  let virtualSeconds: Double
  let ending: String
  let nodes: Nodes
  let timeToReadySeconds: Times
  let approval: Approval
  let failures: [Failure]
  let limitedBy: String
  let steps: [Step]
  let trace: String?

  struct Nodes: Encodable { let total, ready, failed, waiting: Int }
  struct Times: Encodable { let p50, p90, p99, max: Double? }
  struct Approval: Encodable {
    let approved, issued: Int
    let perSecond, issuedPerSecond: Double?
  }
  struct Failure: Encodable {
    let reason: String
    let nodes: Int
  }
  struct Step: Encodable {
    let step: Int
    let name: String
    let reached: Int
    let meanSeconds, longestSeconds: Double
  }

  /// - Parameter trace: the trace's path; nil: none was written.
  public init(_ report: RunReport, trace: String?) {
    scenario = report.scenario
    seed = report.seed
    digest = report.digest
    events = report.events
    virtualSeconds = Self.seconds(report.length)
    ending = report.ending.rawValue
    nodes = Nodes(
      total: report.nodes, ready: report.ready, failed: report.failed, waiting: report.waiting)
    let time = { report.timeToReady(percent: $0).map(Self.seconds) }
    timeToReadySeconds = Times(p50: time(50), p90: time(90), p99: time(99), max: time(100))
    approval = Approval(
      approved: report.statistics.approved.count, issued: report.statistics.issued.count,
      perSecond: RunReport.rate(report.statistics.approved),
      issuedPerSecond: RunReport.rate(report.statistics.issued))
    failures = report.failures.map { Failure(reason: $0.settlement.text, nodes: $0.count) }
    limitedBy = report.bottleneck.text
    steps = BootstrapStep.allCases.compactMap { step in
      let times = report.statistics.steps[Int(step.rawValue)]
      guard times.count > 0 else { return nil }
      return Step(
        step: Int(step.rawValue), name: "\(step)", reached: times.count,
        meanSeconds: Self.seconds(times.total) / Double(times.count),
        longestSeconds: Self.seconds(times.longest))
    }
    self.trace = trace
  }

  /// Keys sorted, so that equal runs print equal bytes.
  public func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.nanoseconds) / 1e9
  }
}

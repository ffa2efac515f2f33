import Inspection
import TLSBootstrap
import TraceStore

/// A recorded run in a format of others, row by row: memory does not grow with the number of events.
package struct Export: Sendable {
  package enum Format: String, CaseIterable, Sendable {
    case audit, perfetto, openmetrics, otlp, csv, ndjson
  }

  /// The views of a trace that `csv` and `ndjson` write.
  package enum View: String, CaseIterable, Sendable {
    case events, steps, requests, nodes, csrs, certificates
    case waitingRequests = "waiting_requests"
  }

  /// Of the events of `audit`: without or with the objects that requests carry.
  package enum AuditLevel: String, CaseIterable, Sendable {
    case metadata = "Metadata"
    case requestResponse = "RequestResponse"
  }

  let recorded: RecordedRun
  private let complete: CompleteTrace

  var trace: TraceFile { complete.file }

  /// Played to its end.
  ///
  /// - Parameter prepare: says what it is to list.
  /// - Throws: `TraceError` where this build plays the run otherwise, or where the trace lists other objects.
  func world(prepare: (inout World) -> Void = { _ in }) throws -> World {
    let world = try recorded.world(prepare: prepare)
    let counts = try trace.rows(
      """
      SELECT (SELECT coalesce(max(id) + 1, 0) FROM node), (SELECT coalesce(max(id) + 1, 0) FROM csr)
      """
    ) { [$0[0] as Int, $0[1] as Int] }
    guard counts == [[world.nodeCount, world.requestCount]] else {
      throw trace.damage("it has other nodes or CSRs than the run, played again")
    }
    return world
  }

  /// - Throws: `TraceError` where a trace that is not of level `full` cannot be completed by playing it again.
  package init(_ recorded: RecordedRun) throws {
    self.recorded = recorded
    complete = try recorded.completed()
  }

  /// - Parameters:
  ///   - view: what `csv` and `ndjson` write.
  ///   - level: of `audit`.
  ///   - interval: seconds between the samples of `openmetrics`; nil: 15, or more in long runs.
  /// - Throws: `TraceError`, and what the output throws.
  package func write(
    _ format: Format, view: View = .events, level: AuditLevel = .metadata,
    interval: Int64? = nil, to output: ExportOutput
  ) throws {
    switch format {
    case .audit:
      var audit = try AuditExport(self, level: level)
      try audit.write(to: output)
    case .perfetto: try PerfettoExport(self).write(to: output)
    case .openmetrics: try OpenMetricsExport(self, interval: interval).write(to: output)
    case .otlp: try OTLPExport(self).write(to: output)
    case .csv: try TableExport(self, view).writeCSV(to: output)
    case .ndjson: try TableExport(self, view).writeNDJSON(to: output)
    }
    try output.finish()
  }
}

import ArgumentParser
import Exports
import Foundation
import Inspection

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a recorded run in a format that other tools read.",
    discussion: """
      audit: audit.k8s.io/v1 events. perfetto: a trace for ui.perfetto.dev. openmetrics: metrics under \
      Kubernetes' names, for promtool tsdb create-blocks-from openmetrics. otlp: OpenTelemetry JSON, a \
      trace a node. csv, ndjson: a view of the trace. docs/EXPORTS.md says what is in each.

      Exit codes: 0 good, 64 usage, 65 no complete trace, 70 a bug of bootsim, 74 input or output failed, 129, \
      130 or 143 interrupted.
      """)

  @Argument(help: "A trace.", completion: .file(extensions: ["sqlite"]))
  var trace: String

  @Option(
    help: "audit, perfetto, openmetrics, otlp, csv or ndjson.",
    completion: .list(Export.Format.allCases.map(\.rawValue)), transform: Self.format)
  var format: Export.Format

  @Option(
    name: [.customShort("o"), .long], help: "Where it goes; without it or with -, standard output.",
    completion: .file())
  var output: String?

  @Option(help: "csv, ndjson: which view of the trace.")
  var view: Export.View?

  @Option(help: "audit: Metadata or RequestResponse; without it Metadata.")
  var level: Export.AuditLevel?

  @Option(
    parsing: .unconditional,
    help: "openmetrics: seconds between samples; without it 15, or more so that they are 1,000.")
  var interval: Int64?

  /// In seconds. A sample may be so long after the end of the run, which may not leave the range of time.
  private static let longestInterval: Int64 = 31_536_000

  func validate() throws {
    try OutputFile.checkIsNoFormat(
      output, instead: "-o FILE, and --format ndjson for JSON")
    if view != nil && format != .csv && format != .ndjson {
      throw ValidationError("--view needs --format csv or ndjson")
    }
    if level != nil && format != .audit {
      throw ValidationError("--level needs --format audit")
    }
    if interval != nil && format != .openmetrics {
      throw ValidationError("--interval needs --format openmetrics")
    }
    if let interval, !(1...Self.longestInterval ~= interval) {
      throw ValidationError("--interval is \(interval); give 1 to \(Self.longestInterval), a year")
    }
  }

  func run() throws {
    Interruption.listen()
    try withExitCodes(interrupted: "interrupted; no export was written") {
      let export = try Export(RecordedRun(path: trace))
      let file = try OutputStreamFile(output, reads: [trace], replaces: format.marks)
      do {
        try export.write(
          format, view: view ?? .events, level: level ?? .metadata, interval: interval,
          to: ExportOutput { piece in
            if let interruption = Interruption.current { throw interruption }
            try file.write(piece)
          })
        try file.complete()
      } catch {
        file.abandon()
        throw error
      }
    }
  }
}

extension ExportCommand {
  /// - Throws: `ValidationError`, with the format that the tool of this name reads.
  @Sendable
  private static func format(_ word: String) throws -> Export.Format {
    if let format = Export.Format(rawValue: word) { return format }
    let known = Export.Format.allCases.map(\.rawValue).joined(separator: ", ")
    let near = readers[word.lowercased()].map { "; \($0)" } ?? ""
    throw ValidationError("give one of \(known)\(near)")
  }

  private static let readers = [
    "prometheus": "Prometheus reads openmetrics", "promtool": "Prometheus reads openmetrics",
    "metrics": "metrics are in openmetrics", "jaeger": "Jaeger and Tempo read otlp",
    "tempo": "Jaeger and Tempo read otlp", "opentelemetry": "OpenTelemetry's is otlp",
    "otel": "OpenTelemetry's is otlp", "chrome": "ui.perfetto.dev reads perfetto",
    "json": "an object a line is ndjson", "jsonl": "an object a line is ndjson",
    "html": "bootsim report writes a page",
  ]
}

extension Export.View: ExpressibleByArgument {}
extension Export.AuditLevel: ExpressibleByArgument {}

extension Export.Format {
  /// What an export has among its first bytes, and hardly another file: of `csv` and `ndjson` a column of each view.
  fileprivate var marks: [String] {
    let columns = ["time_ns", "duration_ns", "node_group", "requestor", "signed_ns", "attempt"]
    return switch self {
    // Keys in alphabetical order, unlike the API server's own.
    case .audit: ["\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\""]
    // The name of the first track, after its length.
    case .perfetto: ["\u{7}kubelet"]
    case .openmetrics: ["# HELP apiserver_request Counter of apiserver requests.\n"]
    case .otlp: ["\"bootsim.digest\""]
    case .csv: columns.map { ",\($0)," }
    case .ndjson: columns.map { "\"\($0)\":" }
    }
  }
}

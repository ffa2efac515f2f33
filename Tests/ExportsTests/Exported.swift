import Exports
import Foundation
import Inspection
import Scenarios
import TestSupport
import TLSBootstrap
import TraceStore

/// A scenario of the repository, played, recorded and exported.
final class Exported {
  let trace: RecordedRun
  private let recording: Recording
  private let export: Export

  var end: World { recording.end }
  var folder: TemporaryFolder { recording.folder }

  /// - Parameter name: under `scenarios/`, without `.yaml`.
  init(_ name: String, overrides: [String] = [], level: TraceLevel = .full) throws {
    recording = try Recording(name, overrides: overrides, level: level)
    trace = try recording.opened()
    export = try Export(trace)
  }

  /// - Parameter text: of a scenario, with its other documents.
  init(text: String) throws {
    recording = try Recording(
      ScenarioFile.load(stored: [(path: "test.yaml", text: text)], seed: 1))
    trace = try recording.opened()
    export = try Export(trace)
  }

  func bytes(
    _ format: Export.Format, view: Export.View = .events, level: Export.AuditLevel = .metadata,
    interval: Int64? = nil
  ) throws -> Data {
    var all = Data()
    try export.write(
      format, view: view, level: level, interval: interval,
      to: ExportOutput { all.append(contentsOf: $0) })
    return all
  }

  func text(_ format: Export.Format, view: Export.View = .events) throws -> String {
    String(decoding: try bytes(format, view: view), as: UTF8.self)
  }

  func objects(
    _ format: Export.Format, view: Export.View = .events, level: Export.AuditLevel = .metadata
  ) throws -> [[String: Any]] {
    try Self.objects(
      in: String(decoding: bytes(format, view: view, level: level), as: UTF8.self))
  }

  static func objects(in text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
  }

  /// Writes the export to a file for another program.
  func file(_ format: Export.Format, view: Export.View = .events) throws -> String {
    let path = folder.file("\(format.rawValue)-\(view.rawValue)")
    try bytes(format, view: view).write(to: URL(fileURLWithPath: path))
    return path
  }

  func count(_ sql: String) throws -> Int {
    try trace.completed().file.rows(sql) { $0[0] as Int }.first ?? 0
  }
}

import Exports
import Foundation
import Inspection
import Scenarios
import TLSBootstrap
import TraceStore

/// The built program, run once.
struct Program {
  let code: Int32
  let output: Data

  init(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appending(path: "bootsim")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    code = process.terminationStatus
  }
}

/// A scenario of the repository, played, recorded and exported.
final class Exported {
  let trace: RecordedRun
  let end: World
  private let export: Export
  let folder = FileManager.default.temporaryDirectory.appending(path: "exports-\(UUID())")

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// - Parameter name: under `scenarios/`, without `.yaml`.
  init(_ name: String, overrides: [String] = [], level: TraceLevel = .full) throws {
    let loaded = try ScenarioFile.load(
      path: Self.root.appending(path: "scenarios/\(name).yaml").path, overrides: overrides)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appending(path: "run.sqlite").path
    let recorder = try SQLiteTrace(
      path: path,
      run: RunInputs(
        scenario: loaded.scenario.name,
        inputs: loaded.inputs.map { RunInputs.Input(path: $0.path, text: $0.text) },
        seed: loaded.scenario.seed, version: "test", start: loaded.scenario.start,
        command: "bootsim run scenarios/\(name).yaml"),
      level: level)
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: level)
    var sink: (any TraceSink)? = recorder
    _ = try world.run(into: &sink)
    try recorder.finish(
      directory: world,
      outcome: RunOutcome(
        end: world.now.nanoseconds, events: Int(world.eventCount), digest: world.digest.text))
    end = world
    trace = try RecordedRun(path: path)
    export = try Export(trace)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func bytes(_ format: Export.Format, view: Export.View = .events) throws -> Data {
    var all = Data()
    try export.write(format, view: view, to: ExportOutput { all.append(contentsOf: $0) })
    return all
  }

  func text(_ format: Export.Format, view: Export.View = .events) throws -> String {
    String(decoding: try bytes(format, view: view), as: UTF8.self)
  }

  func objects(_ format: Export.Format, view: Export.View = .events) throws -> [[String: Any]] {
    try Self.objects(in: text(format, view: view))
  }

  static func objects(in text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
  }

  /// Writes the export to a file for another program.
  func file(_ format: Export.Format, view: Export.View = .events) throws -> String {
    let file = folder.appending(path: "\(format.rawValue)-\(view.rawValue)")
    try bytes(format, view: view).write(to: file)
    return file.path
  }

  func count(_ sql: String) throws -> Int {
    try trace.completed().file.rows(sql) { $0[0] as Int }.first ?? 0
  }
}

import Foundation
import Inspection
import Scenarios
import TLSBootstrap
import TraceStore

/// A scenario of the repository, recorded in a file that lives as long as this value.
final class Recording {
  let path: String
  let loaded: LoadedScenario
  let end: World
  private let folder: URL

  /// - Parameter name: under `scenarios/`, without `.yaml`.
  init(_ name: String, overrides: [String] = [], level: TraceLevel = .full) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    loaded = try ScenarioFile.load(
      path: root.appending(path: "scenarios/\(name).yaml").path, overrides: overrides)
    folder = FileManager.default.temporaryDirectory.appending(path: "recording-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: "run.sqlite").path
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
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func opened() throws -> RecordedRun { try RecordedRun(path: path) }
}

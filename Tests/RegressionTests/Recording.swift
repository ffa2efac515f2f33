import Foundation
import GRDB
import Inspection
import Scenarios
import SimulationKernel
import TLSBootstrap
import TraceStore

/// A scenario of the repository, recorded in a file that lives as long as this value.
final class Recording {
  let path: String
  let end: World
  let ending: World.Ending
  let events: [TraceEvent]
  private let folder = TemporaryFolder()

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// - Parameter name: under `scenarios/`, without `.yaml`.
  convenience init(
    _ name: String, overrides: [String] = [], level: TraceLevel = .full
  ) throws {
    let path = Self.root.appending(path: "scenarios/\(name).yaml").path
    try self.init(try ScenarioFile.load(path: path, overrides: overrides), level: level)
  }

  init(_ loaded: LoadedScenario, level: TraceLevel = .full) throws {
    path = folder.file("run.sqlite")
    let recorder = try SQLiteTrace(
      path: path,
      run: RunInputs(
        scenario: loaded.scenario.name,
        inputs: loaded.inputs.map { RunInputs.Input(path: $0.path, text: $0.text) },
        seed: loaded.scenario.seed, version: "test", start: loaded.scenario.start,
        command: "bootsim run"),
      level: level)
    let witness = Witness(recorder)
    var sink: (any TraceSink)? = witness
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    ending = try world.run(into: &sink)
    try recorder.finish(
      directory: world,
      outcome: RunOutcome(
        end: world.now.nanoseconds, events: Int(world.eventCount), digest: world.digest.text))
    end = world
    events = witness.events
  }

  func opened() throws -> RecordedRun { try RecordedRun(path: path) }

  func change(_ sql: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    try DatabaseQueue(path: path, configuration: configuration).write { try $0.execute(sql: sql) }
  }
}

/// Keeps what it hands on.
private final class Witness: TraceSink {
  private(set) var events: [TraceEvent] = []
  private let trace: SQLiteTrace

  init(_ trace: SQLiteTrace) { self.trace = trace }

  func record(_ events: UnsafeBufferPointer<TraceEvent>) throws {
    self.events.append(contentsOf: events)
    try trace.record(events)
  }

  func record(_ requests: WaitingRequests) throws { try trace.record(requests) }
  func record(_ requests: [WaitingRequest]) throws { try trace.record(requests) }
}

/// An empty folder, removed with everything in it.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "regression-\(UUID())")

  init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> String { url.appending(path: name).path }

  func write(_ text: String, to name: String) throws {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func text(of name: String) throws -> String {
    try String(contentsOf: url.appending(path: name), encoding: .utf8)
  }
}

/// The built program, run once.
struct Program {
  let code: Int32
  let output: String
  let errors: String

  init(
    _ arguments: [String], in folder: URL = Recording.root, environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appending(path: "bootsim")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    let texts = TemporaryFolder()
    let files = ["out", "err"].map { texts.url.appending(path: $0) }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    code = process.terminationStatus
    output = try String(contentsOf: files[0], encoding: .utf8)
    errors = try String(contentsOf: files[1], encoding: .utf8)
  }
}

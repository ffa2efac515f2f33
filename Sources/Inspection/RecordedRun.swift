import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap
import TraceStore

/// A trace and the scenario that it stores: a run that can be looked at, and played again.
///
/// The world at any instant is played anew from the inputs in the trace, which is exact and, for 5,000
/// nodes, takes a fraction of a second; so a trace of any level answers every question.
package struct RecordedRun: Sendable {
  package let path: String
  package let trace: TraceFile
  package let run: TraceFile.Run
  package let loaded: LoadedScenario

  /// - Throws: `TraceError` where the file is no complete trace, or this version of bootsim cannot read
  ///   the scenario in it.
  package init(path: String) throws {
    self.path = path
    trace = try TraceFile(path: path)
    run = try trace.run()
    let inputs = try trace.inputs()
    do {
      loaded = try ScenarioFile.load(stored: inputs.map { ($0.path, $0.text) }, seed: run.seed)
    } catch {
      throw TraceError(
        path: path,
        problem: "the scenario in it, of bootsim \(run.version), cannot be read any more: \(error)",
        cure: "record it again")
    }
    guard run.start == loaded.scenario.start else {
      throw trace.damage("the run starts at another time than the scenario in it")
    }
  }

  /// The cluster as it is at this instant, or at the end of the run where that comes first.
  ///
  /// - Parameter prepare: says what it is to list.
  /// - Throws: `TraceError` where the run is played to its end, which is then not that of the trace.
  package func world(
    at instant: Instant? = nil, prepare: (inout World) -> Void = { _ in }
  ) throws -> World {
    var world = newWorld(level: .none)
    prepare(&world)
    if let instant, instant.nanoseconds < run.end {
      world.advance(to: instant)
    } else {
      world.run()
      try check(world)
    }
    return world
  }

  /// Plays the run again and hands all that happens to the sink.
  ///
  /// - Parameter progress: told whenever the sink got what happened so far; between two of its worlds
  ///   no fault begins or ends.
  /// - Returns: the world at the end of the run.
  /// - Throws: `TraceError` where the end is not that of the trace, and what the sink throws.
  @discardableResult
  package func replay(
    into sink: any TraceSink, listing waits: ListedWaits = .none,
    progress: (World) -> Void = { _ in }
  ) throws -> World {
    try played(into: sink, listing: waits, progress: progress).world
  }

  /// The same, with why the run ended.
  package func played(
    into sink: any TraceSink, listing waits: ListedWaits = .none,
    progress: (World) -> Void = { _ in }
  ) throws -> (world: World, ending: World.Ending) {
    var world = newWorld(level: .full)
    world.listedWaits = waits
    var target: (any TraceSink)? = sink
    let ending = try world.run(into: &target, progress: progress)
    try check(world)
    return (world, ending)
  }

  /// The cluster at this instant, or at the end of the run where that comes first, after all that happened
  /// until then went to the sink.
  ///
  /// - Throws: `TraceError` where the run is played to its end, which is then not that of the trace.
  func world(at instant: Instant?, into sink: any TraceSink) throws -> World {
    guard let instant, instant.nanoseconds < run.end else { return try replay(into: sink) }
    var world = newWorld(level: .full)
    try world.advance(to: instant, into: sink)
    return world
  }

  /// The same scenario and seed with further overrides, such as `spec.controllerManager.kubeAPIQPS=40`,
  /// and a manifest as a further document, played to its end.
  ///
  /// - Throws: `ScenarioErrors` where the scenario does not take them.
  package func played(
    with overrides: [String], manifest: String = ""
  ) throws -> (world: World, ending: World.Ending) {
    let changed = try changed(overrides, manifest: manifest)
    var world = World(changed.scenario, inputs: changed.canonicalInputs)
    let ending = world.run()
    return (world, ending)
  }

  /// Whether the scenario takes these overrides.
  func takes(_ overrides: [String]) -> Bool { (try? changed(overrides)) != nil }

  /// A trace of level `full`: this one, or one recorded anew, which is gone when its owner is.
  ///
  /// - Throws: `TraceError` where it cannot be written, or its digest is not that of this trace.
  package func completed() throws -> CompleteTrace {
    if run.level == .full {
      try trace.checkRows()
      return CompleteTrace(file: trace, folder: nil)
    }
    let folder = try TemporaryFolder()
    let path = folder.url.appending(path: "run.sqlite").path
    let recorder = try SQLiteTrace(
      path: path, run: RunInputs(loaded, version: run.version, command: run.command), level: .full)
    let world = try replay(into: recorder)
    try recorder.finish(
      directory: world,
      outcome: RunOutcome(world))
    return CompleteTrace(file: try TraceFile(path: path), folder: folder)
  }
}

extension RecordedRun {
  private func changed(_ overrides: [String], manifest: String = "") throws -> LoadedScenario {
    var stored = loaded.inputs.map { (path: $0.path, text: $0.text) }
    if !manifest.isEmpty { stored[0].text += "\n---\n\(manifest)\n" }
    return try ScenarioFile.load(stored: stored, overrides: overrides, seed: run.seed)
  }

  private func newWorld(level: TraceLevel) -> World {
    World(loaded.scenario, inputs: loaded.canonicalInputs, level: level)
  }

  private func check(_ world: World) throws {
    guard world.digest.text != run.digest else { return }
    throw TraceError(
      path: path,
      problem: "played again it has the digest \(world.digest.text), not \(run.digest): "
        + "it was recorded by another build of bootsim (\(run.version))",
      cure: "record it again")
  }
}

/// A trace of level `full`.
package struct CompleteTrace: Sendable {
  package let file: TraceFile
  /// Where it lies, if it was made for this purpose.
  private let folder: TemporaryFolder?

  fileprivate init(file: TraceFile, folder: TemporaryFolder?) {
    self.file = file
    self.folder = folder
  }
}

/// A folder that is removed with its owner.
private final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "bootsim-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw TraceError(
        path: url.path, problem: "\(error)", cure: "let TMPDIR name a folder that can be written")
    }
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}

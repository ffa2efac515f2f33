import Foundation
import Inspection
import Scenarios
import TLSBootstrap
import TraceStore

/// A scenario, played and recorded in a file that lives as long as this value.
package final class Recording {
  package let path: String
  package let loaded: LoadedScenario
  package let end: World
  package let ending: World.Ending
  package let folder = TemporaryFolder()

  /// - Parameter name: under `scenarios/`, without `.yaml`.
  package convenience init(
    _ name: String, overrides: [String] = [], level: TraceLevel = .full
  ) throws {
    let file = "scenarios/\(name).yaml"
    let loaded = try ScenarioFile.load(
      path: Repository.root.appending(path: file).path, overrides: overrides)
    try self.init(loaded, level: level, command: "bootsim run \(file)")
  }

  /// A cluster as kubeadm sets it up.
  ///
  /// - Parameters:
  ///   - spec: what else its `spec` says, indented by two.
  ///   - objects: the file's other documents, each after its `---`.
  package convenience init(
    kubeadm spec: String, objects: String = "", level: TraceLevel = .full
  ) throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: test}
      spec:
        preset: kubeadm
      \(spec)
      \(objects)
      """
    let stored = [(path: "test.yaml", text: text)]
    try self.init(ScenarioFile.load(stored: stored, seed: 1), level: level)
  }

  package init(
    _ loaded: LoadedScenario, level: TraceLevel = .full, command: String = "bootsim run"
  ) throws {
    self.loaded = loaded
    path = folder.file("run.sqlite")
    let recorder = try SQLiteTrace(
      path: path, run: RunInputs(loaded, version: "test", command: command), level: level)
    var sink: (any TraceSink)? = recorder
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: level)
    ending = try world.run(into: &sink)
    try recorder.finish(directory: world, outcome: RunOutcome(world))
    end = world
  }

  /// All that happened, whatever of it the trace has.
  package func events() throws -> [TraceEvent] {
    let witness = Witness()
    try opened().replay(into: witness)
    return witness.events
  }

  package func opened() throws -> RecordedRun { try RecordedRun(path: path) }
}

private final class Witness: TraceSink {
  private(set) var events: [TraceEvent] = []

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events.append(contentsOf: events)
  }

  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}
}

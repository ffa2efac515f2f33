import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap

/// The first five lines of every scenario of these tests; what a test adds begins on line 6.
let head = """
  apiVersion: bootsim.dev/v1alpha1
  kind: Scenario
  metadata:
    name: test
  spec:

  """

/// A group and a token, so that a test has to write only what it is about.
let nodesAndToken = """
    nodes:
    - name: workers
    tokens:
    - token: abcdef.0123456789abcdef

  """

private struct MissingFile: Error {}

/// Loads the five lines of `head` and `spec`, with files in memory.
func load(
  _ spec: String, files: [String: String] = [:], overrides: [String] = [], seed: UInt64? = nil
) throws -> LoadedScenario {
  try loadText(head + spec, files: files, overrides: overrides, seed: seed)
}

func loadText(
  _ text: String, files: [String: String] = [:], overrides: [String] = [], seed: UInt64? = nil
) throws -> LoadedScenario {
  try ScenarioFile.load(text: text, path: "s.yaml", overrides: overrides, seed: seed) { path in
    guard let text = files[path] else { throw MissingFile() }
    return text
  }
}

/// Every mistake of a scenario, one line each; empty when there is none.
func mistakes(
  _ spec: String, files: [String: String] = [:], overrides: [String] = []
) -> [String] {
  mistakes { _ = try load(spec, files: files, overrides: overrides) }
}

func mistakesOfText(_ text: String) -> [String] {
  mistakes { _ = try loadText(text) }
}

private func mistakes(_ load: () throws -> Void) -> [String] {
  do {
    try load()
    return []
  } catch let errors as ScenarioErrors {
    return errors.errors.map(\.description)
  } catch {
    return ["another error: \(error)"]
  }
}

/// A real object as an API server gave it.
func fixture(_ name: String) throws -> String {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  let file = folder.appendingPathComponent("Fixtures").appendingPathComponent(name)
  return try String(contentsOf: file, encoding: .utf8)
}

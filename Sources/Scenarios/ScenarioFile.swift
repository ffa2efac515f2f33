import Foundation
import TLSBootstrap

/// A scenario, ready to play, with everything that was read for it.
public struct LoadedScenario: Sendable {
  public var scenario: Scenario
  /// What the files say and the simulator does not follow, one sentence each.
  public var notes: [String]
  /// The full text of everything that the scenario depends on: its file, the files that it names,
  /// and the overrides, under the path `--set`.
  public var inputs: [InputText]
  public var expectations: [Expectation]
  package var places = ListPlaces()

  /// What the digest covers of the inputs: their texts in order, not their paths.
  public var canonicalInputs: [UInt8] {
    inputs.flatMap { Array($0.text.utf8) + [0] }
  }
}

/// The scenario format: YAML and real Kubernetes objects in, a `Scenario` out.
public enum ScenarioFile {
  public static let apiVersion = "bootsim.dev/v1alpha1"

  /// Reads a scenario file and every file that it names.
  ///
  /// - Parameters:
  ///   - overrides: `path=value`, such as `spec.nodes.workers.count=10`.
  ///   - seed: Replaces `spec.seed`.
  /// - Throws: `ScenarioErrors`, with every mistake of every file.
  public static func load(
    path: String, overrides: [String] = [], seed: UInt64? = nil
  ) throws -> LoadedScenario {
    try load(
      text: try mainText(path), path: path, overrides: overrides, seed: seed, readFile: readText)
  }

  private static func mainText(_ path: String) throws -> String {
    if FileManager.default.isFolder(path) {
      throw ScenarioErrors(unreadable: path, "a folder", cure: "give a scenario file in it")
    }
    do {
      return try readText(path)
    } catch let error as ScenarioError {
      throw ScenarioErrors([error])
    } catch {
      throw ScenarioErrors(
        unreadable: path, "cannot be read", cure: "give the path of a scenario file")
    }
  }

  /// The same, from a text in memory.
  ///
  /// - Parameter readFile: Gives the text of a file that the scenario names; its path has the
  ///   folder of `path` before it.
  public static func load(
    text: String, path: String, overrides: [String] = [], seed: UInt64? = nil,
    readFile: @escaping (String) throws -> String
  ) throws -> LoadedScenario {
    try read(text: text, path: path, overrides: overrides, seed: seed, readFile: readFile).loaded
  }

  /// The same, from what a run read and a trace stores.
  ///
  /// - Parameters:
  ///   - stored: paths and texts in the order of `LoadedScenario.inputs`.
  ///   - overrides: win over those that are stored.
  public static func load(
    stored: [(path: String, text: String)], overrides: [String] = [], seed: UInt64
  ) throws -> LoadedScenario {
    guard let main = stored.first else {
      throw ScenarioErrors([
        ScenarioError(at: Place(file: ""), "no scenario is stored", cure: "record the run again")
      ])
    }
    let earlier = stored.first { $0.path == overridesPath }.map { $0.text.split(separator: "\n") }
    return try load(
      text: main.text, path: main.path, overrides: (earlier ?? []).map(String.init) + overrides,
      seed: seed
    ) { path in
      guard let file = stored.first(where: { $0.path == path }) else {
        throw ScenarioError(
          at: Place(file: path), "is not stored with the run", cure: "record the run again")
      }
      return file.text
    }
  }

  /// The path under which a run stores its overrides, one a line.
  static let overridesPath = "--set"

  /// The same, with the keys of the table that were asked for.
  static func read(
    text: String, path: String, overrides: [String] = [], seed: UInt64? = nil,
    readFile: @escaping (String) throws -> String
  ) throws -> (loaded: LoadedScenario, keys: Set<String>) {
    let (loaded, reading) = try readAll(
      text: text, path: path, overrides: overrides, seed: seed, readFile: readFile)
    return (loaded, reading.readKeys)
  }

  /// What `bootsim lint` looks at.
  static func lintInput(path: String) throws -> LintInput {
    try lintInput(text: try mainText(path), path: path, readFile: readText)
  }

  static func lintInput(
    text: String, path: String, readFile: @escaping (String) throws -> String
  ) throws -> LintInput {
    let (loaded, reading) = try readAll(text: text, path: path, readFile: readFile)
    guard let document = reading.document, let manifests = reading.manifests else {
      preconditionFailure("\(path) was read without its document")
    }
    let spec = Section(document, "", reading)?.section("spec")
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let unused = (spec?.strings("files") ?? []).filter {
      !manifests.usedFiles.contains(FilePath.resolve($0.value, in: folder))
    }
    return LintInput(
      loaded.scenario, loaded.expectations,
      LintInput.Objects(
        document: document, secrets: manifests.secrets, roles: manifests.roles,
        bindings: manifests.bindings, unusedFiles: unused),
      LintComments(loaded.inputs))
  }

  private static func readAll(
    text: String, path: String, overrides: [String] = [], seed: UInt64? = nil,
    readFile: @escaping (String) throws -> String
  ) throws -> (LoadedScenario, Reading) {
    let reading = Reading(readFile: readFile)
    reading.addInput(path, text)
    let reader = ScenarioReader(
      reading: reading, path: path, seed: seed, isOverridden: !overrides.isEmpty)
    let (scenario, expectations) = reader.read(text, overrides: overrides)
    guard reading.errors.isEmpty, let scenario else {
      var errors = ScenarioErrors(reading.errors)
      errors.notes = reading.notes
      throw errors
    }
    let loaded = LoadedScenario(
      scenario: scenario, notes: reading.notes, inputs: reading.inputs,
      expectations: expectations, places: reading.places)
    return (loaded, reading)
  }

  /// With which each SQLite file begins. Source: its file format, 1.3.
  private static let sqliteHead = Array("SQLite format 3\0".utf8)

  /// How many bytes a file has at most: 256 MiB, so that a device without end does not take all memory.
  ///
  /// Assumption: what `kubectl get -o yaml` gives of 100,000 Nodes is shorter.
  private static let mostBytes = 256 << 20

  private static func bytes(of file: FileHandle, _ path: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
      bytes += piece
      if bytes.count > mostBytes {
        throw ScenarioError(
          at: Place(file: path), "longer than \(mostBytes >> 20) MiB",
          cure: "give a YAML or CSV text file")
      }
    }
    return bytes
  }

  /// The text of a file in UTF-8.
  private static func readText(_ path: String) throws -> String {
    // Not by its size, which a pipe has not: `bootsim run <(sed …)`.
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let bytes = try bytes(of: file, path)
    if bytes.starts(with: sqliteHead) {
      throw ScenarioError(
        at: Place(file: path), "a trace, no scenario",
        cure: "look into it with bootsim explain, or give a YAML file")
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let line = bytes.prefix { $0 < 0x80 && $0 != 0 }.count { $0 == UInt8(ascii: "\n") } + 1
    throw ScenarioError(
      at: Place(file: path, line: line, column: 1), "not a text in UTF-8",
      cure: "give a YAML or CSV text file")
  }
}

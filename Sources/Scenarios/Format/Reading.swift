import TLSBootstrap

/// What one reading of a scenario gathers: its mistakes, notes and inputs.
///
/// A class, because every reader adds to the same one.
final class Reading {
  private(set) var errors: [ScenarioError] = []
  private(set) var notes: [String] = []
  private(set) var inputs: [InputText] = []
  /// The scenario's own document, and the Kubernetes objects of all files; `bootsim lint` looks at them.
  var document: YAMLValue?
  var manifests: Manifests?
  var places = ListPlaces()
  /// Paths of `ScenarioFile.keys` that were asked for; a test holds the table complete by it.
  var readKeys: Set<String> = []
  private let readFile: (String) throws -> String

  init(readFile: @escaping (String) throws -> String) {
    self.readFile = readFile
  }

  func fail(_ place: Place, _ problem: String, cure: String) {
    errors.append(ScenarioError(at: place, problem, cure: cure))
  }

  func fail(_ error: ScenarioError) { errors.append(error) }

  func note(_ place: Place, _ text: String) {
    notes.append("\(place): \(text.onOneLine)")
  }

  func addInput(_ path: String, _ text: String) {
    inputs.append(InputText(path: path, text: text))
  }

  /// The text of a file that the scenario names at `mention`; read once, however often it is named.
  func text(of path: String, namedAt mention: Place) -> String? {
    if let known = inputs.first(where: { $0.path == path }) { return known.text }
    do {
      let text = try readFile(path)
      addInput(path, text)
      return text
    } catch let error as ScenarioError {
      fail(error)
    } catch {
      fail(mention, "cannot read \(path)", cure: "give a file relative to the scenario's folder")
    }
    return nil
  }

  /// Whether the file was read, so that a mistake about it is not reported twice.
  private func hasRead(_ path: String) -> Bool { inputs.contains { $0.path == path } }

  /// The only document of its kind in a file that the scenario names; nil: a mistake.
  func only<Document>(
    _ found: [Document], _ kind: String, in path: String, namedAt mention: Place, cure: String
  ) -> Document? {
    guard found.count != 1 else { return found[0] }
    if hasRead(path) {
      fail(mention, "\(path) has \(found.isEmpty ? "no" : "several") \(kind)", cure: cure)
    }
    return nil
  }

  /// Each of a kind has a name of its own.
  ///
  /// - Parameter places: where the names are that were read so far.
  func checkName(
    _ name: String, of kind: String, at place: Place, _ places: inout [String: Place]
  ) {
    guard let other = places.updateValue(place, forKey: name) else { return }
    fail(
      place, "a second \(kind) “\(name)”; the first is on line \(other.line)",
      cure: "give each \(kind) a name of its own")
  }

  func documents(of text: String, file: String) -> [YAMLValue] {
    let (documents, error) = YAMLDocuments.parse(text, file: file)
    if let error { fail(error) }
    return documents
  }

  /// The one value of a thing that may be set at two places; two different values are a mistake.
  ///
  /// - Parameter text: Writes the value as the user does.
  func settled<Value: Equatable>(
    _ name: String, _ first: Located<Value>?, _ second: Located<Value>?,
    text: (Value) -> String = { "\($0)" }
  ) -> Located<Value>? {
    guard let first, let second else { return first ?? second }
    if first.place.isOverride || first.value == second.value { return first }
    if second.place.isOverride { return second }
    conflict(name, first.map(text), second.map(text))
    return first
  }

  /// Sets a field from the key of the scenario or from a Kubernetes object.
  func set<Value: Equatable>(
    _ field: inout Value, _ name: String, _ key: Located<Value>?, _ object: Located<Value>?,
    text: (Value) -> String = { "\($0)" }
  ) {
    if let settled = settled(name, key, object, text: text) { field = settled.value }
  }

  /// Reports that two places disagree; the mistake is at the later one.
  func conflict(_ name: String, _ first: Located<String>, _ second: Located<String>) {
    fail(
      first.place,
      "\(name) is \(first.value) here and \(second.value) at \(second.place.fileAndLine)",
      cure: "remove one of the two, or make them equal")
  }
}

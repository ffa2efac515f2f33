/// One `--set path=value`.
package struct Override {
  static let prefix = "--set "
  let text: String
  /// Where in the scenario; nil: there is no `=`.
  package let path: String?
  private let value: String
  private let place: Place

  package init(_ text: String) {
    self.text = text
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.count == 2 ? String(parts[0]) : nil
    value = parts.count == 2 ? String(parts[1]) : ""
    place = Place(file: Self.prefix + text)
  }

  /// From the top of the document: `spec`, `nodes`, `0`, `count`.
  private var steps: [String] {
    (path ?? "").split(separator: ".", omittingEmptySubsequences: false).flatMap(Self.withIndices)
  }

  /// Puts the value into the scenario's document; whether its key exists is found when it is read.
  func apply(to document: inout YAMLValue, _ reading: Reading) {
    guard let path else {
      return reading.fail(place, "no `=`", cure: "write `--set spec.key=value`")
    }
    guard steps.first == "spec", steps.count > 1, !steps.contains("") else {
      return reading.fail(
        place, "“\(path.prefix(100))” is no path into the scenario",
        cure: "write it like `spec.controllerManager.kubeAPIQPS`")
    }
    let parsed = YAMLDocuments.parse(value, file: place.file)
    if let error = parsed.error {
      return reading.fail(place, error.problem, cure: "give a value in YAML")
    }
    guard parsed.documents.count <= 1 else {
      return reading.fail(place, "several documents as value", cure: "give one value in YAML")
    }
    let empty = YAMLValue(content: .scalar("", isText: false), place: place)
    set(steps[...], to: moved(parsed.documents.first ?? empty), in: &document, reading)
  }

  /// Elements of lists that an override left empty, such as `--set 'spec.faults[0]='`, are left out; after
  /// all of them, so that none moves the places of another.
  static func withoutEmptied(_ value: YAMLValue) -> YAMLValue {
    var value = value
    switch value.content {
    case .scalar: break
    case .sequence(let elements):
      value.content = .sequence(
        elements.filter { !isEmptied($0) }.map(withoutEmptied))
    case .mapping(let entries):
      value.content = .mapping(
        entries.map {
          YAMLValue.Entry(key: $0.key, keyPlace: $0.keyPlace, value: withoutEmptied($0.value))
        })
    }
    return value
  }

  static func isEmptied(_ element: YAMLValue) -> Bool {
    element.isNull && element.place.file.hasPrefix(prefix)
  }

  /// `nodes[0]` is `nodes`, `0`.
  private static func withIndices(_ step: Substring) -> [String] {
    guard step.hasSuffix("]"), let bracket = step.firstIndex(of: "[") else { return [String(step)] }
    let index = step[step.index(after: bracket)...].dropLast()
    return [String(step[..<bracket]), String(index)]
  }

  private func moved(_ value: YAMLValue) -> YAMLValue {
    var value = value
    value.place = place
    switch value.content {
    case .scalar: break
    case .sequence(let elements): value.content = .sequence(elements.map(moved))
    case .mapping(let entries):
      value.content = .mapping(
        entries.map { YAMLValue.Entry(key: $0.key, keyPlace: place, value: moved($0.value)) })
    }
    return value
  }

  private func set(
    _ steps: ArraySlice<String>, to new: YAMLValue, in value: inout YAMLValue, _ reading: Reading
  ) {
    guard let step = steps.first else {
      tellReplaced(value, reading)
      value = new
      return
    }
    if value.isNull { value = YAMLValue(content: .mapping([]), place: place) }
    switch value.content {
    case .mapping(var entries):
      let index = entries.firstIndex { $0.key == step } ?? entries.endIndex
      if index == entries.endIndex {
        let null = YAMLValue(content: .scalar("", isText: false), place: place)
        entries.append(YAMLValue.Entry(key: step, keyPlace: place, value: null))
      }
      if steps.count == 1 { entries[index].keyPlace = place }
      set(steps.dropFirst(), to: new, in: &entries[index].value, reading)
      value.content = .mapping(entries)
    case .sequence(var elements):
      guard let index = index(of: step, in: elements) else {
        let names = elements.compactMap { $0["name"]?.text }
        return reading.fail(
          place, "the list has no element “\(step)”",
          cure: elements.isEmpty
            ? "the list is empty"
            : "give an index from 0 to \(elements.count - 1)"
              + (names.isEmpty ? "" : ", or one of \(KeyTable.list(names))"))
      }
      set(steps.dropFirst(), to: new, in: &elements[index], reading)
      value.content = .sequence(elements)
    case .scalar:
      reading.fail(
        place, "“\(step)” is below a plain value (\(value.place.fileAndLine))",
        cure: "set the key above it")
    }
  }

  /// One that names the same key in another way, such as by the index of a list, and of which nothing is left.
  private func tellReplaced(_ value: YAMLValue, _ reading: Reading) {
    guard value.place.isOverride else { return }
    let earlier = Override(String(value.place.file.dropFirst(Self.prefix.count)))
    guard earlier.steps.count == steps.count, earlier.path != path else { return }
    reading.note(place, "replaces --set \(earlier.text), which sets the same key")
  }

  private func index(of step: String, in elements: [YAMLValue]) -> Int? {
    if let index = elements.firstIndex(where: { $0["name"]?.text == step }) { return index }
    guard let index = Int(step), elements.indices.contains(index) else { return nil }
    return index
  }
}

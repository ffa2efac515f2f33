/// A Kubernetes object as it is written, with any field.
struct KubernetesObject {
  let value: YAMLValue
  let reading: Reading
  let kind: String
  /// As it is written.
  let apiVersion: String
  /// The API group; empty for the core group.
  let group: String

  var place: Place { value.place }

  /// Reports what is no Kubernetes object.
  init?(_ value: YAMLValue, _ reading: Reading) {
    guard let kind = value["kind"]?.text, let version = value["apiVersion"]?.text else {
      reading.fail(
        value.place, "not a Kubernetes object: no apiVersion and kind",
        cure: "give both, or remove the document")
      return nil
    }
    self.value = value
    self.reading = reading
    self.kind = kind
    apiVersion = version
    let parts = version.split(separator: "/", maxSplits: 1)
    group = parts.count == 2 ? String(parts[0]) : ""
  }

  /// `metadata.name`; its absence is a mistake.
  var name: String? {
    if let name = value["metadata"]?["name"]?.text, !name.isEmpty { return name }
    reading.fail(place, "\(kind) without metadata.name", cure: "name the object")
    return nil
  }

  /// `metadata.namespace`, or the one that kubectl takes.
  var namespace: String { value["metadata"]?["namespace"]?.text ?? "default" }

  /// A list, empty when absent; anything else is a mistake.
  func list(_ key: String) -> [YAMLValue] { list(key, in: value) }

  func list(_ key: String, in value: YAMLValue) -> [YAMLValue] {
    guard let field = value[key] else { return [] }
    if let elements = field.elements { return elements }
    refuse(field, key, "a list")
    return []
  }

  /// The entries of a mapping, none when absent; anything else is a mistake.
  func mapping(_ key: String, in value: YAMLValue) -> [YAMLValue.Entry] {
    guard let field = value[key] else { return [] }
    if let entries = field.entries { return entries }
    refuse(field, key, "a mapping")
    return []
  }

  func strings(_ key: String, in value: YAMLValue) -> [String] {
    list(key, in: value).compactMap { element in
      guard let text = element.text, !element.isPlainNonString else {
        refuse(element, key, "a list of strings", isText: true)
        return nil
      }
      return text
    }
  }

  func string(_ key: String, in value: YAMLValue) -> String? {
    value[key].flatMap { string($0, key) }
  }

  /// The text of a field; what is no string is a mistake.
  func string(_ field: YAMLValue, _ key: String) -> String? {
    if field.text == nil || field.isPlainNonString { refuse(field, key, "a string", isText: true) }
    return field.text
  }

  /// Reports a field that the API server would not decode.
  ///
  /// - Parameter isText: Whether quotes may be what it lacks.
  func refuse(_ field: YAMLValue, _ key: String, _ expected: String, isText: Bool = false) {
    reading.fail(
      field.place, "\(kind): `\(key)` is \(field.kindName), which Kubernetes refuses",
      cure: "write \(expected)\(isText && field.isPlainNonString ? ", in quotes" : "")")
  }
}

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
    if let name = value["metadata"]?["name"]?.text { return name }
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

  func strings(_ key: String, in value: YAMLValue) -> [String] {
    list(key, in: value).compactMap { element in
      guard let text = element.text, !element.isPlainNonString else {
        refuse(element, key, "a list of strings")
        return nil
      }
      return text
    }
  }

  func string(_ key: String, in value: YAMLValue) -> String? {
    guard let field = value[key] else { return nil }
    if let text = field.text { return text }
    refuse(field, key, "a string")
    return nil
  }

  /// Reports a field that the API server would not decode.
  func refuse(_ field: YAMLValue, _ key: String, _ expected: String) {
    reading.fail(
      field.place, "\(kind): `\(key)` is \(field.kindName), which Kubernetes refuses",
      cure: "write \(expected)\(field.isPlainNonString ? ", in quotes" : "")")
  }
}

extension KubernetesObject {
  /// Whether its status has the condition Ready=True.
  var isReady: Bool {
    let conditions = value["status"]?["conditions"]?.elements ?? []
    return conditions.contains { $0["type"]?.text == "Ready" && $0["status"]?.text == "True" }
  }
}

import TLSBootstrap

/// The JSON Schema of the scenario format, for editors; it is made of the table of keys.
///
/// Draft 7, because yaml-language-server reads no later one; every keyword of it means the same in draft
/// 2020-12. The schema is looser than the reader: it knows no references from one key to another.
struct JSONSchema {
  static let text = JSONSchema().document.text() + "\n"

  private typealias Member = JSON.Member

  /// An editor holds it against every document of a file: what is a Kubernetes object is let through.
  private var document: JSON {
    let other: [Member] = [
      Member("required", .strings(["apiVersion", "kind"])),
      Member(
        "properties",
        .object([
          Member("apiVersion", Self.not(ScenarioFile.apiVersion)),
          Member("kind", Self.not("Scenario")),
        ])),
    ]
    let isProfile: [Member] = [
      Member("required", .strings(["kind"])),
      Member("properties", .object([Member("kind", Self.constant("LatencyProfile"))])),
    ]
    return .object([
      Member("$schema", .string("http://json-schema.org/draft-07/schema#")),
      Member("title", .string("bootsim scenario")),
      Member("type", .string("object")),
      Member("if", .object(isProfile)),
      Member("then", Self.reference("LatencyProfile")),
      Member(
        "else",
        .object([
          Member("if", .object(other)),
          Member(
            "then", .object([Member("description", .string("A Kubernetes object, unchanged."))])),
          Member("else", Self.reference("Scenario")),
        ])),
      Member("definitions", .object(definitions)),
    ])
  }

  private var definitions: [Member] {
    [Member("Scenario", .object(mapping("")))]
      + ScenarioFile.keys.filter { KeyTable.isType($0.path) }.map { type in
        Member(type.path, .object(schema(of: type)))
      }
  }

  private static func reference(_ type: String) -> JSON {
    .object([Member("$ref", .string("#/definitions/\(type)"))])
  }

  private static func constant(_ word: String) -> JSON {
    .object([Member("const", .string(word))])
  }

  private static func not(_ word: String) -> JSON { .object([Member("not", constant(word))]) }
}

// MARK: Keys

extension JSONSchema {
  private func schema(of key: KeyDocumentation) -> [Member] {
    let type = ValueType(text: key.type)
    let head = [Member("description", .string(description(of: key)))]
    if let reference = type.reference {
      return head + [Member("allOf", .array([Self.reference(reference)]))] + self.default(of: key)
    }
    switch type.mapping {
    case .only: return head + mapping(key.path)
    case .elements:
      let elements = mapping(key.path + "[]")
      let least = key.default.isEmpty ? [Member("minItems", .number("1"))] : []
      return head + [Member("type", .string("array"))] + least
        + [Member("items", .object(elements))]
    case .or:
      let forms: [JSON] = [.object(type.keywords), .object(mapping(key.path))]
      return head + [Member("anyOf", .array(forms))] + self.default(of: key)
    case nil: return head + type.keywords + Self.bounds(of: key) + self.default(of: key)
    }
  }

  private static func bounds(of key: KeyDocumentation) -> [Member] {
    guard let range = key.range else {
      return key.pattern.map { [Member("pattern", .string($0))] } ?? []
    }
    let least = Member("minimum", .number("\(range.lowerBound)"))
    // A seed has 64 bits without a sign.
    if range.upperBound == .max { return [least] }
    return [least, Member("maximum", .number("\(range.upperBound)"))]
  }

  /// A mapping with exactly the keys of the table; with any where the table has none.
  private func mapping(_ path: String) -> [Member] {
    let children = KeyTable.children(of: path).compactMap { name in
      KeyTable.keys[KeyTable.join(path, name)].map { (name, $0) }
    }
    var members = [Member("type", .string("object"))]
    guard !children.isEmpty else { return members }
    members.append(
      Member("properties", .object(children.map { Member($0, .object(schema(of: $1))) })))
    members.append(Member("additionalProperties", .bool(false)))
    // Which keys a fault needs depends on its action.
    let isFault = path == "spec.faults[]"
    let needed = isFault ? ["action"] : children.filter { $0.1.default.isEmpty }.map(\.0)
    if !needed.isEmpty { members.append(Member("required", .strings(needed))) }
    let rules = isFault ? FaultAction.all.map(rule) : []
    return members + alternatives(path, rules)
  }

  /// Keys that exclude each other, and further rules.
  private func alternatives(_ path: String, _ rules: [JSON]) -> [Member] {
    let all = ScenarioFile.alternatives.filter { $0.path == path }
    let needed = all.filter(\.isNeeded).map { group in
      JSON.object([Member("oneOf", .array(group.keys.map { Self.gives([$0]) }))])
    }
    let free = all.filter { !$0.isNeeded }.map { group in
      JSON.object([Member("not", Self.gives(group.keys))])
    }
    let list = needed + free + rules
    return list.isEmpty ? [] : [Member("allOf", .array(list))]
  }

  private static func gives(_ keys: [String]) -> JSON {
    .object([Member("required", .strings(keys))])
  }

  /// Which keys an action takes and needs.
  private func rule(_ action: FaultAction) -> JSON {
    let isOnComponent = action.keys.contains("on") && action.hits == .component
    let names = ["name", "at"] + (action.end == nil ? [] : ["for"]) + ["action"] + action.keys
    let needed =
      action.keys.filter { KeyTable.keys["spec.faults[].\($0)"]?.default.isEmpty == true }
      + (isOnComponent ? ["on"] : [])
    var then = [
      Member("propertyNames", .object([Member("enum", .strings(names))]))
    ]
    if !needed.isEmpty { then.append(Member("required", .strings(needed))) }
    if action.keys.contains("on"), action.hits != .nodesOrComponent {
      let type = JSON.object([Member("type", .string(isOnComponent ? "string" : "object"))])
      then.append(Member("properties", .object([Member("on", type)])))
    }
    return .object([
      Member(
        "if",
        .object([
          Member("properties", .object([Member("action", Self.constant(action.name))])),
          Member("required", .strings(["action"])),
        ])),
      Member("then", .object(then)),
    ])
  }
}

// MARK: Descriptions and defaults

extension JSONSchema {
  private func description(of key: KeyDocumentation) -> String {
    var parts = [key.text]
    if !key.unit.isEmpty { parts.append("Unit: \(key.unit).") }
    if !["", "none"].contains(key.default), self.default(of: key).isEmpty {
      parts.append("Default: \(key.default).")
    }
    return parts.joined(separator: " ")
  }

  /// The default, where the table says it as a file would.
  private func `default`(of key: KeyDocumentation) -> [Member] {
    let text = key.default
    let value: JSON? =
      switch key.type {
      case "boolean": ["true", "false"].contains(text) ? .bool(text == "true") : nil
      case "integer": Int64(text).map { .number("\($0)") }
      case "rate", "rate, 0 or below": (try? Quantity.milli(text)).map { _ in .number(text) }
      case "time": Timestamp.parse(text).map { _ in .string(text) }
      case "URL": text.hasPrefix("https://") ? .string(text) : nil
      case "string": Self.quoted(text)
      case _ where key.type.hasPrefix("duration") || key.type == "Distribution":
        (try? Quantity.duration(text)).map { _ in .string(text) }
      // A word of the type's own list.
      default:
        key.type.split { $0 == " " || $0 == "," }.contains { $0 == text } ? .string(text) : nil
      }
    return value.map { [Member("default", $0)] } ?? []
  }

  /// `` `x` `` and no more.
  private static func quoted(_ text: String) -> JSON? {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0].isEmpty && parts[2].isEmpty
      ? .string(String(parts[1])) : nil
  }
}

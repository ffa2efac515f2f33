/// A YAML value that knows where it is written; aliases and merge keys are already followed.
struct YAMLValue {
  var content: Content
  var place: Place

  enum Content {
    /// `isText`: written in quotes, as a block, or tagged `!!str`, so that it is a string for sure.
    case scalar(String, isText: Bool)
    case sequence([YAMLValue])
    case mapping([Entry])
  }

  struct Entry {
    var key: String
    var keyPlace: Place
    var value: YAMLValue
  }

  var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  var elements: [YAMLValue]? {
    if case .sequence(let elements) = content { elements } else { nil }
  }

  /// The text of a scalar, whatever type YAML would give it; nil for null.
  var text: String? {
    if case .scalar(let text, _) = content, !isNull { text } else { nil }
  }

  var isNull: Bool {
    if case .scalar(let text, isText: false) = content {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }

  /// What a reader of YAML calls this kind of value.
  var kindName: String {
    switch content {
    case .scalar(let text, _): isNull ? "nothing" : "“\(text.prefix(60))”"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  func entry(_ key: String) -> Entry? {
    entries?.first { $0.key == key }
  }

  /// The value of a key of a mapping; nil when absent or null.
  subscript(key: String) -> YAMLValue? {
    guard let value = entry(key)?.value, !value.isNull else { return nil }
    return value
  }
}

extension YAMLValue {
  /// Whether YAML 1.1, as Kubernetes reads it, takes this scalar for something other than a string.
  var isPlainNonString: Bool {
    guard case .scalar(let text, isText: false) = content else { return false }
    return isNull || Self.booleans.contains(text) || Self.isNumber(text)
  }

  /// The boolean that YAML 1.1 takes it for; nil: it is none, such as a string.
  var boolean: Bool? {
    guard case .scalar(let text, isText: false) = content, Self.booleans.contains(text) else {
      return nil
    }
    return ["y", "yes", "on", "true"].contains(text.lowercased())
  }

  /// Source: YAML 1.1 `tag:yaml.org,2002:bool`, which sigs.k8s.io/yaml follows.
  private static let booleans: Set<String> = [
    "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE",
    "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE",
  ]

  /// Integers and decimals with sign, point and exponent, hexadecimal, octal.
  private static func isNumber(_ text: String) -> Bool {
    var rest = Substring(text)
    if let sign = rest.first, sign == "+" || sign == "-" { rest = rest.dropFirst() }
    guard let first = rest.first, first.isASCII, first.isNumber || first == "." else {
      return false
    }
    if rest.hasPrefix("0x") {
      return rest.count > 2 && rest.dropFirst(2).allSatisfy { $0.isASCII && $0.isHexDigit }
    }
    let parts = rest.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard parts.count <= 2, isDecimal(parts[0]) else { return false }
    guard parts.count == 2 else { return true }
    let exponent = parts[1].drop { $0 == "+" || $0 == "-" }
    return !exponent.isEmpty && exponent.allSatisfy { $0.isASCII && $0.isNumber }
  }

  private static func isDecimal(_ text: Substring) -> Bool {
    text.contains { $0.isASCII && $0.isNumber } && text.filter { $0 == "." }.count <= 1
      && text.allSatisfy { $0 == "." || $0 == "_" || $0.isASCII && $0.isNumber }
  }
}

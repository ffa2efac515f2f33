import Scenarios

/// The text of a Kubernetes object, as kubectl prints it: keys in alphabetical order.
public indirect enum KubernetesDocument: Hashable, Sendable {
  case string(String)
  case integer(Int64)
  case boolean(Bool)
  case null
  case list([KubernetesDocument])
  case object([String: KubernetesDocument])

  public subscript(_ key: String) -> KubernetesDocument? {
    guard case .object(let fields) = self else { return nil }
    return fields[key]
  }

  /// An object without the fields that are nil.
  package static func fields(_ fields: [String: KubernetesDocument?]) -> KubernetesDocument {
    .object(fields.compactMapValues { $0 })
  }

  /// Several objects, as `kubectl get` prints them.
  static func several(_ items: [KubernetesDocument]) -> KubernetesDocument {
    .object([
      "apiVersion": .string("v1"), "items": .list(items), "kind": .string("List"),
      "metadata": .object(["resourceVersion": .string("")]),
    ])
  }
}

extension KubernetesDocument: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
}

// MARK: JSON

extension KubernetesDocument {
  /// Indented by four, as `kubectl -o json` does.
  public var json: String { json(indent: 0) }

  /// On one line.
  package var compactJSON: String {
    switch self {
    case .string(let text): JSONString.quoted(text)
    case .integer(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .null: "null"
    case .list(let items): "[" + items.map(\.compactJSON).joined(separator: ",") + "]"
    case .object(let fields):
      "{"
        + fields.sorted { $0.key < $1.key }
        .map { "\(JSONString.quoted($0)):\($1.compactJSON)" }.joined(separator: ",") + "}"
    }
  }

  private func json(indent: Int) -> String {
    let inner = String(repeating: " ", count: indent + 4)
    let outer = String(repeating: " ", count: indent)
    switch self {
    case .string(let text): return JSONString.quoted(text)
    case .integer(let value): return "\(value)"
    case .boolean(let value): return "\(value)"
    case .null: return "null"
    case .list(let items):
      if items.isEmpty { return "[]" }
      let lines = items.map { inner + $0.json(indent: indent + 4) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
    case .object(let fields):
      if fields.isEmpty { return "{}" }
      let lines = fields.sorted { $0.key < $1.key }.map { key, value in
        "\(inner)\(JSONString.quoted(key)): \(value.json(indent: indent + 4))"
      }
      return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
    }
  }
}

// MARK: YAML

extension KubernetesDocument {
  /// Lists are not indented below their key, as `kubectl -o yaml` does.
  public var yaml: String { yamlLines.joined(separator: "\n") }

  private var yamlLines: [String] {
    switch self {
    case .string, .integer, .boolean, .null: return [scalar]
    case .list(let items):
      if items.isEmpty { return ["[]"] }
      return items.flatMap { item in
        let lines = item.yamlLines
        return ["- \(lines[0])"] + lines.dropFirst().map { "  \($0)" }
      }
    case .object(let fields):
      if fields.isEmpty { return ["{}"] }
      return fields.sorted { $0.key < $1.key }.flatMap { key, value in
        Self.entry(Self.plainOrQuoted(key), value)
      }
    }
  }

  private static func entry(_ key: String, _ value: KubernetesDocument) -> [String] {
    switch value {
    case .object(let fields) where !fields.isEmpty:
      return ["\(key):"] + value.yamlLines.map { "  \($0)" }
    case .list(let items) where !items.isEmpty: return ["\(key):"] + value.yamlLines
    case .string(let text) where isBlock(text):
      let mark = text.hasSuffix("\n") ? "|" : "|-"
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      return ["\(key): \(mark)"]
        + (text.hasSuffix("\n") ? lines.dropLast() : lines[...])
        .map { $0.isEmpty ? "" : "  \($0)" }
    default: return ["\(key): \(value.yamlLines[0])"]
    }
  }

  private var scalar: String {
    switch self {
    case .integer(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .string(let text): Self.plainOrQuoted(text)
    case .null: "null"
    case .list, .object: ""
    }
  }

  /// Several lines, none of which a block would change.
  private static func isBlock(_ text: String) -> Bool {
    text.contains("\n") && !text.hasPrefix(" ") && !text.hasPrefix("\n") && !text.hasSuffix("\n\n")
      && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" }
  }

  /// Plain where it cannot be read as anything else, or in double quotes.
  private static func plainOrQuoted(_ text: String) -> String {
    isPlain(text) ? text : JSONString.quoted(text)
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else {
      return false
    }
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"]
    let isNumber = text.first.map { $0.isNumber || "+-.".contains($0) } ?? false
    let safe: Set<Unicode.Scalar> = Set("-_./@+=(),: '~;*!?&%$^|<>[]{}".unicodeScalars)
    return !words.contains(text.lowercased()) && !looksLikeNumber(text, isNumber)
      && !"-?:,[]{}#&*!|>'\"%@`=~<".unicodeScalars.contains(first) && first != " " && last != " "
      && last != ":" && !text.contains(": ") && !text.contains(" #")
      && text.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
          || safe.contains(scalar)
      }
  }

  /// A number or a time, in YAML 1.1 or 1.2; an address or a version is none.
  private static func looksLikeNumber(_ text: String, _ beginsLikeOne: Bool) -> Bool {
    guard beginsLikeOne else { return false }
    let integer = /[-+]?(0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*(:[0-5]?[0-9])*)/
    let fraction = /[-+]?([0-9][0-9_]*)?(\.[0-9_]*)?([eE][-+]?[0-9]+)?/
    let time = /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?/
    let word = /[-+]?\.(inf|Inf|INF|nan|NaN|NAN)/
    return text.wholeMatch(of: integer) != nil || text.wholeMatch(of: fraction) != nil
      || text.wholeMatch(of: time) != nil || text.wholeMatch(of: word) != nil
  }
}

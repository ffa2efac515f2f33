import Scenarios

/// The text of a Kubernetes object, as kubectl prints it: keys in alphabetical order.
package indirect enum KubernetesDocument: Hashable, Sendable {
  case string(String)
  case integer(Int64)
  case boolean(Bool)
  case null
  case list([KubernetesDocument])
  case object([String: KubernetesDocument])

  package subscript(_ key: String) -> KubernetesDocument? {
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
  package init(stringLiteral value: String) { self = .string(value) }
}

// MARK: JSON

extension KubernetesDocument {
  /// Indented by four, as `kubectl -o json` does.
  package var json: String { json(indent: 0) }

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

import Yams

/// YAML as kubectl prints it.
///
/// Source: sigs.k8s.io/yaml writes by go-yaml v2, whose emitter is libyaml's, as that of Yams is; which style a
/// text has is go-yaml's choice (encode.go, `stringv`). Held to what kubectl 1.33 printed.
extension KubernetesDocument {
  package var yaml: String {
    do {
      return String(try Yams.serialize(node: node, allowUnicode: true).dropLast())
    } catch {
      preconditionFailure("no YAML of \(self): \(error)")
    }
  }

  private var node: Node {
    switch self {
    case .string(let text): Self.node(text)
    case .integer(let value): Node("\(value)", Tag(.int), .plain)
    case .boolean(let value): Node("\(value)", Tag(.bool), .plain)
    case .null: Node("null", Tag(.null), .plain)
    case .list(let items): Node(items.map(\.node), Tag(.seq), .block)
    case .object(let fields):
      Node(
        fields.sorted { $0.key < $1.key }.map { (Self.node($0.key), $0.value.node) }, Tag(.map),
        .block)
    }
  }

  /// What cannot be written in this style, the emitter writes in another.
  private static func node(_ text: String) -> Node {
    let style: Node.Scalar.Style =
      text.contains("\n") ? .literal : isAnotherType(text) ? .doubleQuoted : .plain
    return Node(text, Tag(.str), style)
  }

  /// Whether it would be read as a truth, nothing, a number or a time, in YAML 1.1 or 1.2.
  private static func isAnotherType(_ text: String) -> Bool {
    let words = ["", "true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"]
    if words.contains(text.lowercased()) { return true }
    // An address or a version is none.
    guard let first = text.first, first.isNumber || "+-.".contains(first) else { return false }
    let integer = /[-+]?(0x[0-9a-fA-F_]+|0b[01_]+|0o?[0-7_]+|[0-9][0-9_]*(:[0-5]?[0-9])*)/
    let fraction = /[-+]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?/
    let time = /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?/
    let word = /[-+]?\.(inf|Inf|INF|nan|NaN|NAN)/
    return text.wholeMatch(of: integer) != nil || text.wholeMatch(of: fraction) != nil
      || text.wholeMatch(of: time) != nil || text.wholeMatch(of: word) != nil
  }
}

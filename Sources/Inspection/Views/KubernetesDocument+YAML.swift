import Foundation
import Scenarios

/// YAML as kubectl prints it: lists are not indented below their key, and what is long is folded.
///
/// Source: sigs.k8s.io/yaml with the emitter of go-yaml v2; held to what kubectl 1.33 printed.
extension KubernetesDocument {
  package var yaml: String { yamlLines(indent: 0).joined(separator: "\n") }

  /// From which column on a line ends at a space. Source: go-yaml, `best_width`.
  private static let width = 80

  private static func margin(_ indent: Int) -> String { String(repeating: " ", count: indent) }

  private func yamlLines(indent: Int) -> [String] {
    switch self {
    case .list(let items) where !items.isEmpty:
      return items.flatMap { $0.item(indent: indent) }
    case .object(let fields) where !fields.isEmpty:
      return fields.sorted { $0.key < $1.key }.flatMap { key, value in
        value.entry(ScalarStyle.text(key), indent: indent)
      }
    default: return Self.folded(scalar, from: indent, below: indent)
    }
  }

  /// An element of a list.
  private func item(indent: Int) -> [String] {
    let lines =
      isBlockCollection
      ? yamlLines(indent: indent + 2)
      : Self.folded(scalar, from: indent + 2, below: indent + 2)
    let first = lines[0].drop { $0 == " " }
    return ["\(Self.margin(indent))- \(first)"] + lines.dropFirst()
  }

  /// A field of an object.
  private func entry(_ key: String, indent: Int) -> [String] {
    let margin = Self.margin(indent)
    switch self {
    case .object where isBlockCollection:
      return ["\(margin)\(key):"] + yamlLines(indent: indent + 2)
    case .list where isBlockCollection:
      return ["\(margin)\(key):"] + yamlLines(indent: indent)
    case .string(let text) where ScalarStyle.isBlock(text):
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      return ["\(margin)\(key): \(text.hasSuffix("\n") ? "|" : "|-")"]
        + (text.hasSuffix("\n") ? lines.dropLast() : lines[...])
        .map { $0.isEmpty ? "" : "\(margin)  \($0)" }
    default:
      let start = indent + key.unicodeScalars.count + 2
      let lines = Self.folded(scalar, from: start, below: indent + 2)
      return ["\(margin)\(key): \(lines[0])"] + lines.dropFirst()
    }
  }

  private var isBlockCollection: Bool {
    switch self {
    case .list(let items): !items.isEmpty
    case .object(let fields): !fields.isEmpty
    case .string, .integer, .boolean, .null: false
    }
  }

  private var scalar: String {
    switch self {
    case .integer(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .string(let text): ScalarStyle.text(text)
    case .null: "null"
    case .list: "[]"
    case .object: "{}"
    }
  }

  /// The first line begins at a column and has no margin; what is folded stands below `indent`.
  private static func folded(_ text: String, from start: Int, below indent: Int) -> [String] {
    // What is in double quotes would need escapes where it is folded.
    guard start + text.unicodeScalars.count > width, !text.hasPrefix("\"") else { return [text] }
    let scalars = Array(text.unicodeScalars)
    let quote = text.hasPrefix("'") ? 1 : 0
    var lines = [""]
    var column = start
    for (place, scalar) in scalars.enumerated() {
      let isInside = place > quote && place < scalars.count - 1 - quote
      if scalar == " ", column > width, isInside, scalars[place - 1] != " ",
        scalars[place + 1] != " "
      {
        lines.append(margin(indent))
        column = indent
      } else {
        lines[lines.count - 1].unicodeScalars.append(scalar)
        column += 1
      }
    }
    return lines
  }
}

/// How go-yaml writes a text.
private enum ScalarStyle {
  /// Plain; in double quotes where that would be read as something else than a text; or in single quotes
  /// where it would be read as something else than a scalar.
  static func text(_ text: String) -> String {
    guard !isAnotherType(text), isPrintable(text) else { return JSONString.quoted(text) }
    return isPlain(text) ? text : "'\(text.replacing("'", with: "''"))'"
  }

  /// Several lines, none of which a block would change.
  static func isBlock(_ text: String) -> Bool {
    text.contains("\n") && !text.hasPrefix(" ") && !text.hasPrefix("\n") && !text.hasSuffix("\n\n")
      && isPrintable(text.replacing("\n", with: ""))
  }

  /// Whether nothing of it needs an escape.
  private static func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      (0x20..<0x7F).contains(scalar.value)
        || (0xA0..<0xFFFE).contains(scalar.value)
          && ![0x2028, 0x2029, 0xFEFF].contains(scalar.value)
    }
  }

  private static func isPlain(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    guard let first = scalars.first, let last = scalars.last else { return false }
    let isAlone = scalars.count == 1 || scalars[1] == " "
    return !"#,[]{}&*!|>'\"%@`".unicodeScalars.contains(first)
      && !(isAlone && "-?:".unicodeScalars.contains(first))
      && first != " " && last != " " && last != ":"
      && !text.hasPrefix("---") && !text.hasPrefix("...")
      && !text.contains(": ") && !text.contains(" #")
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

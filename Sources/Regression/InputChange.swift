import Scenarios
import TLSBootstrap

/// What differs in one of the texts that two runs were made from.
struct InputChange: Encodable, Hashable, Sendable {
  /// Of the left run; of the right one where the left has no such text.
  let path: String
  /// `-` and `+` before each line that only the left or only the right has, with its number.
  let lines: [String]

  /// The most lines that are told of one text.
  private static let most = 40
  /// Beyond so many lines on a side that differ, finding those that do not takes too long.
  private static let mostCompared = 2_000

  /// The scenarios are compared with each other, whatever their paths; other texts by their path.
  static func all(
    _ left: [InputText], _ right: [InputText]
  ) -> [InputChange] {
    var pairs: [(path: String, left: String, right: String)] = []
    if let one = left.first, let other = right.first {
      let path = one.path == other.path ? one.path : "\(one.path) → \(other.path)"
      pairs.append((path, one.text, other.text))
    }
    let rest = (left.dropFirst().map(\.path) + right.dropFirst().map(\.path))
    var seen: Set<String> = []
    for path in rest where seen.insert(path).inserted {
      let text = { (inputs: [InputText]) in
        inputs.dropFirst().first { $0.path == path }?.text ?? ""
      }
      pairs.append((path, text(left), text(right)))
    }
    return pairs.filter { $0.left != $0.right }
      .map { InputChange(path: $0.path, left: $0.left, right: $0.right) }
  }

  private init(path: String, left: String, right: String) {
    self.path = path
    let (left, right) = (Self.lines(of: left), Self.lines(of: right))
    let start = zip(left, right).prefix { $0 == $1 }.count
    let room = min(left.count, right.count) - start
    let end = zip(left.reversed(), right.reversed()).prefix(room).prefix { $0 == $1 }.count
    let changed = Self.changed(
      left[start..<(left.count - end)], right[start..<(right.count - end)])
    let hidden = changed.count - Self.most
    lines = hidden > 0 ? changed.prefix(Self.most) + ["… \(hidden) more lines"] : changed
  }

  private static func lines(of text: String) -> [Substring] {
    text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func changed(
    _ left: ArraySlice<Substring>, _ right: ArraySlice<Substring>
  ) -> [String] {
    if max(left.count, right.count) > mostCompared {
      return ["… \(left.count) lines became \(right.count)"]
    }
    let (left, start) = (Array(left), left.startIndex)
    let difference = Array(right).difference(from: left)
    let removed = difference.removals.map { line($0, "-", start) }
    let inserted = difference.insertions.map { line($0, "+", start) }
    // As in a unified diff, what is gone stands before what came in its place.
    return (removed + inserted).sorted { ($0.number, $1.sign) < ($1.number, $0.sign) }
      .map { "\($0.sign)\($0.number): \($0.text)" }
  }

  private static func line(
    _ change: CollectionDifference<Substring>.Change, _ sign: String, _ start: Int
  ) -> (number: Int, sign: String, text: Substring) {
    switch change {
    case .insert(let offset, let text, _), .remove(let offset, let text, _):
      (offset + start + 1, sign, text)
    }
  }
}

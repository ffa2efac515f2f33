/// One key of the scenario format, as docs/SCENARIO.md and `bootsim schema` show it.
public struct KeyDocumentation: Hashable, Sendable {
  /// From the document's top; `[]` stands for each element of a list. Keys of a type that many keys
  /// share begin with the type's name instead, such as `Clock.offset`.
  public var path: String
  public var type: String
  /// Empty: without unit.
  public var unit: String
  /// What holds without the key; empty: nothing, the key must be given.
  public var `default`: String
  public var text: String
  /// Which whole numbers are taken; nil: it is none, or others decide.
  var range: ClosedRange<Int64>?
  /// What a text must look like; nil: anything, or the type says it.
  var pattern: String?

  init(
    _ path: String, _ type: String, in range: ClosedRange<Int64>? = nil,
    matching pattern: String? = nil, unit: String = "", default: String, _ text: String
  ) {
    self.pattern = pattern
    self.path = path
    self.type = type
    self.range = range
    self.unit = unit
    self.default = `default`
    self.text = text
  }
}

/// Keys of one mapping of which a file may give only one.
struct KeyAlternatives: Hashable, Sendable {
  /// As in `KeyDocumentation.path`.
  var path: String
  var keys: [String]
  /// Whether one of them must be given.
  var isNeeded: Bool

  init(_ path: String, _ keys: [String], isNeeded: Bool) {
    self.path = path
    self.keys = keys
    self.isNeeded = isNeeded
  }
}

/// Look-ups in `ScenarioFile.keys`.
enum KeyTable {
  static let paths = Set(ScenarioFile.keys.map(\.path))

  static let keys = Dictionary(uniqueKeysWithValues: ScenarioFile.keys.map { ($0.path, $0) })

  private static let childrenByParent: [String: [String]] = {
    var children: [String: [String]] = [:]
    for key in ScenarioFile.keys where !isType(key.path) {
      let cut = key.path.utf8.lastIndex(of: UInt8(ascii: "."))
      let parent = cut.map { String(key.path[..<$0]) } ?? ""
      let name = cut.map { String(key.path[key.path.utf8.index(after: $0)...]) } ?? key.path
      children[parent, default: []].append(name)
    }
    return children
  }()

  /// Whether the row describes a type that many keys share, and no key of a document.
  static func isType(_ path: String) -> Bool {
    guard let first = path.utf8.first, !path.utf8.contains(UInt8(ascii: ".")) else { return false }
    return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
  }

  static func children(of path: String) -> [String] { childrenByParent[path] ?? [] }

  static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : "\(path).\(key)"
  }

  /// The path for a sentence.
  static func shown(_ path: String) -> String { path.isEmpty ? "the document" : "`\(path)`" }

  static func list(_ words: [String]) -> String {
    words.map { "`\($0)`" }.joined(separator: ", ")
  }
}

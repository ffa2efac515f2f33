/// A place in an input file: line and column from 1; 0 where there is none.
public struct Place: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var file: String
  public var line: Int
  public var column: Int

  public init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String {
    line > 0 ? "\(file):\(line):\(column)" : file
  }

  /// File and line, where there is one.
  var fileAndLine: String {
    line > 0 ? "\(file):\(line)" : file
  }

  /// Whether the value was given by `--set`, which wins over every file.
  var isOverride: Bool { line == 0 && file.hasPrefix(Override.prefix) }

  public static func < (left: Place, right: Place) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// A mistake of the user: where it is, what is wrong, and what cures it.
public struct ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
  public var file: String
  public var line: Int
  public var column: Int
  public var problem: String
  public var cure: String

  public init(at place: Place, _ problem: String, cure: String) {
    file = place.file
    line = place.line
    column = place.column
    // They quote the input, which may hold anything.
    self.problem = problem.onOneLine
    self.cure = cure.onOneLine
  }

  public var place: Place { Place(file: file, line: line, column: column) }

  public var description: String { "\(place): \(problem); \(cure)" }
}

/// Every mistake of a scenario and of the files that it names, in the order of their places.
public struct ScenarioErrors: Error, Hashable, Sendable, CustomStringConvertible {
  public var errors: [ScenarioError]
  /// Whether it is the file itself that cannot be read, rather than what is in it that cannot be used.
  public var isUnreadableFile = false
  /// What else there is to say of the scenario (`LoadedScenario.notes`), which may be why.
  public var notes: [String] = []

  /// Of a path that somebody gave, and at which there is nothing to read.
  public init(unreadable path: String, _ problem: String, cure: String) {
    errors = [ScenarioError(at: Place(file: path), problem, cure: cure)]
    isUnreadableFile = true
  }

  public init(_ errors: [ScenarioError]) {
    var seen: Set<ScenarioError> = []
    self.errors = errors.filter { seen.insert($0).inserted }
      .sorted { ($0.place, $0.problem) < ($1.place, $1.problem) }
  }

  public var description: String {
    errors.map(\.description).joined(separator: "\n")
  }
}

/// A value and the place where it is written.
struct Located<Value> {
  var value: Value
  var place: Place

  init(_ value: Value, at place: Place) {
    self.value = value
    self.place = place
  }

  func map<Other>(_ transform: (Value) -> Other) -> Located<Other> {
    Located<Other>(transform(value), at: place)
  }
}

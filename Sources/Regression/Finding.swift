/// A scenario that was checked, and each thing that had to hold.
public struct CheckedScenario: Encodable, Sendable {
  public let path: String
  public let cases: [Case]
  /// Whether its golden file was written.
  public let isWritten: Bool

  public struct Case: Encodable, Sendable {
    public let name: String
    /// nil: it holds.
    public let finding: Finding?
  }

  public var findings: [Finding] { cases.compactMap(\.finding) }
}

/// What does not hold.
public struct Finding: Encodable, Hashable, Sendable {
  public let rule: Rule
  public let file: String
  /// From 1.
  public let line: Int
  /// One line, which names the cure where there is one.
  public let title: String
  public let details: [String]

  public enum Rule: String, Encodable, CaseIterable, Sendable {
    case scenario, expectation, golden
    case missingGolden = "missing-golden"
    case unreadableGolden = "unreadable-golden"

    /// What it asks for.
    public var summary: String {
      switch self {
      case .scenario: "A scenario must be one that can be played."
      case .expectation: "What spec.expect says must hold at the end of the run."
      case .golden: "A scenario must come to what its golden file says."
      case .missingGolden: "Each scenario must have a golden file."
      case .unreadableGolden: "A golden file must be one that this version can read."
      }
    }

    /// Bad input, rather than a run that came out otherwise.
    public var isBadInput: Bool { self == .scenario || self == .unreadableGolden }
  }

  init(_ rule: Rule, _ file: String, line: Int = 1, _ title: String, _ details: [String] = []) {
    self.rule = rule
    self.file = file
    self.line = max(line, 1)
    self.title = title
    self.details = details
  }
}

import Scenarios

/// A scenario that was checked, and each thing that had to hold.
package struct CheckedScenario: Encodable, Sendable {
  package let path: String
  package let cases: [Case]
  /// Whether its golden file was written.
  package let isWritten: Bool

  package struct Case: Encodable, Sendable {
    package let name: String
    /// nil: it holds.
    package let finding: Finding?
  }

  package var findings: [Finding] { cases.compactMap(\.finding) }
}

/// What does not hold.
package struct Finding: Encodable, Hashable, Sendable {
  package let rule: Rule
  package let file: String
  /// From 1.
  package let line: Int
  /// From 1; nil where the whole line, or file, is meant.
  package let column: Int?
  /// One line, which names the cure where there is one.
  package let title: String
  package let details: [String]

  package enum Rule: String, Encodable, CaseIterable, Sendable {
    case scenario, expectation, golden
    case unreadableScenario = "unreadable-scenario"
    case missingGolden = "missing-golden"
    case unreadableGolden = "unreadable-golden"

    /// What it asks for.
    package var summary: String {
      switch self {
      case .scenario: "A scenario must be one that can be played."
      case .unreadableScenario: "A scenario must be a file that can be read."
      case .expectation: "What spec.expect says must hold at the end of the run."
      case .golden: "A scenario must come to what its golden file says."
      case .missingGolden: "Each scenario must have a golden file."
      case .unreadableGolden: "A golden file must be one that this version can read."
      }
    }

    /// Bad input, rather than a run that came out otherwise.
    package var isBadInput: Bool {
      switch self {
      case .scenario, .unreadableScenario, .unreadableGolden: true
      case .expectation, .golden, .missingGolden: false
      }
    }
  }

  init(_ rule: Rule, _ file: String, _ title: String, _ details: [String] = []) {
    self.init(rule, at: Place(file: file), title, details)
  }

  init(_ rule: Rule, at place: Place, _ title: String, _ details: [String] = []) {
    self.rule = rule
    file = place.file
    line = max(place.line, 1)
    column = place.column > 0 ? place.column : nil
    self.title = title
    self.details = details
  }

  /// `scenarios/few.yaml:11:5`, for people.
  var place: String { "\(file):\(line)" + (column.map { ":\($0)" } ?? "") }
}

/// Something in a scenario that will hardly do what its author means.
public struct LintFinding: Hashable, Sendable, CustomStringConvertible {
  /// Identifier of the rule, as docs/LINT.md and `# bootsim-lint: disable=` have it.
  public var rule: String
  public var severity: LintSeverity
  public var place: Place
  public var problem: String
  public var cure: String

  public var description: String {
    "\(place): \(severity.rawValue): \(problem); \(cure) [\(rule)]"
  }
}

/// The worst one first.
public enum LintSeverity: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Some node cannot become Ready as the file stands, or an expectation cannot hold.
  case error
  /// Most likely a mistake, or a risk that the run may not show.
  case warning
  /// Something that has no effect.
  case note

  public static func < (left: LintSeverity, right: LintSeverity) -> Bool {
    allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
  }
}

/// One thing that `bootsim lint` looks for.
public struct LintRule: Sendable {
  public let id: String
  /// Of its worst finding.
  public let severity: LintSeverity
  /// One sentence for docs/LINT.md.
  public let text: String
  let check: @Sendable (LintInput) -> [Violation]

  init(
    _ id: String, _ severity: LintSeverity, _ text: String,
    check: @escaping @Sendable (LintInput) -> [Violation]
  ) {
    self.id = id
    self.severity = severity
    self.text = text
    self.check = check
  }

  /// Where a rule does not hold.
  struct Violation {
    var place: Place
    var problem: String
    var cure: String
    /// nil: that of the rule.
    var severity: LintSeverity?

    init(
      at place: Place, _ problem: String, cure: String, severity: LintSeverity? = nil
    ) {
      self.place = place
      self.problem = problem
      self.cure = cure
      self.severity = severity
    }
  }

  /// Every rule, in the order of docs/LINT.md. Add a rule: a row in one of these tables, and its two examples
  /// in LintExamples.
  public static let all: [LintRule] =
    tokenRules + permissionRules + approvalRules + signerRules + loadRules + clockRules
    + nodeRules + startRules + timeRules + faultRules + requestRules + expectationRules
    + unusedRules + commentRules
}

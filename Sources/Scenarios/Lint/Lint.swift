/// What `bootsim lint` says of one scenario.
public struct LintReport: Sendable {
  public var findings: [LintFinding]
  /// Why it cannot be played: the findings are then the reader's; nil: it can.
  public var errors: ScenarioErrors?

  /// The rule of a finding that the reader made.
  public static let readerRule = "scenario"

  /// Reads a scenario and looks at it, without playing.
  public static func of(path: String) -> LintReport {
    do {
      let input = try ScenarioFile.lintInput(path: path)
      return LintReport(findings: run(input))
    } catch let errors as ScenarioErrors {
      let findings = errors.errors.map {
        LintFinding(
          rule: readerRule, severity: .error, place: $0.place, problem: $0.problem, cure: $0.cure)
      }
      return LintReport(findings: findings, errors: errors)
    } catch {
      preconditionFailure("\(path): \(error)")
    }
  }

  static func run(_ input: LintInput) -> [LintFinding] {
    var input = input
    for rule in LintRule.all {
      input.found += rule.check(input).map { violation in
        LintFinding(
          rule: rule.id, severity: violation.severity ?? rule.severity,
          place: violation.place, problem: violation.problem, cure: violation.cure)
      }
    }
    return input.found.filter { !input.comments.hides($0) }
      .sorted { ($0.place, $0.rule) < ($1.place, $1.rule) }
  }
}

import Scenarios

/// Findings of `bootsim lint` as people and programs read them.
package struct LintText {
  package let findings: [LintFinding]
  private let files: Int

  package init(_ findings: [LintFinding], files: Int) {
    self.findings = findings
    self.files = files
  }

  /// One finding a line, and how many there are.
  package var text: String {
    let counts = LintSeverity.allCases.compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count == 0 ? nil : Quantity.count(count, severity.rawValue)
    }
    let lines = findings.map { "\($0.description)\n" }.joined()
    let scenarios = Quantity.count(files, "scenario")
    return lines
      + (counts.isEmpty
        ? "clean: \(scenarios)" : "\(counts.joined(separator: ", ")) in \(scenarios)")
      + "\n"
  }

  package func json() throws -> String {
    struct Row: Encodable {
      var rule, severity, file, problem, cure: String
      var line, column: Int
    }
    let rows = findings.map {
      Row(
        rule: $0.rule, severity: $0.severity.rawValue, file: $0.place.file, problem: $0.problem,
        cure: $0.cure, line: $0.place.line, column: $0.place.column)
    }
    return try JSONText.pretty(rows) + "\n"
  }

  /// For GitHub, of the change.
  package var annotations: String {
    findings.map { finding in
      let place = finding.place
      let annotation = GitHubAnnotation(
        level: finding.severity == .note ? "notice" : finding.severity.rawValue, file: place.file,
        line: place.line > 0 ? place.line : nil, column: place.line > 0 ? place.column : nil,
        title: "bootsim lint: \(finding.rule)", text: "\(finding.problem); \(finding.cure)")
      return annotation.command + "\n"
    }.joined()
  }
}

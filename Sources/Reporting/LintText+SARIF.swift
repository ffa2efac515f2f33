import Scenarios

extension LintText {
  /// Of `bootsim lint`.
  ///
  /// - Parameter root: the folder of the sources.
  package func sarif(version: String, below root: String) throws -> String {
    let rules =
      LintRule.all.map { SARIFLog.Rule($0.id, $0.text, level: $0.severity.rawValue) }
      + [
        SARIFLog.Rule(
          LintReport.readerRule, "A mistake for which the scenario cannot be played.",
          level: LintSeverity.error.rawValue)
      ]
    let results = findings.map { finding in
      let place = finding.place
      return SARIFLog.Result(
        (finding.rule, rules.firstIndex { $0.id == finding.rule } ?? 0),
        level: finding.severity.rawValue, "\(finding.problem); \(finding.cure)",
        file: place.file, below: root, line: place.line > 0 ? place.line : nil, column: place.column
      )
    }
    return try SARIFLog(
      SARIFLog.Driver(name: "bootsim lint", semanticVersion: version, rules: rules), results
    ).text()
  }
}

import Reporting

/// SARIF 2.1.0, as GitHub's code scanning reads it.
extension CheckReport {
  /// - Parameter root: the folder of the sources.
  package func sarif(below root: String) throws -> String {
    let rules = Finding.Rule.allCases
    let results = findings.map { finding in
      SARIFLog.Result(
        (finding.rule.rawValue, rules.firstIndex(of: finding.rule) ?? 0), level: "error",
        ([finding.title] + finding.details).joined(separator: "\n"), file: finding.file,
        below: root, line: finding.line, column: finding.column)
    }
    let driver = SARIFLog.Driver(
      name: "bootsim", version: version,
      rules: rules.map { SARIFLog.Rule($0.rawValue, $0.summary) })
    return try SARIFLog(driver, results).text()
  }
}

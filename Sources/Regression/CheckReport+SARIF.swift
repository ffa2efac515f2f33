import Foundation
import Reporting

/// SARIF 2.1.0, as GitHub's code scanning reads it.
extension CheckReport {
  package func sarif() throws -> String {
    let rules = Finding.Rule.allCases
    let results = findings.map { finding in
      SARIFLog.Result(
        (finding.rule.rawValue, rules.firstIndex(of: finding.rule) ?? 0), level: "error",
        ([finding.title] + finding.details).joined(separator: "\n"), uri: Self.uri(finding.file),
        line: finding.line, column: finding.column)
    }
    let driver = SARIFLog.Driver(
      name: "bootsim", version: version,
      rules: rules.map { SARIFLog.Rule($0.rawValue, $0.summary) })
    return try SARIFLog(driver, results, columnKind: "unicodeCodePoints").text()
  }

  /// A relative reference: what a path has and an URI cannot is spelled in per cent.
  private static func uri(_ path: String) -> String {
    path.addingPercentEncoding(withAllowedCharacters: .unreserved.union(["/"])) ?? path
  }
}

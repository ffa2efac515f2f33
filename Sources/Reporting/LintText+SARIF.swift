import Foundation
import Scenarios

extension LintText {
  /// Of `bootsim lint`.
  package func sarif(version: String) throws -> String {
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
        uri: Self.uri(place.file), line: place.line > 0 ? place.line : nil, column: place.column)
    }
    // Columns count code points, as YAML's do.
    return try SARIFLog(
      SARIFLog.Driver(name: "bootsim lint", semanticVersion: version, rules: rules), results,
      columnKind: "unicodeCodePoints"
    ).text()
  }

  private static func uri(_ file: String) -> String {
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: ":"))
    let uri = file.addingPercentEncoding(withAllowedCharacters: allowed) ?? file
    return file.hasPrefix("/") ? "file://\(uri)" : uri
  }
}

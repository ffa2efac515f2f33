import Foundation
import Scenarios

/// Findings of `bootsim lint` as people and programs read them.
public struct LintText {
  public let findings: [LintFinding]
  private let files: Int

  public init(_ findings: [LintFinding], files: Int) {
    self.findings = findings
    self.files = files
  }

  /// One finding a line, and how many there are.
  public var text: String {
    let counts = LintSeverity.allCases.compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    let lines = findings.map { "\($0.description)\n" }.joined()
    let scenarios = files == 1 ? "1 scenario" : "\(files) scenarios"
    return lines + (counts.isEmpty ? "clean" : counts.joined(separator: ", ")) + ": \(scenarios)\n"
  }

  public func json() throws -> String {
    struct Row: Encodable {
      var rule, severity, file, problem, cure: String
      var line, column: Int
    }
    let rows = findings.map {
      Row(
        rule: $0.rule, severity: $0.severity.rawValue, file: $0.place.file, problem: $0.problem,
        cure: $0.cure, line: $0.place.line, column: $0.place.column)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(rows), as: UTF8.self) + "\n"
  }

  /// GitHub's workflow commands, which become annotations of the change.
  public var annotations: String {
    findings.map { finding in
      let level = finding.severity == .note ? "notice" : finding.severity.rawValue
      let place = finding.place
      let position = place.line > 0 ? ",line=\(place.line),col=\(place.column)" : ""
      let title = Self.escaped("bootsim lint: \(finding.rule)", isProperty: true)
      let text = Self.escaped("\(finding.problem); \(finding.cure)", isProperty: false)
      let file = Self.escaped(place.file, isProperty: true)
      return "::\(level) file=\(file)\(position),title=\(title)::\(text)\n"
    }.joined()
  }

  private static func escaped(_ text: String, isProperty: Bool) -> String {
    var pairs = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")]
    if isProperty { pairs += [(":", "%3A"), (",", "%2C")] }
    return pairs.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }
}

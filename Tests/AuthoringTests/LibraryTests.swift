import Foundation
import Testing
import TestSupport

@testable import Scenarios

/// `bootsim list` and `bootsim version`.
struct LibraryTests {
  private struct Row: Decodable {
    var file: String
    var name: String
    var nodes: Int
    var failureMode: String?
    var shows: String
  }

  private func rows() throws -> [Row] {
    let ended = try Program.bootsim(["list", "-o", "json"])
    #expect(ended.code == 0)
    return try JSONDecoder().decode([Row].self, from: Data(ended.output.utf8))
  }

  @Test func `every scenario is listed with its nodes and what it shows`() throws {
    let rows = try rows()
    #expect(rows.map(\.file).sorted() == Repository.scenarios.sorted())
    for row in rows {
      #expect(row.nodes > 0)
      #expect(row.shows.count > 20 && row.shows.hasSuffix("."), "\(row.file): \(row.shows)")
      #expect(!row.shows.contains("yaml-language-server") && !row.shows.contains("Cure:"))
      #expect((row.failureMode != nil) == row.file.hasPrefix("scenarios/failures/"))
    }
  }

  @Test func `a row says what its file says`() throws {
    let rows = try rows()
    let story = try #require(rows.first { $0.name == "o17-nobody-approves" })
    #expect(story.failureMode == "O17")
    #expect(story.shows == "kubeadm's binding for automatic approval of bootstrap CSRs is missing.")
    #expect(rows.first { $0.name == "kubeadm-5000-workers" }?.nodes == 5_000)
  }

  @Test func `a cure may be several settings, on one line or more`() {
    let story = ScenarioStory(
      """
      # O1. It fails.
      # Cure: --set 'spec.nodes[0].a=Present' --set spec.b=2
      # Cure: --set 'spec.tokens[0].usages=[signing, authentication]'
      kind: Scenario
      """)
    #expect(
      story.cure == [
        "spec.nodes[0].a=Present", "spec.b=2", "spec.tokens[0].usages=[signing, authentication]",
      ])
    #expect(story.text == "It fails.")
  }

  @Test func `text has one row a scenario, under a head`() throws {
    let lines = try Program.bootsim(["list"]).output.split(separator: "\n")
    #expect(lines.count == Repository.scenarios.count + 1)
    #expect(lines[0].hasPrefix("SCENARIO "))
    let shows = try #require(lines[0].range(of: "SHOWS")).lowerBound
    let column = lines[0].distance(from: lines[0].startIndex, to: shows)
    #expect(lines.dropFirst().allSatisfy { $0.dropFirst(column - 2).hasPrefix("  ") })
  }

  @Test func `a folder that is not there ends with 74, a bad scenario with 65`() throws {
    #expect(try Program.bootsim(["list", "no-such-folder"]).code == 74)
    try withTemporaryFolder { folder in
      try "kind: Scenario\n".write(
        to: folder.appendingPathComponent("s.yaml"), atomically: true, encoding: .utf8)
      #expect(try Program.bootsim(["list", "."], in: folder).code == 65)
    }
  }

  @Test func `a bad scenario is told, and the others are listed all the same`() throws {
    try withTemporaryFolder { folder in
      let good = try Repository.text("scenarios/first-node.yaml")
      for (name, text) in [("a", "kind: Scenario\n"), ("b", good), ("c", good)] {
        try text.write(
          to: folder.appendingPathComponent("\(name).yaml"), atomically: true, encoding: .utf8)
      }
      let ended = try Program.bootsim(["list", ".", "-o", "json"], in: folder)
      #expect(ended.code == 65)
      let rows = try JSONDecoder().decode([Row].self, from: Data(ended.output.utf8))
      #expect(rows.map(\.file) == ["b.yaml", "c.yaml"])
      #expect(ended.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("a.yaml:1:1: ") })
      #expect(!ended.errors.isEmpty)
    }
  }

  @Test func `version names what the program reads, writes and models`() throws {
    let ended = try Program.bootsim(["version", "-o", "json"])
    let versions = try #require(
      try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
    let short = try Program.bootsim(["--version"]).output
    #expect(short == "\(versions["version"] ?? "")\n")
    #expect(versions["scenarioAPIVersion"] as? String == ScenarioFile.apiVersion)
    #expect(versions["traceSchemaVersion"] as? Int == 1)
    let kubernetes = try #require(versions["kubernetesVersion"] as? String)
    #expect(try Repository.text("docs/FIDELITY.md").contains(kubernetes))
    let text = try Program.bootsim(["version"]).output
    for value in versions.values { #expect(text.contains("\(value)")) }
  }
}

import Foundation
import Testing
import TestSupport
import Yams

/// What docs/ci offers is YAML, and its commands are ones that bootsim has.
struct ContinuousIntegrationTests {
  private static let files = [
    "docs/ci/bootsim.yml", "docs/ci/pre-commit-config.yaml", ".pre-commit-hooks.yaml",
  ]

  @Test(arguments: files)
  func `it is YAML`(_ file: String) throws {
    #expect(try Yams.load(yaml: text(of: file)) != nil)
  }

  @Test func `each option of its commands is one that check has`() throws {
    let help = try Program.bootsim(["check", "--help"]).output
    var found = 0
    for file in Self.files + ["docs/ci/README.md"] {
      let text = try text(of: file)
      for line in text.split(separator: "\n") where line.contains("bootsim check ") {
        let options = line.prefix { $0 != "#" }.matches(of: /--[a-z-]+/).map { String($0.0) }
        found += options.count
        for option in options { #expect(help.contains("  \(option)"), "\(file): \(option)") }
      }
    }
    #expect(found > 6)
    let hooks = try #require(
      try Yams.load(yaml: text(of: "docs/ci/pre-commit-config.yaml")) as? [String: Any])
    let hook = try #require(
      ((hooks["repos"] as? [[String: Any]])?.first?["hooks"] as? [[String: Any]])?.first)
    for argument in hook["args"] as? [String] ?? [] where argument.hasPrefix("--") {
      #expect(help.contains("  \(argument)"))
    }
    let offered = try #require(
      try Yams.load(yaml: text(of: ".pre-commit-hooks.yaml")) as? [[String: Any]])
    #expect(offered.contains { $0["id"] as? String == hook["id"] as? String })
  }

  /// The command of the workflow, played as it is written, where the release build stands for the one that
  /// the workflow builds.
  @Test func `the workflow's command passes on this repository`() throws {
    let line = try text(of: "docs/ci/bootsim.yml").split(separator: "\n").first {
      $0.contains("bootsim check ")
    }
    let words = try #require(line).split(separator: " ").drop { $0 != "check" }.map(String.init)
    let folder = TemporaryFolder()
    let arguments = words.map { $0.hasPrefix("bootsim.") ? folder.file($0) : $0 }
    let ended = try Program.bootsim(arguments)
    #expect(ended.code == 0, "\(ended.output)")
    #expect(FileManager.default.fileExists(atPath: folder.file("bootsim.xml")))
    #expect(FileManager.default.fileExists(atPath: folder.file("bootsim.sarif")))
  }

  private func text(of file: String) throws -> String {
    try String(contentsOf: Repository.root.appending(path: file), encoding: .utf8)
  }
}

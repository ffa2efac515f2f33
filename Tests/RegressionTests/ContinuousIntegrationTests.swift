import Foundation
import Testing
import TestSupport
import Yams

/// What docs/ci offers is YAML, and its commands are ones that bootsim has.
struct ContinuousIntegrationTests {
  private static let files = [
    "docs/ci/bootsim.yml", "docs/ci/pre-commit-config.yaml", "docs/ci/pre-commit-local.yaml",
    ".pre-commit-hooks.yaml",
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

  /// What pre-commit demands of a hook of `repo: local`, and that the file that changed does not limit what
  /// is played.
  @Test(arguments: ["docs/ci/pre-commit-local.yaml", ".pre-commit-hooks.yaml"])
  func `a hook is complete, and a changed profile triggers it`(_ file: String) throws {
    let content = try Yams.load(yaml: text(of: file))
    let repositories = (content as? [String: Any])?["repos"] as? [[String: Any]]
    let hooks = repositories?.first?["hooks"] as? [[String: Any]] ?? content as? [[String: Any]]
    #expect(hooks?.isEmpty == false)
    for hook in try #require(hooks) {
      for key in ["id", "name", "entry", "language"] { #expect(hook[key] is String, "\(key)") }
      #expect(hook["pass_filenames"] as? Bool == false)
      let files = try Regex(try #require(hook["files"] as? String))
      #expect("scenarios/profiles/idle.yaml".contains(files))
      #expect("results/golden/first-node.json".contains(files))
    }
  }

  @Test(.enabled(if: Program.isPresent("pre-commit"), "there is no pre-commit"))
  func `pre-commit runs the hook of the bootsim of PATH`() throws {
    let folder = TemporaryFolder()
    try folder.write(text(of: "docs/ci/pre-commit-local.yaml"), to: ".pre-commit-config.yaml")
    try folder.write(text(of: "scenarios/first-node.yaml"), to: "scenarios/first-node.yaml")
    try folder.write("other", to: "scenarios/profiles/idle.yaml")
    let commands = """
      export PATH="\(Program.bootsim.deletingLastPathComponent().path):$PATH"
      git init -q . && bootsim check scenarios --golden results/golden --update && git add -A
      pre-commit run --files scenarios/profiles/idle.yaml
      """
    let ended = try Program.run(
      "/usr/bin/env", ["bash", "-c", commands], in: folder.url)
    #expect(ended.code == 0, "\(ended.output) \(ended.errors)")
    #expect(ended.output.contains("Passed"))
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

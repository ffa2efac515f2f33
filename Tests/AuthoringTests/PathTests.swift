import Foundation
import Testing
import TestSupport

/// A path that leads to nothing, or to a folder where a file is needed, is the same failure everywhere.
struct PathTests {
  private static let commands: [[String]] = [
    ["run", "PATH.yaml"], ["lint", "PATH.yaml"], ["list", "PATH.yaml"], ["check", "PATH.yaml"],
    ["explain", "PATH.sqlite"], ["get", "nodes", "PATH.sqlite"],
    ["describe", "nodes", "PATH.sqlite"], ["logs", "node-1", "PATH.sqlite"],
    ["report", "PATH.sqlite"], ["diff", "PATH.sqlite", "PATH.sqlite"],
    ["export", "PATH.sqlite", "--format", "csv"], ["calibrate", "PATH.log"],
    ["conformance", "PATH"], ["new", "--from-cluster", "PATH"],
  ]
  /// They take folders too.
  private static let ofFolders = ["lint", "list", "check", "conformance", "new"]

  @Test(arguments: commands)
  func `a path at which there is nothing ends with 74`(command: [String]) throws {
    try withTemporaryFolder { folder in
      let ended = try Program.bootsim(command.map { $0.replacing("PATH", with: "no") }, in: folder)
      #expect(ended.code == 74, "\(command): \(ended.errors)")
      #expect(ended.errors.hasPrefix("no"))
    }
  }

  @Test(arguments: commands.filter { !ofFolders.contains($0[0]) })
  func `a folder in place of a file ends with 74`(command: [String]) throws {
    try withTemporaryFolder { folder in
      let words = command.map { $0.replacing("PATH", with: "folder") }
      for word in words where word.hasPrefix("folder") {
        try FileManager.default.createDirectory(
          at: folder.appendingPathComponent(word), withIntermediateDirectories: true)
      }
      let ended = try Program.bootsim(words, in: folder)
      #expect(ended.code == 74, "\(command): \(ended.errors)")
      #expect(ended.errors.hasPrefix("folder"))
    }
  }

  @Test func `a folder without scenarios is no clean one`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("empty"), withIntermediateDirectories: true)
      #expect(try Program.bootsim(["lint", "empty"], in: folder).code == 65)
    }
  }

  @Test(arguments: [
    ["check", "s.yaml", "--golden", "g", "--junit", "s.yaml"],
    ["check", "s.yaml", "--golden", "g", "--sarif", "s.yaml"],
    ["check", "s.yaml", "--golden", "g", "--junit", "notes.txt"],
    ["check", "s.yaml", "--golden", "g", "--junit", "j", "--sarif", "j"],
    ["calibrate", "notes.txt", "--output", "notes.txt"],
  ])
  func `a report replaces nothing but an earlier one`(command: [String]) throws {
    try withTemporaryFolder { folder in
      let scenario = try Program.bootsim(["new"], in: folder).output
      for (name, text) in [("s.yaml", scenario), ("notes.txt", "keep me")] {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
      }
      let ended = try Program.bootsim(command, in: folder)
      #expect(ended.code != 0, "\(ended.errors)")
      #expect(
        try String(contentsOf: folder.appendingPathComponent("s.yaml"), encoding: .utf8) == scenario
      )
      #expect(
        try String(contentsOf: folder.appendingPathComponent("notes.txt"), encoding: .utf8)
          == "keep me")
    }
  }

  @Test func `an override without a value is wrong usage`() throws {
    let ended = try Program.bootsim(["run", "scenarios/first-node.yaml", "--set", "spec.seed"])
    #expect(ended.code == 64)
    #expect(
      ended.errors.hasPrefix("Error: --set spec.seed: no `=`; write --set spec.key=value\n"))
  }

  @Test func `a command that is a slip is told with the nearest`() throws {
    try withTemporaryFolder { folder in
      let ended = try Program.bootsim(["rnu", "s.yaml"], in: folder)
      #expect(ended.code == 64)
      #expect(ended.errors.hasPrefix("Error: there is no command “rnu”; did you mean `run`?"))
    }
  }

  @Test(arguments: ["conformance", "new"])
  func `a file in place of a folder ends with 74`(command: String) throws {
    try withTemporaryFolder { folder in
      try Data().write(to: folder.appendingPathComponent("file"))
      let words = command == "new" ? [command, "--from-cluster", "file"] : [command, "file"]
      #expect(try Program.bootsim(words, in: folder).code == 74)
    }
  }
}

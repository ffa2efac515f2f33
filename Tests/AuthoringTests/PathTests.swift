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

  @Test(arguments: ["conformance", "new"])
  func `a file in place of a folder ends with 74`(command: String) throws {
    try withTemporaryFolder { folder in
      try Data().write(to: folder.appendingPathComponent("file"))
      let words = command == "new" ? [command, "--from-cluster", "file"] : [command, "file"]
      #expect(try Program.bootsim(words, in: folder).code == 74)
    }
  }
}

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

  #if os(Linux)
    /// A file that is there and gives an error when it is read, whoever reads it.
    private static let unreadable = "/proc/self/mem"

    @Test(arguments: [
      ["run", "s.yaml"], ["lint", "s.yaml"], ["list", "s.yaml"], ["check", "s.yaml"],
    ])
    func `a file that cannot be read ends with 74, also among those of a folder`(
      command: [String]
    ) throws {
      try withTemporaryFolder { folder in
        try FileManager.default.createSymbolicLink(
          atPath: folder.appendingPathComponent("s.yaml").path,
          withDestinationPath: Self.unreadable)
        let paths = Self.ofFolders.contains(command[0]) ? ["s.yaml", "."] : ["s.yaml"]
        for path in paths {
          let ended = try Program.bootsim([command[0], path], in: folder)
          #expect(ended.code == 74, "\(command): \(ended.output)\(ended.errors)")
          #expect("\(ended.output)\(ended.errors)".contains("cannot be read; give the path of"))
        }
      }
    }

    @Test(arguments: [
      ["run", "s.yaml", "--output", "out"], ["report", "r.sqlite", "-o", "out"],
      ["check", "s.yaml", "--junit", "out"],
    ])
    func `a file that cannot be read is not replaced`(command: [String]) throws {
      let folder = TemporaryFolder()
      let scenario = Repository.root.appendingPathComponent("scenarios/first-node.yaml")
      try folder.write(String(contentsOf: scenario, encoding: .utf8), to: "s.yaml")
      _ = try Program.bootsim(["run", "s.yaml", "--output", "r.sqlite"], in: folder.url)
      try FileManager.default.createSymbolicLink(
        atPath: folder.file("out"), withDestinationPath: Self.unreadable)
      let ended = try Program.bootsim(command, in: folder.url)
      #expect(ended.code == 74, "\(ended.output)\(ended.errors)")
      #expect(ended.errors == "out exists and cannot be read; give another name\n")
    }

    @Test(arguments: [
      "--help", "run --help", "help get", "version", "--version", "schema", "lint --rules",
      "--generate-completion-script bash", "manual",
    ])
    func `a full disk ends with 74 whatever is printed`(words: String) throws {
      let ended = try Program.run(
        "/usr/bin/env", ["bash", "-c", "\(Program.bootsim.path) \(words) > /dev/full"])
      #expect(ended.code == 74, "\(ended.errors)")
      #expect(ended.errors == "standard output cannot be written: No space left on device\n")
    }
  #endif

  @Test(arguments: [
    ["export", "r.sqlite", "--format", "audit"], ["report", "r.sqlite"], ["new"],
  ])
  func `a format is no name of a file`(command: [String]) throws {
    try withTemporaryFolder { folder in
      for format in ["json", "yaml"] {
        let ended = try Program.bootsim(command + ["-o", format], in: folder)
        #expect(ended.code == 64)
        #expect(
          ended.errors.hasPrefix("Error: -o \(format): here -o names the file that is written; "))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func `notes are told with mistakes`() throws {
    try withTemporaryFolder { folder in
      let scenario = """
        apiVersion: bootsim.dev/v1alpha1
        kind: Scenario
        metadata: {name: s}
        spec:
          preset: kubeadm
          cuont: 3
          nodes: [{name: workers, count: 1}]
          tokens: [{token: abcdef.0123456789abcdef}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: b}
        subject: []
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:node-bootstrapper}
        """
      try Data(scenario.utf8).write(to: folder.appendingPathComponent("s.yaml"))
      for command in ["run", "lint", "list", "check"] {
        let ended = try Program.bootsim([command, "s.yaml"], in: folder)
        #expect(ended.code == 65)
        #expect(
          "\(ended.output)\(ended.errors)".contains("did you mean `subjects`?"), "\(ended.errors)")
      }
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

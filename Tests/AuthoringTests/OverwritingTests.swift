import Foundation
import TestSupport
import Testing

/// What a user wrote is not destroyed by an output, and an input that never ends is not read for ever.
struct OverwritingTests {
  private let folder = TemporaryFolder()

  private func bootsim(_ words: String...) throws -> Ended {
    try Program.bootsim(words, in: folder.url)
  }

  private func writeScenario(_ spec: String = "", to name: String = "s.yaml") throws {
    try folder.write(
      """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: s}
      spec:
        preset: kubeadm
        nodes: [{name: w}]
        tokens: [{token: abcdef.0123456789abcdef}]
      \(spec)

      """, to: name)
  }

  @Test func `lint never writes its findings over a scenario that it reads`() throws {
    try writeScenario()
    let before = try folder.text(of: "s.yaml")
    for path in ["s.yaml", "."] {
      let ended = try bootsim("lint", path, "--sarif", "./s.yaml", "--force")
      #expect(ended.code == 74)
      #expect(ended.errors == "./s.yaml is what is read; give another name\n")
      #expect(try folder.text(of: "s.yaml") == before)
    }
  }

  @Test(arguments: ["audit", "perfetto", "openmetrics", "otlp", "csv", "ndjson"])
  func `an export replaces an earlier one of its format and no other file`(format: String) throws {
    try writeScenario()
    #expect(try bootsim("run", "s.yaml", "--output", "t.sqlite").code == 0)
    let before = try folder.text(of: "s.yaml")
    let ended = try bootsim("export", "t.sqlite", "--format", format, "-o", "s.yaml")
    #expect(ended.code == 74)
    #expect(
      ended.errors == "s.yaml exists and is another file; give another name, or delete it\n")
    #expect(try folder.text(of: "s.yaml") == before)
    for _ in 1...2 {
      let again = try bootsim("export", "t.sqlite", "--format", format, "-o", "out")
      #expect(again.code == 0, "\(again.errors)")
    }
  }

  @Test(arguments: [
    "events", "steps", "requests", "nodes", "csrs", "certificates", "waiting_requests",
  ])
  func `an export of a view replaces an earlier one of it`(view: String) throws {
    let recording = try Recording("missing-create-binding")
    let words = ["export", recording.path, "--view", view, "-o", "out", "--format"]
    for format in ["csv", "ndjson"] {
      for _ in 1...2 {
        let ended = try Program.bootsim(words + [format], in: folder.url)
        #expect(ended.code == 0, "\(format): \(ended.errors)")
      }
      try? FileManager.default.removeItem(atPath: folder.file("out"))
    }
  }

  @Test(arguments: [
    (["calibrate", "a.log", "--output", "q", "--csr-times", "./q"], "--output and --csr-times"),
    (["check", "s.yaml", "--junit", "q", "--sarif", "./q"], "--junit and --sarif"),
  ])
  func `two outputs have two files`(words: [String], options: String) throws {
    try writeScenario()
    let ended = try Program.bootsim(words, in: folder.url)
    #expect(ended.code == 64)
    #expect(ended.errors.hasPrefix("Error: \(options) name one file; give each its own\n"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("q")))
  }

  // MARK: Inputs without an end

  /// The writer opens the pipe and says nothing.
  @Test(arguments: ["run pipe --trace none", "run - --trace none < pipe", "check pipe"])
  func `a signal ends the program while it reads`(command: String) throws {
    let line = """
      mkfifo pipe; sleep 8 > pipe & w=$!
      '\(Program.bootsim.path)' \(command) & b=$!
      sleep 2; kill -TERM $b; wait $b; c=$?; kill $w 2> kill.log && exit $c; exit 99
      """
    let ended = try Program.run("/bin/sh", ["-c", line], in: folder.url)
    #expect(ended.code == 143, "\(ended.output)\(ended.errors)")
  }

  #if os(Linux)
    @Test(arguments: [("files: [zero]", 65), ("nodes: [{name: w, start: {csv: zero}}]", 65)])
    func `a file without an end takes no more than a bounded memory`(key: String, code: Int32)
      throws
    {
      try FileManager.default.createSymbolicLink(
        atPath: folder.file("zero"), withDestinationPath: "/dev/zero")
      let spec = key.replacing("csv: zero", with: "csv: {file: zero, column: t}")
      try writeScenario(spec.hasPrefix("files") ? "  \(spec)" : "")
      if !spec.hasPrefix("files") {
        let text = try folder.text(of: "s.yaml").replacing("nodes: [{name: w}]", with: spec)
        try folder.write(text, to: "s.yaml")
      }
      let line = "ulimit -v 4000000; '\(Program.bootsim.path)' run s.yaml --trace none"
      let ended = try Program.run("/bin/sh", ["-c", line], in: folder.url)
      #expect(ended.code == code)
      #expect(
        ended.errors == "zero: longer than 256 MiB; give a YAML or CSV text file\n",
        "\(ended.errors.prefix(300))")
    }

    @Test func `a golden folder below a device is no folder`() throws {
      try writeScenario()
      let ended = try bootsim("check", "s.yaml", "--golden", "/dev/full", "--update")
      #expect(ended.code == 74)
      #expect(
        ended.errors.hasSuffix(
          "/s.json: Not a directory; give a folder that can be written with --golden\n"),
        "\(ended.errors)")
    }

    @Test func `a folder that is gone is told in the system's words`() throws {
      let line = """
        mkdir gone; cp s.yaml s2.yaml; cd gone; rmdir ../gone
        '\(Program.bootsim.path)' run '\(folder.file("s.yaml"))'
        """
      try writeScenario()
      let ended = try Program.run("/bin/sh", ["-c", line], in: folder.url)
      #expect(ended.code == 74, "\(ended.errors)")
      #expect(ended.errors.contains("No such file or directory"), "\(ended.errors)")
    }
  #endif

  // MARK: Words

  @Test func `a shell without completion is told with those that have it`() throws {
    for words in [
      ["--generate-completion-script", "tcsh"], ["--generate-completion-script=tcsh"],
    ] {
      let ended = try Program.bootsim(words, in: folder.url)
      #expect(ended.code == 64)
      #expect(
        ended.errors.hasPrefix(
          "Error: there is no completion for “tcsh”; give bash, zsh or fish\n"),
        "\(ended.errors)")
    }
  }

  @Test func `a trace that is not there is recorded by a command that can be typed`() throws {
    let ended = try bootsim("explain", "no.sqlite")
    #expect(
      ended.errors
        == "no.sqlite: no such file; record one with bootsim run FILE --output no.sqlite\n")
  }

  // MARK: Keys that are set twice

  @Test func `a seed is given once`() throws {
    try writeScenario()
    let ended = try bootsim(
      "run", "s.yaml", "--trace", "none", "--seed", "5", "--set", "spec.seed=6")
    #expect(ended.code == 64)
    #expect(
      ended.errors.hasPrefix(
        "Error: --seed and --set spec.seed are one key; give one of them\n"))
  }

  @Test func `an override of which another leaves nothing is told`() throws {
    try writeScenario()
    let ended = try bootsim(
      "run", "s.yaml", "--trace", "none", "--set", "spec.nodes[0].count=2", "--set",
      "spec.nodes.w.count=3")
    #expect(ended.code == 0)
    #expect(
      ended.errors == "note: --set spec.nodes.w.count=3: replaces --set spec.nodes[0].count=2, "
        + "which sets the same key\n")
    let finer = try bootsim(
      "run", "s.yaml", "--trace", "none", "--set", "spec.nodes[0]={name: w, count: 2}", "--set",
      "spec.nodes.w.count=3")
    #expect(finer.code == 0 && finer.errors.isEmpty, "\(finer.errors)")
  }
}

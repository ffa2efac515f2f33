import Foundation
import Testing
import TestSupport

/// Whatever a command line or a scenario says, there is an answer: never a crash, never a word lost.
struct HostileCommandTests {
  private let folder = TemporaryFolder()

  private func scenario(_ spec: String) -> String {
    """
    apiVersion: bootsim.dev/v1alpha1
    kind: Scenario
    metadata: {name: c1}
    spec:
      preset: kubeadm
      tokens: [{token: abcdef.0123456789abcdef}]
    \(spec)

    """
  }

  private func write(_ spec: String, to name: String = "c1.yaml") throws {
    try folder.write(scenario(spec), to: name)
  }

  private func bootsim(_ words: String...) throws -> Ended {
    try Program.bootsim(words, in: folder.url)
  }

  private func shell(_ line: String) throws -> Ended {
    let program = Program.bootsim.path
    return try Program.run(
      "/bin/sh", ["-c", line.replacing("bootsim", with: "'\(program)'")], in: folder.url)
  }

  // MARK: Options

  @Test(arguments: ["--seed", "--trace", "--output", "-o"])
  func `an option that takes one value is not given twice`(option: String) throws {
    try write("  nodes: [{name: w}]")
    let value = ["--trace": "none", "-o": "json"][option] ?? "7"
    let ended = try bootsim("run", "c1.yaml", option, value, "\(option)=\(value)")
    #expect(ended.code == 64)
    #expect(
      ended.errors.hasPrefix(
        "Error: \(option) is given twice; give it once\nUsage: bootsim run <file> "))
    #expect(ended.errors.hasSuffix("  See 'bootsim run --help' for more information.\n"))
    let once = try bootsim(
      "run", "c1.yaml", "--trace", "none", "--set", "spec.seed=1", "--set", "spec.duration=1m")
    #expect(once.code == 0)
  }

  @Test func `a negative number is a wrong one, not a missing one`() throws {
    try write("  nodes: [{name: w}]")
    for words in [
      ["run", "c1.yaml", "--seed", "-1"], ["new", "--nodes", "-1"],
      ["export", "c1.sqlite", "--format", "openmetrics", "--interval", "-3"],
    ] {
      let ended = try Program.bootsim(words, in: folder.url)
      #expect(ended.code == 64)
      #expect(!ended.errors.contains("Missing") && ended.errors.contains(words.last ?? ""))
    }
  }

  @Test func `a scenario may come from a pipe`() throws {
    try write("  nodes: [{name: w}]")
    for line in [
      "cat c1.yaml | bootsim run - --trace none -o json",
      "cat c1.yaml | bootsim run /dev/stdin --trace none -o json",
      "mkfifo pipe; cat c1.yaml > pipe & bootsim run pipe --trace none -o json",
      "cat c1.yaml | bootsim lint /dev/stdin -o json",
    ] {
      let ended = try shell(line)
      #expect(ended.code == 0 && !ended.output.isEmpty, "\(line): \(ended.errors)")
    }
  }

  @Test func `both names of an option are the same option`() throws {
    let ended = try bootsim("new", "-o", "a.yaml", "--output", "b.yaml")
    #expect(ended.code == 64)
    #expect(ended.errors.contains("--output is given twice"))
  }

  @Test func `an option and its value in one word count as the option`() throws {
    let ended = try bootsim("get", "nodes", "x.sqlite", "-oyaml", "-o", "name")
    #expect(ended.code == 64)
    #expect(ended.errors.contains("-o is given twice"))
  }

  @Test(arguments: ["0", "31536001", "9200000000", "9223372036854775807"])
  func `an interval of samples has bounds`(interval: String) throws {
    let ended = try bootsim(
      "export", "x.sqlite", "--format", "openmetrics", "--interval", interval)
    #expect(ended.code == 64)
    #expect(ended.errors.contains("give 1 to 31536000, a year"))
  }

  @Test func `samples a year apart are written`() throws {
    try write("  nodes: [{name: w}]")
    #expect(try bootsim("run", "c1.yaml", "--output", "t.sqlite").code == 0)
    let ended = try bootsim(
      "export", "t.sqlite", "--format", "openmetrics", "--interval", "31536000")
    #expect(ended.code == 0)
    #expect(ended.output.hasSuffix("# EOF\n"))
  }

  // MARK: Output

  private static let hasFullDevice = FileManager.default.fileExists(atPath: "/dev/full")

  @Test(.enabled(if: hasFullDevice))
  func `a full standard output is told whatever the result`() throws {
    try write("  nodes: [{name: w}]\n  expect: [{ready: 2}]")
    try write("  nodes: [{name: w, count: 2}]", to: "b.yaml")
    for file in ["c1", "b"] {
      _ = try bootsim("run", "\(file).yaml", "--output", "\(file).sqlite")
    }
    for command in [
      "lint c1.yaml", "diff c1.sqlite b.sqlite", "run c1.yaml --trace none",
      "check c1.yaml --golden g",
    ] {
      #expect(try shell("bootsim \(command)").code == 1)
      let ended = try shell("bootsim \(command) >/dev/full")
      #expect(ended.code == 74, "\(command)")
      #expect(ended.errors.contains("standard output cannot be written: No space left"))
    }
  }

  /// No file may be longer, as on a disk that is full.
  @Test func `an export that does not fit is told with its cure`() throws {
    try write("  nodes: [{name: w, count: 20}]")
    _ = try bootsim("run", "c1.yaml", "--output", "t.sqlite")
    let ended = try shell(
      "trap '' XFSZ; ulimit -f 4; bootsim export t.sqlite --format audit -o a.jsonl")
    #expect(ended.code == 74)
    #expect(
      ended.errors
        == "a.jsonl cannot be written: File too large; give a path that can be written with "
        + "--output\n")
  }

  @Test(arguments: ["run none.yaml", "new -o a.yaml", "no-command", "run c1.yaml --seed x"])
  func `a standard error that cannot be written changes no exit code`(command: String) throws {
    try write("  nodes: [{name: w}]")
    let code = try shell("bootsim \(command)").code
    for target in ["&-", "/dev/full"] where target == "&-" || Self.hasFullDevice {
      _ = try shell("rm -f a.yaml")
      #expect(try shell("bootsim \(command) 2>\(target)").code == code, "\(target)")
    }
  }

  @Test func `no file that is written gets what goes to closed standard files`() throws {
    try write("  nodes: [{name: w}]\n  expect: [{ready: 2}]")
    #expect(try bootsim("run", "c1.yaml", "--output", "t.sqlite").code == 1)
    #expect(try bootsim("export", "t.sqlite", "--format", "csv", "-o", "a.csv").code == 0)
    #expect(try shell("bootsim export t.sqlite --format csv -o b.csv <&- >&- 2>&-").code == 0)
    #expect(try folder.text(of: "a.csv") == folder.text(of: "b.csv"))
    #expect(try shell("bootsim lint c1.yaml --sarif a.sarif >&- 2>&-").code == 74)
    #expect(try bootsim("lint", "c1.yaml", "--sarif", "b.sarif").code == 1)
    #expect(try folder.text(of: "a.sarif") == folder.text(of: "b.sarif"))
  }

  @Test func `the folder of an output is made`() throws {
    try write("  nodes: [{name: w}]")
    #expect(try bootsim("new", "-o", "new/deep/a.yaml").code == 0)
    #expect(try bootsim("run", "c1.yaml", "--output", "run/t.sqlite").code == 0)
    #expect(try bootsim("report", "run/t.sqlite", "-o", "report/a.html").code == 0)
    let export = try bootsim("export", "run/t.sqlite", "--format", "csv", "-o", "export/a.csv")
    #expect(export.code == 0)
    #expect(try bootsim("lint", "c1.yaml", "--sarif", "lint/a.sarif").code == 0)
    for file in ["new/deep/a.yaml", "report/a.html", "export/a.csv", "lint/a.sarif"] {
      #expect(try !folder.text(of: file).isEmpty)
    }
    try folder.write("", to: "plain")
    let ended = try bootsim("new", "-o", "plain/a.yaml")
    #expect(ended.code == 74)
    #expect(
      ended.errors
        == "plain/a.yaml cannot be written: Not a directory; give a path that can be written\n")
  }

  @Test func `what a process that is dead left of an output is removed by the next one`() throws {
    try write("  nodes: [{name: w}]")
    #expect(try bootsim("run", "c1.yaml", "--output", "t.sqlite").code == 0)
    // Its number is free again, and hardly another's by now.
    let dead = try shell("echo $$").output.filter(\.isNumber)
    for command in [
      "new -o", "report t.sqlite -o", "export t.sqlite --format csv -o", "lint c1.yaml --sarif",
    ] {
      try folder.write("x", to: "out.partial-\(dead)")
      #expect(try shell("bootsim \(command) out").code == 0, "\(command)")
      #expect(try shell("ls | grep ^out").output == "out\n", "\(command)")
      #expect(try shell("rm out").code == 0)
    }
  }

  @Test func `JSON says of each expectation whether it holds`() throws {
    try write("  nodes: [{name: w}]\n  expect: [{ready: 1}, {ready: 2}]")
    let ended = try bootsim("run", "c1.yaml", "--trace", "none", "-o", "json")
    #expect(ended.code == 1)
    let object = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
    let expectations = try #require(object?["expectations"] as? [[String: Any]])
    #expect(expectations.map { $0["text"] as? String } == ["ready: 1", "ready: 2"])
    #expect(expectations.map { $0["holds"] as? Bool } == [true, false])
    #expect(expectations[0]["problem"] is NSNull)
    #expect(expectations[1]["problem"] as? String == "expected 2 nodes Ready, got 1")
    #expect(expectations[1]["place"] as? String == "c1.yaml:8:24")
  }

  @Test func `a command that is told runs as it is typed`() throws {
    try write(
      "  nodes: [{name: w}]\n  controllerManager: {running: false}\n  duration: 1m")
    #expect(try bootsim("run", "c1.yaml", "--output", "it's one.sqlite").code == 0)
    let text = try bootsim("explain", "it's one.sqlite").output
    let command = try #require(text.firstMatch(of: /such as w-1: (bootsim explain .*)/)?.1)
    let ended = try shell(String(command))
    #expect(ended.code == 0, "\(command): \(ended.errors)")
    #expect(ended.output.hasPrefix("w-1"), "\(ended.output)")
  }

  // MARK: Nodes

  @Test func `CSR clients are no nodes where there are nodes`() throws {
    try write(
      "  nodes: [{name: w, count: 2}, {name: c, count: 2, kind: csrClient}]\n"
        + "  expect: [{ready: 2}, {ready: all}, {failed: 0}]")
    #expect(try bootsim("run", "c1.yaml", "--trace", "none").errors == "")
    try write("  nodes: [{name: c, count: 2, kind: csrClient}]\n  expect: [{ready: 2}]")
    #expect(try bootsim("run", "c1.yaml", "--trace", "none").errors == "")
  }

  @Test func `a node that is not there is answered with what lists those that are`() throws {
    try write(
      "  nodes: [{name: w, count: 2, bootstrapKubeconfig: {state: Absent}}]\n  duration: 1m")
    #expect(try bootsim("run", "c1.yaml", "--output", "t.sqlite").code == 0)
    for command in ["explain", "logs"] {
      let ended = try bootsim(command, "t.sqlite", "node/none-at-all")
      #expect(ended.code == 65)
      #expect(
        ended.errors
          == "t.sqlite: no node “none-at-all” in c1; bootsim export t.sqlite --format csv --view nodes "
          + "lists them\n")
    }
    let listed = try bootsim("export", "t.sqlite", "--format", "csv", "--view", "nodes").output
    #expect(listed.contains("w-1") && listed.contains("w-2"))
  }

  @Test func `nodes of one name are counted, and told apart within a group too`() throws {
    try write(
      "  allowDuplicateNodeNames: true\n"
        + "  nodes: [{name: g0, names: [same, same]}, {name: g1, names: [same]}]")
    #expect(try bootsim("run", "c1.yaml", "--output", "t.sqlite").code == 0)
    let several = try bootsim("explain", "node/same", "t.sqlite")
    #expect(several.code == 65)
    #expect(
      several.errors
        == "t.sqlite: 3 nodes are called same; name one of them: `node/g0/same/1`, "
        + "`node/g0/same/2`, `node/g1/same`\n")
    let group = try bootsim("explain", "node/g0/same", "t.sqlite")
    #expect(group.code == 65)
    #expect(group.errors.contains("2 nodes are called g0/same"))
    for name in ["g0/same/1", "g0/same/2", "g1/same"] {
      #expect(try bootsim("explain", "node/\(name)", "t.sqlite").code == 0, "\(name)")
    }
    #expect(try bootsim("explain", "node/g0/same/3", "t.sqlite").code == 65)
  }

  // MARK: Steps

  @Test func `of a node that never joins the first thousand steps are printed`() throws {
    try write(
      "  duration: 2h\n"
        + "  nodes: [{name: w, bootstrapKubeconfig: {state: Absent}, kubelet: {restartSec: 1s}}]")
    let ended = try bootsim("run", "c1.yaml", "--trace", "none")
    #expect(ended.code == 0)
    let lines = ended.output.split(separator: "\n", omittingEmptySubsequences: false)
    let further = try #require(lines.firstIndex { $0.hasPrefix("… and ") })
    #expect(further == 1_000)
    #expect(lines[further].hasSuffix(" further steps, of which a trace has all"))
  }
}

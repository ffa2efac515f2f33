import Foundation
import Testing
import TestSupport
import TraceStore

@testable import Regression

struct CheckTests {
  private static let scenario = """
    apiVersion: bootsim.dev/v1alpha1
    kind: Scenario
    metadata: {name: few}
    spec:
      preset: kubeadm
      nodes:
      - {name: workers, count: 1, names: "worker-{1}"}
      tokens:
      - token: abcdef.0123456789abcdef
      expect:
      - ready: all

    """

  /// A folder with one scenario, which is no longer the one that its golden file is of.
  private func changed(
    _ from: String, _ to: String, text: String = scenario, options: [String] = []
  ) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    try folder.write(text, to: "scenarios/few.yaml")
    let first = try check(in: folder, ["--update"] + options)
    #expect(first.code == 0)
    #expect(first.output == "1 passed, 0 failed, 1 golden file written\n")
    try folder.write(text.replacing(from, with: to), to: "scenarios/few.yaml")
    return folder
  }

  private func check(
    in folder: TemporaryFolder, _ options: [String] = [], environment: [String: String] = [:]
  ) throws -> Ended {
    try Program.bootsim(
      ["check", "scenarios", "--golden", "golden"] + options, in: folder.url,
      environment: environment)
  }

  @Test func `a scenario that comes to the same passes`() throws {
    let folder = try changed("", "")
    let again = try check(in: folder)
    #expect(again.code == 0)
    #expect(again.output == "1 passed, 0 failed\n")
    #expect(again.errors == "")
    #expect(try check(in: folder, ["--update"]).output == "1 passed, 0 failed\n")
  }

  /// As on a disk that is full: what cannot be written here is the trace.
  @Test func `where the trace beside it cannot be written, there is no golden file`() throws {
    let folder = TemporaryFolder()
    try folder.write(Self.scenario, to: "scenarios/few.yaml")
    try folder.write("", to: "golden/scenarios/few.sqlite/in-the-way")
    let ended = try check(in: folder, ["--update", "--traces"])
    #expect(ended.code == 74)
    #expect(ended.errors.contains("golden/scenarios/few.sqlite"), "\(ended.errors)")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appending(path: "golden/scenarios").path)
    #expect(names == ["few.sqlite"])
  }

  @Test func `of a small run the first event that differs is named on both sides`() throws {
    let folder = try changed("preset: kubeadm", "preset: kubeadm\n  seed: 3")
    let ended = try check(in: folder)
    #expect(ended.code == 1)
    let golden = try Golden(text: folder.text(of: "golden/scenarios/few.json"))
    let lines = try #require(golden.events.lines)
    let number = try #require(
      ended.output.firstMatch(of: /event (\d+) is another than in the golden file/).flatMap {
        Int($0.1)
      })
    let sides = ended.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let starts = sides.indices.filter { sides[$0].hasSuffix("and what led to it:") }
    try #require(starts.count == 2)
    let goldenSide = sides[(starts[0] + 1)..<starts[1]]
    #expect(goldenSide.last.map { lines[number - 1].hasSuffix($0) } == true)
    let newSide = sides[(starts[1] + 1)...].prefix { $0.hasPrefix("#") }
    #expect(newSide.last?.hasPrefix("#\(number) ") == true)
    #expect(newSide.last != goldenSide.last)
    #expect(ended.output.contains("seed: 1 → 3"))
  }

  @Test func `of an event that differs in its value alone both sides tell the value`() throws {
    let ended = try check(
      in: changed(
        "preset: kubeadm",
        "preset: kubeadm\n  controllerManager: {clusterSigningDuration: 2h}"))
    let told = ended.output.matches(of: /certificateSigned .*\(until (\S+Z)\)/).map { $0.1 }
    #expect(told.prefix(2) == ["2026-12-31T23:55:00Z", "2026-01-01T02:00:00Z"])
  }

  /// A larger run with another seed than its golden file's.
  private func reseeded(options: [String] = []) throws -> TemporaryFolder {
    try changed(
      "preset: kubeadm", "preset: kubeadm\n  seed: 3",
      text: Self.scenario.replacing("count: 1", with: "count: 30"), options: options)
  }

  @Test func `of a run that cannot be had any more the first event that differs is named`() throws {
    let folder = try reseeded()
    var golden = try Golden(text: folder.text(of: "golden/scenarios/few.json"))
    golden.inputs = nil
    try folder.write(try golden.text(), to: "golden/scenarios/few.json")
    let output = try check(in: folder).output
    let number = try #require(
      output.firstMatch(of: /event ([\d,]+) is another than in the golden file/)?.1)
    #expect(golden.events.lines == nil)
    #expect(golden.events.trail.marks.count == golden.events.count)
    #expect(output.contains("  golden  has another event there, of which it keeps no words"))
    #expect(output.contains(/in this run, and what led to it:(\n +#.*)+/))
    // Who has the earlier bootsim can still have it named.
    #expect(
      output.contains(
        /with the bootsim and the scenario that the golden file is of\n +bootsim check .* --update --traces\n/
      ))

    // With the trace beside the golden file the same is named, on both sides.
    let exact = try check(in: try reseeded(options: ["--traces"])).output
    let named = try #require(exact.firstMatch(of: /event that differs is number ([\d,]+)/)?.1)
    #expect(named == number)

    // The scenario in the golden file, played again, names the same.
    #expect(try check(in: try reseeded()).output == exact)
  }

  @Test func `a golden run is played again from the texts in its file`() throws {
    let folder = try reseeded()
    let golden = try Golden(text: folder.text(of: "golden/scenarios/few.json"))
    let inputs = try #require(golden.inputs)
    #expect(inputs.map(\.path) == ["few.yaml"])
    #expect(
      inputs.map(\.text) == [Self.scenario.replacing("count: 1", with: "count: 30")])
    let output = try check(in: folder).output
    #expect(output.contains("in golden, and what led to it:"))
    #expect(output.contains("in this run, and what led to it:"))
    // What changed in the scenario, and which event was the first to differ for it.
    #expect(output.contains(/few\.yaml:\n +\+\d+:   seed: 3\n/))
    #expect(output.contains(/event [\d,]+ is another than in the golden file; if it is meant/))
  }

  @Test func `what a scenario names is played again with it`() throws {
    let folder = TemporaryFolder()
    let text = Self.scenario.replacing("count: 1", with: "count: 30")
      .replacing("  nodes:", with: "  files: [../objects/token.yaml]\n  nodes:")
      .replacing("  tokens:\n  - token: abcdef.0123456789abcdef\n", with: "")
    let secret = """
      apiVersion: v1
      kind: Secret
      metadata: {name: bootstrap-token-abcdef, namespace: kube-system}
      type: bootstrap.kubernetes.io/token
      stringData:
        token-id: abcdef
        token-secret: 0123456789abcdef
        usage-bootstrap-authentication: "true"
        auth-extra-groups: system:bootstrappers:kubeadm:default-node-token

      """
    try folder.write(text, to: "scenarios/few.yaml")
    try folder.write(secret, to: "objects/token.yaml")
    #expect(try check(in: folder, ["--update"]).code == 0)
    let golden = try Golden(text: folder.text(of: "golden/scenarios/few.json"))
    #expect(golden.inputs?.map(\.path) == ["few.yaml", "../objects/token.yaml"])
    try folder.write(
      secret.replacing("kubeadm:default-node-token", with: "others"), to: "objects/token.yaml")
    let ended = try check(in: folder)
    #expect(ended.code == 1)
    #expect(ended.output.contains("The first event that differs is number "), "\(ended.output)")
    #expect(
      ended.output.contains(
        "../objects/token.yaml:\n"
          + "      -9:   auth-extra-groups: system:bootstrappers:kubeadm:default-node-token\n"
          + "      +9:   auth-extra-groups: system:bootstrappers:others\n"), "\(ended.output)")
  }

  @Test func `of long texts a golden file keeps none`() throws {
    let long = Self.scenario + "# " + String(repeating: "x", count: Golden.mostInputs) + "\n"
    let folder = try changed("", "", text: long)
    #expect(try Golden(text: folder.text(of: "golden/scenarios/few.json")).inputs == nil)
    #expect(try check(in: folder).code == 0)
  }

  @Test(arguments: [
    ("2h", "event 59 is another than", "virtual time: 1 h 00 min 00 s → 2 h 00 min 00 s"),
    ("50m", "all events are as in the golden file", "virtual time: 1 h 00 min 00 s → 3000.000 s"),
  ])
  func `a run that only ends earlier or later differs after its end, if it does`(
    duration: String, difference: String, length: String
  ) throws {
    let timed = Self.scenario.replacing("preset: kubeadm", with: "preset: kubeadm\n  duration: 1h")
    let folder = try changed("duration: 1h", "duration: \(duration)", text: timed)
    let golden = try Golden(text: folder.text(of: "golden/scenarios/few.json"))
    #expect(golden.events.count == 58)
    let ended = try check(in: folder)
    #expect(ended.code == 1)
    #expect(ended.output.contains(": \(difference)"), "\(ended.output)")
    #expect(ended.output.contains("  \(length)\n"), "\(ended.output)")
  }

  @Test func `what changed for the user is told`() throws {
    let folder = try changed("preset: kubeadm", "duration: 20m")
    let ended = try check(in: folder)
    #expect(ended.code == 1)
    #expect(ended.output.contains("Ready: 1 → 0 (−1)"))
    #expect(ended.output.contains("failed: not allowed to create CSRs: 403 (O15): 0 → 1 (+1)"))
    #expect(ended.output.contains("scenarios/few.yaml:11:5: `ready: all`: expected all"))
  }

  @Test func `a comment changes the digest alone`() throws {
    let folder = try changed("expect:", "expect:  # at the end")
    let ended = try check(in: folder)
    #expect(ended.code == 1)
    #expect(ended.output.contains("a text of the scenario has changed"))
  }

  @Test func `a digest that was changed by hand is told as such`() throws {
    let folder = try changed("expect:", "expect:")
    let path = folder.file("golden/scenarios/few.json")
    let golden = try String(contentsOfFile: path, encoding: .utf8)
    let digest = try #require(golden.firstMatch(of: /"digest" : "([0-9a-f]{32})",\n/)?.1)
    try golden.replacing(digest, with: String(repeating: "0", count: 32), maxReplacements: 1)
      .write(toFile: path, atomically: true, encoding: .utf8)
    let ended = try check(in: folder)
    #expect(ended.code == 1)
    #expect(ended.output.contains("was changed by hand: all events and inputs are as in it"))
  }

  @Test func `no golden file is a failure with its cure`() throws {
    let folder = TemporaryFolder()
    try folder.write(Self.scenario, to: "scenarios/few.yaml")
    let ended = try check(in: folder)
    #expect(ended.code == 1)
    #expect(
      ended.output.contains(
        "no golden file golden/scenarios/few.json; write it with bootsim check scenarios/few.yaml "
          + "--golden golden --update"))
  }

  @Test func `a bad scenario and a bad golden file end with 65`() throws {
    let folder = try changed("count: 1", "cuont: 1")
    #expect(try check(in: folder).code == 65)
    let other = try changed("", "")
    try other.write("{", to: "golden/scenarios/few.json")
    let ended = try check(in: other)
    #expect(ended.code == 65)
    #expect(ended.output.contains("golden/scenarios/few.json: cannot be read"))
    #expect(try Program.bootsim(["check"], in: other.url).code == 64)
    #expect(try check(in: other, ["--prune"]).code == 64)
  }

  @Test func `a bad scenario is one failure with all its mistakes`() throws {
    let folder = try changed("count: 1", "cuont: 1, nmaes: x")
    let ended = try check(in: folder)
    #expect(ended.code == 65)
    let told = ended.output.split(separator: "\n").map(String.init)
    #expect(told.filter { $0.hasPrefix("FAILED") } == ["FAILED  scenarios/few.yaml"])
    #expect(told.contains { $0.hasSuffix(": 2 mistakes") })
    #expect(told.filter { $0.contains("did you mean") }.count == 2)
    #expect(told.last == "0 passed, 1 failed")
  }

  @Test func `golden files of scenarios that are gone are deleted when asked`() throws {
    let folder = try changed("", "", options: ["--traces"])
    try folder.write(Self.scenario, to: "scenarios/other.yaml")
    try FileManager.default.removeItem(atPath: folder.file("scenarios/few.yaml"))
    let noted = try check(in: folder, ["--update"])
    #expect(noted.errors.contains("golden/scenarios/few.json: its scenario is gone"))
    #expect(FileManager.default.fileExists(atPath: folder.file("golden/scenarios/few.json")))
    #expect(try check(in: folder, ["--update", "--prune"]).code == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.file("golden/scenarios/few.json")))
    #expect(!FileManager.default.fileExists(atPath: folder.file("golden/scenarios/few.sqlite")))
    #expect(FileManager.default.fileExists(atPath: folder.file("golden/scenarios/other.json")))
  }

  @Test func `a folder that cannot be written ends with 74`() throws {
    let folder = TemporaryFolder()
    try folder.write(Self.scenario, to: "scenarios/few.yaml")
    try folder.write("", to: "golden")
    let ended = try check(in: folder, ["--update"])
    #expect(ended.code == 74)
    #expect(ended.errors.contains("give a folder that can be written with --golden"))
  }

  @Test func `GitHub gets annotations and a summary`() throws {
    let folder = try changed("preset: kubeadm", "duration: 20m")
    let summary = folder.file("summary.md")
    let ended = try check(
      in: folder,
      environment: ["GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary])
    let annotations = ended.errors.split(separator: "\n").filter { $0.hasPrefix("::error ") }
    #expect(annotations.count == 2)
    #expect(
      annotations.first?.hasPrefix(
        "::error file=scenarios/few.yaml,line=11,col=5,title=bootsim expectation::") == true)
    #expect(annotations.last?.contains("%0A") == true)
    let text = try folder.text(of: "summary.md")
    #expect(text.hasPrefix("### bootsim check: 0 passed, 1 failed\n"))
    #expect(text.contains("| scenarios/few.yaml | \\`ready: all\\`: expected all"))
  }

  @Test func `JSON has every finding`() throws {
    let folder = try changed("preset: kubeadm", "duration: 20m")
    let ended = try check(in: folder, ["-o", "json"])
    let object = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
    #expect(object?["failed"] as? Int == 1)
    let scenarios = try #require(object?["scenarios"] as? [[String: Any]])
    let cases = try #require(scenarios[0]["cases"] as? [[String: Any]])
    #expect(cases.map { $0["name"] as? String } == ["expects ready: all", "golden"])
    let findings = cases.compactMap { $0["finding"] as? [String: Any] }
    #expect(findings.map { $0["rule"] as? String } == ["expectation", "golden"])
  }

  @Test func `a golden file is the same from whatever folder the check is run`() throws {
    let folder = TemporaryFolder()
    try folder.write(Self.scenario, to: "ci/few.yaml")
    try folder.write("", to: "elsewhere/empty")
    let runs = [
      ("", ["ci", "--golden", "cg"]), ("ci", [".", "--golden", "../cg"]),
      ("ci", ["few.yaml", "--golden", "../cg"]), ("elsewhere", ["../ci", "--golden", "../cg"]),
      ("elsewhere", [folder.file("ci/few.yaml"), "--golden", folder.file("cg")]),
    ]
    for (place, words) in runs {
      let url = place.isEmpty ? folder.url : folder.url.appending(path: place)
      let update = try Program.bootsim(["check"] + words + ["--update", "--prune"], in: url)
      #expect(update.code == 0 && update.errors == "", "\(words): \(update.errors)")
      #expect(try Golden(text: folder.text(of: "cg/ci/few.json")).scenario == "ci/few.yaml")
      let check = try Program.bootsim(["check"] + words, in: url)
      #expect(check.code == 0 && check.errors == "", "\(words): \(check.errors)")
    }
  }

  @Test func `what was just written is not pruned, wherever its scenario is`() throws {
    let folder = TemporaryFolder()
    try folder.write(Self.scenario, to: "scenarios/few.yaml")
    try folder.write("", to: "below/empty")
    let below = folder.url.appending(path: "below")
    let words = ["check", "../scenarios/few.yaml", "--golden", "g3"]
    let update = try Program.bootsim(words + ["--update", "--prune"], in: below)
    #expect(update.errors == "")
    #expect(try Program.bootsim(words, in: below).code == 0)
    try FileManager.default.removeItem(at: folder.url.appending(path: "scenarios/few.yaml"))
    try folder.write(Self.scenario, to: "scenarios/other.yaml")
    let gone = try Program.bootsim(
      ["check", "../scenarios/other.yaml", "--golden", "g3", "--update", "--prune"], in: below)
    #expect(gone.errors == "deleted g3/scenarios/few.json: its scenario is gone\n")
  }
}

import Foundation
import Testing
import TestSupport

@testable import Regression

/// Golden files that somebody merged, changed by hand, or wrote with another bootsim.
struct GoldenFileTests {
  private static let file = "golden/first-node.json"

  private func golden() throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    let scenario = Repository.root.appending(path: "scenarios/first-node.yaml")
    try folder.write(String(contentsOf: scenario, encoding: .utf8), to: "first-node.yaml")
    #expect(try check(in: folder, ["--update"]).code == 0)
    return folder
  }

  private func check(in folder: TemporaryFolder, _ options: [String] = []) throws -> Ended {
    try Program.bootsim(
      ["check", "first-node.yaml", "--golden", "golden"] + options, in: folder.url)
  }

  @Test func `what cannot be of the run whose digest it has was changed by hand`() throws {
    let folder = try golden()
    let good = try Golden(text: folder.text(of: Self.file))
    let changes: [(String, (inout Golden) -> Void)] = [
      ("scenario", { $0.scenario += "x" }), ("seed", { $0.seed += 1 }),
      ("virtualSeconds", { $0.virtualSeconds = 1e300 }),
      ("inputs", { $0.inputs?[0].lines.append("# more") }),
      ("events.count", { $0.events.count += 1 }), ("events.digest", { $0.events.digest = "" }),
      ("events.waitingDigest", { $0.events.waitingDigest = "" }),
      ("events.trail", { $0.events.trail = EventTrail() }),
    ]
    for (name, change) in changes {
      var changed = good
      change(&changed)
      try folder.write(changed.text(), to: Self.file)
      let ended = try check(in: folder)
      #expect(ended.code == 1, "\(name): \(ended.errors)")
      #expect(
        ended.output.contains(
          "the golden file was changed by hand: its digest is this run's, but what it says under "
            + "\(name) is not; if it is meant, bootsim check"), "\(name): \(ended.output)")
    }
  }

  @Test(arguments: [([], 65), (["--update"], 74)] as [([String], Int32)])
  func `a folder in the place of a golden file is named as such`(
    options: [String], code: Int32
  ) throws {
    let folder = try golden()
    try FileManager.default.removeItem(atPath: folder.file(Self.file))
    try FileManager.default.createDirectory(
      atPath: folder.file(Self.file), withIntermediateDirectories: false)
    let ended = try check(in: folder, options)
    #expect(ended.code == code)
    #expect((ended.output + ended.errors).contains("Is a directory"))
  }

  @Test func `what a process that is dead left of a golden file is removed by the next one`() throws
  {
    let folder = try golden()
    // Its number is free again, and hardly another's by now.
    let dead = try Program.run("/bin/sh", ["-c", "echo $$"], in: folder.url).output
      .filter(\.isNumber)
    try folder.write("{", to: Self.file)
    try folder.write("{", to: "\(Self.file).partial-\(dead)")
    #expect(try check(in: folder, ["--update"]).code == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("golden"))
    #expect(names.filter { $0.hasPrefix("first-node.json") } == ["first-node.json"])
  }

  @Test func `figures that no run comes to are told as they are`() throws {
    let folder = try golden()
    var changed = try Golden(text: folder.text(of: Self.file))
    changed.figures.nodes.seconds?.max = 1e300
    changed.figures.nodes.ready = .min
    changed.figures.approvals.perSecond = 1e300
    try folder.write(changed.text(), to: Self.file)
    let ended = try check(in: folder)
    #expect(ended.code == 1, "\(ended.errors)")
    #expect(ended.output.contains("time to Ready max: 1e+300 s → 0.845 s"), "\(ended.output)")
  }

  @Test func `lines that lead to themselves have an end`() throws {
    var events = try Golden(text: golden().text(of: Self.file)).events
    let line = try #require(events.lines?[9].drop { $0 != " " })
    events.lines?[9] = "10\(line)"
    #expect(events.chain(to: 10)?.last == String(line.dropFirst()))
  }

  @Test(arguments: [
    ("\"trail\"", "\"checkpoints\"", "`events.trail` is missing, as in one of another version"),
    ("\"count\"", "\"cuont\"", "`"), ("{", "", "it is no JSON"),
    ("\"every\" : 1", "\"every\" : 0", "`events.trail.marks` is something else"),
    ("\"seed\" : 1", "\"seed\" : \"one\"", "`seed` is something else than bootsim writes"),
  ])
  func `of a golden file that cannot be read the place is named`(
    _ from: String, _ to: String, _ problem: String
  ) throws {
    let folder = try golden()
    let text = try folder.text(of: Self.file)
    #expect(text.contains(from))
    try folder.write(text.replacing(from, with: to), to: Self.file)
    let ended = try check(in: folder)
    #expect(ended.code == 65)
    #expect(ended.output.contains("\(Self.file): cannot be read: \(problem)"), "\(ended.output)")
    #expect(ended.output.contains("; write it anew with bootsim check first-node.yaml"))
  }
}

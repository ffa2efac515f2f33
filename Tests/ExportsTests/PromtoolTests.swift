import Foundation
import Testing
import TestSupport

/// Metrics, read by Prometheus' own tool: the one that BOOTSIM_PROMTOOL names, or that `.ci/promtool` unpacked, or
/// that is installed.
struct PromtoolTests {
  private static let program: String? = {
    let unpacked = Repository.root.appending(path: ".build-portability/promtool/promtool").path
    return [ProcessInfo.processInfo.environment["BOOTSIM_PROMTOOL"], unpacked, "promtool"]
      .compactMap { $0 }.first { !$0.isEmpty && Program.isPresent($0) }
  }()

  private struct Run: Sendable {
    let name: String
    var overrides: [String] = []
    /// Between two scrapes, in seconds.
    var interval: Int64 = 15

    func exported() throws -> Exported { try Exported(name, overrides: overrides) }
  }

  private static let runs = [
    Run(name: "kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=20"]),
    // Several blocks, and CSRs that come and go.
    Run(
      name: "short-certificates", overrides: ["spec.nodes[0].count=1", "spec.duration=9h"],
      interval: 600),
    Run(name: "handmade-requests", interval: 30),
    Run(name: "failures/o31-api-server-overloaded", interval: 300),
  ]

  @Test(.enabled(if: program != nil, "there is no promtool"), arguments: runs.indices)
  func `promtool backfills every sample at its time`(run number: Int) throws {
    let run = try Self.runs[number].exported()
    let bytes = try run.bytes(.openmetrics, interval: Self.runs[number].interval)
    let (file, blocks) = (run.folder.file("metrics"), run.folder.file("blocks"))
    try bytes.write(to: URL(fileURLWithPath: file))
    try promtool(["tsdb", "create-blocks-from", "openmetrics", file, blocks])
    // A database that Prometheus has never opened has no log, which `dump` wants.
    try FileManager.default.createDirectory(
      atPath: blocks + "/wal", withIntermediateDirectories: true)
    let dump = try promtool(["tsdb", "dump", blocks]).split(separator: "\n")
    let stored = try dump.map { try Sample($0, ticksPerSecond: 1_000) }
    let written = try String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }.map { try Sample($0, ticksPerSecond: 1) }
    #expect(written.count > 100)
    #expect(stored.count == written.count)
    #expect(Set(stored) == Set(written))
  }

  /// `check metrics` reads one scrape in Prometheus' older text format, which has no `unknown`, and in which
  /// a counter's family is named as its samples are.
  @Test(.enabled(if: program != nil, "there is no promtool"), arguments: runs.indices)
  func `promtool has nothing to say of the families but what Kubernetes itself does`(
    run number: Int
  ) throws {
    let run = try Self.runs[number].exported()
    let bytes = try run.bytes(.openmetrics, interval: Self.runs[number].interval)
    let scrape = Self.latestScrape(of: String(decoding: bytes, as: UTF8.self))
    try run.folder.write(scrape, to: "scrape")
    let ended = try Program.run(
      "/usr/bin/env",
      ["sh", "-c", "\"$0\" check metrics < \"$1\"", Self.program ?? "", run.folder.file("scrape")])
    let problems = (ended.output + ended.errors).split(separator: "\n").filter {
      // The label is `signerName` in Kubernetes.
      !$0.contains("_duration_total label names should be written in 'snake_case' not 'camelCase'")
    }
    #expect(problems == [])
    #expect([0, 3].contains(ended.code))
  }

  private static func latestScrape(of text: String) -> String {
    let lines = text.split(separator: "\n").filter { $0 != "# EOF" }
    let counters = Set(
      lines.filter { $0.hasPrefix("# TYPE ") && $0.hasSuffix(" counter") }.map {
        $0.split(separator: " ")[2]
      })
    let times = lines.filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ").last ?? "" }
    let latest = times.max { (Double($0) ?? 0) < (Double($1) ?? 0) } ?? ""
    return lines.compactMap { line -> String? in
      guard line.hasPrefix("# ") else {
        return line.hasSuffix(" \(latest)") ? "\(line.dropLast(latest.count + 1))\n" : nil
      }
      let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
      let name = counters.contains(Substring(parts[2])) ? parts[2] + "_total" : parts[2]
      let rest = parts[3] == "unknown" ? "untyped" : parts[3]
      return "\(parts[0]) \(parts[1]) \(name) \(rest)\n"
    }.joined()
  }

  @discardableResult
  private func promtool(_ arguments: [String]) throws -> String {
    let ended = try Program.run("/usr/bin/env", [Self.program ?? ""] + arguments)
    #expect(ended.code == 0, "\(ended.errors)")
    return ended.output
  }
}

/// A value at a time: `name{label="value",…} value time`. A label without a value is one that is not there.
private struct Sample: Hashable {
  /// With the name, which a dump has among them.
  let labels: Set<String>
  let value: Double
  let time: Double

  init(_ line: Substring, ticksPerSecond: Double) throws {
    let words = line.split(separator: " ")
    let head = words.dropLast(2).joined(separator: " ")
    let name = head.prefix { $0 != "{" }
    let pairs = head.dropFirst(name.count + 1).dropLast(2).components(separatedBy: "\",")
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasSuffix("=\"") }
    labels = Set(name.isEmpty ? pairs : pairs + ["__name__=\"\(name)"])
    value = try #require(Double(words[words.count - 2]))
    time = try #require(Double(words[words.count - 1])) / ticksPerSecond
  }
}

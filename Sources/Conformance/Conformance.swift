import Foundation

/// The simulator beside recordings of a real control plane: each recording's set-up is played, and what
/// comes out is compared.
package struct Conformance: Sendable {
  let checks: [ConformanceCheck]
  /// What is not in the folder, and what in it cannot be played.
  package let notes: [String]

  /// - Throws: `RecordingError` where there is nothing to compare with, or a recording cannot be read;
  ///   `ScenarioErrors` of a scenario beside a recording.
  package init(_ recordings: Recordings) throws {
    let own = OwnRun.all(recordings)
    let unplayed = own.filter { !$0.hasScenario(recordings) }.map { $0.lacksScenario(recordings) }
    let comparisons =
      Self.known + own.filter { $0.hasScenario(recordings) }.map { Comparison($0.file, $0.checks) }
    let there = comparisons.filter { recordings.has($0.file) }
    guard !there.isEmpty else {
      throw unplayed.first
        ?? RecordingError(path: recordings.folder, problem: "has no recording that can be played")
    }
    checks = try there.flatMap { try $0.checks(recordings) }
    notes =
      unplayed.map(\.description)
      + Self.note(missing: comparisons.map(\.file).filter { !recordings.has($0) }, recordings)
  }

  /// A recording, and how it is compared.
  private struct Comparison {
    let file: String
    let checks: (Recordings) throws -> [ConformanceCheck]

    init(_ file: String, _ checks: @escaping (Recordings) throws -> [ConformanceCheck]) {
      self.file = file
      self.checks = checks
    }
  }

  /// The recordings whose set-ups this program knows.
  private static var known: [Comparison] {
    ThroughputRun.all.map { Comparison($0.file, $0.checks) }
      + CollapseRun.all.map { Comparison($0.file, $0.checks) }
      + NodeRequests.all.map { Comparison($0.file, $0.checks) }
      + [Comparison(RecordedAnswer.file, answers)]
      + KubeletTimes.all.map { Comparison($0.file, $0.checks) }
      + KubeletSequence.all.map { sequence in
        Comparison(sequence.file) { [try sequence.check($0)] }
      }
      + [
        Comparison(RotationDraws.file, RotationDraws().checks),
        Comparison(TokenCleanerDelay.file, TokenCleanerDelay.checks),
      ]
  }

  private static func note(missing files: [String], _ recordings: Recordings) -> [String] {
    var seen: Set<String> = []
    let files = files.filter { seen.insert($0).inserted }
    guard !files.isEmpty else { return [] }
    return ["not in \(recordings.folder), and not compared: \(list(files))"]
  }

  private static func answers(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let lines = try RecordedAnswer.all(recordings)
    return try AnswerGroup.groups(of: lines).map { try $0.check(lines, recordings) }
      + AnswerTiming.checks(lines, recordings)
  }

  package var broken: [ConformanceCheck] { checks.filter { $0.verdict == .broken } }

  /// Tables in Markdown, one an area, each with the reasons of its deviations; docs/FIDELITY.md has them.
  package var text: String {
    (ConformanceCheck.Area.allCases.compactMap(table) + [summary]).joined(separator: "\n\n")
  }

  /// Nil where nothing was compared.
  private func table(of area: ConformanceCheck.Area) -> String? {
    guard checks.contains(where: { $0.area == area }) else { return nil }
    return
      (["### \(area.rawValue)", "", Self.head, "|---|---|---|---|---|---|"]
      + checks.filter { $0.area == area }.map(Self.row) + reasons(of: area))
      .joined(separator: "\n")
  }

  private static let head = "| recording | what | real | simulated | bound | |"

  private static func row(_ check: ConformanceCheck) -> String {
    let cells = [
      check.subject, check.quantity, check.recorded, check.simulated,
      check.bound.isEmpty ? "none" : check.bound, check.verdict.rawValue,
    ]
    return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }

  private func reasons(of area: ConformanceCheck.Area) -> [String] {
    var subjects: [String: [String]] = [:]
    var order: [String] = []
    for check in checks where check.area == area && !check.reason.isEmpty {
      if subjects[check.reason] == nil { order.append(check.reason) }
      let what = "\(check.subject) \(check.quantity)"
      subjects[check.reason, default: []].append(what)
    }
    guard !order.isEmpty else { return [] }
    return [""] + order.map { reason in "- \(Self.list(subjects[reason] ?? [])): \(reason)." }
  }

  private static func list(_ names: [String]) -> String {
    names.count > 3
      ? "\(names.prefix(2).joined(separator: ", ")) and \(names.count - 2) more"
      : names.joined(separator: ", ")
  }

  var summary: String {
    let count = { (verdict: ConformanceCheck.Verdict) in checks.count { $0.verdict == verdict } }
    return
      "\(count(.held)) bounds held, \(count(.broken)) broken; \(count(.shown)) figures are only "
      + "shown."
  }

  /// An array of objects, keys sorted.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(checks), as: UTF8.self)
  }
}

import Foundation

/// The simulator beside recordings of a real control plane: each recording's set-up is played, and what
/// comes out is compared.
package struct Conformance: Sendable {
  package let checks: [ConformanceCheck]

  /// - Throws: `RecordingError` where a recording is missing or cannot be read.
  package init(_ recordings: Recordings) throws {
    checks =
      try ThroughputRun.all.flatMap { try $0.checks(recordings) }
      + CollapseRun.all.flatMap { try $0.checks(recordings) }
      + NodeRequests.all.flatMap { try $0.checks(recordings) }
      + Self.answers(recordings)
      + KubeletTimes.all.flatMap { try $0.checks(recordings) }
      + KubeletSequence.all.map { try $0.check(recordings) }
      + RotationDraws().checks(recordings) + TokenCleanerDelay.checks(recordings)
  }

  private static func answers(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let lines = try RecordedAnswer.all(recordings)
    return try AnswerGroup.all.map { try $0.check(lines, recordings) }
      + AnswerTiming.checks(lines, recordings)
  }

  package var broken: [ConformanceCheck] { checks.filter { $0.verdict == .broken } }

  /// Tables in Markdown, one an area, each with the reasons of its deviations; docs/FIDELITY.md has them.
  package var text: String {
    (ConformanceCheck.Area.allCases.map(table) + [summary]).joined(separator: "\n\n")
  }

  private func table(of area: ConformanceCheck.Area) -> String {
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

  package var summary: String {
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

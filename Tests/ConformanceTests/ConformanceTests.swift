import Foundation
import Testing
import TestSupport

@testable import Conformance

/// The simulator beside the recordings, within the bounds that docs/FIDELITY.md states.
struct ConformanceTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Recordings").path

  /// All recordings, played once.
  private static let played = Result { try Conformance(Recordings(folder: folder)) }

  private func checks(
    _ area: ConformanceCheck.Area, _ isWanted: (ConformanceCheck) -> Bool = { _ in true }
  ) throws -> [ConformanceCheck] {
    try Self.played.get().checks.filter { $0.area == area && isWanted($0) }
  }

  @Test(arguments: ThroughputRun.all)
  func `J.1 rate-limited runs come out within 3 % or 60 ms, and 20 ms to issue`(
    run: ThroughputRun
  ) throws {
    let checks = try checks(.curves) { $0.subject == run.name }
    #expect(checks.count { $0.verdict != .shown } == (run.isRateLimited ? 5 : 0))
    #expect(broken(checks) == [])
  }

  @Test func `0.9 the collapse comes out as measured`() throws {
    let checks = try checks(.collapse)
    #expect(Set(checks.map(\.subject)).count == CollapseRun.all.count)
    #expect(checks.allSatisfy { $0.verdict != .shown })
    #expect(broken(checks) == [])
  }

  @Test func `A.3, B.4, L.2 a node makes the recorded requests in the recorded order`() throws {
    let checks = try checks(.requests)
    #expect(checks.count { $0.verdict == .held } >= 20)
    #expect(broken(checks) == [])
  }

  @Test func `A.4, B.2, B.6, L.2 a kubelet's recorded times lie among the simulated ones`() throws {
    let checks = try checks(.kubelet) { $0.subject.hasSuffix(".log") }
    #expect(checks.count > 60)
    #expect(broken(checks) == [])
  }

  @Test func `B.3 rotation deadlines are distributed as the recorded draws are`() throws {
    let checks = try checks(.kubelet) { $0.subject.hasPrefix("rotation") }
    #expect(checks.map(\.verdict) == [.held, .held])
  }

  @Test func `I.2 tokencleaner is as late as the recorded one`() throws {
    let checks = try checks(.kubelet) { $0.subject.hasPrefix("tokencleaner") }
    #expect(checks.map(\.verdict) == [.held, .shown])
  }

  @Test func `C.4 the success of an expired token is cached as long as recorded`() throws {
    let checks = try checks(.kubelet) { $0.subject == "b-token-cache" }
    #expect(checks.map(\.verdict) == [.held])
  }

  @Test func `docs/FIDELITY.md has what the command prints`() throws {
    let printed = "\n" + (try Self.played.get().text) + "\n\n"
    #expect(
      try Repository.part("conformance", of: "docs/FIDELITY.md", writing: printed) == printed,
      "run once with UPDATE_DOCS=1")
  }

  @Test func `percentiles are interpolated linearly`() {
    #expect(Figure.percentile(50, of: [4, 1, 2, 3]) == 2.5)
    #expect(Figure.percentile(90, of: [0, 10]) == 9)
    #expect(Figure.percentile(99, of: [7]) == 7)
  }

  // MARK: Answers

  private static let answers =
    (try? RecordedAnswer.all(Recordings(folder: folder))) ?? []

  @Test(arguments: answers.filter { $0.group != "m" })
  func `(a) to (r): code, reason and message are those of the recording`(
    line: RecordedAnswer
  ) throws {
    let recordings = try Recordings(folder: Self.folder)
    #expect(try AnswerGroup.differences(of: line, recordings).map(\.text) == [])
  }

  @Test func `each recorded answer belongs to one group, and is compared or said not to be`() throws
  {
    #expect(Self.answers.count == 114)
    let letters = AnswerGroup.all.map(\.letter)
    #expect(Set(letters).count == letters.count)
    #expect(Self.answers.allSatisfy { letters.contains($0.group) })
    for group in AnswerGroup.all {
      for step in group.notPlayed.keys {
        #expect(Self.answers.count { $0.group == group.letter && $0.step == step } == 1)
      }
    }
    let recordings = try Recordings(folder: Self.folder)
    let silent = try #require(AnswerGroup.all.first { $0.letter == "m" })
      .check(Self.answers, recordings)
    #expect(silent.verdict == .shown && silent.recorded == "0")
    #expect(silent.reason.contains("“client trusts another CA” is not compared"))
  }

  @Test func `an answer that is not the recorded one is listed with both`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let lines = """
      {"case": "c-token", "step": "create csr", "http": 401, "status": "Failure", \
      "reason": "Unauthorized", "message": "Unauthorized"}
      {"case": "c-token", "step": "another", "http": 403, "status": "Failure", \
      "reason": "Forbidden", "message": "no"}
      """
    try lines.write(
      to: folder.appendingPathComponent(RecordedAnswer.file), atomically: true, encoding: .utf8)
    let recordings = try Recordings(folder: folder.path)
    let group = try #require(AnswerGroup.all.first { $0.letter == "c" })
    let check = try group.check(RecordedAnswer.all(recordings), recordings)
    #expect(check.verdict == .broken)
    #expect(check.recorded == "2" && check.simulated == "1")
    #expect(
      check.reason
        == "2 c-token: another: the code is “401”, recorded “403”; "
        + "2 c-token: another: the reason is “Unauthorized”, recorded “Forbidden”; "
        + "2 c-token: another: the message is “Unauthorized”, recorded “no”")
  }

  @Test func `names that differ from run to run are not compared`() {
    #expect(
      RecordedAnswer.plain("csr-x2b4c and csr-xyz, bootstrap-token-abc123, asn1: syntax error")
        == "csr-NAME and csr-xyz, bootstrap-token-NAME, asn1:")
  }

  @Test func `a difference past the bound is broken, and without a bound only shown`() {
    let check = { (tolerance: Double?) in
      ConformanceCheck(.curves, "run", "p50", recorded: 1, simulated: 1.2, tolerance: tolerance)
    }
    #expect(check(0.1).verdict == .broken)
    #expect(check(0.3).verdict == .held)
    #expect(check(nil).verdict == .shown)
    #expect(check(0.3).bound == "± 0.300 s" && check(0.3).recorded == "1.000 s")
  }

  @Test func `the recordings of the repository are all there, and all played`() throws {
    #expect(try Self.played.get().notes == [])
  }

  @Test func `a folder that is missing, or has no recording, is named`() throws {
    #expect(throws: RecordingError.self) { try Recordings(folder: "/no/such/folder") }
    withTemporaryFolder { folder in
      let error = #expect(throws: RecordingError.self) {
        try Conformance(Recordings(folder: folder.path))
      }
      #expect(
        error?.description
          == "\(folder.path) has no recording that can be played; give the folder of the recordings"
      )
    }
  }

  @Test func `what is missing is told, and so is a run without a scenario`() throws {
    try withTemporaryFolder { folder in
      let place = folder.appendingPathComponent("throughput")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let recording = URL(fileURLWithPath: Self.folder).appendingPathComponent(
        "throughput/d20_k50.csv")
      for name in ["d20_k50", "mine"] {
        try FileManager.default.copyItem(
          at: recording, to: place.appendingPathComponent("\(name).csv"))
      }
      let conformance = try Conformance(Recordings(folder: folder.path))
      #expect(Set(conformance.checks.map(\.subject)) == ["d20_k50"])
      #expect(conformance.notes.count == 2)
      #expect(conformance.notes[0].hasPrefix("\(folder.path)/throughput/mine.csv is not played; "))
      #expect(
        conformance.notes[1].hasPrefix(
          "not in \(folder.path), and not compared: throughput/d20_k200.csv, throughput/d20_k500.csv and "
        ))
    }
  }

  @Test func `a case of a further group is not passed over`() throws {
    try withTemporaryFolder { folder in
      let line = #"{"case": "z-new", "step": "asks", "http": 403, "reason": "Forbidden"}"#
      try Data(line.utf8).write(to: folder.appendingPathComponent(RecordedAnswer.file))
      let recordings = try Recordings(folder: folder.path)
      let lines = try RecordedAnswer.all(recordings)
      let group = try #require(AnswerGroup.groups(of: lines).last)
      #expect(group.letter == "z")
      #expect(try group.check(lines, recordings).verdict == .broken)
    }
  }

  private func broken(_ checks: [ConformanceCheck]) -> [String] {
    checks.filter { $0.verdict == .broken }.map {
      "\($0.subject) \($0.quantity): \($0.recorded), simulated \($0.simulated), \($0.bound)"
    }
  }
}

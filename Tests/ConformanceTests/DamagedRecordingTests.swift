import Foundation
import Testing

@testable import Conformance

/// Recordings that somebody cut or changed: they are named, and nothing traps.
struct DamagedRecordingTests {
  /// The recordings of a folder that has one file.
  private func withRecording<Result>(
    _ name: String, _ text: String, _ body: (Recordings) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
    return try body(Recordings(folder: folder.path))
  }

  @Test(arguments: [
    ("", "is empty"), ("t_s\n", "has no rows"), ("t_s\nnan\n", "has no number"),
    ("t_s\n1\n1e300\n", "has no number"), ("t_s\n-inf\n", "has no number"),
    ("time\n1\n", "has no column"),
  ])
  func `a column without numbers that a run could last is named`(text: String, problem: String)
    throws
  {
    let error = #expect(throws: RecordingError.self) {
      try withRecording("run.csv", text) { try $0.table("run.csv").numbers("t_s") }
    }
    #expect(error?.description.contains(problem) == true)
  }

  @Test(arguments: [
    ("t_s,t\n1,2\n\n1\n", "has 1 field in line 4, and its header 2"),
    ("t_s\n1\nx\n", "has no number in column “t_s” in line 3: “x”"),
    ("t_s\n\n1\nNaN\n", "has no number in column “t_s” in line 4: “NaN”"),
  ])
  func `a row that is no row of numbers is named with its line`(text: String, problem: String)
    throws
  {
    let error = #expect(throws: RecordingError.self) {
      try withRecording("run.csv", text) { try $0.table("run.csv").numbers("t_s") }
    }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: ["2,1,3", "1,3,2"])
  func `a CSR is not approved before it is created, nor issued before that`(row: String) throws {
    let text = "t_create,t_approved,t_issued\n0,1,2\n\(row)\n"
    let error = #expect(throws: RecordingError.self) {
      try withRecording("run.csv", text) { try Curve($0.table("run.csv")) }
    }
    #expect(
      error?.description.contains("has times in line 3 that no CSR has: created, approved, issued")
        == true, "\(error?.description ?? "")")
  }

  @Test func `I.2 the first deletion alone shows no delay`() throws {
    let text = "delete_request_ms_after_expiration\n9.5\n"
    #expect(throws: RecordingError.self) {
      try withRecording("tokencleaner-delay.csv", text) { try TokenCleanerDelay.checks($0) }
    }
  }

  @Test func `a line that is no audit event is named`() throws {
    let error = #expect(throws: RecordingError.self) {
      try withRecording("audit/one.jsonl", "{\"stage\": 1}\n") {
        try AuditEvent.all("audit/one.jsonl", of: $0)
      }
    }
    #expect(error?.description.contains("has no audit event in line 1") == true)
  }

  @Test(arguments: ["[[]]", "[[1]]", "[[1, 1e300]]", "[[1e300, 200]]", "[[0, 200], [1, 401.5]]"])
  func `C.4 points that are no seconds and codes make no sequence`(points: String) throws {
    let line = "{\"case\": \"b-token-cache\", \"step\": \"asks\", \"seq\": \(points)}"
    let answers = try withRecording(RecordedAnswer.file, line) { try RecordedAnswer.all($0) }
    #expect(answers.count == 1)
    #expect(answers.first?.sequence == nil)
  }

  @Test func `H.3 a life that no certificate has is none`() throws {
    let line = "{\"case\": \"r-life\", \"step\": \"signed\", \"lifetime_s\": 1e300}"
    let answers = try withRecording(RecordedAnswer.file, line) { try RecordedAnswer.all($0) }
    #expect(answers.count == 1)
    #expect(answers.first?.lifetime == nil)
  }

  @Test(arguments: ["I1123 nan:01:02 x", "I1123 1e300:0:0 x", "I1123 17:61:00 x", "I1123 17:09 x"])
  func `a time that no clock shows is none`(line: String) {
    #expect(KlogTime.seconds(Substring(line)) == nil)
  }
}

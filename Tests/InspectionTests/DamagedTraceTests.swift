import GRDB
import Inspection
import TestSupport
import Testing
import TraceStore

/// A trace that somebody changed is refused with what is wrong, and never stops the program.
struct DamagedTraceTests {
  @Test(arguments: [
    "digest = NULL", "events = NULL", "virtual_end_ns = NULL", "events = -1",
    "start_unix_ns = 9223372036854775807", "start_unix_ns = 1e308", "start_unix_ns = 'x'",
    "start_unix_ns = -1", "start_unix_ns = 0", "virtual_end_ns = 1e308",
    "virtual_end_ns = 9223372036854775807", "virtual_end_ns = -5",
  ])
  func `figures that no run has are damage`(change: String) throws {
    let recording = try Recording("first-node", level: .full)
    try DatabaseQueue(path: recording.path).write {
      try $0.execute(sql: "UPDATE run SET \(change)")
    }
    let error = try #require(throws: TraceError.self) { _ = try recording.opened() }
    #expect(error.problem.hasSuffix("it is damaged"), "\(error)")
    #expect(error.cure == "record it again" && !error.isInputOutput)
  }

  @Test(arguments: [
    "time_ns = 9223372036854775807", "time_ns = -1", "time_ns = 'x'", "value = 1e308",
    "value = 9223372036854775807",
  ])
  func `times that no event has are damage`(change: String) throws {
    let recording = try Recording("first-node", level: .full)
    try DatabaseQueue(path: recording.path).write {
      try $0.execute(
        sql: """
          UPDATE event SET \(change) WHERE id = (
            SELECT max(e.id) FROM event e JOIN kind k ON k.id = e.kind
            WHERE k.name = 'requestAnswered')
          """)
    }
    let error = try #require(throws: TraceError.self) { _ = try recording.opened().completed() }
    #expect(error.problem.hasSuffix("it is damaged"), "\(error)")
  }
}

import Foundation
import Scenarios
import Testing

@testable import Calibration

/// Files that are no audit logs, or not whole.
struct OtherFilesTests {
  /// What reading the file says; empty where it is read to its end.
  private func problem(_ path: String) throws -> String {
    var tally = AuditTally()
    do {
      try tally.read(path: path)
      return ""
    } catch let error as UnreadableLog {
      return error.description
    } catch let errors as ScenarioErrors {
      return errors.description
    }
  }

  @Test func `a missing file and a directory are named`() throws {
    try AuditLog.with { log in
      let missing = try problem(log.path("no.log"))
      #expect(
        missing == "\(log.path("no.log")): No such file or directory; give the path of an audit log"
      )
      let folder = try problem(log.folder.path)
      #expect(
        folder == "\(log.folder.path): Is a directory; give a readable file, plain or gzip")
    }
  }

  @Test func `a gzip file that is cut off or damaged is no log`() throws {
    try AuditLog.with { log in
      let whole = try log.writeGzip(Line.requests(Array(1...500)))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
      let cut = log.path("cut.gz")
      for kept in [bytes.count - 4, bytes.count / 2, 20] {
        try bytes.prefix(kept).write(to: URL(fileURLWithPath: cut))
        #expect(try problem(cut).contains("ends in the middle of its gzip stream"))
      }
      var damaged = bytes
      damaged[damaged.count / 2] ^= 0xFF
      try damaged.write(to: URL(fileURLWithPath: cut))
      #expect(try problem(cut).hasPrefix("\(cut): "))
    }
  }

  @Test func `a trace is no log, and says how it becomes one`() throws {
    try AuditLog.with { log in
      let path = log.path("run.sqlite")
      try Data("SQLite format 3\0\u{10}\n[{".utf8).write(to: URL(fileURLWithPath: path))
      let cure = "make one of it with bootsim export \(path) --format audit"
      #expect(try problem(path) == "\(path):1:1: a trace, no audit log; \(cure)")
    }
  }

  @Test func `an empty file has no event, and no mistake`() throws {
    try AuditLog.with { log in
      var tally = AuditTally()
      let events = try tally.read(path: log.write([]))
      #expect(events == 0)
      #expect(tally.files == 1)
      #expect(tally.unused.isEmpty)
    }
  }

  @Test func `an array, a list and a printed text are told how to become lines`() throws {
    try AuditLog.with { log in
      let event = Line().text
      let array = try log.write(["[\(event),", "\(event)]"], to: "array.json")
      #expect(
        try problem(array)
          == "\(array):1:1: a JSON array instead of one event a line; convert it with "
          + "`jq -c '.[]'`, and give the result")
      for kind in ["List", "EventList"] {
        let list = try log.write(
          [#"{"kind":"\#(kind)","apiVersion":"v1","items":[\#(event)]}"#], to: "list.json")
        #expect(try problem(list).contains(":1:1: a list of events instead of one event a line"))
      }
      let printed = try log.write(["{", #"  "kind": "Event""#, "}"], to: "printed.json")
      #expect(try problem(printed).contains(":1:1: a JSON text over several lines"))
    }
  }
}

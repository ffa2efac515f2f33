import Foundation
import GRDB
import TestSupport
import Testing

@testable import TLSBootstrap
@testable import TraceStore

/// When a file is there, under which name, and what errors say.
struct FileTests {
  let folder = TemporaryFolder()
  let run = SyntheticRun(nodes: 3)

  @Test func `an existing file is replaced only when the new one is complete`() throws {
    try "old".write(toFile: folder.file(), atomically: true, encoding: .utf8)
    let trace = try SQLiteTrace(path: folder.file(), run: SyntheticRun.inputs, level: .full)
    try run.play(into: trace)
    #expect(try String(contentsOfFile: folder.file(), encoding: .utf8) == "old")
    try trace.finish(directory: run, outcome: run.outcome)
    #expect(try folder.rows("SELECT status FROM run") == ["complete"])
    #expect(try folder.names == ["run.sqlite"])
  }

  @Test func `an abandoned or forgotten trace leaves no file`() throws {
    let trace = try SQLiteTrace(path: folder.file(), run: SyntheticRun.inputs, level: .full)
    try run.play(into: trace)
    trace.abandon()
    #expect(try folder.names == [])
    _ = try SQLiteTrace(path: folder.file(), run: SyntheticRun.inputs, level: .full)
    #expect(try folder.names == [])
  }

  @Test func `what a killed run leaves says incomplete`() throws {
    let run = SyntheticRun(nodes: 2_000)
    let trace = try SQLiteTrace(path: folder.file(), run: SyntheticRun.inputs, level: .full)
    let partial = folder.file() + ".partial-\(getpid())"
    try FileManager.default.copyItem(atPath: partial, toPath: folder.file("early"))
    try run.play(into: trace)
    try FileManager.default.copyItem(atPath: partial, toPath: folder.file("late"))
    for name in ["early", "late"] {
      #expect(try folder.rows("SELECT status FROM run", of: name) == ["incomplete"])
      #expect(throws: TraceError.self) { try TraceFile(path: folder.file(name)) }
    }
  }

  @Test func `a partial file of a dead process is removed at the next run of the same trace`()
    throws
  {
    let dead = Process()
    dead.executableURL = URL(fileURLWithPath: "/bin/sh")
    dead.arguments = ["-c", "exit 0"]
    try dead.run()
    dead.waitUntilExit()
    let stale = "run.sqlite.partial-\(dead.processIdentifier)"
    let alive = "run.sqlite.partial-\(getppid())"
    let other = "other.sqlite.partial-\(dead.processIdentifier)"
    for name in [stale, alive, other] {
      try "x".write(toFile: folder.file(name), atomically: true, encoding: .utf8)
    }
    try folder.record(run)
    #expect(try folder.names == [other, "run.sqlite", alive])
  }

  @Test func `level none makes a file without events`() throws {
    try folder.record(run, level: .none)
    #expect(try folder.names == ["run.sqlite"])
    for table in ["event", "waiting_request", "anonymous_request", "event_message"] {
      #expect(try folder.rows("SELECT count(*) FROM \(table)") == ["0"])
    }
    #expect(try folder.rows("SELECT count(*) FROM input") == ["1"])
    #expect(try folder.rows("SELECT level, status FROM run") == ["none|complete"])
  }

  @Test func `the same run writes the same bytes`() throws {
    for level in TraceLevel.allCases {
      let run = SyntheticRun(nodes: 200)
      try folder.record(run, level: level, as: "one.sqlite")
      try folder.record(run, level: level, as: "two.sqlite")
      let one = try Data(contentsOf: URL(fileURLWithPath: folder.file("one.sqlite")))
      let two = try Data(contentsOf: URL(fileURLWithPath: folder.file("two.sqlite")))
      #expect(one == two)
    }
  }

  @Test(arguments: [60, 300])
  func `a full disk is an error, and leaves no file`(pages: Int) throws {
    let run = SyntheticRun(nodes: 3_000)
    let trace = try SQLiteTrace(
      path: folder.file(), run: SyntheticRun.inputs, level: .full, maximumPages: pages)
    let error = #expect(throws: TraceError.self) {
      try run.play(into: trace)
      try trace.finish(directory: run, outcome: run.outcome)
    }
    #expect(error?.path == folder.file())
    #expect(error?.problem == "database or disk is full")
    #expect(error?.cure.contains("--trace steps") == true)
    #expect(try folder.names == [])
  }

  @Test func `a disk that fills up while the file is closed leaves no file`() throws {
    let bytes = try folder.record(run, as: "whole.sqlite").fileBytes
    try FileManager.default.removeItem(atPath: folder.file("whole.sqlite"))
    let trace = try SQLiteTrace(
      path: folder.file(), run: SyntheticRun.inputs, level: .full,
      maximumPages: bytes / 16_384 - 1)
    #expect(throws: TraceError.self) {
      try run.play(into: trace)
      try trace.finish(directory: run, outcome: run.outcome)
    }
    #expect(try folder.names == [])
  }

  @Test func `a folder that cannot be written is an error that names the cure`() throws {
    let path = folder.file("missing/run.sqlite")
    let error = #expect(throws: TraceError.self) {
      try SQLiteTrace(path: path, run: SyntheticRun.inputs, level: .full)
    }
    #expect(error?.path == path)
    #expect(error?.description.contains("--output") == true)
  }

  @Test func `a final name that is taken by a folder is an error and leaves nothing`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file(), withIntermediateDirectories: true)
    let error = #expect(throws: TraceError.self) { try folder.record(run) }
    #expect(error?.problem.contains("final name") == true)
    #expect(try folder.names == ["run.sqlite"])
  }

  @Test func `reading says what is wrong with a file`() throws {
    let missing = #expect(throws: TraceError.self) { try TraceFile(path: folder.file()) }
    #expect(missing?.problem == "no such file")
    try folder.record(run)
    #expect(throws: Never.self) { try TraceFile(path: folder.file()) }
    try change("PRAGMA user_version = 9")
    let newer = #expect(throws: TraceError.self) { try TraceFile(path: folder.file()) }
    #expect(newer?.problem == "a trace of version 9; this bootsim reads version 1")
    try change("PRAGMA application_id = 1")
    let foreign = #expect(throws: TraceError.self) { try TraceFile(path: folder.file()) }
    #expect(foreign?.problem == "not a trace of bootsim")
  }

  private func change(_ sql: String) throws {
    try DatabaseQueue(path: folder.file()).write { try $0.execute(sql: sql) }
  }
}

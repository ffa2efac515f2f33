import Foundation
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

  @Test func `a trace that lacks a table is to be recorded again`() throws {
    let recording = try Recording("first-node", level: .full)
    try DatabaseQueue(path: recording.path).write {
      try $0.execute(sql: "PRAGMA foreign_keys = OFF; DROP TABLE event")
    }
    let error = try #require(throws: TraceError.self) { _ = try recording.opened().completed() }
    #expect(error.problem.contains("no such table"), "\(error)")
    #expect(error.cure == "record it again")
  }

  /// L.2: its reflectors list 1 ms after they watched, which is at 440 ms.
  @Test func `a run that ends between two requests of one try is no damaged one`() throws {
    let recording = try Recording(
      "missing-create-binding", overrides: ["spec.duration=440500us"])
    let trace = try TraceFile(path: recording.path)
    let late = try trace.rows(
      "SELECT count(*) FROM waiting_request w JOIN run r WHERE w.last_ns > r.virtual_end_ns"
    ) { $0[0] as Int }
    #expect(late[0] > 0)
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

  /// Dates at both ends of what the format takes, and tries that are on their way when the run ends.
  @Test(
    arguments: [
      ("first-node", ["spec.start=2050-01-01T00:00:00Z"]),
      ("first-node", ["spec.start=2199-12-31T23:59:59Z"]),
      (
        "first-node",
        ["spec.start=1970-01-01T00:00:00Z", "spec.controllerManager.clock={offset: -175200h}"]
      ),
      (
        "failures/o21-no-signing-key",
        ["spec.duration=20m", "spec.latency.network={exponential: {mean: 2h}}"]
      ),
    ] as [(String, [String])])
  func `what a run may come to is no damage`(name: String, overrides: [String]) throws {
    let recording = try Recording(name, overrides: overrides)
    let trace = try TraceFile(path: recording.path)
    #expect(try trace.rows("SELECT 1") { $0[0] as Int } == [1])
  }

  /// What GRDB cannot convert would stop the program, in whatever column of whatever table it is.
  @Test func `a value that no column of its kind has is found before any row is read`() throws {
    let recording = try Recording("handmade-requests", level: .full)
    let columns = try DatabaseQueue(path: recording.path).read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT m.name AS "table", c.name AS "column", c.type, c."notnull", c.pk
          FROM sqlite_schema m JOIN pragma_table_info(m.name) c
          WHERE m.type = 'table' AND m.name NOT IN ('run', 'input')
          """)
    }
    #expect(columns.count > 80)
    for column in columns {
      let (table, name): (String, String) = (column["table"], column["column"])
      // SQLite itself takes nothing but integers for the number of a row.
      let isNumber = column["pk"] == 1 && ["id", "event"].contains(name)
      var odd = isNumber ? ["-1"] : ["x'00ff'"]
      if column["notnull"] == 1, !isNumber { odd.append("NULL") }
      if column["type"] == "INTEGER", !isNumber { odd += ["1e308", "9223372036854775807"] }
      for value in odd {
        let file = try Damaged(recording, "UPDATE \(table) SET \(name) = \(value)", of: table)
        guard file.hasChanged else { continue }
        let trace = try TraceFile(path: file.path)
        let error = #expect(throws: TraceError.self, "\(table).\(name) = \(value)") {
          try trace.rows("SELECT 1") { $0[0] as Int }
        }
        #expect(error?.cure == "record it again")
      }
    }
  }

  private static let commands: [[String]] =
    ["audit", "perfetto", "openmetrics", "otlp", "csv", "ndjson"].map {
      ["export", "--format", $0]
    } + [
      ["export", "--format", "audit", "--level", "RequestResponse"],
      ["export", "--format", "csv", "--view", "nodes"], ["diff", "OTHER"], ["explain"],
      ["get", "nodes"], ["describe", "csr"], ["logs", "node-1"],
      ["report", "-o", "FOLDER/report.html"],
    ]

  /// Each stopped one of the commands.
  @Test(arguments: [
    ("event", "user = -9223372036854775808"), ("node", "started_ns = 9223372036854775807"),
    ("component", "name = NULL"), ("kind", "outcome = NULL"), ("event", "csr = 4294967296"),
    ("csr", "created_ns = 'x'"), ("node", "started_ns = -5"), ("node", "started_ns = NULL"),
    ("event", "step = 99"),
  ])
  func `no command that reads a trace is stopped by what is in it`(
    table: String, change: String
  ) throws {
    let recording = try Recording("first-node", level: .full)
    let other = try Recording("first-node", overrides: ["spec.seed=2"], level: .full)
    let file = try Damaged(recording, "UPDATE \(table) SET \(change)", of: table)
    #expect(file.hasChanged)
    for command in Self.commands {
      let words = command.map {
        $0 == "OTHER" ? other.path : $0.replacing("FOLDER", with: recording.folder.url.path)
      }
      let ended = try Program.bootsim([words[0], file.path] + words.dropFirst())
      // What is played again needs no row.
      let readsRows = ["export", "diff"].contains(command[0])
      #expect(ended.code == (readsRows ? 65 : 0), "\(command): \(ended.errors)")
      #expect(!readsRows || ended.errors.contains("it is damaged"), "\(command): \(ended.errors)")
    }
  }

  @Test func `a node that was to start after the end of the run stops no command`() throws {
    let recording = try Recording(
      "first-node", overrides: ["spec.nodes.workers.start={at: 2h}", "spec.duration=1h"])
    let starts = try TraceFile(path: recording.path).rows("SELECT started_ns FROM nodes") {
      $0[0] as Int64?
    }
    #expect(starts == [nil])
    for command in Self.commands where command[0] != "logs" {
      let words = command.map {
        $0 == "OTHER" ? recording.path : $0.replacing("FOLDER", with: recording.folder.url.path)
      }
      let file = recording.folder.file(command.joined())
      let output = command[0] == "export" ? ["-o", file] : []
      let ended = try Program.bootsim([words[0], recording.path] + words.dropFirst() + output)
      #expect(ended.code == 0, "\(command): \(ended.errors)")
    }
  }

  @Test func `nodes that the run does not have are damage`() throws {
    let recording = try Recording("first-node", level: .full)
    let row = "INSERT INTO csr SELECT id + 100, name, node, signer, requestor, created_ns, "
    let file = try Damaged(
      recording, row + "NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM csr", of: "csr")
    for format in ["audit", "openmetrics"] {
      let ended = try Program.bootsim(["export", file.path, "--format", format])
      #expect(ended.code == 65 && ended.errors.contains("it is damaged"), "\(ended.errors)")
    }
  }
}

/// A copy of a trace, changed.
private struct Damaged {
  private let folder = TemporaryFolder()
  let path: String
  private(set) var hasChanged = false

  /// - Parameter table: the one that is changed, whose columns may then have no value.
  init(_ recording: Recording, _ change: String, of table: String) throws {
    path = folder.file("damaged.sqlite")
    try FileManager.default.copyItem(atPath: recording.path, toPath: path)
    try DatabaseQueue(path: path).writeWithoutTransaction { database in
      try database.execute(
        sql: """
          PRAGMA writable_schema = ON;
          UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = '\(table)';
          """)
    }
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    try DatabaseQueue(path: path, configuration: configuration).write { database in
      // Keys that are there twice are no matter here.
      try database.execute(sql: change.replacing("UPDATE ", with: "UPDATE OR IGNORE "))
      hasChanged = database.changesCount > 0
    }
  }
}

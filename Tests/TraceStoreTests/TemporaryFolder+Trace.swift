import Foundation
import GRDB
import TestSupport
import TLSBootstrap

@testable import TraceStore

extension TemporaryFolder {
  /// The trace of a test that has only one.
  func file() -> String { file("run.sqlite") }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }

  /// Records a synthetic run, and closes it.
  @discardableResult
  func record(
    _ run: SyntheticRun, level: TraceLevel = .full, as name: String = "run.sqlite"
  ) throws -> RecordingTimes {
    let trace = try SQLiteTrace(path: file(name), run: SyntheticRun.inputs, level: level)
    try run.play(into: trace)
    return try trace.finish(directory: run, outcome: run.outcome)
  }

  /// Each row as SQLite spells it, columns with bars between them.
  func rows(_ sql: String, of name: String = "run.sqlite") throws -> [String] {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: file(name), configuration: configuration)
    return try queue.read { database in
      try Row.fetchAll(database, sql: sql).map { row in
        row.databaseValues.map { value in
          switch value.storage {
          case .null: "NULL"
          case .int64(let number): "\(number)"
          case .double(let number): "\(number)"
          case .string(let text): text
          case .blob: "BLOB"
          }
        }.joined(separator: "|")
      }
    }
  }
}

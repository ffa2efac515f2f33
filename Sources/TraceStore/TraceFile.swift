import Foundation
import GRDB
import SimulationKernel
import TLSBootstrap

/// A complete trace, to be read.
public struct TraceFile: Sendable {
  private let queue: DatabaseQueue
  private let check = RowCheck()

  /// Whether the rows have been looked at; only the queue asks and says so.
  private final class RowCheck: @unchecked Sendable {
    var isDone = false
  }

  /// - Throws: `TraceError` where the file is missing, not a trace, of another version, or incomplete.
  public init(path: String) throws {
    var isFolder: ObjCBool = false
    let isOfYAML = [".yaml", ".yml"].contains { path.hasSuffix($0) }
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw TraceError(
        path: path, problem: "no such file",
        cure: isOfYAML
          ? "give a trace, as bootsim run writes it"
          : "record one with bootsim run FILE --output \(path)",
        isInputOutput: true)
    }
    guard !isFolder.boolValue else {
      throw TraceError(
        path: path, problem: "a folder", cure: "give a trace in it, a .sqlite file",
        isInputOutput: true)
    }
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw TraceError(
        path: path, problem: "Permission denied", cure: "give a trace that may be read",
        isInputOutput: true)
    }
    var configuration = Configuration()
    configuration.readonly = true
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.read { try Self.check($0, path: path) }
    } catch let error as DatabaseError where isOfYAML && error.resultCode == .SQLITE_NOTADB {
      throw TraceError(
        path: path, problem: "a YAML file, no trace",
        cure: "play it and give the trace that bootsim run --output FILE.sqlite writes")
    } catch {
      throw TraceError(path: path, cause: error)
    }
  }

  private static func check(_ database: Database, path: String) throws {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
    guard application == TraceSchema.applicationID else {
      throw TraceError(
        path: path, problem: "not a trace of bootsim",
        cure: "give a trace, as bootsim run writes it")
    }
    let version = try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard version == TraceSchema.version else {
      throw TraceError(
        path: path,
        problem: "a trace of version \(version); this bootsim reads version \(TraceSchema.version)",
        cure: "record it again")
    }
    let status = try String.fetchOne(database, sql: "SELECT status FROM run")
    guard status == RunOutcome.complete else {
      throw TraceError(
        path: path, problem: "the trace is \(status ?? "empty")", cure: "record it again")
    }
  }

  /// What the trace says of its run.
  public struct Run: Hashable, Sendable {
    /// The name of the scenario.
    public let scenario: String
    public let seed: UInt64
    /// Of the bootsim that recorded it.
    public let version: String
    public let level: TraceLevel
    /// The command line that makes it again.
    public let command: String
    /// The true time at its start, in nanoseconds since 1970.
    public let start: Int64
    /// Its virtual end, in nanoseconds since its start.
    public let end: Int64
    /// How many events happened, whether or not the level records them.
    public let events: Int
    /// 32 hexadecimal digits.
    public let digest: String
  }

  /// - Throws: `TraceError`, also where no run has such figures.
  public func run() throws -> Run {
    let run = try read(one: "SELECT * FROM run") { row in
      Run(
        scenario: try row.decode(forColumn: "scenario"),
        seed: UInt64(bitPattern: try row.decode(Int64.self, forColumn: "seed")),
        version: try row.decode(forColumn: "version"),
        level: TraceLevel(rawValue: try row.decode(forColumn: "level")) ?? .none,
        command: try row.decode(forColumn: "command"),
        start: try row.decode(forColumn: "start_unix_ns"),
        end: try row.decode(forColumn: "virtual_end_ns"),
        events: try row.decode(forColumn: "events"),
        digest: try row.decode(forColumn: "digest"))
    }
    guard run.start >= 0, run.end >= 0, run.events >= 0,
      !run.start.addingReportingOverflow(run.end).overflow
    else { throw damage("the table run has figures that no run has") }
    return run
  }

  /// Of a trace that is not as it was written.
  package func damage(_ problem: String) -> TraceError {
    TraceError(path: queue.path, problem: "\(problem): it is damaged", cure: "record it again")
  }

  /// What the run read, in its order: the scenario first, overrides under the path `--set`.
  ///
  /// - Throws: `TraceError`, also where somebody changed them.
  public func inputs() throws -> [InputText] {
    let inputs = try unchecked { database in
      try Row.fetchAll(database, sql: "SELECT path, text, sha256 FROM input ORDER BY id").map {
        row in
        let input = InputText(
          path: try row.decode(forColumn: "path"), text: try row.decode(forColumn: "text"))
        let sum = try row.decode(String.self, forColumn: "sha256")
        guard SHA256.hexadecimal(of: input.text.utf8) == sum else {
          throw damage("its inputs were changed")
        }
        return input
      }
    }
    if inputs.isEmpty { throw damage("no input is stored in it") }
    return inputs
  }

  /// Reads from one state of the file; rows may be fetched one by one, so that few are in memory.
  ///
  /// Before the first time all rows are looked at: what GRDB cannot convert stops the program.
  ///
  /// - Throws: `TraceError` for what the database says, for rows that no run has, and whatever else the body
  ///   throws.
  package func reading<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try unchecked { database in
      if !check.isDone {
        if let problem = try TraceCheck(database).problem() { throw damage(problem) }
        check.isDone = true
      }
      return try body(database)
    }
  }

  /// - Throws: `TraceError` where the rows are not those of any run.
  package func checkRows() throws { try reading { _ in } }

  private func unchecked<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try queue.read(body)
    } catch let error where error is DatabaseError || error is RowDecodingError {
      throw TraceError(path: queue.path, cause: error)
    }
  }

  /// What a query finds, row by row.
  package func rows<Value>(
    _ sql: String, _ arguments: StatementArguments = [], _ value: (Row) throws -> Value
  ) throws -> [Value] {
    try reading { database in
      let cursor = try Row.fetchCursor(database, sql: sql, arguments: arguments)
      var values: [Value] = []
      while let row = try cursor.next() { values.append(try value(row)) }
      return values
    }
  }

  private func read<Value>(one sql: String, _ value: (Row) throws -> Value) throws -> Value {
    let first = try unchecked { try Row.fetchOne($0, sql: sql).map(value) }
    guard let first else {
      throw TraceError(path: queue.path, problem: "the table run is empty")
    }
    return first
  }
}

import GRDB
import SimulationKernel
import TLSBootstrap

/// Whether the rows of a trace can be what bootsim wrote: readers take types, ranges and references for granted.
struct TraceCheck {
  private let database: Database
  /// When the run ended, in nanoseconds.
  private let end: Int64

  /// - Throws: `DatabaseError`, `RowDecodingError`, also where a table or a column is missing.
  init(_ database: Database) throws {
    self.database = database
    end = try Int64.fetchOne(database, sql: "SELECT virtual_end_ns FROM run") ?? 0
  }

  /// nil: nothing is wrong.
  func problem() throws -> String? {
    for table in try tables() {
      if let row = try Int64.fetchOne(database, sql: table.query) {
        return "the table \(table.name) has in row \(row) a value that it cannot have"
      }
    }
    if let row = try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") {
      return "the table \(row[0] as String? ?? "") refers to what is not there"
    }
    if try Int64.fetchOne(database, sql: Self.readyUnstarted) != nil {
      return "a node is Ready and was never started"
    }
    if try !hasPlausibleLengths() { return "an event has a time or a length that it cannot have" }
    return try missingEvents()
  }

  /// Of a trace of level `full`, which has every event of its run.
  private func missingEvents() throws -> String? {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT (SELECT count(*) FROM event), events FROM run
        WHERE level = '\(TraceLevel.full.rawValue)'
        """)
    guard let row else { return nil }
    let (recorded, happened): (Int, Int) = (row[0], row[1])
    return recorded == happened
      ? nil : "it has \(recorded) events, and its run had \(happened)"
  }

  private static let readyUnstarted = """
    SELECT id FROM node WHERE ready_ns IS NOT NULL AND started_ns IS NULL LIMIT 1
    """

  /// Whether what took time until an event began in the run.
  private func hasPlausibleLengths() throws -> Bool {
    try Int64.fetchOne(
      database,
      sql: """
        SELECT e.id FROM event e JOIN kind k ON k.id = e.kind
        WHERE k.name IN ('requestAnswered', 'writeCommitted', 'keyDone', 'limiterWaited')
          AND e.value NOT BETWEEN 0 AND e.time_ns
        LIMIT 1
        """) == nil
  }

  private struct Table {
    let name: String
    /// Finds a row with an odd value.
    let query: String
  }

  /// Of the schema, not of the file, whose own may be another.
  private func tables() throws -> [Table] {
    let schema = try DatabaseQueue()
    return try schema.write { database in
      try TraceSchema.create(database)
      let names = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'run'")
      return try names.map { name in
        let columns = try database.columns(in: name)
        let conditions = columns.map { condition($0, of: name) }.joined(separator: " OR ")
        return Table(name: name, query: "SELECT rowid FROM \(name) WHERE \(conditions) LIMIT 1")
      }
    }
  }

  /// Under which a value is odd.
  private func condition(_ column: ColumnInfo, of table: String) -> String {
    let isNullable = !column.isNotNull && column.primaryKeyIndex == 0
    let type = "typeof(\(column.name))"
    let isOther = isNullable ? "NOT IN ('null', " : "NOT IN ("
    if column.type == "TEXT" { return "\(type) \(isOther)'text')" }
    let range = range(column.name, of: table)
    return "\(type) \(isOther)'integer') OR \(column.name) NOT BETWEEN \(range)"
  }

  /// Words that are cases of a type with as many as a byte has.
  private static let wordTables = ["component", "kind", "step", "call", "answer", "settlement"]

  /// Numbers of rows have 32 bits. The scenario format bounds a run's clocks and lengths: dates end in 2262, and
  /// the sum of a time and a length is far from overflow.
  private func range(_ column: String, of table: String) -> String {
    let half = Int64.max / 2
    if column == "id", Self.wordTables.contains(table) { return "0 AND \(UInt8.max)" }
    // By a clock that is behind, a date may be before 1970.
    if column.hasSuffix("_unix_ns") { return "\(-half) AND \(Self.lastSecond)" }
    if column == "value" {
      return "\(-half) AND CASE kind WHEN \(Self.signed) THEN \(Self.lastSecond) ELSE \(half) END"
    }
    guard column.hasSuffix("_ns") else { return "0 AND \(UInt32.max)" }
    let isWait = table == "waiting_request" || table == "anonymous_request"
    return isWait ? "0 AND \(end) + \(Self.longestTry.nanoseconds)" : "0 AND \(end)"
  }

  /// The kind of event whose value is a date, NotAfter.
  private static let signed = "(SELECT id FROM kind WHERE name = 'certificateSigned')"
  /// 2262-04-11T23:47:16Z, since 1970: the last that certificates can have.
  private static let lastSecond = Timestamp.wholeSeconds(.max)
  /// How long after the end of the run a try may send its second request that began before.
  ///
  /// 3 days: a refusal and the way there and back. Source: the scenario format, each at most 24 h.
  private static let longestTry = Duration.days(3)
}

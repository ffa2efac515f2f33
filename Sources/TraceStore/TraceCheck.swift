import GRDB
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
    return try hasPlausibleLengths()
      ? nil : "an event has a time or a length that it cannot have"
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

  /// Of tries that began before the end of the run: what one asks next comes after it.
  private static let waitTables = ["waiting_request", "anonymous_request"]

  /// Numbers of rows have 32 bits; times after 1970, and lengths, are far from overflow.
  private func range(_ column: String, of table: String) -> String {
    if column == "id", Self.wordTables.contains(table) { return "0 AND \(UInt8.max)" }
    if column.hasSuffix("_unix_ns") || column == "value" {
      return "\(-Int64.max / 4) AND \(Int64.max / 4)"
    }
    guard column.hasSuffix("_ns") else { return "0 AND \(UInt32.max)" }
    return "0 AND \(Self.waitTables.contains(table) ? Int64.max / 4 : end)"
  }
}

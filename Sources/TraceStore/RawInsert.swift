import GRDB
import GRDBSQLite

/// A prepared INSERT of one or more rows of one table, by SQLite's own handle.
///
/// GRDB's statements box every value; at two million rows a second that is most of the time.
final class RawInsert {
  let columns: Int32
  private let rows: Int
  private let handle: OpaquePointer
  private let database: OpaquePointer

  init(_ database: Database, into table: String, columns: Int, rows: Int = 1) throws {
    guard let connection = database.sqliteConnection else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the trace is closed")
    }
    let row = "(" + repeatElement("?", count: columns).joined(separator: ",") + ")"
    let values = repeatElement(row, count: rows).joined(separator: ",")
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(
      connection, "INSERT INTO \(table) VALUES \(values)", -1, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw RawInsert.error(of: connection) }
    self.columns = Int32(columns)
    self.rows = rows
    handle = statement
    self.database = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// Sets a column, from 0, of a row, from 0; what is not set is NULL.
  @inline(__always)
  func set(_ column: Int32, _ value: Int64, row: Int32 = 0) {
    sqlite3_bind_int64(handle, row &* columns &+ column &+ 1, value)
  }

  func set(_ column: Int32, _ value: Int?) {
    if let value { set(column, Int64(value)) }
  }

  func set(_ column: Int32, _ text: String) {
    // SQLITE_TRANSIENT: SQLite keeps a copy.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    sqlite3_bind_text(handle, column + 1, text, -1, transient)
  }

  /// Inserts what was set, and forgets it.
  func step() throws {
    let code = sqlite3_step(handle)
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    guard code == SQLITE_DONE else { throw RawInsert.error(of: database) }
  }

  private static func error(of connection: OpaquePointer) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_errcode(connection)),
      message: String(cString: sqlite3_errmsg(connection)))
  }
}

/// Inserts many rows of one table, a hundred with each statement.
final class BulkInsert {
  /// Rows per statement.
  ///
  /// 100: one row per statement takes twice as long, more than 100 gain nothing.
  private static let block = 100

  private let hundred: RawInsert
  private let one: RawInsert

  init(_ database: Database, into table: String, columns: Int) throws {
    hundred = try RawInsert(database, into: table, columns: columns, rows: Self.block)
    one = try RawInsert(database, into: table, columns: columns)
  }

  /// - Parameter set: sets the columns of a row of the statement.
  @inline(__always)
  func insert<Row>(_ rows: [Row], set: (Row, RawInsert, Int32) -> Void) throws {
    let whole = rows.count - rows.count % Self.block
    for start in stride(from: 0, to: whole, by: Self.block) {
      for offset in 0..<Self.block {
        set(rows[start &+ offset], hundred, Int32(truncatingIfNeeded: offset))
      }
      try hundred.step()
    }
    for row in rows[whole...] {
      set(row, one, 0)
      try one.step()
    }
  }
}

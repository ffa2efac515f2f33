import GRDB
import GRDBSQLite

/// A prepared INSERT, by SQLite's own handle.
///
/// GRDB's statements box every value; at two million rows a second that is most of the time.
final class RawInsert {
  private let handle: OpaquePointer
  private let database: OpaquePointer

  /// One row of one table.
  convenience init(_ database: Database, into table: String, columns: Int) throws {
    let values = repeatElement("?", count: columns).joined(separator: ",")
    try self.init(database, "INSERT INTO \(table) VALUES (\(values))")
  }

  init(_ database: Database, _ sql: String) throws {
    guard let connection = database.sqliteConnection else { throw Self.closed }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw Self.error(of: connection) }
    handle = statement
    self.database = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// Sets a column, from 0; what is not set is NULL.
  func set(_ column: Int32, _ value: Int64) {
    sqlite3_bind_int64(handle, column + 1, value)
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
    guard code == SQLITE_DONE else { throw Self.error(of: database) }
  }

  static func error(of connection: OpaquePointer) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_errcode(connection)),
      message: String(cString: sqlite3_errmsg(connection)))
  }

  static var closed: DatabaseError {
    DatabaseError(resultCode: .SQLITE_MISUSE, message: "the trace is closed")
  }
}

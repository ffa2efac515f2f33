import GRDB
import GRDBSQLite
import SimulationKernel
import TLSBootstrap

/// The rows of the table `event`, as the events that `EventWriter` made them of.
///
/// By SQLite's own handle, as `RawInsert`: who reads a trace while it is written has millions of rows.
final class EventRows {
  private let handle: OpaquePointer
  private let database: OpaquePointer

  /// In the order of their numbers, from the one after this on.
  init(_ database: Database, after id: UInt32) throws {
    guard let connection = database.sqliteConnection else { throw RawInsert.closed }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(
      connection, "SELECT * FROM event WHERE id > ? ORDER BY id", -1, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw RawInsert.error(of: connection) }
    sqlite3_bind_int64(statement, 1, Int64(id))
    handle = statement
    self.database = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// nil: there are no more.
  func next() throws -> TraceEvent? {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: event
    case SQLITE_DONE: nil
    default: throw RawInsert.error(of: database)
    }
  }

  /// NULL is 0, unless it is said what it is.
  private var event: TraceEvent {
    let id = UInt32(truncatingIfNeeded: self[0])
    guard let component = TraceEvent.ComponentName(rawValue: byte(2)),
      let kind = TraceEvent.Kind(rawValue: byte(6)), let call = Call(rawValue: byte(10)),
      let answer = Answer(rawValue: byte(11)), let actor = Identity(rowID: self[12])
    else { preconditionFailure("event \(id) is not as it was written") }
    var event = TraceEvent(
      kind, by: component, node: number(3, orNull: TraceEvent.none),
      request: number(9, orNull: TraceEvent.none),
      attempt: UInt16(truncatingIfNeeded: self[4]), value: self[13], identity: actor, call: call,
      answer: answer)
    event.id = id
    event.time = Instant(nanoseconds: self[1])
    event.step = byte(5)
    event.cause = number(7, orNull: 0)
    if self[8] != 0 { event.identity = number(8, orNull: 0) }
    return event
  }

  private subscript(column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  private func byte(_ column: Int32) -> UInt8 { UInt8(truncatingIfNeeded: self[column]) }

  private func number(_ column: Int32, orNull null: UInt32) -> UInt32 {
    sqlite3_column_type(handle, column) == SQLITE_NULL
      ? null : UInt32(truncatingIfNeeded: self[column])
  }
}

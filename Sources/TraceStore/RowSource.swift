import GRDB
import GRDBSQLite

/// The row that SQLite reads next, of rows that are in memory.
///
/// SQLite reads them through a virtual table: `INSERT … SELECT` copies each value once. The usual way,
/// a hundred rows bound to one statement, takes 1.2 times as long (510 against 420 ns for each row of
/// 13 columns, in C).
class RowSource {
  /// The values of the row, by column.
  let row: UnsafeMutablePointer<Int64>
  let columns: Int
  /// How many rows there are.
  fileprivate(set) var count = 0

  /// Stands for NULL, which like 0 and 1 takes no byte beyond the row's header.
  static let null = Int64.min

  fileprivate init(columns: Int) {
    self.columns = columns
    row = .allocate(capacity: columns)
    row.initialize(repeating: Self.null, count: columns)
  }

  deinit { row.deallocate() }

  /// Puts the values of this row into `row`.
  fileprivate func load(_ index: Int) {}
}

/// Inserts rows of integers into one table, as many as there are with each statement.
final class BulkInsert<Row> {
  private let source: ArraySource<Row>
  private let statement: RawInsert

  /// - Parameters:
  ///   - numbersItself: whether SQLite gives the ids, 1, 2, 3 …, which saves it a search for each row
  ///     (30 ns and more).
  ///   - fill: gives the columns of a row their values; what it does not touch stays as it was.
  init(
    _ database: Database, into table: String, columns: Int, numbersItself: Bool,
    fill: @escaping (Row, UnsafeMutablePointer<Int64>) -> Void
  ) throws {
    source = ArraySource(columns: columns, fill: fill)
    let view = "rows_of_\(table)"
    let names = VirtualTable.columnNames(columns)
    try VirtualTable.declare(view, over: source, to: database)
    let values = numbersItself ? ["NULL"] + names.dropFirst() : names
    statement = try RawInsert(
      database, "INSERT INTO \(table) SELECT \(values.joined(separator: ", ")) FROM \(view)")
  }

  func insert(_ rows: [Row]) throws {
    guard !rows.isEmpty else { return }
    try rows.withUnsafeBufferPointer { buffer in
      source.rows = buffer
      source.count = buffer.count
      try statement.step()
    }
  }
}

private final class ArraySource<Row>: RowSource {
  var rows = UnsafeBufferPointer<Row>(start: nil, count: 0)
  private let fill: (Row, UnsafeMutablePointer<Int64>) -> Void

  init(columns: Int, fill: @escaping (Row, UnsafeMutablePointer<Int64>) -> Void) {
    self.fill = fill
    super.init(columns: columns)
  }

  override func load(_ index: Int) { fill(rows[index], row) }
}

/// The eponymous virtual tables of SQLite over row sources; see sqlite.org/vtab.html.
private enum VirtualTable {
  /// SQLite's part comes first, as its interface asks for.
  private struct Table {
    var base = sqlite3_vtab()
    let source: Unmanaged<RowSource>
  }

  private struct Cursor {
    var base = sqlite3_vtab_cursor()
    let source: Unmanaged<RowSource>
    /// The source's own row.
    let row: UnsafeMutablePointer<Int64>
    var index = 0
    var count = 0

    /// SQLite asks for the end before it asks for values.
    mutating func move(to index: Int) {
      self.index = index
      if index < count { source._withUnsafeGuaranteedRef { $0.load(index) } }
    }
  }

  static func columnNames(_ count: Int) -> [String] { (0..<count).map { "c\($0)" } }

  /// - Parameter source: must live as long as statements that read the table.
  static func declare(_ name: String, over source: RowSource, to database: Database) throws {
    guard let connection = database.sqliteConnection else { throw RawInsert.closed }
    let context = Unmanaged.passUnretained(source).toOpaque()
    guard sqlite3_create_module_v2(connection, name, module, context, nil) == SQLITE_OK else {
      throw RawInsert.error(of: connection)
    }
  }

  /// One for all connections, never freed.
  nonisolated(unsafe) private static let module: UnsafePointer<sqlite3_module> = {
    var module = sqlite3_module()
    module.iVersion = 1
    module.xConnect = { connection, context, _, _, table, _ in
      connect(connection, context, table)
    }
    module.xDisconnect = { table in
      UnsafeMutableRawPointer(table)?.deallocate()
      return SQLITE_OK
    }
    module.xBestIndex = { _, _ in SQLITE_OK }
    module.xOpen = { table, cursor in open(table, cursor) }
    module.xClose = { cursor in
      UnsafeMutableRawPointer(cursor)?.deallocate()
      return SQLITE_OK
    }
    module.xFilter = { cursor, _, _, _, _ in
      with(cursor) { cursor in
        cursor.pointee.count = cursor.pointee.source._withUnsafeGuaranteedRef { $0.count }
        cursor.pointee.move(to: 0)
      }
    }
    module.xNext = { cursor in
      with(cursor) { $0.pointee.move(to: $0.pointee.index + 1) }
    }
    module.xEof = { cursor in
      var isOver = true
      _ = with(cursor) { isOver = $0.pointee.index >= $0.pointee.count }
      return isOver ? 1 : 0
    }
    module.xColumn = { cursor, context, column in
      with(cursor) { cursor in
        let value = cursor.pointee.row[Int(column)]
        if value != RowSource.null { sqlite3_result_int64(context, value) }
      }
    }
    module.xRowid = { cursor, rowid in
      with(cursor) { rowid?.pointee = Int64($0.pointee.index) }
    }
    let place = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    place.initialize(to: module)
    return UnsafePointer(place)
  }()

  private static func connect(
    _ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
    _ table: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?
  ) -> Int32 {
    guard let context, let table else { return SQLITE_MISUSE }
    let source = Unmanaged<RowSource>.fromOpaque(context)
    let columns = columnNames(source.takeUnretainedValue().columns).joined(separator: ", ")
    let code = sqlite3_declare_vtab(connection, "CREATE TABLE rows (\(columns))")
    guard code == SQLITE_OK else { return code }
    let made = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    made.initialize(to: Table(source: source))
    table.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab.self)
    return SQLITE_OK
  }

  private static func open(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?,
    _ cursor: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
  ) -> Int32 {
    guard let table, let cursor else { return SQLITE_MISUSE }
    let source = UnsafeMutableRawPointer(table).assumingMemoryBound(to: Table.self).pointee.source
    let made = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
    made.initialize(to: Cursor(source: source, row: source.takeUnretainedValue().row))
    cursor.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(
      to: sqlite3_vtab_cursor.self)
    return SQLITE_OK
  }

  @inline(__always)
  private static func with(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?,
    _ body: (UnsafeMutablePointer<Cursor>) -> Void
  ) -> Int32 {
    guard let cursor else { return SQLITE_MISUSE }
    body(UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: Cursor.self))
    return SQLITE_OK
  }
}

import GRDB
import TraceStore

/// A view of the trace as RFC 4180 CSV, or as one JSON object a line.
struct TableExport {
  private let trace: TraceFile
  private let view: Export.View

  init(_ export: Export, _ view: Export.View) {
    trace = export.trace
    self.view = view
  }

  /// A line of names first; nothing between two commas is NULL, a text without characters is `""`.
  func writeCSV(to output: ExportOutput) throws {
    try trace.reading { database in
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(view.rawValue)")
      let names = try database.columns(in: view.rawValue).map(\.name)
      try output.write(names.joined(separator: ",") + "\r\n")
      while let row = try rows.next() {
        let fields = names.indices.map { Self.field(row[$0] as DatabaseValue) }
        try output.write(fields.joined(separator: ",") + "\r\n")
      }
    }
  }

  /// SQLite spells the objects.
  func writeNDJSON(to output: ExportOutput) throws {
    try trace.reading { database in
      let names = try database.columns(in: view.rawValue).map(\.name)
      let members = names.map { "'\($0)', \($0)" }.joined(separator: ", ")
      let lines = try String.fetchCursor(
        database, sql: "SELECT json_object(\(members)) FROM \(view.rawValue)")
      while let line = try lines.next() { try output.write(line + "\n") }
    }
  }

  private static func field(_ value: DatabaseValue) -> String {
    switch value.storage {
    case .null: ""
    case .int64(let number): "\(number)"
    case .double(let number): "\(number)"
    case .string(let text): quoted(text)
    case .blob(let bytes): quoted(String(decoding: bytes, as: UTF8.self))
    }
  }

  static func quoted(_ text: String) -> String {
    let isPlain = !text.isEmpty && !text.utf8.contains { "\",\r\n".utf8.contains($0) }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

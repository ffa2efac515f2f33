import GRDB

/// A table of texts, each once, numbered from 1 in the order of their first use.
final class TextTable {
  private var ids: [String: Int] = [:]
  private let insert: RawInsert

  init(_ database: Database, _ table: String) throws {
    insert = try RawInsert(database, into: table, columns: 2)
  }

  /// Nil for the empty text.
  func id(of text: String) throws -> Int? {
    guard !text.isEmpty else { return nil }
    if let id = ids[text] { return id }
    let id = ids.count + 1
    ids[text] = id
    insert.set(0, Int64(id))
    insert.set(1, text)
    try insert.step()
    return id
  }
}

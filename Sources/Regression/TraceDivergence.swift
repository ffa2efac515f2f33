import GRDB
import TraceStore

/// Where two traces of level `full` part: the first event that is not the same in both.
struct TraceDivergence: Encodable, Hashable, Sendable {
  /// Its number; it is the same in both, because all before it are.
  let id: Int64
  /// What led to it, itself included; nil where that run had ended.
  let left: CausalChain?
  let right: CausalChain?
  /// What the right one's event is in the left run, and the other way round: the same of the same node, at
  /// another time or for another cause; nil where there is none.
  let rightInLeft: ToldEvent?
  let leftInRight: ToldEvent?

  /// - Returns: nil where all events are the same.
  init?(_ left: TraceFile, _ right: TraceFile) throws {
    let event = try Self.firstDifference("event", Self.columns, left, right)
    let message = try Self.firstMessage(before: event ?? .max, left, right)
    guard let id = message ?? event else { return nil }
    self.id = id
    let chains = (try CausalChain(to: id, in: left), try CausalChain(to: id, in: right))
    self.left = chains.0
    self.right = chains.1
    rightInLeft = try Self.like(chains.1?.events.last, in: left)
    leftInRight = try Self.like(chains.0?.events.last, in: right)
  }

  /// Rather one of the same cause, which has the same number in both because it comes before what differs.
  private static func like(_ event: ToldEvent?, in trace: TraceFile) throws -> ToldEvent? {
    guard let event else { return nil }
    let id: Int64? = try trace.rows(
      """
      SELECT e.id FROM event e
      JOIN kind k ON k.id = e.kind
      JOIN component o ON o.id = e.component
      LEFT JOIN node n ON n.id = e.node
      LEFT JOIN call c ON c.id = e.call
      WHERE e.id >= ? AND k.name = ? AND o.name = ? AND n.name IS ? AND e.attempt IS ?
        AND coalesce(c.verb || CASE c.resource WHEN '' THEN '' ELSE ' ' || c.resource END
          || CASE c.subresource WHEN '' THEN '' ELSE '/' || c.subresource END, '') = ?
      ORDER BY e.cause IS NOT ?, e.id LIMIT 1
      """,
      [
        event.id, event.kind, event.component, event.node, event.attempt, event.request ?? "",
        event.cause,
      ]
    ) { $0[0] as Int64 }.first
    return try id.flatMap { id in
      try trace.rows("\(ToldEvent.query) WHERE v.id = ?", [id], ToldEvent.init).first
    }
  }

  /// Whether the sums of requests of waiting nodes differ, which are no events.
  static func differsInWaiting(_ left: TraceFile, _ right: TraceFile) throws -> Bool {
    try firstDifference("waiting_request", waitingColumns, left, right) != nil
  }

  /// A column that is compared, and the dictionary that its numbers are from.
  private typealias Column = (name: String, dictionary: String?)

  private static let columns: [Column] = [
    ("id", nil), ("time_ns", nil), ("value", nil), ("node", "node"), ("attempt", nil),
    ("step", nil), ("cause", nil), ("ended_by", nil), ("csr", "csr"), ("user", "user"),
    ("component", "component"), ("kind", "kind"), ("call", "call"), ("answer", "answer"),
  ]

  private static let waitingColumns: [Column] = [
    ("id", nil), ("node", "node"), ("attempt", nil), ("count", nil), ("first_ns", nil),
    ("last_ns", nil), ("cause", nil), ("call", "call"), ("answer", "answer"),
  ]

  /// Both tables row by row; the first column is the number that is returned.
  private static func firstDifference(
    _ table: String, _ columns: [Column], _ left: TraceFile, _ right: TraceFile
  ) throws -> Int64? {
    let words = try columns.map { column in
      try column.dictionary.map { try Translation(dictionary: $0, from: right, to: left) }
    }
    let query =
      "SELECT \(columns.map(\.name).joined(separator: ", ")) FROM \(table) ORDER BY id"
    return try firstPair(query, left, right) { one, other in
      words.indices.contains { column in
        let number: Int64? = other[column]
        return one[column] as Int64? != (words[column]?.number(of: number) ?? number)
      }
    }
  }

  /// The first event of which the two say something else, though it is the same in numbers.
  private static func firstMessage(
    before end: Int64, _ left: TraceFile, _ right: TraceFile
  ) throws -> Int64? {
    let query =
      "SELECT id, message FROM events WHERE id < \(end) AND message IS NOT NULL ORDER BY id"
    return try firstPair(query, left, right) { $0 != $1 }
  }

  /// The number of the first rows that differ, or that only one of the two has.
  private static func firstPair(
    _ query: String, _ left: TraceFile, _ right: TraceFile, differs: (Row, Row) -> Bool
  ) throws -> Int64? {
    try left.reading { leftDatabase in
      try right.reading { rightDatabase in
        let leftRows = try Row.fetchCursor(leftDatabase, sql: query)
        let rightRows = try Row.fetchCursor(rightDatabase, sql: query)
        while true {
          let rows = (try leftRows.next(), try rightRows.next())
          guard let one = rows.0, let other = rows.1 else {
            return (rows.0 ?? rows.1).map { $0[0] }
          }
          if differs(one, other) { return min(one[0] as Int64, other[0] as Int64) }
        }
      }
    }
  }
}

/// The numbers of words may change with a version of bootsim.
private struct Translation {
  private let numbers: [Int64: Int64]
  private let isIdentity: Bool

  init(dictionary: String, from source: TraceFile, to target: TraceFile) throws {
    let words = { (trace: TraceFile) in
      try trace.rows("SELECT * FROM \(dictionary)") { row in
        (row[0] as Int64, Self.word(row, of: dictionary))
      }
    }
    let targets = try words(target)
    let spelled = Dictionary(targets, uniquingKeysWith: { first, _ in first })
    let known = Dictionary(targets.map { ($0.1, $0.0) }, uniquingKeysWith: { first, _ in first })
    // Two nodes may have one name. A word that the other does not have is like none of its numbers.
    numbers = Dictionary(
      try words(source).map { ($0.0, spelled[$0.0] == $0.1 ? $0.0 : known[$0.1] ?? -1) },
      uniquingKeysWith: { first, _ in first })
    isIdentity = numbers.allSatisfy { $0 == $1 }
  }

  /// Of a call all that it says, because it has no name; of others the name, whatever else is told of it.
  private static func word(_ row: Row, of dictionary: String) -> String {
    guard dictionary == "call" else { return row["name"] }
    return row.databaseValues.dropFirst().map(\.description).joined(separator: " ")
  }

  func number(of other: Int64?) -> Int64? {
    // What another client asked for has a number that is no user's.
    isIdentity ? other : other.map { numbers[$0] ?? $0 }
  }
}

import GRDB
import TraceStore

/// What led to an event, from the beginning on; the event itself comes last.
struct CausalChain: Encodable, Hashable, Sendable {
  let events: [ToldEvent]
  /// How many are left out after the first.
  let omitted: Int

  /// The most that are told: the beginning, and the latest.
  static let longest = 12

  /// - Returns: nil where the trace has no such event.
  init?(to event: Int64, in trace: TraceFile) throws {
    let chain: [Int64] = try trace.rows(Self.causes, [event]) { $0[0] }
    guard !chain.isEmpty else { return nil }
    let told = Self.told(of: chain)
    let places = repeatElement("?", count: told.count).joined(separator: ", ")
    events = try trace.rows(
      "\(ToldEvent.query) WHERE v.id IN (\(places)) ORDER BY v.id", StatementArguments(told),
      ToldEvent.init)
    omitted = chain.count - told.count
  }

  private static func told<Event>(of chain: [Event]) -> [Event] {
    chain.count <= longest ? chain : [chain[0]] + chain.suffix(longest - 1)
  }

  /// The lines that are told of a chain.
  static func shortened(_ lines: [String]) -> [String] {
    marked(told(of: lines), omitted: lines.count - told(of: lines).count)
  }

  private static func marked(_ lines: [String], omitted: Int) -> [String] {
    omitted == 0 ? lines : [lines[0], "… \(omitted) more"] + lines.dropFirst()
  }

  private static let causes = """
    WITH RECURSIVE chain (id, cause) AS (
      SELECT id, cause FROM event WHERE id = ?
      UNION ALL
      SELECT e.id, e.cause FROM event e JOIN chain c ON e.id = c.cause)
    SELECT id FROM chain ORDER BY id
    """
}

// MARK: For people

extension CausalChain {
  /// One line an event, each led to by the one above it.
  var lines: [String] { Self.marked(events.map(\.line), omitted: omitted) }
}

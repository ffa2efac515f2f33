import GRDB
import TraceStore

/// What led to an event, from the beginning on; the event itself comes last.
public struct CausalChain: Encodable, Hashable, Sendable {
  public let events: [ToldEvent]
  /// How many are left out after the first.
  public let omitted: Int

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

  /// - Parameter events: with numbers that are their places, from 1.
  init?(to event: Int, in events: [ToldEvent]) {
    guard events.indices.contains(event - 1) else { return nil }
    var chain: [Int64] = []
    var next: Int64? = Int64(event)
    while let id = next {
      chain.append(id)
      next = events[Int(id) - 1].cause
    }
    let told = Self.told(of: chain.reversed())
    self.events = told.map { events[Int($0) - 1] }
    omitted = chain.count - told.count
  }

  private static func told(of chain: [Int64]) -> [Int64] {
    chain.count <= longest ? chain : [chain[0]] + chain.suffix(longest - 1)
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
  public var lines: [String] {
    var lines = events.map(\.line)
    if omitted > 0 { lines.insert("… \(omitted) more", at: 1) }
    return lines
  }
}

import GRDB
import SimulationKernel
import TLSBootstrap

/// Writes batches of events, and notes what the tables of the end need to know about them.
///
/// Only the database's queue touches it, one batch after the other.
final class EventWriter: @unchecked Sendable {
  /// The users that were seen, and the calls that the server answered them.
  private(set) var users = UserCalls()
  /// Events that may have a message, which only the directory at the end can tell.
  private(set) var withMessage: [TraceEvent] = []

  private let events: BulkInsert
  private let anonymous: BulkInsert
  private let mayHaveMessage = TraceEvent.Kind.allCases.lookup {
    $0.outcome == .failed || $0 == .settled
  }
  private let carriesAnswer = TraceEvent.Kind.allCases.lookup(\.carriesAnswer)

  init(_ database: Database) throws {
    events = try BulkInsert(database, into: "event", columns: 13)
    anonymous = try BulkInsert(database, into: "anonymous_request", columns: 5)
  }

  func write(_ batch: Batch) throws {
    for event in batch.events { note(event) }
    try events.insert(batch.events) { event, insert, row in set(event, insert, row) }
    try anonymous.insert(batch.anonymous) { request, insert, row in
      insert.set(1, request.time.nanoseconds, row: row)
      insert.set(2, Int64(request.node), row: row)
      insert.set(3, Int64(request.call.rawValue), row: row)
      insert.set(4, Int64(request.answer.rawValue), row: row)
    }
  }

  @inline(__always)
  private func note(_ event: TraceEvent) {
    if event.identity != 0 || event.call != .none {
      users.note(event.identity, event.kind == .requestAnswered ? event.call : .none)
    }
    if mayHaveMessage[Int(event.kind.rawValue)] || !event.answer.isSuccess {
      withMessage.append(event)
    }
  }

  /// "None" is NULL, which like 0 and 1 takes no byte beyond the row's header.
  @inline(__always)
  private func set(_ event: TraceEvent, _ insert: RawInsert, _ row: Int32) {
    insert.set(0, Int64(event.id), row: row)
    insert.set(1, event.time.nanoseconds, row: row)
    insert.set(2, Int64(event.component.rawValue), row: row)
    if event.node != TraceEvent.none { insert.set(3, Int64(event.node), row: row) }
    if event.attempt != 0 { insert.set(4, Int64(event.attempt), row: row) }
    if event.step != 0 { insert.set(5, Int64(event.step), row: row) }
    insert.set(6, Int64(event.kind.rawValue), row: row)
    if event.cause != 0 { insert.set(7, Int64(event.cause), row: row) }
    if event.request != TraceEvent.none { insert.set(8, Int64(event.request), row: row) }
    if event.call != .none { insert.set(9, Int64(event.call.rawValue), row: row) }
    if carriesAnswer[Int(event.kind.rawValue)] || !event.answer.isSuccess {
      insert.set(10, Int64(event.answer.rawValue), row: row)
    }
    if event.identity != 0 || event.call != .none {
      insert.set(11, Int64(event.identity), row: row)
    }
    insert.set(12, event.value, row: row)
  }
}

extension Collection where Element == TraceEvent.Kind {
  /// A table by raw value: a look-up instead of a jump for each event.
  fileprivate func lookup(_ property: (Element) -> Bool) -> [Bool] {
    var table = [Bool](repeating: false, count: 256)
    for kind in self { table[Int(kind.rawValue)] = property(kind) }
    return table
  }
}

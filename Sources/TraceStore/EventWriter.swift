import GRDB
import SimulationKernel
import TLSBootstrap

/// Writes batches of events, and notes what the tables of the end need to know about them.
///
/// Only the database's queue touches it, one batch after the other.
final class EventWriter: @unchecked Sendable {
  /// The users that were seen, and the calls that the server answered them.
  private(set) var users = UserCalls()
  private(set) var failures = FailureSorts()
  /// The first events that may have a message of their own, which only the directory at the end can tell.
  private var withMessage: [TraceEvent] = []
  /// Those whose message only the directory at the end can tell; they are written with it.
  private var waitingWithMessage: [WaitingRequests] = []

  /// How many of them are kept; what comes after those is read again at the end.
  ///
  /// 2¹⁸, which are 12 MiB. Assumption: few runs have more.
  static let mostKept = 1 << 18

  private let mostKept: Int
  private let database: Database
  private let level: TraceLevel
  private let events: BulkInsert<TraceEvent>
  private let waiting: BulkInsert<Wait>
  private let anonymous: BulkInsert<WaitingRequest>
  private let kindMayHaveMessage = TraceEvent.Kind.allCases.lookup {
    $0.outcome == .failed || $0 == .settled || $0 == .requestSent
  }

  init(_ database: Database, level: TraceLevel, mostKept: Int) throws {
    self.database = database
    self.level = level
    self.mostKept = mostKept
    let carriesAnswer = TraceEvent.Kind.allCases.lookup(\.carriesAnswer)
    // All events in order have the numbers that SQLite gives.
    events = try BulkInsert(
      database, into: "event", columns: 14, numbersItself: level == .full
    ) { event, row in
      Self.fill(row, event, hasAnswer: carriesAnswer[Int(event.kind.rawValue)])
    }
    waiting = try BulkInsert(
      database, into: "waiting_request", columns: 10, numbersItself: true
    ) { wait, row in
      Self.fill(row, wait, level)
    }
    anonymous = try BulkInsert(
      database, into: "anonymous_request", columns: 5, numbersItself: true
    ) { request, row in
      row[1] = request.time.nanoseconds
      row[2] = Int64(request.node)
      row[3] = Int64(request.call.rawValue)
      row[4] = Int64(request.answer.rawValue)
    }
  }

  func write(_ batch: Batch) throws {
    for event in batch.events { note(event) }
    try events.insert(batch.events)
    try write(batch.waiting)
    try anonymous.insert(batch.anonymous)
  }

  private func write(_ requests: [WaitingRequests]) throws {
    guard !requests.isEmpty else { return }
    users.note(Identity.anonymous.packed, .none)
    var waits: [Wait] = []
    waits.reserveCapacity(requests.count)
    for requests in requests {
      if failures.note(requests) {
        waits.append(Wait(requests: requests, message: nil))
      } else {
        waitingWithMessage.append(requests)
      }
    }
    try waiting.insert(waits)
  }

  /// Visits every event that may have a message of its own, in their order.
  func visitWithMessage(_ visit: (TraceEvent) throws -> Void) throws {
    try withMessage.forEach(visit)
    guard withMessage.count == mostKept else { return }
    let rest = try EventRows(database, after: withMessage.last?.id ?? 0)
    while let event = try rest.next() {
      if mayHaveMessage(event), FailureSorts.key(of: event) == nil { try visit(event) }
    }
  }

  func write(waitingWith messages: MessageTable<some TraceDirectory>) throws {
    try waiting.insert(
      waitingWithMessage.map { Wait(requests: $0, message: try messages.id(of: $0)) })
  }

  /// A row of `waiting_request`, with its message where that is its own.
  private struct Wait {
    let requests: WaitingRequests
    let message: Int?
  }

  @inline(__always)
  private func note(_ event: TraceEvent) {
    if event.hasUser {
      users.note(event.identity, event.kind == .requestAnswered ? event.call : .none)
    }
    if mayHaveMessage(event), !failures.note(event), withMessage.count < mostKept {
      withMessage.append(event)
    }
  }

  @inline(__always)
  private func mayHaveMessage(_ event: TraceEvent) -> Bool {
    kindMayHaveMessage[Int(event.kind.rawValue)] || !event.answer.isSuccess
  }

  @inline(__always)
  private static func fill(
    _ row: UnsafeMutablePointer<Int64>, _ event: TraceEvent, hasAnswer: Bool
  ) {
    let null = RowSource.null
    row[0] = Int64(event.id)
    row[1] = event.time.nanoseconds
    row[2] = Int64(event.component.rawValue)
    row[3] = event.node == TraceEvent.none ? null : Int64(event.node)
    row[4] = event.attempt == 0 ? null : Int64(event.attempt)
    row[5] = event.step == 0 ? null : Int64(event.step)
    row[6] = Int64(event.kind.rawValue)
    row[7] = event.cause == 0 ? null : Int64(event.cause)
    row[8] = event.endedBy == 0 ? null : Int64(event.endedBy)
    row[9] = event.request == TraceEvent.none ? null : Int64(event.request)
    row[10] = event.call == .none ? null : Int64(event.call.rawValue)
    row[11] = hasAnswer || !event.answer.isSuccess ? Int64(event.answer.rawValue) : null
    row[12] = event.hasUser ? event.actor.rowID : null
    row[13] = event.value
  }

  /// At level `steps` without a cause, which would mostly not be in the file.
  private static func fill(
    _ row: UnsafeMutablePointer<Int64>, _ wait: Wait, _ level: TraceLevel
  ) {
    let (requests, null) = (wait.requests, RowSource.null)
    row[1] = requests.node == TraceEvent.none ? null : Int64(requests.node)
    row[2] = Int64(requests.attempt)
    row[3] = Int64(requests.call.rawValue)
    row[4] = Int64(requests.answer.rawValue)
    row[5] = Int64(requests.count)
    row[6] = requests.first.nanoseconds
    row[7] = requests.last.nanoseconds
    row[8] = level == .full && requests.cause != 0 ? Int64(requests.cause) : null
    row[9] = wait.message.map(Int64.init) ?? null
  }
}

extension TraceEvent {
  /// Whether it says who acted; of a call that may be nobody.
  fileprivate var hasUser: Bool { kind != .seatAwaited && (call != .none || actor != .nobody) }
}

extension Collection where Element == TraceEvent.Kind {
  /// A table by raw value: a look-up instead of a jump for each event.
  fileprivate func lookup(_ property: (Element) -> Bool) -> [Bool] {
    var table = [Bool](repeating: false, count: 256)
    for kind in self { table[Int(kind.rawValue)] = property(kind) }
    return table
  }
}

import SimulationKernel

@testable import TLSBootstrap

/// Requests at a server with priority and fairness, and what became of them.
struct Crowd {
  var server = PriorityAndFairness()
  var changes = PriorityAndFairness.Changes()
  /// The seats of those that execute.
  var seats: [PriorityAndFairness.Seat] = []
  private(set) var waits: [UInt32: (place: QueuedPlace, level: PriorityLevel)] = [:]
  var refused: [Int64] = []
  private(set) var finished = 0
  private var tickets: UInt32 = 0

  /// `system:bootstrap:abcdef` in global-default.
  static let token: UInt64 = 0xeb28_761f_70a0_fa85
  /// `system:anonymous` in global-default: a hand without a card of the token's.
  static let anonymous: UInt64 = 0x5297_14ad_a962_409c

  init() {}
  init(_ server: PriorityAndFairness) { self.server = server }

  static func instant(_ milliseconds: Int) -> Instant {
    .zero + .milliseconds(Int64(milliseconds))
  }

  /// Lets requests of the bootstrap token's flow come in at once.
  mutating func arrive(_ count: Int, at milliseconds: Int, hash: UInt64 = token) {
    for _ in 0..<count {
      tickets += 1
      arrive(ticket: Int(tickets), .globalDefault, at: milliseconds, hash: hash)
    }
  }

  /// - Returns: the request's seat, if it starts at once.
  @discardableResult
  mutating func arrive(
    ticket: Int, _ level: PriorityLevel = .globalDefault, patience: Duration = .seconds(15),
    at milliseconds: Int, hash: UInt64 = token
  ) -> PriorityAndFairness.Seat? {
    let verdict = server.arrive(
      UInt32(ticket), level, patience: patience, at: Self.instant(milliseconds), hash: hash)
    switch verdict {
    case .executes(let seat):
      seats.append(seat)
      return seat
    case .queued(let place): waits[UInt32(ticket)] = (place, level)
    case .rejected(let retryAfter): refused.append(retryAfter)
    }
    return nil
  }

  /// Gives back a seat; says who starts in its place.
  @discardableResult
  mutating func finish(_ seat: PriorityAndFairness.Seat, at milliseconds: Int) -> [UInt32] {
    finished += 1
    changes.removeAll()
    server.finish(seat, at: Self.instant(milliseconds), &changes)
    seats += changes.started.map(\.seat)
    return changes.started.map(\.ticket)
  }

  /// Ends whatever executes, and whatever starts thereby, until nobody is left.
  mutating func finishAll(at milliseconds: Int) {
    while let seat = seats.popLast() { finish(seat, at: milliseconds) }
  }

  /// - Returns: whether it was still waiting.
  mutating func withdraw(_ ticket: UInt32, at milliseconds: Int) -> Bool {
    guard let wait = waits.removeValue(forKey: ticket) else { return false }
    changes.removeAll()
    defer { seats += changes.started.map(\.seat) }
    return server.withdraw(wait.place, wait.level, at: Self.instant(milliseconds), &changes)
  }

  mutating func fire(at milliseconds: Int) {
    changes.removeAll()
    server.timerFired(at: Self.instant(milliseconds), &changes)
    seats += changes.started.map(\.seat)
  }
}

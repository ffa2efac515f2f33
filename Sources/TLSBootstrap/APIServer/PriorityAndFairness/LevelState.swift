import SimulationKernel

/// One priority level at work: its seats, its queues, what it asks of others, what it refuses.
struct LevelState: Hashable, Sendable {
  let settings: LevelSettings
  /// The seats that it has now.
  private(set) var limit: Int
  private(set) var seatsInUse = 0
  private(set) var executing = 0
  private(set) var queues: RequestQueues
  private(set) var demand: SeatDemand
  private(set) var retryAfter = RetryAfter()

  init(_ settings: LevelSettings, limit: Int, start: Instant) {
    self.settings = settings
    self.limit = limit
    demand = SeatDemand(start: start)
    queues = RequestQueues(count: settings.queues)
  }

  /// A request comes: it starts, waits, or is refused because of too many before it.
  mutating func arrive(
    _ request: QueuedRequest, hash: () -> UInt64
  ) -> PriorityAndFairness.Verdict {
    let now = request.arrived
    if settings.isExempt || (queues.waiting == 0 && fits(request.width)) {
      advance(to: now)
      return .executes(take(request.width, queue: nil, at: now))
    }
    guard settings.queues > 0 else { return .rejected(retryAfter: refuse(at: now)) }
    advance(to: now)
    let queue = queues.choose(hash: hash(), hand: settings.hand)
    if seatsInUse >= limit, queues.length(of: queue) >= LevelSettings.queueLength {
      return .rejected(retryAfter: refuse(at: now))
    }
    let place = queues.append(request, to: queue)
    noteDemand(at: now)
    // While a wide request waits for many seats, a narrow one of another queue may have its turn.
    // Nobody else's turn can come by an arrival.
    guard let started = startNext(at: now) else { return .queued(place) }
    precondition(started.ticket == request.ticket, "the turn of \(started), not of \(request)")
    return .executes(started.seat)
  }

  /// Tells how long to wait before the next try; refused are those who come too many or wait too long.
  mutating func refuse(at now: Instant) -> Int64 {
    // Without priority and fairness it is always 1 s (K.3).
    if settings.level == .readOnly || settings.level == .mutating { return 1 }
    retryAfter.noteRefusal(at: now)
    return retryAfter.seconds
  }

  /// A request and its lingering are over.
  mutating func finish(_ seat: PriorityAndFairness.Seat, at now: Instant) {
    advance(to: now)
    executing -= 1
    seatsInUse -= Int(seat.most)
    if let queue = seat.queue {
      queues.finish(queue: queue, seats: Int(seat.seats), lasted: now - seat.started)
    }
    noteDemand(at: now)
  }

  mutating func remove(_ place: QueuedPlace, at now: Instant) -> QueuedRequest? {
    guard queues[place] != nil else { return nil }
    advance(to: now)
    let removed = queues.remove(place)
    noteDemand(at: now)
    return removed
  }

  /// Starts whoever has found seats, in fair order.
  mutating func startAll(at now: Instant, _ started: inout [PriorityAndFairness.Started]) {
    while let next = startNext(at: now) { started.append(next) }
  }

  mutating func setLimit(_ seats: Int, at now: Instant) {
    advance(to: now)
    limit = seats
  }

  mutating func endPeriod(at now: Instant) { demand.endPeriod(at: now) }
}

extension LevelState {
  private mutating func startNext(at now: Instant) -> PriorityAndFairness.Started? {
    guard seatsInUse < limit, let queue = queues.nextQueue(), fits(queues.first(of: queue).width)
    else { return nil }
    let request = queues.start(from: queue)
    return PriorityAndFairness.Started(
      ticket: request.ticket, seat: take(request.width, queue: queue, at: now),
      waited: now - request.arrived)
  }

  /// A request that is wider than the level waits until the level is empty.
  private func fits(_ width: RequestWidth) -> Bool {
    width.most > limit ? executing == 0 : seatsInUse + width.most <= limit
  }

  private mutating func take(
    _ width: RequestWidth, queue: Int?, at now: Instant
  ) -> PriorityAndFairness.Seat {
    executing += 1
    seatsInUse += width.most
    noteDemand(at: now)
    return PriorityAndFairness.Seat(
      level: settings.level, queue: queue, seats: width.seats, most: UInt16(width.most),
      started: now)
  }

  private mutating func advance(to now: Instant) {
    queues.advance(to: now, usableSeats: min(limit, seatsInUse + queues.seatsWaiting))
  }

  private mutating func noteDemand(at now: Instant) {
    demand.set(seatsInUse + queues.seatsWaiting, at: now)
  }
}

import SimulationKernel

/// One priority level at work: its seats, its queues, what it asks of others, what it refuses.
struct LevelState: Hashable, Sendable {
  let settings: LevelSettings
  /// The seats that it has now.
  private(set) var limit: Int
  private(set) var seatsInUse = 0
  /// Seats that requests which are not played take, as long as nobody needs them (`WaitingNodes`).
  private(set) var background = 0
  /// Requests that have started so far.
  private(set) var executed = 0
  private(set) var queues: RequestQueues
  private(set) var demand: SeatDemand
  private(set) var retryAfter = RetryAfter()

  init(_ settings: LevelSettings, limit: Int, start: Instant) {
    self.settings = settings
    self.limit = limit
    demand = SeatDemand(start: start)
    queues = RequestQueues(count: settings.queues)
  }

  /// The same level of the server's next process; what has been executed stays counted.
  mutating func restart(at now: Instant) {
    var next = LevelState(settings, limit: settings.initial, start: now)
    next.executed = executed
    self = next
  }

  /// A request starts, where no queue is in use and a seat is free.
  @inline(__always)
  mutating func takesSeat(at now: Instant) -> Bool {
    guard queues.isIdle, seatsInUse + background < limit || settings.isExempt else { return false }
    executed += 1
    seatsInUse += 1
    demand.set(seatsInUse + background, at: now)
    return true
  }

  /// Such a request is done, and no queue is in use.
  @inline(__always)
  mutating func returnsSeat(at now: Instant) -> Bool {
    guard queues.isIdle else { return false }
    seatsInUse -= 1
    demand.set(seatsInUse + background, at: now)
    return true
  }

  /// A request comes: it starts, waits, or is refused because of too many before it.
  mutating func arrive(
    _ request: QueuedRequest, hash: () -> UInt64
  ) -> PriorityAndFairness.Verdict {
    let now = request.arrived
    if settings.isExempt || (queues.waiting == 0 && hasSeat) {
      advance(to: now)
      return .executes(take(queue: nil, at: now))
    }
    guard settings.queues > 0 else { return .rejected(retryAfter: refuse(at: now)) }
    advance(to: now)
    let queue = queues.choose(hash: hash(), hand: settings.hand)
    if seatsInUse + backgroundInUse >= limit, queues.length(of: queue) >= LevelSettings.queueLength
    {
      return .rejected(retryAfter: refuse(at: now))
    }
    let place = queues.append(request, to: queue)
    noteDemand(at: now)
    // An arrival takes a part of the background's share: whoever else that helps starts at the next end.
    guard let next = queues.nextQueue(), queues.first(of: next).ticket == request.ticket,
      let started = startNext(at: now)
    else { return .queued(place) }
    return .executes(started.seat)
  }

  /// Tells how long to wait before the next try; refused are those who come too many or wait too long.
  mutating func refuse(at now: Instant) -> Int64 {
    // Without priority and fairness it is always 1 s (K.3).
    if settings.level == .readOnly || settings.level == .mutating { return 1 }
    retryAfter.noteRefusal(at: now)
    return retryAfter.seconds
  }

  /// A request is done.
  mutating func finish(_ seat: PriorityAndFairness.Seat, at now: Instant) {
    advance(to: now)
    seatsInUse -= 1
    if let queue = seat.queue { queues.finish(queue: queue, lasted: now - seat.started) }
    noteDemand(at: now)
  }

  mutating func remove(_ place: QueuedPlace, at now: Instant) -> QueuedRequest? {
    guard queues[place] != nil else { return nil }
    advance(to: now)
    let removed = queues.remove(place)
    noteDemand(at: now)
    return removed
  }

  /// Starts whoever has found a seat, in fair order.
  mutating func startAll(at now: Instant, _ started: inout [PriorityAndFairness.Started]) {
    while let next = startNext(at: now) { started.append(next) }
  }

  mutating func setLimit(_ seats: Int, at now: Instant) {
    advance(to: now)
    limit = seats
  }

  /// The demand of a background is bounded as that of a flow is: by its places and all seats.
  mutating func setBackground(_ seats: Int, at now: Instant) {
    advance(to: now)
    background = min(seats, settings.maximum + settings.hand * LevelSettings.queueLength)
    noteDemand(at: now)
  }

  mutating func endPeriod(at now: Instant) { demand.endPeriod(at: now) }
}

extension LevelState {
  private mutating func startNext(at now: Instant) -> PriorityAndFairness.Started? {
    guard seatsInUse + backgroundInUse < limit, let queue = queues.nextQueue() else { return nil }
    let request = queues.start(from: queue)
    return PriorityAndFairness.Started(
      ticket: request.ticket, seat: take(queue: queue, at: now), waited: now - request.arrived)
  }

  /// A level that has lent all of its seats executes one request at a time.
  private var hasSeat: Bool {
    limit == 0 ? seatsInUse == 0 : seatsInUse + backgroundInUse < limit
  }

  /// The background is one flow with a hand of queues: it keeps the seats that nobody else wants, and
  /// in any case its fair share beside the queues in use.
  private var backgroundInUse: Int {
    guard background > 0 else { return 0 }
    let others = queues.queuesInUse
    let share = others == 0 ? limit : limit * settings.hand / (settings.hand + others)
    return min(background, max(share, limit - seatsInUse - queues.waiting))
  }

  private mutating func take(queue: Int?, at now: Instant) -> PriorityAndFairness.Seat {
    executed += 1
    seatsInUse += 1
    noteDemand(at: now)
    return PriorityAndFairness.Seat(level: settings.level, queue: queue, started: now)
  }

  private mutating func advance(to now: Instant) {
    queues.advance(
      to: now, usableSeats: min(limit - backgroundInUse, seatsInUse + queues.waiting))
  }

  private mutating func noteDemand(at now: Instant) {
    demand.set(seatsInUse + queues.waiting + background, at: now)
  }
}

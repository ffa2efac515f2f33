import SimulationKernel

/// The queues of one level, served fairly by virtual finish time (K.3).
///
/// `progress` is the work, in seat-nanoseconds, that each queue in use has had a right to since the
/// queues were last all unused. It outgrows its type after 177 days without such a moment on 600
/// seats.
///
/// Source: k8s.io/apiserver `util/flowcontrol/fairqueuing/queueset`. One difference: a request that
/// finds free seats and nobody waiting starts without a queue, so it is not charged to its flow.
struct RequestQueues: Hashable, Sendable {
  private var queues: [Queue]
  private var table = QueuedTable()
  private var progress: Int64 = 0
  private var updated = Instant.zero
  /// Queues with a request that waits or executes.
  private var inUse: Int64 = 0
  /// The queue that was served last.
  private var served = 0
  /// Arrivals so far; says with which card of the hand the search begins.
  private var arrivals = 0

  private struct Queue: Hashable, Sendable {
    var chain = QueuedTable.Chain()
    var length = 0
    var executing = 0
    /// The progress at which its next request starts, had it only its fair share.
    var nextStart: Int64 = 0
    var isInUse: Bool { executing > 0 || !chain.isEmpty }
  }

  /// What every request is taken to last.
  ///
  /// 3 ms. Source: k8s.io/apiserver `fairqueuing/queueset/queueset.go`, `estimatedServiceDuration`.
  private static let estimatedService = Duration.milliseconds(3)

  init(count: Int) { queues = Array(repeating: Queue(), count: count) }

  var waiting: Int { table.count }
  /// No queue has a request that waits or executes: virtual time stands still.
  var isIdle: Bool { inUse == 0 }
  var queuesInUse: Int { Int(inUse) }
  var nextExpiry: Instant { table.nextExpiry }

  subscript(place: QueuedPlace) -> QueuedRequest? { table[place] }

  func length(of queue: Int) -> Int { queues[queue].length }

  func expired(by now: Instant) -> QueuedPlace? { table.expired(by: now) }

  /// Lets virtual time pass: the seats that can be used are shared by the queues in use.
  mutating func advance(to now: Instant, usableSeats: Int) {
    if inUse > 0 {
      progress += Int64(usableSeats) * (now - updated).nanoseconds / inUse
    }
    updated = now
  }
}

extension RequestQueues {
  /// The queue of the flow's hand with the fewest that wait; ties rotate.
  mutating func choose(hash: UInt64, hand size: Int) -> Int {
    let hand = ShuffleSharding.hand(of: hash, size: size, queues: queues.count)
    let first = arrivals % size
    arrivals &+= 1
    var best = Int(hand[first])
    for offset in 1..<size {
      let queue = Int(hand[(first + offset) % size])
      if queues[queue].length < queues[best].length { best = queue }
    }
    return best
  }

  mutating func append(_ arrived: QueuedRequest, to queue: Int) -> QueuedPlace {
    var request = arrived
    request.queue = queue
    request.arrivalProgress = progress
    if !queues[queue].isInUse {
      inUse += 1
      queues[queue].nextStart = progress
    }
    queues[queue].length += 1
    let place = table.append(request, to: &queues[queue].chain)
    boundStart(of: queue)
    return place
  }

  /// Whose turn it is: the queue whose first request would start, and be done, soonest in virtual time,
  /// searched from the one after the queue that was served last.
  func nextQueue() -> Int? {
    var best: Int?
    var bestStart = Int64.max
    var queue = served
    for _ in queues.indices where waiting > 0 {
      queue = queue + 1 < queues.count ? queue + 1 : 0
      guard !queues[queue].chain.isEmpty, queues[queue].nextStart < bestStart else { continue }
      best = queue
      bestStart = queues[queue].nextStart
    }
    return best
  }

  func first(of queue: Int) -> QueuedRequest { table.first(of: queues[queue].chain) }

  /// Takes the first request of a queue and charges the queue for it.
  mutating func start(from queue: Int) -> QueuedRequest {
    let place = table.place(ofFirst: queues[queue].chain)
    queues[queue].executing += 1
    served = queue
    queues[queue].nextStart += Self.estimatedService.nanoseconds
    return take(place, from: queue)
  }

  /// Takes out a request that no longer waits for its turn.
  mutating func remove(_ place: QueuedPlace) -> QueuedRequest? {
    guard let queue = table[place]?.queue else { return nil }
    let request = take(place, from: queue)
    noteUnused(queue)
    return request
  }

  /// A request of this queue is done: from now on it counts as the work that it was.
  mutating func finish(queue: Int, lasted: Duration) {
    queues[queue].executing -= 1
    queues[queue].nextStart -= (Self.estimatedService - lasted).nanoseconds
    boundStart(of: queue)
    noteUnused(queue)
  }

  private mutating func take(_ place: QueuedPlace, from queue: Int) -> QueuedRequest {
    let request = table.remove(place, from: &queues[queue].chain)
    queues[queue].length -= 1
    boundStart(of: queue)
    return request
  }

  private mutating func noteUnused(_ queue: Int) {
    guard !queues[queue].isInUse else { return }
    inUse -= 1
    // Nobody compares with it until a queue is used again, which then starts from it.
    if inUse == 0 { progress = 0 }
  }

  /// What a queue left unused in the past does not count for it: no start before the arrival.
  private mutating func boundStart(of queue: Int) {
    guard !queues[queue].chain.isEmpty else { return }
    let arrival = first(of: queue).arrivalProgress
    queues[queue].nextStart = max(queues[queue].nextStart, arrival)
  }
}

/// The pending events, in the total order `(instant, sequence)`, for a clock that never runs back.
///
/// A radix heap with sixteen-way buckets: an event waits in a coarse bucket until that one is due,
/// then moves with its neighbours into finer ones; a bucket of at most `BucketTable.blockSize`
/// events is sorted into `front`, from which events leave. Each event is copied a few times,
/// always in sequence, where a binary heap misses the cache on each of its levels.
///
/// Events of one instant always share a bucket and never overtake each other, so the order of
/// pushing is the sequence number, and none has to be stored.
///
/// A popped event may stay in memory until its place is used again; memory never exceeds a small
/// factor of the most events that were ever pending.
public struct EventQueue<Event: Sendable>: Sendable {
  /// The first events of all, sorted, the very first at the end: those up to `frontCount`, so that
  /// taking one does not change the array.
  @usableFromInline var front: [QueueEntry<Event>] = []
  @usableFromInline var frontCount = 0
  /// Events up to this instant belong to `front`; -1 when none does.
  @usableFromInline var frontEnd: Int64 = -1
  /// All other events.
  @usableFromInline var buckets = BucketTable<Event>()
  @usableFromInline var clock: Int64 = 0
  @usableFromInline var pending = 0

  @inlinable
  public init() {}
}

/// An event and when it is due.
@usableFromInline
struct QueueEntry<Event: Sendable>: Sendable {
  @usableFromInline var instant: Int64
  @usableFromInline var event: Event

  @inlinable
  init(instant: Int64, event: Event) {
    self.instant = instant
    self.event = event
  }
}

extension EventQueue {
  /// The instant of the event popped last; nothing earlier can be pushed.
  @inlinable
  public var now: Instant { Instant(nanoseconds: clock) }

  @inlinable
  public var count: Int { pending }

  @inlinable
  public var isEmpty: Bool { pending == 0 }

  /// Holds room for so many events, so that it is not copied as it grows.
  public mutating func reserveCapacity(_ count: Int) {
    buckets.entries.reserveCapacity(count)
    buckets.links.reserveCapacity(count / BucketTable<Event>.blockSize)
  }

  /// For how many events memory is held.
  package var capacity: Int { front.capacity + buckets.entries.capacity }

  /// The instant of the first event; nil when none is left.
  @inlinable
  public var nextInstant: Instant? {
    if frontCount > 0 { return Instant(nanoseconds: front[frontCount - 1].instant) }
    return isEmpty ? nil : Instant(nanoseconds: buckets[buckets.first].least)
  }

  /// The event that leaves next, where no search is needed to tell; what is pushed may come before it.
  @inlinable
  public var upcoming: Event? { frontCount > 0 ? front[frontCount - 1].event : nil }

  /// Adds an event behind all others of the same instant.
  ///
  /// - Precondition: `instant` is not before `now`.
  @inlinable
  public mutating func push(_ event: Event, at instant: Instant) {
    precondition(instant >= now, "event at \(instant), which is before \(now)")
    let entry = QueueEntry(instant: instant.nanoseconds, event: event)
    pending += 1
    if entry.instant <= frontEnd {
      if frontCount < Self.frontLimit { return insert(entry) }
      dissolveFront()
    }
    buckets.append(entry, now: clock)
  }

  /// Removes and returns the first event, and makes its instant `now`; nil when none is left.
  @inlinable
  public mutating func pop() -> Event? {
    if frontCount > 0 {
      pending -= 1
      return popFromFront()
    }
    return isEmpty ? nil : popFromBuckets()
  }

  /// Removes and returns all events of the first instant, in their order, and makes it `now`.
  ///
  /// Pushed again, they keep their order. For explorations, which choose another one to come first.
  public mutating func popInstant() -> [Event] {
    guard let instant = nextInstant else { return [] }
    var events: [Event] = []
    while nextInstant == instant, let event = pop() { events.append(event) }
    return events
  }

  /// Sorting by insertion is quick up to about this length.
  @inlinable
  static var frontLimit: Int { 2 * BucketTable<Event>.blockSize }

  /// Makes the first bucket the front, after splitting it until it is small; returns its first event.
  @inlinable
  @inline(never)
  mutating func popFromBuckets() -> Event {
    pending -= 1
    frontEnd = -1
    while !buckets.isOneBlock(buckets.first) {
      let first = buckets.first
      clock = buckets[first].least
      // Many events of one instant need no sorting: they are in order already.
      if first.level == 0 { return buckets.removeFirst(of: first) }
      buckets.split(first)
    }
    frontEnd = buckets.lastInstant(of: buckets.first)
    fillFront(with: buckets.removeOneBlock(buckets.first))
    return popFromFront()
  }

  /// Sorts the events of one block into the front, which is empty.
  @inlinable
  mutating func fillFront(with block: ClosedRange<Int>) {
    while front.count < block.count { front.append(buckets.entries[block.lowerBound]) }
    frontCount = block.count
    front.withUnsafeMutableBufferPointer { front in
      buckets.entries.withUnsafeBufferPointer { entries in
        for position in block {
          let entry = entries[position]
          var index = position - block.lowerBound
          while index > 0 && front[index - 1].instant <= entry.instant {
            front[index] = front[index - 1]
            index -= 1
          }
          front[index] = entry
        }
      }
    }
  }

  @inlinable
  @inline(__always)
  mutating func popFromFront() -> Event {
    frontCount -= 1
    clock = front[frontCount].instant
    return front[frontCount].event
  }

  /// Inserts into the sorted front, behind what is due no later.
  @inlinable
  mutating func insert(_ entry: QueueEntry<Event>) {
    var index = frontCount
    if index == front.count { front.append(entry) }
    frontCount += 1
    front.withUnsafeMutableBufferPointer { front in
      while index > 0 && front[index - 1].instant <= entry.instant {
        front[index] = front[index - 1]
        index -= 1
      }
      front[index] = entry
    }
  }

  /// Returns the front to the buckets, because too many events were pushed into its time.
  @inlinable
  @inline(never)
  mutating func dissolveFront() {
    frontEnd = -1
    while frontCount > 0 {
      frontCount -= 1
      buckets.append(front[frontCount], now: clock)
    }
  }
}

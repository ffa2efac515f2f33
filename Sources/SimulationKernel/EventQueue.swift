/// The pending events, in the total order `(instant, sequence)`, for a clock that never runs back.
///
/// A radix heap: an event waits in the bucket of the highest bit in which its instant differs from
/// the current one; when the lowest bucket is due, its events move down, in order. Every move is a
/// sequential copy, so a million pending events cost little more than a thousand (a binary heap
/// misses the cache on each level). Events of one instant always share a bucket and never overtake
/// each other, so the order of pushing is the sequence number, and none has to be stored.
public struct EventQueue<Event: Sendable>: Sendable {
  @usableFromInline
  struct Entry: Sendable {
    @usableFromInline var instant: Int64
    @usableFromInline var event: Event

    @inlinable
    init(instant: Int64, event: Event) {
      self.instant = instant
      self.event = event
    }
  }

  /// The instant of the event popped last; nothing earlier can be pushed.
  public private(set) var now = Instant.zero
  public private(set) var count = 0

  /// The events of this very instant, from `readyHead` on.
  @usableFromInline var ready: [Entry] = []
  @usableFromInline var readyHead = 0
  /// `buckets[b]` holds events whose instant first differs from `now` in bit `b`.
  @usableFromInline var buckets: [[Entry]] = Array(repeating: [], count: 63)
  /// One bit for each bucket that is not empty.
  @usableFromInline var occupied: UInt64 = 0

  public init() {}
}

extension EventQueue {
  public var isEmpty: Bool { count == 0 }

  /// Adds an event behind all others of the same instant.
  ///
  /// - Precondition: `instant` is not before `now`.
  public mutating func push(_ event: Event, at instant: Instant) {
    precondition(instant >= now, "event at \(instant), which is before \(now)")
    place(Entry(instant: instant.nanoseconds, event: event))
    count += 1
  }

  /// Removes and returns the first event, and makes its instant `now`; nil when none is left.
  public mutating func pop() -> Event? {
    if readyHead == ready.count {
      guard occupied != 0 else { return nil }
      advance()
    }
    let entry = ready[readyHead]
    readyHead += 1
    count -= 1
    return entry.event
  }

  /// The instant of the first event; nil when none is left.
  public var nextInstant: Instant? {
    if readyHead < ready.count { return now }
    guard occupied != 0 else { return nil }
    let lowest = buckets[occupied.trailingZeroBitCount]
    return lowest.map(\.instant).min().map(Instant.init(nanoseconds:))
  }

  private mutating func place(_ entry: Entry) {
    let difference = UInt64(bitPattern: entry.instant ^ now.nanoseconds)
    if difference == 0 {
      ready.append(entry)
    } else {
      let bucket = 63 - difference.leadingZeroBitCount
      buckets[bucket].append(entry)
      occupied |= 1 << UInt64(bucket)
    }
  }

  /// Moves the events of the lowest bucket down, now that all below it are gone.
  private mutating func advance() {
    ready.removeAll(keepingCapacity: true)
    readyHead = 0
    let bucket = occupied.trailingZeroBitCount
    occupied &= occupied - 1
    var moving: [Entry] = []
    swap(&moving, &buckets[bucket])
    var least = Int64.max
    for entry in moving { least = min(least, entry.instant) }
    now = Instant(nanoseconds: least)
    for entry in moving { place(entry) }
    moving.removeAll(keepingCapacity: true)
    swap(&moving, &buckets[bucket])
  }
}

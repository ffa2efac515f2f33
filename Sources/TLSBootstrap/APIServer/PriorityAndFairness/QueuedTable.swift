import SimulationKernel

/// A request that waits for a seat.
struct QueuedRequest: Hashable, Sendable {
  var ticket: UInt32
  var arrived: Instant
  /// When its patience ends.
  var expiry: Instant
  var queue = 0
  /// How far the level was when it came; its virtual start is never before that.
  var arrivalProgress: Int64 = 0
}

/// Where a request waits. After it has left, no request is ever at the same place.
struct QueuedPlace: Hashable, Sendable {
  fileprivate let slot: Int32
  fileprivate let serial: UInt32
}

/// The requests that wait in the queues of one level: chains in one array, and a heap by expiry.
struct QueuedTable: Hashable, Sendable {
  private var entries: [Entry] = []
  private var free: Int32 = -1
  /// Earliest expiry first; those that have left stay until they come to the top.
  private var expiries: [Expiry] = []
  private(set) var count = 0

  private struct Entry: Hashable, Sendable {
    var request: QueuedRequest
    var previous: Int32 = -1
    var next: Int32 = -1
    /// Counts the requests that have left this slot.
    var serial: UInt32 = 0
  }

  private struct Expiry: Hashable, Sendable {
    var instant: Instant
    var place: QueuedPlace
  }

  /// The first and the last of one queue; -1: none.
  struct Chain: Hashable, Sendable {
    fileprivate var head: Int32 = -1
    fileprivate var tail: Int32 = -1
    var isEmpty: Bool { head < 0 }
  }

  /// The next instant at which a patience ends.
  var nextExpiry: Instant { expiries.first?.instant ?? .never }

  /// The request that waits longest in a queue that is not empty.
  func first(of chain: Chain) -> QueuedRequest { entries[Int(chain.head)].request }

  func place(ofFirst chain: Chain) -> QueuedPlace {
    QueuedPlace(slot: chain.head, serial: entries[Int(chain.head)].serial)
  }

  /// The request at this place; nil when it has left.
  subscript(place: QueuedPlace) -> QueuedRequest? {
    let entry = entries[Int(place.slot)]
    return entry.serial == place.serial ? entry.request : nil
  }

  /// One whose patience is over at this instant.
  func expired(by now: Instant) -> QueuedPlace? {
    guard let first = expiries.first, first.instant <= now else { return nil }
    return first.place
  }
}

extension QueuedTable {
  mutating func append(_ request: QueuedRequest, to chain: inout Chain) -> QueuedPlace {
    let slot: Int32
    if free >= 0 {
      slot = free
      free = entries[Int(slot)].next
      entries[Int(slot)].request = request
    } else {
      slot = Int32(entries.count)
      entries.append(Entry(request: request))
    }
    entries[Int(slot)].previous = chain.tail
    entries[Int(slot)].next = -1
    if chain.isEmpty {
      chain.head = slot
    } else {
      entries[Int(chain.tail)].next = slot
    }
    chain.tail = slot
    count += 1
    let place = QueuedPlace(slot: slot, serial: entries[Int(slot)].serial)
    pushExpiry(Expiry(instant: request.expiry, place: place))
    return place
  }

  /// - Precondition: a request is at this place, in this chain.
  mutating func remove(_ place: QueuedPlace, from chain: inout Chain) -> QueuedRequest {
    let entry = entries[Int(place.slot)]
    precondition(entry.serial == place.serial, "nobody waits at \(place)")
    if entry.previous < 0 {
      chain.head = entry.next
    } else {
      entries[Int(entry.previous)].next = entry.next
    }
    if entry.next < 0 {
      chain.tail = entry.previous
    } else {
      entries[Int(entry.next)].previous = entry.previous
    }
    entries[Int(place.slot)].next = free
    entries[Int(place.slot)].serial &+= 1
    free = place.slot
    count -= 1
    dropStaleExpiries()
    return entry.request
  }
}

// MARK: The heap

extension QueuedTable {
  private mutating func dropStaleExpiries() {
    while let first = expiries.first, self[first.place] == nil {
      let last = expiries.removeLast()
      guard !expiries.isEmpty else { return }
      expiries[0] = last
      sink()
    }
  }

  private mutating func pushExpiry(_ expiry: Expiry) {
    expiries.append(expiry)
    var index = expiries.count - 1
    while index > 0, expiries[index].instant < expiries[(index - 1) / 2].instant {
      expiries.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink() {
    var index = 0
    while 2 * index + 1 < expiries.count {
      var child = 2 * index + 1
      if child + 1 < expiries.count, expiries[child + 1].instant < expiries[child].instant {
        child += 1
      }
      guard expiries[child].instant < expiries[index].instant else { return }
      expiries.swapAt(index, child)
      index = child
    }
  }
}

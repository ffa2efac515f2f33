/// Buckets of events by the digits of their instants.
///
/// An instant has sixteen digits of four bits. An event waits in the bucket of the highest digit
/// (the level) in which it differs from the instant that was current when it was filed, and of the
/// value of that digit. Every bucket of a lower level, or of a lower digit on the same level, is due
/// before it.
///
/// A bucket is a chain of blocks of one shared array, in the order of pushing. Blocks are used
/// again, so the array never outgrows the most events that were pending at once by more than one
/// block a bucket and the doubling of arrays; and a copy of the table is a copy of four arrays.
@usableFromInline
struct BucketTable<Event: Sendable>: Sendable {
  @usableFromInline typealias Entry = QueueEntry<Event>

  /// The events of block `b` are at `b · blockSize ..< (b + 1) · blockSize`.
  @usableFromInline var entries: [Entry] = []
  /// For each block the next one of its bucket, or the next free one.
  @usableFromInline var links: [Int] = []
  /// The free block to use next, when `freeCount > 0`.
  @usableFromInline var free = 0
  @usableFromInline var freeCount = 0
  @usableFromInline var buckets = [Bucket](repeating: Bucket(), count: 256)
  /// For each level, one bit for each digit whose bucket holds something.
  @usableFromInline var digits = [UInt16](repeating: 0, count: 16)
  /// One bit for each level that holds something.
  @usableFromInline var levels: UInt16 = 0

  @inlinable
  init() {}

  @inlinable static var blockShift: Int { 4 }
  @inlinable static var blockSize: Int { 1 << blockShift }
}

/// A chain of blocks.
@usableFromInline
struct Bucket: Sendable {
  /// The position of the first event.
  @usableFromInline var head = 0
  /// The position of the last event; -1 when there is none.
  @usableFromInline var last = -1
  @usableFromInline var least = Int64.max
  @usableFromInline var greatest = Int64.min

  @inlinable
  init() {}

  /// Takes in the event at this position, which is its last one now.
  @inlinable
  @inline(__always)
  mutating func extend(to position: Int, _ instant: Int64) {
    last = position
    least = min(least, instant)
    greatest = max(greatest, instant)
  }
}

/// Where a bucket is in the table: level and digit.
@usableFromInline
struct BucketPlace {
  @usableFromInline let index: Int

  @inlinable
  @inline(__always)
  init(level: Int, digit: Int) {
    index = level << 4 | digit
  }

  /// The bucket of this instant on this level.
  @inlinable
  @inline(__always)
  init(level: Int, instant: Int64) {
    self.init(level: level, digit: Int(truncatingIfNeeded: instant >> (level << 2)) & 15)
  }

  @inlinable var level: Int { index >> 4 }
  @inlinable var digit: Int { index & 15 }

  /// The highest digit in which two instants differ; 0 when they are equal.
  @inlinable
  static func level(of instant: Int64, seenFrom other: Int64) -> Int {
    (63 - ((instant ^ other) | 1).leadingZeroBitCount) >> 2
  }
}

extension BucketTable {
  /// The bucket that is due before all others.
  ///
  /// - Precondition: the table is not empty.
  @inlinable
  var first: BucketPlace {
    let level = levels.trailingZeroBitCount
    return BucketPlace(level: level, digit: digits[level].trailingZeroBitCount)
  }

  @inlinable
  subscript(place: BucketPlace) -> Bucket { buckets[place.index] }

  @inlinable
  func isOneBlock(_ place: BucketPlace) -> Bool {
    let bucket = buckets[place.index]
    return bucket.head >> Self.blockShift == bucket.last >> Self.blockShift
  }

  /// The last instant that belongs into this bucket.
  @inlinable
  func lastInstant(of place: BucketPlace) -> Int64 {
    buckets[place.index].least | ((1 << Int64(place.level << 2)) - 1)
  }

  @inlinable
  mutating func append(_ entry: Entry, now: Int64) {
    if freeCount == 0 { reserve(1, filler: entry) }
    let level = BucketPlace.level(of: entry.instant, seenFrom: now)
    let place = BucketPlace(level: level, instant: entry.instant)
    let last = buckets[place.index].last
    if last < 0 { mark(place) }
    // Most buckets have room in their last block.
    if (last + 1) & (Self.blockSize - 1) != 0 {
      entries[last + 1] = entry
      buckets[place.index].extend(to: last + 1, entry.instant)
    } else {
      withBlocks { $0.append(entry, to: place) }
    }
  }

  /// Distributes a bucket over the buckets of one lower level, in order.
  ///
  /// That level is the highest digit in which its events differ, so no level is passed in vain.
  @inlinable
  @inline(never)
  mutating func split(_ place: BucketPlace) {
    let bucket = remove(place)
    let level = BucketPlace.level(of: bucket.least, seenFrom: bucket.greatest)
    if bucket.least == bucket.greatest {
      let single = BucketPlace(level: 0, instant: bucket.least)
      buckets[single.index] = bucket
      return mark(single)
    }
    reserve(16, filler: entries[bucket.head])
    digits[level] = withBlocks { $0.distribute(bucket, over: level) }
    levels |= 1 << UInt16(level)
  }

  /// Removes the first event of a bucket of several blocks.
  @inlinable
  mutating func removeFirst(of place: BucketPlace) -> Event {
    let head = buckets[place.index].head
    buckets[place.index].head = withBlocks { $0.position(after: head) }
    return entries[head].event
  }

  /// Removes a bucket of one block, whose events stay at the places that it returns until the next change.
  @inlinable
  mutating func removeOneBlock(_ place: BucketPlace) -> ClosedRange<Int> {
    let bucket = remove(place)
    withBlocks { $0.release($0.block(of: bucket.head)) }
    return bucket.head...bucket.last
  }

  @inlinable
  mutating func remove(_ place: BucketPlace) -> Bucket {
    digits[place.level] &= ~(1 << UInt16(place.digit))
    if digits[place.level] == 0 { levels &= ~(1 << UInt16(place.level)) }
    let bucket = buckets[place.index]
    buckets[place.index] = Bucket()
    return bucket
  }

  @inlinable
  mutating func mark(_ place: BucketPlace) {
    digits[place.level] |= 1 << UInt16(place.digit)
    levels |= 1 << UInt16(place.level)
  }

  /// Sees to it that so many blocks are free; new ones hold copies of `filler` until they are used.
  @inlinable
  @inline(never)
  mutating func reserve(_ count: Int, filler: Entry) {
    while freeCount < count {
      links.append(free)
      free = links.count - 1
      freeCount += 1
      entries.append(contentsOf: repeatElement(filler, count: Self.blockSize))
    }
  }

  /// Runs `body` on the blocks after checking only once that no copy of the table shares them.
  @inlinable
  @inline(__always)
  mutating func withBlocks<Result>(_ body: (inout Blocks<Event>) -> Result) -> Result {
    var free = free
    var freeCount = freeCount
    let result = entries.withUnsafeMutableBufferPointer { entries in
      links.withUnsafeMutableBufferPointer { links in
        buckets.withUnsafeMutableBufferPointer { buckets in
          var blocks = Blocks(
            entries: entries, links: links, buckets: buckets, free: free, freeCount: freeCount)
          let result = body(&blocks)
          free = blocks.free
          freeCount = blocks.freeCount
          return result
        }
      }
    }
    self.free = free
    self.freeCount = freeCount
    return result
  }
}

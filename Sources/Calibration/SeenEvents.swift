/// Which events were seen lately, so that overlapping copies of a log count once.
///
/// An event is known by a hash of what identifies it. The latest million are sure to be found, and up to a
/// million before them. An auditID alone does not identify: a client may choose it, and one request has
/// several stages.
struct SeenEvents {
  /// How many events one of the two tables holds.
  ///
  /// Assumption: rotated logs that were copied twice overlap by less than a million events.
  private static let most = 1 << 20

  /// When the newer table is full, it takes the place of the older one.
  private var older = HashTable()
  private var newer = HashTable()

  /// Remembers the event; false where it was there already.
  mutating func insert(_ event: AuditEvent) -> Bool {
    // FNV-1a.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for text in [event.auditID, event.stage, event.received, event.staged] {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    return insert(hash: max(hash, 1))
  }

  mutating func insert(hash: UInt64) -> Bool {
    guard !older.contains(hash), newer.insert(hash) else { return false }
    if newer.count == Self.most {
      older = newer
      newer = HashTable()
    }
    return true
  }

  /// Open addressing, half full at most: 16 MiB.
  private struct HashTable {
    private var slots = [UInt64](repeating: 0, count: 2 * SeenEvents.most)
    private(set) var count = 0

    func contains(_ hash: UInt64) -> Bool { slots[slot(of: hash)] == hash }

    /// False where it is there already.
    mutating func insert(_ hash: UInt64) -> Bool {
      let slot = slot(of: hash)
      guard slots[slot] != hash else { return false }
      slots[slot] = hash
      count += 1
      return true
    }

    /// Where it is, or would be.
    private func slot(of hash: UInt64) -> Int {
      let mask = slots.count - 1
      var slot = Int(truncatingIfNeeded: hash >> 40 ^ hash) & mask
      while slots[slot] != 0, slots[slot] != hash { slot = (slot + 1) & mask }
      return slot
    }
  }
}

/// Which events were seen lately, so that overlapping copies of a log count once.
///
/// An event is known by a hash of what identifies it; a later event may take its place in the
/// table, which is why only copies within the latest million or so are sure to be found. An auditID alone
/// does not identify: a client may choose it, and one request has several stages.
struct SeenEvents {
  /// 8 MiB. Assumption: rotated logs that were copied twice overlap by less than a million events.
  private var hashes = [UInt64](repeating: 0, count: 1 << 20)

  /// Remembers the event; false where it was there already.
  mutating func insert(_ event: AuditEvent) -> Bool {
    // FNV-1a.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for text in [event.auditID, event.stage, event.received, event.staged] {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    hash = max(hash, 1)
    let slot = Int(truncatingIfNeeded: (hash >> 40 ^ hash) & UInt64(hashes.count - 1))
    guard hashes[slot] != hash else { return false }
    hashes[slot] = hash
    return true
  }
}

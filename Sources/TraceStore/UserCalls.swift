import TLSBootstrap

/// Which users made which calls, in the order of their numbers.
struct UserCalls {
  /// By kind of identity and number: bit 63 for "seen", the others by `Call` raw value.
  private var masks = [[UInt64]](repeating: [], count: 16)

  private static let seen: UInt64 = 1 << 63

  mutating func note(_ identity: UInt32, _ call: Call) {
    let kind = Int(identity >> 28)
    let number = Int(identity & 0x0FFF_FFFF)
    let missing = number + 1 - masks[kind].count
    if missing > 0 { masks[kind].append(contentsOf: repeatElement(0, count: missing)) }
    masks[kind][number] |= Self.seen | (call == .none ? 0 : 1 << UInt64(call.rawValue))
  }

  func forEach(_ body: (Identity, [Call]) throws -> Void) rethrows {
    for (rawKind, numbers) in masks.enumerated() {
      guard let kind = Identity.Kind(rawValue: UInt8(rawKind)) else { continue }
      for (number, mask) in numbers.enumerated() where mask != 0 {
        let calls = Call.allCases.filter { mask >> UInt64($0.rawValue) & 1 == 1 }
        try body(Identity(kind, number), calls)
      }
    }
  }
}

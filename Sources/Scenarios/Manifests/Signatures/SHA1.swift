import SimulationKernel

/// SHA-1 of FIPS 180-4, for signatures of CSRs; as `SHA256`, and not for secrets.
struct SHA1 {
  private var state: [UInt32] = [
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0,
  ]

  /// 20 bytes.
  static func bytes(of message: some Collection<UInt8>) -> [UInt8] {
    var hash = SHA1()
    let padded = HashedMessage.padded(message, block: 64)
    for start in stride(from: 0, to: padded.count, by: 64) {
      hash.absorb(padded[start..<start + 64])
    }
    return hash.state.flatMap(\.bigEndianBytes)
  }

  /// One block of 64 bytes (6.1.2).
  private mutating func absorb(_ block: ArraySlice<UInt8>) {
    var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { place in
      block[place..<place + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    for round in 16..<80 {
      let word = words[round - 3] ^ words[round - 8] ^ words[round - 14] ^ words[round - 16]
      words.append(Self.rotate(word, 1))
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for (round, word) in words.enumerated() {
      let (mixed, constant): (UInt32, UInt32) =
        switch round {
        case ..<20: (b & c | ~b & d, 0x5A82_7999)
        case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
        case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
        default: (b ^ c ^ d, 0xCA62_C1D6)
        }
      let next = Self.rotate(a, 5) &+ mixed &+ e &+ constant &+ word
      (a, b, c, d, e) = (next, a, Self.rotate(b, 30), c, d)
    }
    for (place, word) in [a, b, c, d, e].enumerated() { state[place] &+= word }
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word << count | word >> (32 - count)
  }
}

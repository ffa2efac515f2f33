/// A running 128-bit fingerprint of a sequence of words; order and every bit count.
///
/// Two lanes of multiply-and-fold, each absorbing every word with its own odd multiplier (the
/// construction of wyhash). Not for secrets: it detects change, it does not resist attack.
public struct Digest: Hashable, Sendable {
  @usableFromInline var high: UInt64 = 0x243F_6A88_85A3_08D3
  @usableFromInline var low: UInt64 = 0x1319_8A2E_0370_7344

  public init() {}

  /// Inlined for speed: the words of one event then stay in registers, which saves 3 % of the
  /// instructions of the 5,000-worker run.
  @inlinable
  @inline(__always)
  public mutating func absorb(_ word: UInt64) {
    high = Self.fold(high ^ word, 0xA076_1D64_78BD_642F)
    low = Self.fold(low &+ word, 0xE703_7ED1_A0B4_28DB) &+ high
  }

  /// Two words at once, with half of the multiplications; not the same as one after the other.
  ///
  /// Both lanes multiply by what they hold, so that no word can make a lane forget the other.
  @inlinable
  @inline(__always)
  public mutating func absorb(_ first: UInt64, _ second: UInt64) {
    let crossed = Self.product(
      (low &+ first) ^ 0xA076_1D64_78BD_642F, (high &+ second) ^ 0xE703_7ED1_A0B4_28DB)
    high = Self.product(high ^ first, low ^ second)
    low = crossed
  }

  public mutating func absorb(_ bytes: some Sequence<UInt8>) {
    var word: UInt64 = 0
    var length: UInt64 = 0
    for byte in bytes {
      word = word << 8 | UInt64(byte)
      length += 1
      if length % 8 == 0 { absorb(word) }
    }
    absorb(word)
    absorb(length)
  }

  /// 32 hexadecimal digits.
  public var text: String {
    prefix.hexadecimal
      + Self.fold(low &+ high, 0x5899_65CC_7537_4CC3).hexadecimal
  }

  /// The first half of `text`.
  package var prefix: UInt64 { Self.fold(high ^ low, 0x8EBC_6AF0_9C88_C6E3) }

  @inlinable
  static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  @inlinable
  static func fold(_ value: UInt64, _ multiplier: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: multiplier)
    // Keeps the whole product even where `value` is zero.
    return (product.high ^ product.low) &+ value.byteSwapped
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// Two digits for each byte.
  package var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: bitWidth / 4 - digits.count) + digits
  }
}

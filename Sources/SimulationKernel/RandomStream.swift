/// A named source of chance.
///
/// Counter-based: the n-th draw is a function of `(key, n)` alone, so a stream is two words, a copied
/// stream goes on like its original, and draws of one stream never move those of another.
///
/// A draw is a multiplication and a fold, as wyrand's (Wang 2019, public domain), because what comes next
/// waits for it. Names are mixed by SplitMix64's finaliser (Steele, Lea, Flood 2014). The period is 2⁶⁴.
public struct RandomStream: Hashable, Sendable {
  @usableFromInline let key: UInt64
  @usableFromInline var counter: UInt64 = 0

  @inlinable
  init(key: UInt64) {
    self.key = key
  }

  /// The root of a run; every other stream is split from it by name.
  public init(seed: UInt64) {
    key = Self.mix(seed ^ 0x6A09_E667_F3BC_C909)
  }

  /// The stream of this name below this one. Splitting does not draw.
  public func split(_ name: String) -> RandomStream {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    return RandomStream(key: Self.mix(key ^ Self.mix(hash)))
  }

  /// The source of the draw of this number, and of the few that may follow it.
  ///
  /// A step of its own through the counters of this stream (the multiplier is Steele's and Vigna's, 2021), as
  /// mixing the number would take longer than the draw: what it gives is drawn from, not split again.
  @inlinable
  public func draw(_ number: Int) -> RandomStream {
    RandomStream(key: key &+ (UInt64(truncatingIfNeeded: number) &+ 1) &* 0xD134_2543_DE82_EF95)
  }

  /// Uniform over all 64-bit values.
  @inlinable
  public mutating func next() -> UInt64 {
    counter &+= 1
    let state = key &+ counter &* 0x9E37_79B9_7F4A_7C15
    let product = state.multipliedFullWidth(by: state ^ 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }

  /// Uniform over `0 ..< bound`; the bias is below `bound / 2⁶⁴`.
  @inlinable
  public mutating func next(below bound: UInt64) -> UInt64 {
    next().multipliedFullWidth(by: bound).high
  }

  /// Uniform over `[range.lowerBound, range.upperBound)`; an empty range gives its bound.
  @inlinable
  public mutating func next(in range: Range<Int64>) -> Int64 {
    let width = UInt64(range.upperBound - range.lowerBound)
    return range.lowerBound + Int64(width == 0 ? 0 : next(below: width))
  }

  /// `duration × (1 + factor · U[0,1))` with `factor = numerator / denominator`.
  ///
  /// Source: apimachinery `wait.Jitter`, which only ever adds (protocol.md, "jit").
  @inlinable
  public mutating func jitter(
    _ duration: Duration, by numerator: Int64, over denominator: Int64
  ) -> Duration {
    // The reflectors' factor is 1, and the division would be most of the work.
    let most =
      numerator == denominator
      ? duration.nanoseconds : duration.scaled(by: numerator, over: denominator).nanoseconds
    return duration + Duration(nanoseconds: Int64(next(below: UInt64(most))))
  }

  /// Puts elements into the first places, each a random one of those that are left (Fisher, Yates).
  ///
  /// - Parameter count: how many places; all of them give every order.
  package mutating func shuffle<Element>(_ elements: inout [Element], places count: Int) {
    for place in elements.indices.prefix(count) {
      elements.swapAt(place, place + Int(next(below: UInt64(elements.count - place))))
    }
  }

  @inlinable
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

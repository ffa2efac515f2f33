import PriorityQueue

/// How long after the popped event the next one is due, from 64 random bits.
///
/// The same integer arithmetic as in `PriorityQueue.cpp`; the checksums of both queues prove it.
protocol Increment {
  static var name: String { get }
  static var code: Increments { get }
  static func nanoseconds(_ draw: UInt64) -> Int64
}

/// Uniform over [0, 2 s).
enum Uniform: Increment {
  static let name = "uniform"
  static let code = IncrementsUniform

  static func nanoseconds(_ draw: UInt64) -> Int64 { draw.scaled(below: 2_000_000_000) }
}

/// Exponential with a mean of about 1 s, each factor of two of the tail made linear.
enum Exponential: Increment {
  static let name = "exponential"
  static let code = IncrementsExponential

  static func nanoseconds(_ draw: UInt64) -> Int64 {
    let word = draw | 1
    let zeros = word.leadingZeroBitCount
    let fraction = ~((word << UInt64(zeros)) << 1)
    return Int64(zeros) * 693_147_181 + fraction.scaled(below: 693_147_181)
  }
}

/// Three of four at the same instant, the rest uniform over [0, 2 s).
enum MostlyZero: Increment {
  static let name = "mostly zero"
  static let code = IncrementsMostlyZero

  static func nanoseconds(_ draw: UInt64) -> Int64 {
    draw & 3 == 0 ? draw.scaled(below: 2_000_000_000) : 0
  }
}

extension UInt64 {
  func scaled(below bound: UInt64) -> Int64 {
    Int64(multipliedFullWidth(by: bound).high)
  }
}

/// SplitMix64, as in `PriorityQueue.cpp`.
struct Generator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

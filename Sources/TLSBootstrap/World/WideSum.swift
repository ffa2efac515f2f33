import SimulationKernel

/// A sum of products of 64-bit integers in 128 bits, which no run overflows.
public struct WideSum: Hashable, Sendable {
  /// The sum is `high · 2⁶⁴ + low`.
  public private(set) var high: Int64 = 0
  public private(set) var low: UInt64 = 0

  public init() {}

  @inline(__always)
  mutating func add(_ value: Int64, times count: Int64 = 1) {
    let product = value.multipliedFullWidth(by: count)
    let (sum, carries) = low.addingReportingOverflow(product.low)
    low = sum
    high &+= product.high &+ (carries ? 1 : 0)
  }

  mutating func subtract(_ other: WideSum) {
    let (difference, borrows) = low.subtractingReportingOverflow(other.low)
    low = difference
    high &-= other.high &+ (borrows ? 1 : 0)
  }
  /// The mean of so many lengths whose nanoseconds it adds up, none of them negative, rounded down.
  public func mean(of count: Int) -> Duration {
    Duration(nanoseconds: Int64(count).dividingFullWidth((high, low)).quotient)
  }
}

extension WideSum: Comparable {
  public static func < (left: WideSum, right: WideSum) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

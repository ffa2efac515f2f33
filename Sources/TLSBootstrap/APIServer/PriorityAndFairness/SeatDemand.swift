import SimulationKernel

/// How many seats a level could have used, executing and queued: the basis of borrowing (K.2).
///
/// Figures are in thousandths of a seat; times in whole 1,024 ns, so that a period's integrals fit
/// (10⁵ seats squared, 10 s) and no sum need be checked.
struct SeatDemand: Hashable, Sendable {
  /// Seats in use and waited for now.
  private(set) var seats: Int64 = 0
  /// The most of them in the running period; after a period, in that period.
  private(set) var highWater: Int64 = 0
  /// Mean + standard deviation, raised at once and lowered slowly. Thousandths.
  private(set) var smoothed: Int64 = 0

  private var periodHighWater: Int64 = 0
  private var start: Int64
  private var last: Int64
  /// ∫ seats dt and ∫ seats² dt since `start`.
  private var area: Int64 = 0
  private var squareArea: Int64 = 0

  init(start: Instant) {
    self.start = start.nanoseconds >> 10
    last = self.start
  }

  /// The same was asked for all through this period, and nothing else is left of earlier ones.
  var isSteady: Bool {
    periodHighWater == seats && highWater == seats && smoothed == 1_000 * seats
  }

  @inline(__always)
  mutating func set(_ count: Int, at now: Instant) {
    integrate(until: now)
    seats = Int64(count)
    periodHighWater = max(periodHighWater, seats)
  }

  /// Ends a period and begins the next.
  mutating func endPeriod(at now: Instant) {
    integrate(until: now)
    let length = last - start
    highWater = periodHighWater
    if length > 0 {
      let envelope = envelope(over: length)
      // Source: K.2, coefficients 0.977 and 0.023.
      smoothed = max(envelope, (977 * smoothed + 23 * envelope) / 1_000)
    }
    periodHighWater = seats
    (start, area, squareArea) = (last, 0, 0)
  }

  @inline(__always)
  private mutating func integrate(until now: Instant) {
    let time = now.nanoseconds >> 10
    let work = seats &* (time &- last)
    area &+= work
    squareArea &+= seats &* work
    last = time
  }

  /// Mean + standard deviation, in thousandths of a seat.
  private func envelope(over length: Int64) -> Int64 {
    // Around the whole part of the mean, which keeps the squares small.
    let (pivot, rest) = area.quotientAndRemainder(dividingBy: length)
    let squares = squareArea - 2 * pivot * area + pivot * pivot * length
    let square = Duration(nanoseconds: squares).scaled(by: 1_000_000, over: length).nanoseconds
    let offset = rest * 1_000_000 / length
    let variance = max(0, square - offset * offset / 1_000_000)
    return area * 1_000 / length + Self.squareRoot(of: variance)
  }

  /// The whole part of the square root, by Newton's iteration from above.
  static func squareRoot(of number: Int64) -> Int64 {
    guard number > 1 else { return max(0, number) }
    var root: Int64 = 1 << Int64((65 - number.leadingZeroBitCount) / 2)
    while true {
      let next = (root + number / root) / 2
      if next >= root { return root }
      root = next
    }
  }
}

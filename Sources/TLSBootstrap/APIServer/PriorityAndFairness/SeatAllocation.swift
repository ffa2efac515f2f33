/// The shares of one pot by which borrowing gives each level its limit (K.2).
///
/// All figures are in thousandths of a seat.
struct SeatAllocation: Hashable, Sendable {
  private var claims: [Claim] = []

  struct Claim: Hashable, Sendable {
    var lower: Int64
    var target: Int64
    var upper: Int64
  }

  /// A level claims at least what it used, up to what is its own, and never less than its minimum.
  mutating func add(_ settings: LevelSettings, _ demand: SeatDemand) {
    let used = min(Int64(settings.nominal), demand.highWater)
    let lower = 1_000 * max(Int64(settings.minimum), used)
    claims.append(
      Claim(
        lower: lower, target: max(lower, demand.smoothed, Self.leastTarget),
        upper: 1_000 * Int64(settings.maximum)))
  }

  /// Each claim's target times one factor, within its bounds, so that they sum up to `total` seats;
  /// rounded to whole seats.
  func limits(total: Int) -> [Int] {
    let factor = factor(total: 1_000 * Int64(total))
    return claims.map { Int((amount(of: $0, factor) + 500) / 1_000) }
  }

  /// The greatest factor whose amounts do not exceed the total.
  private func factor(total: Int64) -> Int64 {
    var (low, high): (Int64, Int64) = (0, 1)
    for claim in claims { high = max(high, claim.upper * Self.one / claim.target + 1) }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      let sum = claims.reduce(0) { $0 + amount(of: $1, middle) }
      if sum <= total { low = middle } else { high = middle }
    }
    return low
  }

  private func amount(of claim: Claim, _ factor: Int64) -> Int64 {
    let product = claim.target.multipliedFullWidth(by: factor)
    return max(claim.lower, min(claim.upper, Self.one.dividingFullWidth(product).quotient))
  }

  /// Factors are whole numbers of these parts.
  private static let one: Int64 = 1 << 20
  /// 0.001 seats. Source: k8s.io/apiserver `util/flowcontrol/conc_alloc.go`, `MinTarget`.
  private static let leastTarget: Int64 = 1
}

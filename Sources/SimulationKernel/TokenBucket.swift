/// A client's rate limiter: a token bucket with continuous refill that starts full and serves
/// reservations in their order.
///
/// Source: golang.org/x/time/rate as client-go uses it (protocol.md A.11, J.1). Exact: the instant
/// at which a token is due is kept as nanoseconds and a fraction, so no rate drifts.
public struct TokenBucket: Hashable, Sendable {
  /// Tokens per 1,000 s.
  public let milliRate: Int64
  /// The most tokens that can be saved up.
  public let burst: Int64

  /// The instant at which the bucket held no token, had it never been capped: whole nanoseconds …
  private var empty: Int64
  /// … and this many `milliRate`-ths of one.
  private var emptyFraction: Int64
  /// How long an empty bucket takes to fill: whole nanoseconds, rounded up …
  private let fill: Int64
  /// … and by how many `milliRate`-ths of one that is too long.
  private let fillExcess: Int64

  /// - Precondition: `milliRate > 0`, `burst > 0`.
  public init(milliRate: Int64, burst: Int64) {
    precondition(milliRate > 0 && burst > 0, "token bucket of \(milliRate)/1000 s, burst \(burst)")
    self.milliRate = milliRate
    self.burst = burst
    // A first use at the start of the run, or later, finds the bucket full.
    let (whole, part) = milliRate.dividingFullWidth(burst.multipliedFullWidth(by: Self.trillion))
    fill = part > 0 ? whole + 1 : whole
    fillExcess = part > 0 ? milliRate - part : 0
    empty = -fill
    emptyFraction = fillExcess
  }

  public init(perSecond rate: Int64, burst: Int64) {
    self.init(milliRate: rate * 1_000, burst: burst)
  }

  /// Takes the next token and returns how long to wait for it.
  public mutating func reserve(at now: Instant) -> Duration {
    let full = now.nanoseconds - fill
    if (empty, emptyFraction) < (full, fillExcess) {
      empty = full
      emptyFraction = fillExcess
    }
    let (whole, part) = Self.trillion.quotientAndRemainder(dividingBy: milliRate)
    empty += whole
    emptyFraction += part
    if emptyFraction >= milliRate {
      emptyFraction -= milliRate
      empty += 1
    }
    let due = empty + (emptyFraction > 0 ? 1 : 0)
    return Duration(nanoseconds: max(0, due - now.nanoseconds))
  }

  /// Nanoseconds in 1,000 s.
  private static let trillion: Int64 = 1_000_000_000_000
}

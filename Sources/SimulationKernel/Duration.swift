/// A length of virtual time, in whole nanoseconds.
///
/// Range: ±292 years. Arithmetic traps on overflow; scenarios are bounded at the edge.
public struct Duration: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  @inlinable
  public static var zero: Duration { Duration(nanoseconds: 0) }

  @inlinable
  public static func milliseconds(_ count: Int64) -> Duration {
    Duration(nanoseconds: count * 1_000_000)
  }
  @inlinable
  public static func seconds(_ count: Int64) -> Duration {
    Duration(nanoseconds: count * 1_000_000_000)
  }
  @inlinable
  public static func minutes(_ count: Int64) -> Duration { .seconds(count * 60) }
  @inlinable
  public static func hours(_ count: Int64) -> Duration { .seconds(count * 3_600) }
  @inlinable
  public static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

  @inlinable
  public static func < (left: Duration, right: Duration) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  @inlinable
  public static func + (left: Duration, right: Duration) -> Duration {
    Duration(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  @inlinable
  public static func - (left: Duration, right: Duration) -> Duration {
    Duration(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
  @inlinable
  public static func * (left: Duration, right: Int64) -> Duration {
    Duration(nanoseconds: left.nanoseconds * right)
  }
  @inlinable
  public static prefix func - (operand: Duration) -> Duration {
    Duration(nanoseconds: -operand.nanoseconds)
  }

  /// This length times `numerator / denominator`, rounded toward zero, without overflow in between.
  @inlinable
  public func scaled(by numerator: Int64, over denominator: Int64) -> Duration {
    let (short, overflows) = nanoseconds.multipliedReportingOverflow(by: numerator)
    if !overflows { return Duration(nanoseconds: short / denominator) }
    let product = nanoseconds.multipliedFullWidth(by: numerator)
    return Duration(nanoseconds: denominator.dividingFullWidth(product).quotient)
  }
}

/// A point of virtual time: nanoseconds since the start of the run, on the clock that never errs.
public struct Instant: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The start of the run.
  @inlinable
  public static var zero: Instant { Instant(nanoseconds: 0) }
  /// Later than every event.
  @inlinable
  public static var never: Instant { Instant(nanoseconds: .max) }

  @inlinable
  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  @inlinable
  public static func + (left: Instant, right: Duration) -> Instant {
    Instant(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  @inlinable
  public static func - (left: Instant, right: Duration) -> Instant {
    Instant(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
  @inlinable
  public static func - (left: Instant, right: Instant) -> Duration {
    Duration(nanoseconds: left.nanoseconds - right.nanoseconds)
  }

  /// Of the ticks that come each period from `began` on, the first at this instant or later.
  @inlinable
  public static func tick(
    of period: Duration, since began: Instant, notBefore instant: Instant
  ) -> Instant {
    let passed = max(0, (instant - began).nanoseconds)
    let (ticks, rest) = passed.quotientAndRemainder(dividingBy: period.nanoseconds)
    return began + period * (rest == 0 ? ticks : ticks + 1)
  }

  /// The first later than this instant.
  @inlinable
  public static func tick(
    of period: Duration, since began: Instant, after instant: Instant
  ) -> Instant {
    tick(of: period, since: began, notBefore: Instant(nanoseconds: instant.nanoseconds + 1))
  }
}

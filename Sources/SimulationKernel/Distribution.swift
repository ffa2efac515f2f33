/// A distribution of lengths of time, drawn with integers only.
public enum Distribution: Hashable, Sendable {
  case constant(Duration)
  /// Uniform over `[from, to)`.
  case uniform(from: Duration, to: Duration)
  /// Exponential with this mean, as gaps of a Poisson process are.
  case exponential(mean: Duration)
  /// A quantile function, linear between its points.
  case quantiles(Quantiles)

  /// Points of a quantile function: the least value, p50, p90, p99 and the greatest value, in ascending order.
  public struct Quantiles: Hashable, Sendable {
    public var least: Duration
    public var p50: Duration
    public var p90: Duration
    public var p99: Duration
    public var greatest: Duration

    public init(
      least: Duration, p50: Duration, p90: Duration, p99: Duration, greatest: Duration
    ) {
      self.least = least
      self.p50 = p50
      self.p90 = p90
      self.p99 = p99
      self.greatest = greatest
    }
  }

  /// The next draw.
  @inlinable
  public func draw(from stream: inout RandomStream) -> Duration {
    switch self {
    case .constant(let duration): return duration
    case .uniform(let from, let to):
      return Duration(nanoseconds: stream.next(in: from.nanoseconds..<to.nanoseconds))
    case .exponential(let mean):
      let logarithm = Int64(naturalLogarithm(inverseOf: stream.next()))
      return mean.scaled(by: logarithm, over: 1 << 32)
    case .quantiles(let quantiles):
      return quantiles.value(at: UInt32(truncatingIfNeeded: stream.next() >> 32))
    }
  }

  /// The middle value: half of all draws are below it.
  public var median: Duration {
    switch self {
    case .constant(let duration): duration
    case .uniform(let from, let to): from + (to - from).scaled(by: 1, over: 2)
    // ln 2 in units of 2⁻³².
    case .exponential(let mean): mean.scaled(by: 2_977_044_472, over: 1 << 32)
    case .quantiles(let quantiles): quantiles.p50
    }
  }
}

extension Distribution.Quantiles {
  /// The value below which `fraction / 2³²` of all draws lie.
  @inlinable
  @inline(__always)
  func value(at fraction: UInt32) -> Duration {
    piece(LinearPiece.place(of: UInt64(fraction))).value(at: UInt64(fraction))
  }

  /// The stretch between two of its points, from 0.
  @inlinable
  @inline(__always)
  func piece(_ place: Int) -> LinearPiece {
    switch place {
    case 0: LinearPiece(least, p50, from: 0, to: LinearPiece.p50)
    case 1: LinearPiece(p50, p90, from: LinearPiece.p50, to: LinearPiece.p90)
    case 2: LinearPiece(p90, p99, from: LinearPiece.p90, to: LinearPiece.p99)
    default: LinearPiece(p99, greatest, from: LinearPiece.p99, to: 1 << 32)
    }
  }
}

/// `−ln(u / 2⁶⁴)` in units of 2⁻³², for `u` drawn uniformly; zero counts as one.
///
/// Bit by bit: `log2` by repeated squaring of a 32-bit mantissa, then times ln 2. Integer code, so
/// every platform agrees; the error is below 2⁻²⁷.
@inlinable
func naturalLogarithm(inverseOf draw: UInt64) -> UInt64 {
  let value = max(draw, 1)
  let exponent = 63 - value.leadingZeroBitCount
  // Mantissa in [2³¹, 2³²): value / 2^exponent as a fixed-point number with 31 fraction bits.
  var mantissa = exponent >= 31 ? value >> UInt64(exponent - 31) : value << UInt64(31 - exponent)
  var fraction: UInt64 = 0
  for bit in 0..<32 {
    mantissa = (mantissa * mantissa) >> 31
    if mantissa >= 1 << 32 {
      mantissa >>= 1
      fraction |= 1 << UInt64(31 - bit)
    }
  }
  let logarithm = (UInt64(exponent) << 32) + fraction
  let inverse = (64 << 32) - logarithm
  // ln 2 = 0.693147180559945… in units of 2⁻³².
  return inverse.multipliedFullWidth(by: 2_977_044_472).high << 32
    | inverse.multipliedFullWidth(by: 2_977_044_472).low >> 32
}

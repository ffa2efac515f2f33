import SimulationKernel
import TLSBootstrap

/// Reads the type `Clock`.
struct ClockReader {
  let reading: Reading
  let seed: UInt64

  /// The greatest error of a clock at the start.
  ///
  /// 20 years. Assumption: a clock that was never set shows 1970, or the year it was made.
  static let greatestOffset = Duration.days(7_305)

  /// The clock under the key `clock` of a section. What the file leaves to chance is drawn here,
  /// once a run, from the stream `scenario/clock/<name>`.
  func clock(_ section: Section, _ name: String) -> ClockSkew {
    guard let clock = section.section("clock", as: "Clock") else { return .none }
    let offset = Self.offset(clock)
    let drift = Self.drift(clock)
    var stream = RandomStream(seed: seed).split("scenario/clock/\(name)")
    return ClockSkew(
      offset: Duration(nanoseconds: stream.next(in: offset.lowerBound..<offset.upperBound)),
      driftPPB: stream.next(in: drift.lowerBound..<drift.upperBound))
  }

  /// The bounds of the offset in nanoseconds; equal bounds for a fixed one.
  static func offset(_ clock: Section) -> ClosedRange<Int64> {
    let most = greatestOffset
    guard let value = clock["offset"] else { return 0...0 }
    if value.text != nil {
      guard let offset = clock.duration("offset", least: Duration(nanoseconds: .min)) else {
        return 0...0
      }
      return bounded(offset.value...offset.value, most, at: offset.place, clock.reading)
    }
    guard let section = clock.section("offset"), let uniform = section.section("uniform"),
      let range = clock.reading.range(uniform, least: Duration(nanoseconds: .min))
    else { return 0...0 }
    return bounded(range, most, at: uniform.place, clock.reading)
  }

  private static func bounded(
    _ range: ClosedRange<Duration>, _ most: Duration, at place: Place, _ reading: Reading
  ) -> ClosedRange<Int64> {
    if range.lowerBound < -most || range.upperBound > most {
      reading.fail(place, "an offset of more than 20 years", cure: "give a smaller offset")
      return 0...0
    }
    return range.lowerBound.nanoseconds...range.upperBound.nanoseconds
  }

  /// The bounds of the drift in parts per billion.
  static func drift(_ clock: Section) -> ClosedRange<Int64> {
    guard let value = clock["drift"] else { return 0...0 }
    if value.text != nil {
      guard let drift = clock.reading.drift(value, "drift") else { return 0...0 }
      return drift...drift
    }
    guard let section = clock.section("drift"), let uniform = section.section("uniform") else {
      return 0...0
    }
    let from = uniform["from"].map { clock.reading.drift($0, "from") } ?? 0
    guard let end = uniform["to"] else {
      uniform.lacks("to", cure: "give where it ends")
      return 0...0
    }
    guard let from, let to = clock.reading.drift(end, "to") else { return 0...0 }
    guard from <= to else {
      clock.reading.fail(end.place, "`to` is less than `from`", cure: "exchange the two")
      return 0...0
    }
    return from...to
  }
}

import SimulationKernel

/// Why a text is no quantity: what is wrong, and what cures it.
package struct QuantityError: Error {
  package var problem: String
  package var cure: String
}

/// Quantities as people write them, read with integers only.
package enum Quantity {
  /// The longest duration.
  ///
  /// 100 years of 365.25 days. Assumption; it keeps sums of a few durations within 64 bits.
  static let longest = Duration.days(36_525)

  /// The greatest drift, in parts per billion.
  ///
  /// 100,000 ppm. Assumption: a clock that gains more than a tenth is broken in another way.
  static let greatestDriftPPB: Int64 = 100_000_000

  /// Nanoseconds per unit; Go's units and days.
  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000),
    ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
  ]

  /// A Go duration such as `1h30m`, `250ms` or `400d`; `0` needs no unit.
  package static func duration(_ text: String) throws(QuantityError) -> Duration {
    let isNegative = text.hasPrefix("-")
    var rest = text.dropFirst(isNegative || text.hasPrefix("+") ? 1 : 0)
    if rest == "0" { return .zero }
    guard !rest.isEmpty else { throw notADuration(text) }
    var total: Int64 = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
      guard !digits.isEmpty else { throw notADuration(text) }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
      rest = rest.dropFirst(name.count)
      guard !name.isEmpty else {
        throw QuantityError(problem: "“\(text)” has no unit", cure: "write `\(text)s` for seconds")
      }
      guard let unit = units.first(where: { $0.name == name }) else {
        throw QuantityError(
          problem: "“\(name)” is no unit of time", cure: "use ns, us, ms, s, m, h or d")
      }
      guard let part = scaled(digits, by: unit.nanoseconds) else { throw notADuration(text) }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow, sum <= longest.nanoseconds else {
        throw QuantityError(
          problem: "“\(text)” is more than 100 years", cure: "give at most 36525d")
      }
      total = sum
    }
    return Duration(nanoseconds: isNegative ? -total : total)
  }

  private static func notADuration(_ text: String) -> QuantityError {
    QuantityError(
      problem: "“\(text.prefix(60))” is not a duration",
      cure: "write it like `1h30m`, `250ms` or `10s`")
  }

  /// A decimal number times `unit`, cut to an integer; nil for other text, the greatest value when
  /// it is too large.
  static func scaled(_ text: Substring, by unit: Int64) -> Int64? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : ""
    guard !(parts[0].isEmpty && fraction.isEmpty), parts[0].allSatisfy(isDigit),
      fraction.allSatisfy(isDigit)
    else { return nil }
    let whole = parts[0].isEmpty ? 0 : Int64(parts[0]) ?? .max
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return .max }
    // What is below one is cut off.
    let kept = fraction.prefix(18)
    let denominator = kept.reduce(Int64(1)) { power, _ in power * 10 }
    let part = denominator.dividingFullWidth(
      (Int64(kept) ?? 0).multipliedFullWidth(by: unit)
    ).quotient
    let (sum, sumOverflow) = product.addingReportingOverflow(part)
    return sumOverflow ? .max : sum
  }

  /// A number with at most three decimals, times 1,000.
  static func milli(_ text: String) throws(QuantityError) -> Int64 {
    let wrong = QuantityError(
      problem: "“\(text.prefix(60))” is not a number", cure: "write it like `20` or `0.5`")
    guard let value = scaled(Substring(text), by: 1_000) else { throw wrong }
    if let point = text.firstIndex(of: "."), text[point...].count > 4 {
      throw QuantityError(
        problem: "“\(text.prefix(60))” has more than three decimals",
        cure: "give at most three")
    }
    return value
  }

  /// The same, which may be below zero.
  static func signedMilli(_ text: String) throws(QuantityError) -> Int64 {
    text.hasPrefix("-") ? -(try milli(String(text.dropFirst()))) : try milli(text)
  }

  /// A drift such as `50ppm` or `-0.5ppm` or `20ppb`, in parts per billion.
  static func drift(_ text: String) throws(QuantityError) -> Int64 {
    let isNegative = text.hasPrefix("-")
    let body = text.dropFirst(isNegative || text.hasPrefix("+") ? 1 : 0)
    let unit: Int64
    if body.hasSuffix("ppm") {
      unit = 1_000
    } else if body.hasSuffix("ppb") {
      unit = 1
    } else if body == "0" {
      return 0
    } else {
      throw QuantityError(
        problem: "“\(text.prefix(60))” is not a drift", cure: "write it like `50ppm` or `-20ppb`")
    }
    guard let value = scaled(body.dropLast(3), by: unit) else {
      throw QuantityError(
        problem: "“\(text.prefix(60))” is not a drift", cure: "write it like `50ppm` or `-20ppb`")
    }
    guard value <= greatestDriftPPB else {
      throw QuantityError(
        problem: "“\(text.prefix(60))” is more than 100000ppm", cure: "give a smaller drift")
    }
    return isNegative ? -value : value
  }

  /// A time of day `HH:MM`, in seconds; `24:00` is the end of the day.
  static func timeOfDay(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(isDigit) }),
      let hour = Int64(parts[0]), let minute = Int64(parts[1]), minute < 60,
      hour * 60 + minute <= 24 * 60
    else { return nil }
    return (hour * 60 + minute) * 60
  }

  static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  /// A rate that is kept times 1,000.
  package static func text(milli: Int64) -> String {
    (milli < 0 ? "-" : "") + decimal(milli.magnitude, per: 1_000)
  }

  /// A duration in Go's words, in the largest units that say it exactly.
  package static func text(_ duration: Duration) -> String {
    if duration == .zero { return "0s" }
    var rest = duration.nanoseconds.magnitude
    let sign = duration.nanoseconds < 0 ? "-" : ""
    if rest < 1_000_000_000 {
      let (unit, size): (String, UInt64) =
        rest >= 1_000_000 ? ("ms", 1_000_000) : rest >= 1_000 ? ("us", 1_000) : ("ns", 1)
      return sign + decimal(rest, per: size) + unit
    }
    var text = sign
    for (unit, size) in [("h", UInt64(3_600_000_000_000)), ("m", 60_000_000_000)]
    where rest >= size {
      text += "\(rest / size)\(unit)"
      rest %= size
    }
    return rest == 0 ? text : text + decimal(rest, per: 1_000_000_000) + "s"
  }

  /// `value / unit` without trailing zeros; `unit` is a power of ten.
  static func decimal(_ value: UInt64, per unit: UInt64) -> String {
    guard !value.isMultiple(of: unit) else { return "\(value / unit)" }
    var (part, whole) = (value % unit, unit)
    while part.isMultiple(of: 10) { (part, whole) = (part / 10, whole / 10) }
    return "\(value / unit).\(String(whole + part).dropFirst())"
  }
}

import TLSBootstrap

/// RFC 3339 times as nanoseconds since 1970, by integers only.
///
/// Source of the calendar arithmetic: Howard Hinnant, "chrono-compatible low-level date
/// algorithms".
extension Timestamp {
  package enum Reading: Equatable {
    case at(Int64)
    /// A time, but not within 1678…2261, which nanoseconds in 64 bits can say.
    case outOfRange(isFuture: Bool)
  }

  /// What Go's `time.Parse(time.RFC3339, …)` accepts; nil for anything else.
  ///
  /// Source: time/format.go, `parse`.
  package static func parse(_ text: String) -> Reading? {
    var bytes = Array(text.utf8)
    // An hour of one digit.
    if bytes.count > 12, bytes[12] == UInt8(ascii: ":") { bytes.insert(UInt8(ascii: "0"), at: 11) }
    guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":"), let year = number(bytes[0..<4]),
      let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19])
    else { return nil }
    guard (1...12).contains(month), (1...daysInMonth(month, of: year)).contains(day), hour < 24,
      minute < 60, second < 60
    else { return nil }
    var index = 19
    guard let nanosecond = fraction(bytes, &index), let offset = zone(bytes[index...]) else {
      return nil
    }
    let days = daysSince1970(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, sumOverflow) = product.addingReportingOverflow(nanosecond)
    return overflow || sumOverflow ? .outOfRange(isFuture: seconds > 0) : .at(sum)
  }

  /// A time of the calendar in UTC; what nanoseconds in 64 bits cannot say becomes their bound.
  static func at(
    _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int
  ) -> Int64 {
    let days = daysSince1970(year: Int64(year), month: Int64(month), day: Int64(day))
    let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds > 0 ? .max : .min) : product
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for digit in digits {
      guard (48...57).contains(digit) else { return nil }
      value = value * 10 + Int64(digit - 48)
    }
    return value
  }

  /// `.123` in nanoseconds; zero when there is none, nil when a point has no digit after it.
  private static func fraction(_ bytes: [UInt8], _ index: inout Int) -> Int64? {
    guard bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: ",") else { return 0 }
    index += 1
    let start = index
    var value: Int64 = 0
    var unit: Int64 = 100_000_000
    while index < bytes.count, (48...57).contains(bytes[index]) {
      value += Int64(bytes[index] - 48) * unit
      unit /= 10
      index += 1
    }
    return index > start && index < bytes.count ? value : nil
  }

  /// `Z` or `±hh:mm`, in seconds; Go takes 24 hours and 60 minutes too.
  private static func zone(_ bytes: ArraySlice<UInt8>) -> Int64? {
    if bytes.elementsEqual([UInt8(ascii: "Z")]) { return 0 }
    let bytes = Array(bytes)
    guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = number(bytes[1..<3]),
      let minutes = number(bytes[4..<6]), hours <= 24, minutes <= 60
    else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "+"): return hours * 3_600 + minutes * 60
    case UInt8(ascii: "-"): return -(hours * 3_600 + minutes * 60)
    default: return nil
    }
  }

  private static func daysInMonth(_ month: Int64, of year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: isLeap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.quotientRoundedDown(by: 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

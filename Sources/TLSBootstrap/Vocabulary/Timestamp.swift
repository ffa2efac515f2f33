/// RFC 3339 in UTC with whole seconds, without Foundation.
public enum Timestamp {
  /// - Parameter nanoseconds: since 1970.
  public static func text(_ nanoseconds: Int64) -> String {
    let seconds = nanoseconds.quotientRoundedDown(by: 1_000_000_000)
    let day = seconds.quotientRoundedDown(by: 86_400)
    let second = seconds - day * 86_400
    let (year, month, dayOfMonth) = civil(day)
    return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(dayOfMonth, 2) + "T"
      + pad(second / 3_600, 2) + ":" + pad(second / 60 % 60, 2) + ":" + pad(second % 60, 2) + "Z"
  }

  /// The same with microseconds, as `metav1.MicroTime` has them.
  public static func microText(_ nanoseconds: Int64) -> String {
    let fraction = nanoseconds - wholeSeconds(nanoseconds)
    return text(nanoseconds).dropLast() + "." + pad(fraction / 1_000, 6) + "Z"
  }

  /// The whole second that a time is in, in nanoseconds too.
  package static func wholeSeconds(_ nanoseconds: Int64) -> Int64 {
    nanoseconds.quotientRoundedDown(by: 1_000_000_000) * 1_000_000_000
  }

  /// As Go prints a time in UTC: `2026-11-23 17:06:56 +0000 UTC`.
  static func goText(_ nanoseconds: Int64) -> String {
    let text = text(nanoseconds)
    return text.prefix(10) + " " + text.dropFirst(11).dropLast() + " +0000 UTC"
  }

  /// Year, month and day of a day number since 1970 (Howard Hinnant, `civil_from_days`).
  private static func civil(_ day: Int64) -> (Int64, Int64, Int64) {
    let shifted = day + 719_468
    let era = shifted.quotientRoundedDown(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
    let civilMonth = month < 10 ? month + 3 : month - 9
    return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, dayOfMonth)
  }

  private static func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int64 {
  /// Toward the past, where `/` goes toward zero.
  package func quotientRoundedDown(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

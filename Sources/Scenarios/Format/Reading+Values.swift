import SimulationKernel
import TLSBootstrap

/// Typed values; each reports its mistake and gives nil.
extension Reading {
  func string(_ value: YAMLValue, _ key: String) -> Located<String>? {
    if let text = value.text { return Located(text, at: value.place) }
    fail(value.place, "`\(key)` is \(value.kindName)", cure: "write a text")
    return nil
  }

  func bool(_ value: YAMLValue, _ key: String) -> Located<Bool>? {
    switch value.text {
    case "true": return Located(true, at: value.place)
    case "false": return Located(false, at: value.place)
    default:
      fail(value.place, "`\(key)` is \(value.kindName)", cure: "write `true` or `false`")
      return nil
    }
  }

  func integer(
    _ value: YAMLValue, _ key: String, in range: ClosedRange<Int64>
  ) -> Located<Int64>? {
    let digits = value.text.map { $0.hasPrefix("-") ? $0.dropFirst() : Substring($0) } ?? ""
    guard let text = value.text, !digits.isEmpty, digits.allSatisfy(Quantity.isDigit) else {
      fail(value.place, "`\(key)` is \(value.kindName)", cure: "write a whole number")
      return nil
    }
    guard let number = Int64(text), range.contains(number) else {
      fail(
        value.place, "`\(key)` is \(text.prefix(40))",
        cure: "give a number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return Located(number, at: value.place)
  }

  func duration(
    _ value: YAMLValue, _ key: String, least: Duration = .zero
  ) -> Located<Duration>? {
    guard let duration = quantity(value, key, "a duration such as `10s`", Quantity.duration) else {
      return nil
    }
    guard duration >= least else {
      let bound = least == .zero ? "not below zero" : "of at least \(Quantity.text(least))"
      fail(
        value.place, "`\(key)` is \(Quantity.text(duration))", cure: "give a duration \(bound)")
      return nil
    }
    return Located(duration, at: value.place)
  }

  /// A rate per second, above zero, times 1,000.
  func rate(_ value: YAMLValue, _ key: String) -> Located<Int64>? {
    if let text = value.text, text.hasPrefix("-") {
      fail(value.place, "`\(key)` is \(text.prefix(40))", cure: "give a rate above zero")
      return nil
    }
    guard let milli = quantity(value, key, "a number such as `20`", Quantity.milli) else {
      return nil
    }
    guard (1...1_000_000_000_000).contains(milli) else {
      fail(
        value.place, "`\(key)` is \(value.text?.prefix(40) ?? "")",
        cure: "give a rate from 0.001 to 1000000000 per second")
      return nil
    }
    return Located(milli, at: value.place)
  }

  /// The rate of a client by client-go's rules, to which 0 and what is below have meanings of their own (A.11).
  func clientRate(_ value: YAMLValue, _ key: String) -> Located<Int64>? {
    guard
      let milli = quantity(value, key, "a number such as `20`", Quantity.signedMilli)
    else { return nil }
    guard milli <= 1_000_000_000_000 else {
      fail(
        value.place, "`\(key)` is \(value.text?.prefix(40) ?? "")",
        cure: "give at most 1000000000 per second, or -1 for no limit")
      return nil
    }
    return Located(milli, at: value.place)
  }

  /// A time between 1970 and 2261.
  func time(_ value: YAMLValue, _ key: String) -> Located<Int64>? {
    guard let text = value.text, let time = Timestamp.parse(text) else {
      fail(
        value.place, "`\(key)` is \(value.kindName)", cure: "write a time like 2026-01-01T00:00:00Z"
      )
      return nil
    }
    guard case .at(let nanoseconds) = time, nanoseconds >= 0 else {
      fail(
        value.place, "`\(key)` is \(text), which no clock of a run shows",
        cure: "give a time from 1970 to 2261")
      return nil
    }
    return Located(nanoseconds, at: value.place)
  }

  func choice<Value>(
    _ value: YAMLValue, _ key: String, _ choices: [(String, Value)]
  ) -> Located<Value>? {
    let text = value.text
    if let choice = choices.first(where: { $0.0 == text }) {
      return Located(choice.1, at: value.place)
    }
    let names = choices.map(\.0)
    let nearest = text.flatMap { NearestKey.nearest(to: $0, among: names) }
    fail(
      value.place, "`\(key)` is \(value.kindName)",
      cure: nearest.map { "did you mean `\($0)`?" } ?? "give one of \(KeyTable.list(names))")
    return nil
  }

  func drift(_ value: YAMLValue, _ key: String) -> Int64? {
    quantity(value, key, "a drift such as `50ppm`", Quantity.drift)
  }

  private func quantity<Value>(
    _ value: YAMLValue, _ key: String, _ expected: String,
    _ parse: (String) throws(QuantityError) -> Value
  ) -> Value? {
    guard let text = value.text else {
      fail(value.place, "`\(key)` is \(value.kindName)", cure: "write \(expected)")
      return nil
    }
    do throws(QuantityError) {
      return try parse(text)
    } catch {
      fail(value.place, "`\(key)`: \(error.problem)", cure: error.cure)
      return nil
    }
  }
}

/// Distributions: the type `Distribution` of the table of keys.
extension Reading {
  func distribution(_ value: YAMLValue, _ key: String) -> Distribution? {
    if value.text != nil { return duration(value, key).map { .constant($0.value) } }
    guard let section = Section(value, "Distribution", self) else { return nil }
    switch section.one(
      of: ["constant", "uniform", "exponential", "quantiles"], needed: true)
    {
    case "constant": return section.duration("constant").map { .constant($0.value) }
    case "uniform":
      return section.section("uniform").flatMap { range($0) }.map {
        .uniform(from: $0.lowerBound, to: $0.upperBound)
      }
    case "exponential":
      guard let exponential = section.section("exponential") else { return nil }
      guard let mean = exponential.duration("mean") else {
        if exponential["mean"] == nil { exponential.lacks("mean", cure: "give its mean") }
        return nil
      }
      // 44.4 means is the most that a draw gives, and it must stay a duration.
      guard mean.value <= Duration.days(365) else {
        fail(mean.place, "`mean` is more than 365d", cure: "give a shorter mean")
        return nil
      }
      return .exponential(mean: mean.value)
    case "quantiles": return section.section("quantiles").flatMap { quantiles($0) }
    default: return nil
    }
  }

  /// `from` and `to` of a section, `from` not after `to`.
  func range(
    _ section: Section, least: Duration = .zero
  ) -> ClosedRange<Duration>? {
    let isFromGiven = section["from"] != nil
    let from = section.duration("from", least: least)
    let to = section.duration("to", least: least)
    if section["to"] == nil { section.lacks("to", cure: "give where it ends") }
    guard let to, from != nil || !isFromGiven else { return nil }
    let start = from?.value ?? .zero
    guard start <= to.value else {
      fail(
        to.place, "`to` (\(Quantity.text(to.value))) is before `from` (\(Quantity.text(start)))",
        cure: "exchange the two")
      return nil
    }
    return start...to.value
  }

  private func quantiles(_ section: Section) -> Distribution? {
    let keys = ["min", "p50", "p90", "p99", "max"]
    let points = keys.map { section.duration($0) }
    for key in ["p50", "p90", "p99"] where section[key] == nil {
      section.lacks(key, cure: "give p50, p90 and p99")
    }
    guard let p50 = points[1], let p90 = points[2], let p99 = points[3] else { return nil }
    let given = zip(keys, points).compactMap { key, point in point.map { (key, $0) } }
    for (before, after) in zip(given, given.dropFirst()) where before.1.value > after.1.value {
      fail(
        after.1.place, "`\(after.0)` is less than `\(before.0)`",
        cure: "let min, p50, p90, p99, max grow")
      return nil
    }
    return .quantiles(
      Distribution.Quantiles(
        least: points[0]?.value ?? p50.value.scaled(by: 1, over: 2), p50: p50.value,
        p90: p90.value, p99: p99.value, greatest: points[4]?.value ?? p99.value))
  }
}

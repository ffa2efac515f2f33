import SimulationKernel

/// When an administrator is at work, by the clock of the administrator's host (E.5).
extension ApproverSettings.Manual {
  private static let day: Int64 = 86_400

  /// - Parameter shown: what the clock shows, in whole seconds since 1970; negative: before.
  package func isAtWork(at shown: Int64) -> Bool {
    guard let hours = workingHours else { return worksOn(dayOf: shown) }
    let second = Self.secondOfDay(shown)
    return worksOn(dayOf: shown) && hours.contains(second)
      || worksOn(dayOf: shown - Self.day) && hours.contains(second + Self.day)
  }

  /// How many seconds at least from this reading, at which nobody is at work, to one at which somebody may be.
  package func rest(from shown: Int64) -> Int64 {
    let second = Self.secondOfDay(shown)
    if worksOn(dayOf: shown), let hours = workingHours, second < hours.lowerBound {
      return hours.lowerBound - second
    }
    return Self.day - second
  }

  /// 1970-01-01 was a Thursday, day 4 of a week that begins on Sunday.
  private func worksOn(dayOf shown: Int64) -> Bool {
    let days = (shown - Self.secondOfDay(shown)) / Self.day
    let weekday = ((days + 4) % 7 + 7) % 7
    return workingDays & (1 << UInt8(weekday)) != 0
  }

  private static func secondOfDay(_ shown: Int64) -> Int64 { (shown % day + day) % day }
}

extension Array {
  /// Of sorted values, by nearest rank: the smallest that at least so many of a hundred do not exceed; nil: there
  /// are none.
  package func percentile(_ percent: Int) -> Element? {
    isEmpty ? nil : self[Swift.max(0, (count * percent + 99) / 100 - 1)]
  }
}

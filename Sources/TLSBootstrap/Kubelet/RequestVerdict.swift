/// What a watch event says to whoever waits for a certificate (A.7).
enum RequestVerdict: Hashable, Sendable {
  case pending, approved, issued
  case refused(Settlement)
  /// O28.
  case deleted
  /// O29: another UID.
  case replaced

  init(_ conditions: RequestConditions) {
    if conditions.contains(.replaced) {
      self = .replaced
    } else if conditions.contains(.deleted) {
      self = .deleted
    } else if conditions.contains(.denied) {
      self = .refused(.denied)
    } else if conditions.contains(.failed) {
      self = .refused(.refusedBySigner)
    } else if conditions.contains(.approved) {
      self = conditions.contains(.issued) ? .issued : .approved
    } else {
      self = .pending
    }
  }
}

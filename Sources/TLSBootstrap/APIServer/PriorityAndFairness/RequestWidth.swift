import SimulationKernel

/// How many seats a request takes, and what it counts as work (K.3).
struct RequestWidth: Hashable, Sendable {
  /// Seats while it executes.
  var seats: UInt16 = 1
  /// Seats after its answer, while watchers are told.
  var finalSeats: UInt16 = 0
  /// For how long the final seats stay taken.
  var lingering = Duration.zero

  static let one = RequestWidth()

  /// What it takes from its start to the end of its lingering.
  var most: Int { Int(max(seats, finalSeats)) }

  /// Seat-nanoseconds as estimated before it starts.
  var work: Int64 {
    Int64(seats) * Self.estimatedService.nanoseconds
      + Int64(finalSeats) * lingering.nanoseconds
  }

  /// What every request is taken to last.
  ///
  /// 3 ms. Source: k8s.io/apiserver `fairqueuing/queueset/queueset.go`, `estimatedServiceDuration`.
  static let estimatedService = Duration.milliseconds(3)
}

extension RequestWidth {
  /// A LIST, or a WATCH that asks for initial events.
  ///
  /// - Parameters:
  ///   - bytes: the size of all objects that have to be loaded.
  ///   - namesOne: it selects `metadata.name`, as a kubelet does for its CSR.
  static func list(
    bytes: Int, fromCache: Bool = true, namesOne: Bool = false, atMost limit: Int
  ) -> RequestWidth {
    if namesOne { return .one }
    let loaded = fromCache ? min(bytes, maxBytesFromCache) : bytes
    let seats = (loaded + bytesPerSeat - 1) / bytesPerSeat
    return RequestWidth(seats: UInt16(max(1, min(seats, limit))))
  }

  /// A create, update, patch or delete that so many watchers are told of.
  ///
  /// Where the limit leaves fewer seats, they linger the longer, so that the work stays the same.
  static func write(watchers: Int, atMost limit: Int) -> RequestWidth {
    guard watchers >= watchersPerSeat else { return .one }
    let wanted = (watchers + watchersPerSeat - 1) / watchersPerSeat
    let seats = min(wanted, limit)
    return RequestWidth(
      seats: 1, finalSeats: UInt16(seats),
      lingering: lingeringOfEvent.scaled(by: Int64(wanted), over: Int64(seats)))
  }

  /// 100 kB. Source: K.3.
  private static let bytesPerSeat = 100_000
  /// 1 MB. Source: K.3.
  private static let maxBytesFromCache = 1_000_000
  /// 10. Source: K.3.
  private static let watchersPerSeat = 10
  /// 5 ms. Source: K.3.
  private static let lingeringOfEvent = Duration.milliseconds(5)
}

import SimulationKernel
import TLSBootstrap

/// Takes all events of a run and keeps what a golden file has of them, in constant memory.
final class EventTally: TraceSink {
  /// The largest run of which each event is kept in words.
  static let most = 128

  private(set) var count = 0
  private var digest = Digest()
  private var waiting = Digest()
  private var trail = EventTrail()
  private var kept: [TraceEvent] = []
  /// Also gets everything.
  private var recorder: (any TraceSink)?
  /// An earlier run, and the number of events after which this one has another mark first.
  private let earlier: Golden.Events?
  private var mismatch: Int?

  init(recorder: (any TraceSink)? = nil, comparedWith earlier: Golden.Events? = nil) {
    self.recorder = recorder
    self.earlier = earlier
  }

  func record(_ events: UnsafeBufferPointer<TraceEvent>) throws {
    try recorder?.record(events)
    for event in events { add(event) }
  }

  func record(_ requests: WaitingRequests) throws {
    try recorder?.record(requests)
    requests.absorb(into: &waiting)
  }

  func record(_ requests: [WaitingRequest]) throws { try recorder?.record(requests) }

  private func add(_ event: TraceEvent) {
    event.absorb(into: &digest)
    count += 1
    if count <= Self.most { kept.append(event) }
    if mismatch == nil, let mark = earlier?.trail.mark(after: count),
      mark != EventTrail.mark(of: digest)
    {
      mismatch = count
    }
    trail.note(digest, after: count)
  }

  func events(_ directory: some TraceDirectory) -> Golden.Events {
    Golden.Events(
      count: count, digest: digest.text, waitingDigest: waiting.text, trail: trail,
      lines: count > Self.most
        ? nil : kept.map { "\($0.cause) \(ToldEvent($0, directory).line)" })
  }

  /// Between which numbers the first event is that the earlier run does not have; nil: there is none.
  var firstDifference: ClosedRange<Int>? {
    guard let earlier else { return nil }
    let trail = earlier.trail
    if let mismatch { return (mismatch - trail.every + 1)...mismatch }
    if count == earlier.count && digest.text == earlier.digest { return nil }
    let same = min(count / trail.every, trail.marks.count) * trail.every
    return (same + 1)...max(same + 1, min(count, earlier.count) + 1)
  }
}

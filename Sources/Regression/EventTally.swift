import SimulationKernel
import TLSBootstrap

/// Takes all events of a run and keeps what a golden file has of them, in constant memory.
final class EventTally: TraceSink {
  /// The most checkpoints of a run, and the largest run of which each event is kept.
  static let most = 128

  private(set) var count = 0
  private(set) var every = 1
  private var digest = Digest()
  private var waiting = Digest()
  private var checkpoints: [Digest] = []
  private var kept: [TraceEvent] = []
  /// Also gets everything.
  private var recorder: (any TraceSink)?
  /// The checkpoints of an earlier run, and the first of them that this run does not have.
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
    if let earlier, mismatch == nil, count % earlier.every == 0 {
      let place = count / earlier.every - 1
      if place < earlier.checkpoints.count, earlier.checkpoints[place] != digest.text {
        mismatch = place
      }
    }
    guard count % every == 0 else { return }
    checkpoints.append(digest)
    if checkpoints.count > Self.most { thin() }
  }

  /// Every other checkpoint is left: those at multiples of twice the distance.
  private func thin() {
    checkpoints = checkpoints.indices.filter { $0 % 2 == 1 }.map { checkpoints[$0] }
    every *= 2
  }

  func events(_ directory: some TraceDirectory) -> Golden.Events {
    Golden.Events(
      count: count, digest: digest.text, waitingDigest: waiting.text, every: every,
      checkpoints: checkpoints.map(\.text),
      lines: count > Self.most
        ? nil : kept.map { "\($0.cause) \(ToldEvent($0, directory).line)" })
  }

  /// Between which numbers the first event is that the earlier run does not have; nil: there is none.
  var firstDifference: ClosedRange<Int>? {
    guard let earlier else { return nil }
    if let mismatch {
      return (mismatch * earlier.every + 1)...((mismatch + 1) * earlier.every)
    }
    if count == earlier.count && digest.text == earlier.digest { return nil }
    let same = min(count / earlier.every, earlier.checkpoints.count) * earlier.every
    return (same + 1)...max(same + 1, min(count, earlier.count) + 1)
  }
}

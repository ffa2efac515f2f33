import SimulationKernel
import TLSBootstrap

/// What the trace has of one node again and again, alike each time: the first, the last, and how many.
public struct Sighting: Sendable {
  public let first: TraceEvent
  public fileprivate(set) var last: TraceEvent
  public fileprivate(set) var count = 1

  public var kind: TraceEvent.Kind { first.kind }
  public var call: Call { first.call }
  public var answer: Answer { first.answer }
}

/// The sightings of one node, or of what concerns none, in the order of their first events.
public struct Sightings: Sendable {
  public private(set) var all: [Sighting] = []

  init(_ events: [TraceEvent] = []) {
    for event in events { add(event) }
  }

  mutating func add(_ event: TraceEvent) {
    guard Self.isTelling(event) else { return }
    let known = all.firstIndex { known in
      known.kind == event.kind && known.call == event.call && known.answer == event.answer
        && (known.first.value == event.value || !Self.tellsByValue(event.kind))
    }
    guard let known else { return all.append(Sighting(first: event, last: event)) }
    all[known].last = event
    all[known].count += 1
  }

  /// The one of this kind that happened last.
  public func last(
    _ kind: TraceEvent.Kind, _ call: Call? = nil, _ answer: Answer? = nil
  ) -> Sighting? {
    all.filter { sighting in
      sighting.kind == kind && (call == nil || sighting.call == call)
        && (answer == nil || sighting.answer == answer)
    }.max { $0.last.id < $1.last.id }
  }

  public func has(_ kind: TraceEvent.Kind, _ call: Call? = nil, _ answer: Answer? = nil) -> Bool {
    last(kind, call, answer) != nil
  }

  /// A kubelet that looks for an object which is not there yet tells nothing of a cause.
  private static func isTelling(_ event: TraceEvent) -> Bool {
    switch event.kind {
    case .ignored, .authenticated, .authorized, .statusPatched, .keyDone: return false
    case .requestAnswered:
      let telling: [Call] = [
        .createRequest, .updateApproval, .updateStatus, .deleteRequest, .getClusterInfo,
      ]
      return telling.contains(event.call)
        || !(event.answer.isSuccess || event.answer == .notFound)
    default: return true
    }
  }

  /// Whether the value tells apart what happened: which fault, which failure of `kubeadm join`.
  private static func tellsByValue(_ kind: TraceEvent.Kind) -> Bool {
    switch kind {
    case .faultBegan, .faultEnded, .joinFailed, .kubeconfigUnusable, .settled: true
    default: false
    }
  }
}

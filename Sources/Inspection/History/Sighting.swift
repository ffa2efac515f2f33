import SimulationKernel
import TLSBootstrap

/// What the trace has of one node again and again, alike each time: the first, the last, and how many.
package struct Sighting: Sendable {
  package let first: TraceEvent
  package fileprivate(set) var last: TraceEvent
  package fileprivate(set) var count = 1
  /// Of how many CSRs, those that follow one another.
  fileprivate var requests = 1

  package var kind: TraceEvent.Kind { first.kind }
  package var call: Call { first.call }
  package var answer: Answer { first.answer }
  package var ends: [TraceEvent] { [first, last] }
}

/// The sightings of one node, or of what concerns none, in the order of their first events.
package struct Sightings: Sendable {
  package private(set) var all: [Sighting] = []
  /// The number of the latest event by which each call went well.
  private var answered: [(call: Call, event: UInt32)] = []
  /// That of the latest event by which a certificate was stored.
  private var stored: UInt32 = 0
  /// That of the latest answer by which a CSR was created.
  private var created: UInt32 = 0
  /// Those of the latest two attempts' ends.
  private var attemptEnds: (previous: UInt32, last: UInt32) = (0, 0)

  init(_ events: [TraceEvent] = []) {
    for event in events { add(event) }
  }

  mutating func add(_ event: TraceEvent) {
    noteSuccess(event)
    guard Self.isTelling(event) else { return }
    let known = all.firstIndex { known in
      known.kind == event.kind && known.call == event.call && known.answer == event.answer
        && (known.first.value == event.value || !Self.tellsByValue(event.kind))
        && (known.first.actor == event.actor || event.call != .updateApproval)
    }
    guard let known else { return all.append(Sighting(first: event, last: event)) }
    if all[known].last.request != event.request { all[known].requests += 1 }
    all[known].last = event
    all[known].count += 1
  }

  /// The one of this kind that happened last.
  package func last(
    _ kind: TraceEvent.Kind, _ call: Call? = nil, _ answer: Answer? = nil
  ) -> Sighting? {
    all.filter { sighting in
      sighting.kind == kind && (call == nil || sighting.call == call)
        && (answer == nil || sighting.answer == answer)
    }.max { $0.last.id < $1.last.id }
  }

  package func has(_ kind: TraceEvent.Kind, _ call: Call? = nil, _ answer: Answer? = nil) -> Bool {
    last(kind, call, answer) != nil
  }

  private mutating func noteSuccess(_ event: TraceEvent) {
    if event.kind == .certificateStored { stored = event.id }
    if event.kind == .attemptFailed { attemptEnds = (attemptEnds.last, event.id) }
    guard event.kind == .requestAnswered, Self.isDone(event.call, event.answer) else { return }
    if event.call == .createRequest, event.answer == .created { created = event.id }
    if let known = answered.firstIndex(where: { $0.call == event.call }) {
      answered[known].event = event.id
    } else {
      answered.append((event.call, event.id))
    }
  }

  /// A CSR that is there already is as good as one that was created.
  private static func isDone(_ call: Call, _ answer: Answer) -> Bool {
    answer.isSuccess || call == .createRequest && answer == .alreadyExists
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

  /// Whether the value tells apart what happened: which fault, which failure of `kubeadm join`, how many tokens
  /// were left.
  private static func tellsByValue(_ kind: TraceEvent.Kind) -> Bool {
    switch kind {
    case .faultBegan, .faultEnded, .joinFailed, .kubeconfigUnusable, .settled, .tokenRemoved: true
    default: false
    }
  }
}

extension Sightings {
  /// Whether the node has got past this trouble since: what failed went well, or the node came further on
  /// its way. What is no trouble is never over.
  func isOver(_ trouble: Sighting) -> Bool {
    let event = trouble.last.id
    switch trouble.kind {
    case .requestAnswered where Self.isDone(trouble.call, trouble.answer): return false
    case .requestAnswered, .connectionFailed, .authenticationFailed, .authorizationFailed:
      return wentWell(trouble.call, after: event) || stored > event
        || trouble.call.concernsRequest && wentWell(.createRequest, after: event)
    // Of an attempt that came to nothing: the next one has its CSR.
    case .notRecognized, .reviewRefused, .signingFailed, .kubeletExited:
      return wentWell(.createRequest, after: event) || stored > event
    // The same, but where it comes again it is also what ended the latest attempt.
    case .waitEnded, .deletionSeen, .replacementSeen, .storeFailed:
      // A CSR that MODE-F met again and again is one trouble, which ends with the CSR.
      let isOfOne = trouble.requests == 1 && created > event && trouble.kind != .storeFailed
      let comesAgain = trouble.count > 1 && event > attemptEnds.previous && !isOfOne
      return stored > event || wentWell(.createRequest, after: event) && !comesAgain
    case .certificateExpired, .kubeconfigExpired, .kubeconfigUnusable:
      return stored > event
    default: return false
    }
  }

  private func wentWell(_ call: Call, after event: UInt32) -> Bool {
    answered.contains { $0.call == call && $0.event > event }
  }
}

extension Call {
  /// Whether it is made on the way to a certificate, for a CSR or about it.
  fileprivate var concernsRequest: Bool {
    switch self {
    case .getHealthz, .createRequest, .getRequest, .listRequest, .listBetaRequest, .watchRequest,
      .createSubjectAccessReview, .updateApproval, .updateStatus:
      true
    default: false
    }
  }
}

import SimulationKernel
import TLSBootstrap

extension TimedFault {
  /// Whether some of its time is between two instants.
  func holds(after start: Instant, before end: Instant) -> Bool {
    let from = Instant.zero + at
    return from < end && (length.map { from + $0 } ?? .never) > start
  }
}

/// What was not there when the node needed it.
extension NodeCase {
  /// The first fault of this sort that held at some time of a span.
  func fault(during span: Range<Instant>, _ isMeant: (Fault) -> Bool) -> TimedFault? {
    begunFaults.first {
      isMeant($0.fault) && $0.holds(after: span.lowerBound, before: span.upperBound)
    }
  }

  /// From when it first tried to renew its certificate until that expired; nil: it did not come to that.
  var renewal: Range<Instant>? {
    guard let began = sightings.last(.rotationStarted)?.first.time,
      let end = sightings.last(.certificateExpired)?.first.time, began < end
    else { return nil }
    return began..<end
  }

  /// Whether something of this kind happened between the two ends of its renewal.
  func hadWhileRenewing(_ kind: TraceEvent.Kind, _ call: Call) -> Bool {
    guard let renewal, let seen = sightings.last(kind, call) else { return false }
    return renewal.contains(seen.first.time) || renewal.contains(seen.last.time)
  }

  /// Whether csrapproving was not allowed to approve a CSR of its: one by which it renews, or one by which it
  /// bootstraps.
  func hadRefusedReview(ofRenewal isRenewal: Bool) -> Bool {
    sightings.all.filter { $0.kind == .reviewRefused && holds($0) }
      .flatMap(\.ends).contains { world.isRenewal($0) == isRenewal }
  }

  /// Whether a fault keeps its container runtime from answering.
  var hasStoppedRuntime: Bool { world.lacksRuntime(node: node) }

  /// From when its latest CSR was there until it was approved.
  var approvalWait: Range<Instant>? {
    guard let request = latestRequest else { return nil }
    let end = request.approved ?? world.now
    return request.created < end ? request.created..<end : nil
  }

  /// Whether it created a CSR with its token after its certificate had expired.
  var bootstrappedAgain: Bool {
    guard let expired = sightings.last(.certificateExpired)?.first.time,
      let created = run.bootstraps[NodeID(node)]
    else { return false }
    return created >= expired
  }

  /// Whether it had a certificate before the API server first refused its credentials.
  var hadCertificate: Bool {
    guard let stored = sightings.last(.certificateStored)?.first.id,
      let refused = sightings.last(.authenticationFailed)?.last.id
    else { return false }
    return stored < refused
  }

  /// The latest certificate that it was issued, with the event that made it.
  var latestCertificate: (made: TraceEvent, validity: ClosedRange<Int64>)? {
    guard let made = latest(.certificateSigned), let validity = certificate(before: made) else {
      return nil
    }
    return (made, validity)
  }
}

extension World {
  /// Whether the CSR that it is about was made with a node's certificate.
  func isRenewal(_ event: TraceEvent) -> Bool {
    request(at: Int(event.request)).requestor.kind == .node
  }
}

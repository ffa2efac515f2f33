import SimulationKernel

/// A request that the API server had when its client closed the connection: only its audit log says what became
/// of it there, and only who asks for them gets them, so that they cost nothing else.
public struct BrokenRequest: Hashable, Sendable {
  /// When the connection was closed, and when the request had come.
  public let time, received: Instant
  public let call: Call
  public let identity: Identity
  /// Their places; `TraceEvent.none`: none is concerned.
  public let node, request: UInt32
  /// What the server had decided; a success: it was at work.
  public let answer: Answer
  /// Whether it waited for a seat (protocol.md K.3).
  public let isQueued: Bool
}

extension World {
  /// Whether `brokenRequests` lists what happens from now on.
  public var listsBrokenRequests: Bool {
    get { turn.journal.brokenRequests != nil }
    set { turn.journal.brokenRequests = newValue ? brokenRequests : nil }
  }
  /// In the order of time.
  public var brokenRequests: [BrokenRequest] { turn.journal.brokenRequests ?? [] }

  mutating func noteBroken(_ call: PendingCall, isQueued: Bool) {
    guard turn.journal.brokenRequests != nil else { return }
    let isOfRequest = call.request != TraceEvent.none
    turn.journal.brokenRequests?.append(
      BrokenRequest(
        time: turn.now, received: call.received, call: call.call, identity: call.identity,
        node: isOfRequest ? turn.originOfRequest[Int(call.request)].node : call.node,
        request: call.request, answer: call.answer, isQueued: isQueued))
  }
}

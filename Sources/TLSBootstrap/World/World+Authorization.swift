extension World {
  /// Whether a request that has been authenticated may be made (protocol.md D).
  func isAllowed(_ call: PendingCall) -> Bool {
    switch turn.facts.authorizer.permission(call.identity, call.call) {
    case .always: return true
    case .never: return false
    case .byName:
      let node =
        call.node == TraceEvent.none ? "" : turn.facts.name(of: NodeID(Int(call.node)))
      return turn.facts.authorizer.allows(
        call.identity, call.call, caller: turn.facts.callerName(call.identity), node: node,
        request: call.request == TraceEvent.none ? "" : requestName(Int(call.request)))
    }
  }
}

/// How the requests of a kubelet without a certificate end where no server trouble intervenes (protocol.md L.2).
struct AnonymousAnswers: Equatable, Sendable {
  /// Whether who presents nothing is `system:anonymous`; found once, as it is asked at each such request.
  let areTaken: Bool
  /// What depends on names counts as refused.
  private let answers: [Answer]
  /// Whether those of a kubelet that waits are all refused, and whether some node's may not be.
  let areRefused: Bool
  let dependOnName: Bool

  init(_ server: APIServerSettings, _ authorizer: Authorizer) {
    let permission = { authorizer.permission(.anonymous, $0) }
    areTaken = server.takesAnonymousRequests
    answers = Call.allCases.map { [areTaken] call in
      if !areTaken { return .unauthorized }
      return permission(call) == .always ? .ok : .forbidden
    }
    areRefused = WaitingLoops.calls.allSatisfy { [answers] call in
      !answers[Int(call.rawValue)].isSuccess
    }
    dependOnName = areTaken && WaitingLoops.calls.contains { permission($0) == .byName }
  }

  subscript(call: Call) -> Answer { answers[Int(call.rawValue)] }
}

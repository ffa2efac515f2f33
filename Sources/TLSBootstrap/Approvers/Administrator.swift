import SimulationKernel

/// An administrator who looks at the pending CSRs every so often and decides with kubectl (E.5).
struct Administrator: Sendable {
  private let policy: UInt16
  private let settings: ApproverSettings
  private let manual: ApproverSettings.Manual
  private let clock: Clock
  private var phase = Phase.away
  /// What is left of the list that the last look showed, first one last.
  private var list: [UInt32] = []
  private var draws: UInt32 = 0
  private var nextLook: Instant

  private enum Phase: Hashable, Sendable {
    case away
    /// `kubectl get csr`.
    case looking
    /// Reading one CSR.
    case thinking(UInt32)
    case getting(UInt32)
    case updating(UInt32)
  }

  init(
    policy: UInt16, _ settings: ApproverSettings, _ manual: ApproverSettings.Manual, start: Int64
  ) {
    self.policy = policy
    self.settings = settings
    self.manual = manual
    clock = Clock(start: start, skew: settings.clock)
    nextLook = .zero + clock.trueDuration(manual.firstLook)
  }

  func begin(_ turn: inout Turn) {
    turn.schedule(.administratorTimer(policy), at: nextLook)
  }

  mutating func timerFired(_ turn: inout Turn) {
    switch phase {
    case .away:
      guard manual.isAtWork(at: clock.seconds(at: turn.now)) else {
        comeBack(&turn)
        return
      }
      phase = .looking
      call(.listRequests, TraceEvent.none, &turn)
    case .thinking(let request):
      phase = .getting(request)
      call(.getRequest, request, &turn)
    case .looking, .getting, .updating:
      preconditionFailure("administrator's timer in \(phase)")
    }
  }

  mutating func receive(
    _ answered: PendingCall, _ requests: RequestList, _ turn: inout Turn
  ) {
    switch phase {
    case .looking:
      guard answered.answer.isSuccess else {
        comeBack(&turn)
        return
      }
      list = requests.pending(matching: settings.matching, limit: manual.batch, turn.facts)
        .reversed()
      tell(.administratorLooked, TraceEvent.none, value: Int64(list.count), &turn)
      decideNext(&turn)
    case .getting:
      // The CSR that has the name by now. Already decided by another: kubectl writes nothing.
      let request = answered.request
      guard answered.answer.isSuccess, requests.isUndecided(request) else {
        decideNext(&turn)
        return
      }
      phase = .updating(request)
      call(.updateApproval, request, version: requests.resourceVersion(of: request), &turn)
    case .updating(let request):
      if [.conflict, .replaced].contains(answered.answer) {
        phase = .getting(request)
        call(.getRequest, request, &turn)
        return
      }
      if answered.answer.isSuccess { tell(.administratorDecided, request, &turn) }
      decideNext(&turn)
    case .away, .thinking:
      preconditionFailure("answer for the administrator in \(phase)")
    }
  }

  private mutating func decideNext(_ turn: inout Turn) {
    guard let request = list.popLast() else {
      comeBack(&turn)
      return
    }
    phase = .thinking(request)
    draws += 1
    let effort = turn.chance.length(
      manual.timePerRequest, .approverNetwork, UInt32(policy), draws)
    turn.schedule(.administratorTimer(policy), after: clock.trueDuration(effort))
  }

  private mutating func comeBack(_ turn: inout Turn) {
    phase = .away
    if nextLook <= turn.now {
      let period = clock.trueDuration(manual.every)
      let missed = (turn.now - nextLook).nanoseconds / period.nanoseconds
      nextLook = nextLook + period * (missed + 1)
    }
    turn.schedule(.administratorTimer(policy), at: nextLook)
  }

  private func call(
    _ call: Call, _ request: UInt32, version: UInt32 = 0, _ turn: inout Turn
  ) {
    var pending = PendingCall(
      call: call, client: .administrator, owner: UInt32(policy), node: TraceEvent.none,
      credential: .component(Identity(.approver, Int(policy))))
    pending.request = request
    pending.resourceVersion = version
    pending.flag = settings.decision == .deny
    turn.call(pending)
  }

  private func tell(
    _ kind: TraceEvent.Kind, _ request: UInt32, value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emitAbout(
      TraceEvent(kind, by: .administrator, request: request, value: value))
  }
}

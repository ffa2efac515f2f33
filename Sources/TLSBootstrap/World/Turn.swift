import SimulationKernel

/// What a component may see and do while it receives one event.
struct Turn: Sendable {
  /// They change only when the scenario, or a component, changes the cluster's objects.
  var facts: Facts
  let chance: Chance
  var journal: Journal
  var now = Instant.zero
  /// The latest event of the chain that this turn continues; new events and effects point to it.
  var cause: UInt32 = 0
  /// The API server is down, or the network is disturbed.
  var isTroubled = false
  /// Whose requests that may meet, besides those of controller-managers.
  var troubledNodes = TroubledNodes.none
  /// What the component wants done, in order. The world empties it after each turn.
  var effects = Effects()
  var calls = CallTable()
  /// The certificates so far, and that of each CSR: what a fetched status contains.
  var certificates: [Certificate] = []
  var certificateOfRequest: [UInt32] = []
  /// The node and the node's attempt of each CSR, so that every event about a CSR names them.
  var originOfRequest: [Origin] = []
  /// By node, the container runtimes that do not answer; asked, never walked.
  var runtimeOutages: [UInt32: RuntimeOutage] = [:]
  /// By node, the next tries of kubelets without a certificate whose loops are, or were, played; asked, never walked.
  var playedTries: [UInt32: PlayedTries] = [:]
  /// Requests of the controller-managers' own clients so far, each of which draws its own latency.
  var managerCalls: UInt32 = 0

  struct Origin: Hashable, Sendable {
    let node: UInt32
    let attempt: UInt16
    let isClient: Bool
  }

  enum TroubledNodes: Hashable, Sendable {
    case none, all
    /// By node.
    case some([Bool])

    func contains(_ node: NodeID) -> Bool {
      switch self {
      case .none: false
      case .all: true
      case .some(let isTroubled): isTroubled[Int(node.index)]
      }
    }
  }

  init(facts: Facts, chance: Chance) {
    self.facts = facts
    self.chance = chance
    journal = Journal()
  }

  enum Effect: Sendable {
    /// A call of the table leaves its client.
    case send(UInt32, after: Duration)
    case schedule(Event, at: Instant, cause: UInt32)
    /// The kubelet of a node came a step further, which `kubeadm join` may wait for.
    case tellKubeadm(NodeID)
    /// `kubeadm join` gave up before it started the kubelet.
    case abandon(NodeID)
    case deleteBootstrapKubeconfig(NodeID)
    /// The process of a node ends: its requests that are queued lose their client.
    case closeConnections(NodeID)
    /// The kubelet closes its connection, to use a new certificate.
    case renewConnection(NodeID)
    /// A heartbeat that is played was sent, or failed in all of its tries.
    case heartbeat(NodeID, isSent: Bool, isReport: Bool)
    /// A kubelet that was started anew has found its Node, which was never Ready.
    case resumeHeartbeats(NodeID)
    /// Something changed that the node's heartbeats depend on.
    case reviewHeartbeats(NodeID)
    /// A node begins to wait without a certificate, and ends such a wait.
    ///
    /// - Parameter since: when its loops began.
    case beginWaiting(since: Instant)
    case endWaiting(since: Instant)
    case settle(NodeID, from: Settlement, to: Settlement)
  }
}

extension Turn {
  /// Records an event that follows from the turn's cause, and makes it the cause of what comes next.
  mutating func emit(_ event: TraceEvent) {
    var event = event
    event.cause = cause
    event.time = now
    cause = journal.record(event)
  }

  /// Records an event about a CSR, which also names the CSR's node and attempt.
  mutating func emitAbout(_ event: TraceEvent) {
    var event = event
    if event.request != TraceEvent.none {
      let origin = originOfRequest[Int(event.request)]
      event.node = origin.node
      event.attempt = origin.attempt
      if !origin.isClient { event.step = 0 }
    }
    emit(event)
  }

  /// Adds the certificate of a CSR that is signed now, and returns its number.
  mutating func addCertificate(
    of request: UInt32, _ validity: ClosedRange<Int64>, isTrusted: Bool
  ) -> UInt32 {
    add(
      Certificate(
        request: RequestID(Int(request)), node: NodeID(Int(originOfRequest[Int(request)].node)),
        signed: now, notBefore: validity.lowerBound, notAfter: validity.upperBound,
        isTrusted: isTrusted))
  }

  /// Adds a certificate to those that there are, and returns its number.
  mutating func add(_ certificate: Certificate) -> UInt32 {
    certificates.append(certificate)
    return UInt32(certificates.count - 1)
  }

  /// What becomes of a node is known, or open again; of what only an outside act can change the trace tells.
  mutating func settle(
    _ node: NodeID, _ known: inout Settlement, as settlement: Settlement,
    by component: TraceEvent.ComponentName, request: UInt32 = TraceEvent.none, attempt: UInt16
  ) {
    guard known != settlement else { return }
    if settlement != .ready && settlement != .waiting {
      emit(
        TraceEvent(
          .settled, by: component, node: node.index, request: request, attempt: attempt,
          value: Int64(settlement.rawValue)))
    }
    effects.append(.settle(node, from: known, to: settlement))
    known = settlement
  }

  mutating func schedule(_ event: Event, after delay: Duration) {
    schedule(event, at: now + delay)
  }

  mutating func schedule(_ event: Event, at instant: Instant) {
    effects.append(.schedule(event, at: instant, cause: cause))
  }

  @inline(__always)
  mutating func call(_ call: PendingCall, after delay: Duration = .zero) {
    var call = call
    call.cause = cause
    effects.append(.send(calls.add(call), after: delay))
  }
}

/// The effects of a turn, in a buffer that is used again.
///
/// Emptying it is one assignment; `Array.removeAll(keepingCapacity:)` took 2.5 % of all instructions
/// of the 5,000-worker run.
struct Effects: Sendable {
  private var storage: [Turn.Effect] = []
  private(set) var count = 0

  @inline(__always)
  mutating func append(_ effect: Turn.Effect) {
    if count < storage.count {
      storage[count] = effect
    } else {
      storage.append(effect)
    }
    count += 1
  }

  subscript(index: Int) -> Turn.Effect { storage[index] }

  mutating func clear() { count = 0 }
}

extension Turn {
  /// Unix nanoseconds.
  func notAfter(of certificate: UInt32) -> Int64 { certificates[Int(certificate)].notAfter }

  /// Why a pending CSR of this node has no future; nil: it has one.
  @inline(__always)
  func outlook(of node: NodeID) -> Settlement? {
    let outlook = facts.outlooks[Int(facts.groupOfNode[Int(node.index)])]
    if !outlook.canBeApproved { return .nobodyApproves }
    // H.3, O22: an expired CA signs nothing.
    let isExpired = facts.managerClock.reading(at: now) >= facts.signingCANotAfter
    return outlook.canBeSigned && !isExpired ? nil : .nobodySigns
  }
}

extension TraceEvent {
  /// An event with the least that every event says; the turn adds id, cause and time.
  package init(
    _ kind: Kind, by component: ComponentName, node: UInt32 = TraceEvent.none,
    request: UInt32 = TraceEvent.none, attempt: UInt16 = 0, step: BootstrapStep? = nil,
    value: Int64 = 0, identity: Identity = .nobody, call: Call = .none, answer: Answer = .ok
  ) {
    self.init(
      id: 0, cause: 0, time: .zero, value: value, node: node, request: request,
      identity: identity.packed, attempt: attempt, component: component,
      step: step?.rawValue ?? 0, kind: kind, call: call, answer: answer)
  }
}

/// What can happen to a component, as it waits in the queue.
enum Event: Hashable, Sendable {
  /// systemd starts the kubelet of a node.
  case kubeletStarts(NodeID)
  case kubeletTimer(NodeID, KubeletTimer, generation: UInt32)
  case requestArrives(UInt32)
  case requestCompletes(UInt32)
  case answerArrives(UInt32)
  /// A watch event reaches the node that created the CSR.
  case nodeSeesRequest(RequestID, RequestConditions, generation: UInt32)
  /// A watch event reaches the controller-manager's informer.
  case informerSeesRequest(RequestID, RequestConditions, version: UInt16, ManagerProcess)
  case workerTimer(Controller, worker: UInt16, ManagerProcess)
  case retryDue(Controller, RequestID, ManagerProcess)
  /// A limiter's wait or a retry's gap of the client that fetches the controllers' token.
  case tokenTimer(ManagerProcess)
  case administratorTimer(UInt16)
  case externalSeesRequest(UInt16, RequestID)
  case externalTimer(UInt16, worker: UInt16)
  /// By the place in `Scenario.faults`.
  case faultBegins(UInt16)
  case faultEnds(UInt16)
  /// An API server that was told to end has had its time.
  case graceEnds(UInt8, start: UInt32)
  /// The kubelet of its node has started an API server that was killed.
  case serverStarts(UInt8)
  /// Who has connections to an API server finds that it was silent for too long.
  case pauseIsNoticed(UInt8, count: UInt32)
  /// The time of an entry of `spec.requests` has come; how often before.
  case clientActs(UInt16, UInt32)
  /// What followed from a request of another client has had its time.
  case clientRests
  /// The connection of a node's watch of its CSR broke.
  case watchBreaks(RequestID, generation: UInt32)
  case kubeadmStarts(NodeID)
  case kubeadmTimer(NodeID)
  /// Somebody's patience in an API server's queues is over, or limits are computed anew.
  case seatTimer(UInt8)
  /// A request that is still executed has reached its deadline.
  case requestTimesOut(UInt32)
  /// A client has waited for what a 429 told it, and then for its limiter's token.
  case retryAfterEnds(UInt32)
  case retryTokenIsDue(UInt32)
  /// The kubelet of a control-plane node starts the controller-manager, as the process that follows this
  /// one.
  case managerStarts(ManagerProcess)
  /// Of its life, its election and its start-up.
  case managerTimer(ManagerProcess)
  /// The list with which the informer's watch begins.
  case informerLists(ManagerProcess)
  /// The connection of its informer is found dead.
  case informerBreaks(ManagerProcess)
  /// The informer watches again after it lost its connection.
  case informerWatches(ManagerProcess)
  /// The informer gives the controllers what it has once more.
  case informerResyncs(ManagerProcess)
  /// csrcleaner's next pass, or the token that its next request waited for.
  case cleanerTimer(ManagerProcess)
  /// The informer of Secrets has something new; a token expires; then tokencleaner's request leaves.
  case tokensChange(ManagerProcess)
  case tokenExpires(ManagerProcess)
  case tokenDeletionTimer(ManagerProcess)
  /// The API server's authenticator sees that a Secret, by its number, is gone.
  case secretVanishes(UInt32)
  /// node-lifecycle's scan finds that a node's heartbeats stopped, as this stop of the node says.
  case nodeTurnsUnknown(NodeID, stop: UInt16, ManagerProcess)
  /// A heartbeat of a node whose clock was stepped back is seen.
  case heartbeatCounts(NodeID, stop: UInt16)
  case csrClientStarts(NodeID)
  case csrClientTimer(NodeID)
}

/// The controllers of kube-controller-manager that handle CSRs one by one.
enum Controller: UInt8, Hashable, Sendable {
  case approver
  case servingSigner, clientSigner
  case apiServerClientSigner
}

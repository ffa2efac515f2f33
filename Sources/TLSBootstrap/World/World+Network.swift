import SimulationKernel

/// The only place that knows connections, latencies and watches.
///
/// What takes no time on the wire arrives in the same turn: without a network latency, which is the
/// default, only the API server's service times are events.
extension World {
  /// A request leaves its client.
  mutating func send(_ number: UInt32, after delay: Duration) {
    var latency = delay
    if turn.isTroubled, meetsTrouble(number, after: delay, &latency) { return }
    let call = turn.calls[number]
    if call.client.isOnNode {
      latency = latency + ordinaryLatency(of: call.owner)
      let leaves = turn.now + delay
      // Spelled out: a call of a function of the world copies it, which was 11 % of the 5,000-worker
      // run.
      let place = Int(call.owner)
      let isKubelet = place < kubelets.count
      let clock = isKubelet ? kubelets[place].clock : csrClients[place - kubelets.count].clock
      let usesOwn = isKubelet && kubelets[place].usesGivenKubeconfig
      if let fault = turn.facts.connectionFault(
        of: NodeID(Int(call.owner)), usesOwn: usesOwn, clock: clock, at: leaves),
        !needsNoHandshake(number), !takesAnyServer(number, fault)
      {
        fail(number, fault, at: leaves + latency)
        return
      }
    }
    if latency == .zero {
      arrive(number)
    } else {
      queue.push(
        Scheduled(event: .requestArrives(number), cause: call.cause), at: turn.now + latency)
    }
  }

  /// The connection does not come about, as the client notices at this instant.
  mutating func fail(_ number: UInt32, _ fault: Answer, at instant: Instant) {
    turn.calls[number].answer = fault
    let cause = record(.connectionFailed, number, value: (instant - turn.now).nanoseconds)
    turn.calls[number].cause = cause
    if turn.calls[number].call == .watchRequest { server.closeWatch(of: turn.calls[number]) }
    if turn.calls[number].call == .deleteSecret { noteSecret(of: turn.calls[number]) }
    if turn.calls[number].client == .client { noteConnectionFailure(of: turn.calls[number]) }
    queue.push(Scheduled(event: .answerArrives(number), cause: cause), at: instant)
  }

  /// C.1: authenticate, find a seat, authorize; a refusal touches no storage.
  ///
  /// Here and in `complete` the call stays in its place: a copy, changed field by field and read as a
  /// whole, makes the processor wait.
  @inline(__always)
  mutating func arrive(_ number: UInt32) {
    var replica = 0
    if turn.isTroubled || hasReplicas {
      guard let reached = reachedServer(number) else { return refuseConnection(number) }
      replica = reached
      if server.replicas[reached].isPaused { return hold(number, on: reached) }
    }
    let credential = turn.calls[number].credential
    let identity =
      credential.kind == .client
      ? admitClient(number, on: replica)
      : server.authenticate(credential, on: replica, &turn)
    let call = turn.calls[number].call
    let flow = turn.facts.flows[identity, call]
    let hasSeat =
      identity != .nobody && fairness[replica].takesSeat(on: flow.level, at: turn.now)
    turn.calls.begin(
      number, by: identity, in: PendingCall.Seat(replica, hasSeat ? flow.level : nil), at: turn.now)
    if identity == .nobody { return refuseCredentials(number) }
    if credential.kind == .token, call == .getHealthz || call == .createRequest {
      turn.calls[number].cause = record(.authenticated, number, step: .authenticates)
    }
    if hasSeat {
      execute(number, flow)
    } else {
      findSeat(number, flow)
    }
  }

  /// 401, or what else keeps a request of another client from getting any further.
  private mutating func refuseCredentials(_ number: UInt32) {
    if turn.calls[number].client == .client, isRefusedAtDoor(number) { return }
    turn.calls[number].answer = .unauthorized
    turn.calls[number].identity = Identity(
      .nobody, sentBy: turn.calls[number].client, entry: turn.calls[number].owner)
    turn.calls[number].cause = record(
      .authenticationFailed, number,
      step: turn.calls[number].credential.kind == .token ? .authenticates : nil)
    let call = turn.calls[number]
    if call.client == .client {
      noteRefusedCredentials(of: call)
    } else if let stale = server.replicas[call.seat.replica].staleTokens,
      call.credential.kind == .token
    {
      let now = turn.facts.serverClock(call.seat.replica).reading(at: turn.now)
      clients.note(message(of: stale[Int(call.credential.number)], at: now), of: call.cause)
    }
    if hasReplicas { closeConnection(of: call) }
    refuse(number)
  }

  /// The request has its seat: it is authorized, and done after its service time.
  @inline(__always)
  mutating func execute(_ number: UInt32, _ flow: Flow) {
    authorize(number, flow.permission)
    let service =
      turn.calls[number].answer.isSuccess ? serviceTime(of: number) : refusalTime(of: number)
    if service > RequestDeadline.alwaysMet { planTimeout(number, service) }
    queue.push(
      Scheduled(event: .requestCompletes(number), cause: turn.calls[number].cause),
      at: turn.now + service)
  }

  /// The answer is a refusal, without a seat.
  mutating func refuse(_ number: UInt32) {
    queue.push(
      Scheduled(event: .requestCompletes(number), cause: turn.calls[number].cause),
      at: turn.now + refusalTime(of: number))
  }

  @inline(__always)
  private mutating func authorize(_ number: UInt32, _ permission: Permission) {
    if turn.calls[number].client == .client { return authorizeClient(number) }
    let step: BootstrapStep? =
      turn.calls[number].credential.kind == .token && turn.calls[number].call == .createRequest
      ? .isAuthorized : nil
    if isAllowed(number, permission) {
      if step != nil { turn.calls[number].cause = record(.authorized, number, step: step) }
    } else {
      turn.calls[number].answer = .forbidden
      turn.calls[number].cause = record(.authorizationFailed, number, step: step)
      if turn.calls[number].call == .deleteSecret { noteSecret(of: turn.calls[number]) }
    }
  }

  /// The request is done: admission, storage, answer, watch events.
  mutating func complete(_ number: UInt32) {
    if turn.isTroubled, isHeldBack(.requestCompletes(number), of: number) { return }
    // What does not change any more.
    let (call, client) = (turn.calls[number].call, turn.calls[number].client)
    switch turn.calls[number].fate {
    case .inHand: break
    case .lost: return turn.calls.release(number)
    case .abandoned: return commit(abandoned: number)
    case .awaited, .paused, .free:
      preconditionFailure("call \(number) is done before any server had it")
    }
    let isWritten = client == .client ? perform(number) : server.execute(number, &turn)
    if isWritten { noteWrite(turn.calls[number]) }
    let cause = record(
      .requestAnswered, number, step: isWritten ? writtenStep(of: number) : nil,
      value: (turn.now - turn.calls[number].received).nanoseconds)
    if client == .client { clients.noteTold(by: cause) }
    if isWritten || call == .watchRequest || call == .watchRequests || call == .deleteSecret
      || call == .listRequest && turn.calls[number].flag
    {
      spread(number, by: cause, isWritten)
    }
    returnSeat(of: number, by: cause)
    if turn.isTroubled, client.isOnNode {
      turn.calls[number].cause = cause
      return answerThroughTrouble(number)
    }
    if turn.isTroubled, client.isInManager {
      turn.calls[number].cause = cause
      if let cut = managerCut(of: turn.calls[number]) { return answerThrough(cut, number) }
      if answersLate(number) { return }
    }
    let latency = client.isOnNode ? networkLatency(of: turn.calls[number].owner) : .zero
    if latency == .zero {
      turn.cause = cause
      // The others go by the turn's: a copy with one field changed made the processor wait for 2 % of the
      // 5,000-worker run.
      let isRefused = turn.calls[number].answer == .tooManyRequests
      if isRefused || client == .client { turn.calls[number].cause = cause }
      let answered = turn.calls.remove(number)
      isRefused ? deliverRefusal(answered) : deliver(answered)
    } else {
      turn.calls[number].fate = .awaited
      turn.calls[number].cause = cause
      queue.push(Scheduled(event: .answerArrives(number), cause: cause), at: turn.now + latency)
    }
  }

  /// Those who watch are told, now or from now on.
  private mutating func spread(_ number: UInt32, by cause: UInt32, _ isWritten: Bool) {
    turn.calls[number].cause = cause
    let call = turn.calls[number]
    if call.call == .deleteSecret { noteSecret(of: call) }
    if isWritten, concernsRequest(call.call) { notifyWatchers(of: call) }
    guard call.answer.isSuccess else {
      if call.call == .watchRequest { server.closeWatch(of: call) }
      return
    }
    if call.call == .watchRequest { openWatch(call) }
    if call.call == .listRequest { tellOfList(call) }
    if call.call == .watchRequests { openInformer(call) }
    if call.call == .deleteSecret { deleteSecret(call) }
  }

  @inline(__always)
  private mutating func returnSeat(of number: UInt32, by cause: UInt32) {
    let seat = turn.calls[number].seat
    guard let level = seat.level else { return }
    if !fairness[seat.replica].returnsSeat(on: level, at: turn.now) {
      freeSeat(of: number, on: level, by: cause)
    }
  }

  func concernsRequest(_ call: Call) -> Bool {
    call == .createRequest || call == .updateApproval || call == .updateStatus
      || call == .deleteRequest
  }

  mutating func noteWrite(_ call: PendingCall) {
    switch call.call {
    case .createRequest:
      turn.certificateOfRequest.append(TraceEvent.none)
      turn.originOfRequest.append(
        Turn.Origin(
          node: server.requests[Int(call.request)].node.index, attempt: call.attempt,
          isClient: call.client != .servingCertificateManager && call.client != .client))
    case .updateApproval where !call.flag:
      turn.journal.statistics.noteApproval(at: turn.now, by: call.identity)
      noteIfAbandoned(call.request, isApproval: true)
    case .updateStatus where call.verdict:
      turn.certificateOfRequest[Int(call.request)] = call.certificate
      turn.journal.statistics.issued.add(turn.now)
      noteIfAbandoned(call.request, isApproval: false)
    default: break
    }
  }

  /// Steps 7, 8 and 10 are reached where the server has stored them; a renewal's are within 15.
  @inline(__always)
  func writtenStep(of number: UInt32) -> BootstrapStep? {
    let call = turn.calls[number]
    guard concernsRequest(call.call) else { return nil }
    let stored = server.requests[Int(call.request)]
    let requestor = stored.requestor.kind
    guard requestor != .node, requestor != .client, stored.shape == 0 else { return nil }
    switch call.call {
    case .createRequest: return .createsRequest
    case .updateApproval:
      return stored.conditions.contains(.approved) ? .requestIsApproved : nil
    case .deleteRequest: return nil
    default: return call.verdict ? .certificateIsWrittenToStatus : nil
    }
  }

  /// The change reaches every watcher: the controller-manager, other approvers, the creator.
  mutating func notifyWatchers(of call: PendingCall) {
    let request = RequestID(Int(call.request))
    let stored = server.requests[Int(call.request)]
    let cause = call.cause
    server.noteWrite(of: call.request, by: cause)
    for index in managers.indices where managers[index].life.isInformerOpen {
      let drawn =
        turn.now
        + watchLatency(owner: call.request, draw: stored.resourceVersion + UInt32(index) << 8)
      let process = managers[index].life.process
      guard
        let drawn = turn.isTroubled ? delivery(toManager: index, at: drawn) : drawn
      else { continue }
      queue.push(
        Scheduled(
          event: .informerSeesRequest(
            request, stored.conditions, version: stored.shortVersion, process),
          cause: cause),
        at: managers[index].life.delivery(drawn: drawn))
    }
    if call.call == .createRequest {
      for (policy, external) in externals.enumerated() where external != nil {
        let latency = watchLatency(owner: call.request, draw: 16 + UInt32(policy))
        queue.push(
          Scheduled(event: .externalSeesRequest(UInt16(policy), request), cause: cause),
          at: turn.now + latency)
      }
    }
    if stored.isWatched { notifyCreator(call.request, stored.conditions, cause) }
    if call.call == .createRequest, call.client == .client { notifyOfNamesake(call) }
  }

  private mutating func openWatch(_ call: PendingCall) {
    // One that goes on after its timeout has missed nothing.
    let hasSeenAll = call.flag && server.requests[Int(call.request)].isWatched
    server.openWatch(of: call.request, generation: call.generation, on: call.seat.replica)
    if !hasSeenAll { tellState(call, goesOn: call.flag) }
  }

  /// A.7 row 2: what an informer lists instead of a watch reaches it as what it watches does.
  private mutating func tellOfList(_ call: PendingCall) {
    server.requests[Int(call.request)].generation = call.generation
    tellState(call, goesOn: false)
  }

  /// - Parameter goesOn: from a resource version that the server knows.
  private mutating func tellState(_ call: PendingCall, goesOn: Bool) {
    let conditions = server.requests[Int(call.request)].conditions
    // Spelled out: a call of a function of the world that changes nothing copies it, which was 13 % of
    // the instructions of the 5,000-worker run.
    if !conditions.contains(.deleted) {
      notifyCreator(call.request, conditions, call.cause)
    } else if !isAwaited(call) {
      // A list has told it already.
    } else if goesOn {
      // A.11: it is told of the deletion.
      notifyCreator(call.request, .deleted, call.cause)
    } else if server.namesake(of: call.request, &turn) != nil {
      // O29: else it begins with whatever has the name now.
      notifyCreator(call.request, .replaced, call.cause)
    } else if call.verdict {
      notifyCreator(call.request, .deleted, call.cause)
    }
    // Who has never seen it waits for one that never comes.
  }

  mutating func notifyCreator(
    _ request: UInt32, _ seen: RequestConditions, _ cause: UInt32
  ) {
    let stored = server.requests[Int(request)]
    let drawn =
      turn.now + watchLatency(owner: request, draw: 8 + stored.resourceVersion)
      + networkLatency(of: stored.node.index)
    // Through a partition that lasts nothing comes: the watch is going to break.
    let reached =
      turn.isTroubled ? delivery(of: request, to: stored.node.index, at: drawn) : drawn
    if let reached {
      queue.push(
        Scheduled(
          event: .nodeSeesRequest(
            RequestID(Int(request)), seen, generation: stored.generation),
          cause: cause),
        at: server.delivery(of: request, drawn: reached))
    }
    // A.7: the wait ends with a verdict, and with it the watch; a certificate without approval is none.
    if !seen.isDisjoint(with: [.denied, .failed, .deleted, .replaced])
      || seen.isSuperset(of: [.approved, .issued])
    {
      if seen == .replaced { server.requests[Int(request)].conditions.insert(.replaced) }
      server.closeWatch(of: request)
    }
  }
}

// MARK: Latencies

extension World {
  @inline(__always)
  mutating func networkLatency(of node: UInt32) -> Duration {
    if turn.isTroubled {
      return ordinaryLatency(of: node)
        + network.delay(of: node, from: turn.now, turn.chance).total
    }
    return ordinaryLatency(of: node)
  }

  @inline(__always)
  private mutating func ordinaryLatency(of node: UInt32) -> Duration {
    if let latency = turn.facts.fixedNetworkLatency { return latency }
    let draw = nextDraw(of: node)
    return turn.chance.length(Facts.Drawn.network, in: turn.facts.drawn, .network, node, draw)
  }

  @inline(__always)
  private func watchLatency(owner: UInt32, draw: UInt32) -> Duration {
    turn.chance.length(Facts.Drawn.watchDelivery, in: turn.facts.drawn, .watch, owner, draw)
  }

  @inline(__always)
  private mutating func serviceTime(of number: UInt32) -> Duration {
    draw(Int(turn.calls[number].call.rawValue), for: number)
  }

  @inline(never)
  private mutating func refusalTime(of number: UInt32) -> Duration {
    draw(Facts.Drawn.refusal, for: number)
  }

  /// Each node's calls draw from the node's stream, the control plane's from its own.
  @inline(__always)
  private mutating func draw(_ latency: Int, for number: UInt32) -> Duration {
    if let length = turn.facts.drawn.constant(latency) { return length }
    let client = turn.calls[number].client
    let owner = turn.calls[number].owner
    let (name, drawer, draw): (Chance.Stream, UInt32, UInt32)
    if client.isOnNode {
      (name, drawer, draw) = (.network, owner, nextDraw(of: owner))
    } else if client.isOfManager {
      (name, drawer, draw) = (.managerNetwork, 1, owner)
    } else if client == .client {
      clients.draws += 1
      (name, drawer, draw) = (.client, 0, clients.draws)
    } else {
      controlPlaneDraws += 1
      (name, drawer, draw) = (.managerNetwork, 0, controlPlaneDraws)
    }
    return turn.facts.drawn.draw(latency, from: turn.chance.stream(name, drawer, draw))
  }

  /// Records an event about a call and returns its number.
  @inline(__always)
  mutating func record(
    _ kind: TraceEvent.Kind, _ number: UInt32, step: BootstrapStep? = nil, value: Int64 = 0
  ) -> UInt32 {
    record(kind, turn.calls[number], step: step, value: value)
  }

  @inline(__always)
  mutating func record(
    _ kind: TraceEvent.Kind, _ call: PendingCall, step: BootstrapStep? = nil, value: Int64 = 0
  ) -> UInt32 {
    var event = TraceEvent(
      kind, by: kind.isOfClient ? call.client.component : .apiserver, node: call.node,
      request: call.request, attempt: call.attempt, step: step, value: value,
      identity: call.identity, call: call.call, answer: call.answer)
    if call.request != TraceEvent.none {
      let origin = turn.originOfRequest[Int(call.request)]
      event.node = origin.node
      event.attempt = origin.attempt
    }
    event.cause = call.cause
    event.time = turn.now
    return turn.journal.record(event)
  }
}

extension TraceEvent.Kind {
  /// Whether a call's client does it, rather than the server.
  fileprivate var isOfClient: Bool {
    self == .connectionFailed || self == .retryAfterWaited || self == .limiterWaited
  }
}

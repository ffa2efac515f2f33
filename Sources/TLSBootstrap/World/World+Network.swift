import SimulationKernel

/// The only place that knows connections, latencies and watches.
///
/// What takes no time on the wire arrives in the same turn: without a network latency, which is the
/// default, only the API server's service times are events.
extension World {
  /// A request leaves its client.
  mutating func send(_ number: UInt32, after delay: Duration) {
    let call = turn.calls[number]
    var latency = delay
    if call.client.isOnNode {
      latency = latency + networkLatency(of: call.owner)
      let leaves = turn.now + delay
      let clock = kubelets[Int(call.owner)].clock
      let usesOwn = kubelets[Int(call.owner)].usesGivenKubeconfig
      if let fault = turn.facts.connectionFault(
        of: NodeID(Int(call.owner)), usesOwn: usesOwn, clock: clock, at: leaves)
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
  private mutating func fail(_ number: UInt32, _ fault: Answer, at instant: Instant) {
    turn.calls[number].answer = fault
    let cause = record(.connectionFailed, turn.calls[number], at: turn.now)
    turn.calls[number].cause = cause
    queue.push(Scheduled(event: .answerArrives(number), cause: cause), at: instant)
  }

  /// C.1: authenticate, then authorize; a refusal touches no storage.
  mutating func arrive(_ number: UInt32) {
    var call = turn.calls[number]
    call.received = turn.now
    call.identity =
      call.client == .client
      ? authenticateClient(call) : server.authenticate(call.credential, &turn)
    let isBootstrap = call.credential.kind == .token
    if call.identity == .nobody {
      call.answer = .unauthorized
      call.cause = record(
        .authenticationFailed, call, at: turn.now, step: isBootstrap ? .authenticates : nil)
      if call.client == .client { noteRefusedCredentials(of: call) }
    } else {
      if isBootstrap, call.call == .getHealthz || call.call == .createRequest {
        call.cause = record(.authenticated, call, at: turn.now, step: .authenticates)
      }
      authorize(&call, isBootstrap: isBootstrap)
    }
    let service =
      call.answer.isSuccess ? serviceTime(of: call) : refusalTime(of: call)
    turn.calls[number] = call
    queue.push(
      Scheduled(event: .requestCompletes(number), cause: call.cause), at: turn.now + service)
  }

  private mutating func authorize(_ call: inout PendingCall, isBootstrap: Bool) {
    if call.client == .client {
      authorizeClient(&call)
      return
    }
    let step: BootstrapStep? =
      isBootstrap && call.call == .createRequest ? .isAuthorized : nil
    if isAllowed(call) {
      if step != nil { call.cause = record(.authorized, call, at: turn.now, step: step) }
    } else {
      call.answer = .forbidden
      call.cause = record(.authorizationFailed, call, at: turn.now, step: step)
    }
  }

  /// The request is done: admission, storage, answer, watch events.
  mutating func complete(_ number: UInt32) {
    var call = turn.calls[number]
    let isWritten =
      call.client == .client
      ? perform(&call) : call.answer.isSuccess && server.execute(&call, &turn)
    if isWritten { noteWrite(call) }
    call.cause = record(
      .requestAnswered, call, at: turn.now,
      step: isWritten ? writtenStep(of: call) : nil,
      value: (turn.now - call.received).nanoseconds)
    if call.client == .client { clients.noteTold(by: call.cause) }
    if isWritten, concernsRequest(call.call) { notifyWatchers(of: call) }
    if call.call == .watchRequest, call.answer.isSuccess { openWatch(call) }
    let latency = call.client.isOnNode ? networkLatency(of: call.owner) : .zero
    if latency == .zero {
      turn.calls.release(number)
      turn.cause = call.cause
      deliver(call)
    } else {
      turn.calls[number] = call
      queue.push(
        Scheduled(event: .answerArrives(number), cause: call.cause), at: turn.now + latency)
    }
  }

  private func concernsRequest(_ call: Call) -> Bool {
    call == .createRequest || call == .updateApproval || call == .updateStatus
      || call == .deleteRequest
  }

  private mutating func noteWrite(_ call: PendingCall) {
    switch call.call {
    case .createRequest:
      turn.certificateOfRequest.append(TraceEvent.none)
      turn.originOfRequest.append(
        Turn.Origin(
          node: call.node, attempt: call.attempt,
          isClient: call.client != .servingCertificateManager && call.client != .client))
    case .updateApproval where !call.flag:
      turn.journal.statistics.noteApproval(at: turn.now, by: call.identity)
    case .updateStatus where call.verdict:
      turn.certificateOfRequest[Int(call.request)] = call.certificate
      turn.journal.statistics.issued.add(turn.now)
    default: break
    }
  }

  /// Steps 7, 8 and 10 are reached where the server has stored them; a renewal's are within 15.
  @inline(__always)
  private func writtenStep(of call: PendingCall) -> BootstrapStep? {
    guard concernsRequest(call.call) else { return nil }
    let stored = server.requests[Int(call.request)]
    guard stored.requestor.kind != .node, stored.shape == 0 else { return nil }
    switch call.call {
    case .createRequest: return .createsRequest
    case .updateApproval:
      return stored.conditions.contains(.approved) ? .requestIsApproved : nil
    case .deleteRequest: return nil
    default: return call.verdict ? .certificateIsWrittenToStatus : nil
    }
  }

  /// The change reaches every watcher: the controller-manager, other approvers, the creator.
  private mutating func notifyWatchers(of call: PendingCall) {
    let request = RequestID(Int(call.request))
    let stored = server.requests[Int(call.request)]
    let cause = call.cause
    if turn.facts.scenario.controllerManager.running {
      let drawn = turn.now + watchLatency(owner: call.request, draw: stored.resourceVersion)
      lastInformerDelivery = max(lastInformerDelivery, drawn)
      queue.push(
        Scheduled(event: .informerSeesRequest(request, stored.conditions), cause: cause),
        at: lastInformerDelivery)
    }
    if call.call == .createRequest {
      for (policy, external) in externals.enumerated() where external != nil {
        let latency = watchLatency(owner: call.request, draw: 16 + UInt32(policy))
        queue.push(
          Scheduled(event: .externalSeesRequest(UInt16(policy), request), cause: cause),
          at: turn.now + latency)
      }
    }
    if stored.isWatched { notifyCreator(call.request, cause) }
  }

  private mutating func openWatch(_ call: PendingCall) {
    server.openWatch(of: call.request, generation: call.generation)
    notifyCreator(call.request, call.cause)
  }

  private mutating func notifyCreator(_ request: UInt32, _ cause: UInt32) {
    let stored = server.requests[Int(request)]
    let drawn =
      turn.now + watchLatency(owner: request, draw: 8 + stored.resourceVersion)
      + networkLatency(of: stored.node.index)
    queue.push(
      Scheduled(
        event: .nodeSeesRequest(
          RequestID(Int(request)), stored.conditions, generation: stored.generation),
        cause: cause),
      at: server.delivery(of: request, drawn: drawn))
    // A.7: the wait ends with a verdict, and with it the watch.
    if !stored.conditions.isDisjoint(with: [.issued, .denied, .failed, .deleted]) {
      server.closeWatch(of: request)
    }
  }
}

// MARK: Latencies

extension World {
  @inline(__always)
  private mutating func networkLatency(of node: UInt32) -> Duration {
    if let latency = turn.facts.fixedNetworkLatency { return latency }
    kubelets[Int(node)].draws.network += 1
    return turn.chance.length(
      turn.facts.latency.network, .network, node, kubelets[Int(node)].draws.network)
  }

  @inline(__always)
  private func watchLatency(owner: UInt32, draw: UInt32) -> Duration {
    turn.chance.length(turn.facts.latency.watchDelivery, .watch, owner, draw)
  }

  private mutating func serviceTime(of call: PendingCall) -> Duration {
    draw(turn.facts.latencyOfCall[Int(call.call.rawValue)], for: call)
  }

  private mutating func refusalTime(of call: PendingCall) -> Duration {
    draw(turn.facts.latency.refusal, for: call)
  }

  /// Each node's calls draw from the node's stream, the control plane's from its own.
  private mutating func draw(_ distribution: Distribution, for call: PendingCall) -> Duration {
    if case .constant(let length) = distribution { return length }
    if call.client.isOnNode {
      kubelets[Int(call.owner)].draws.network += 1
      return turn.chance.length(
        distribution, .network, call.owner, kubelets[Int(call.owner)].draws.network)
    }
    if call.client == .controllerManager {
      return turn.chance.length(distribution, .managerNetwork, 1, call.owner)
    }
    if call.client == .client {
      clients.draws += 1
      return turn.chance.length(distribution, .client, 0, clients.draws)
    }
    controlPlaneDraws += 1
    return turn.chance.length(distribution, .managerNetwork, 0, controlPlaneDraws)
  }

  /// Records an event about a call and returns its number.
  mutating func record(
    _ kind: TraceEvent.Kind, _ call: PendingCall, at instant: Instant,
    step: BootstrapStep? = nil, value: Int64 = 0
  ) -> UInt32 {
    var event = TraceEvent(
      kind, by: .apiserver, node: call.node, request: call.request, step: step, value: value,
      identity: call.identity, call: call.call, answer: call.answer)
    if kind == .connectionFailed { event.component = call.client.component }
    if call.request != TraceEvent.none {
      let origin = turn.originOfRequest[Int(call.request)]
      event.node = origin.node
      event.attempt = origin.attempt
    } else {
      event.attempt = call.attempt
    }
    event.cause = call.cause
    event.time = instant
    return turn.journal.record(event)
  }
}

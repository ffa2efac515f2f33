import SimulationKernel

/// What people ask who look at a world; no component asks it.
extension World {
  /// The scenario with everything that the faults of now make of it.
  public var scenarioInForce: Scenario { turn.facts.scenario }

  /// What the scenario says of a node's group, without what faults make of it.
  public func group(ofNode node: Int) -> NodeGroup {
    scenario.groups[Int(turn.facts.groupOfNode[node])]
  }

  /// The Secret that tokencleaner asked for in this event.
  public func secret(ofEvent event: UInt32) -> String? { clients.secret(of: event) }

  public func clock(ofNode node: Int) -> Clock { clock(of: UInt32(node)) }

  /// A node's clock as it went when this happened.
  public func clock(ofNode node: Int, at event: TraceEvent) -> Clock {
    clock(of: UInt32(node), at: event.time, event: event.id)
  }

  /// A node's clock as it went then.
  public func clock(ofNode node: Int, at instant: Instant) -> Clock {
    clock(of: UInt32(node), at: instant, event: nil)
  }

  /// The API server's clock as it goes now.
  public var apiServerClock: Clock { turn.facts.apiServerClock }

  /// The API server's clock as it went when this happened; of several that differ the one that erred most.
  public func apiServerClock(at event: TraceEvent) -> Clock {
    let then = spelling(of: event)
    let error = { [start = scenario.start] (clock: Clock) in
      clock.offset(at: event.time, start: start).nanoseconds.magnitude
    }
    return then.apiServerClocks.reduce(then.apiServerClock) { error($1) > error($0) ? $1 : $0 }
  }

  /// The controller-manager's clock as it went when this happened.
  public func managerClock(at event: TraceEvent) -> Clock { spelling(of: event).managerClock }

  /// The clock of an approval policy, by its place in `Scenario.approvers`.
  public func clock(ofApprover number: Int) -> Clock {
    Clock(start: scenario.start, skew: scenario.approvers[number].clock)
  }

  /// NotBefore and NotAfter of the API server's certificate, in nanoseconds since 1970.
  public var servingCertificateValidity: ClosedRange<Int64> {
    turn.facts.servingCertificateValidity
  }

  /// NotAfter of the signing CA, in nanoseconds since 1970.
  public var signingCANotAfter: Int64 { turn.facts.signingCANotAfter }

  /// Whether every API server holds the CA that signed the kubelets' certificates for expired (C.5).
  public var signingCAIsOver: Bool { turn.facts.signingCAIsOver(at: turn.now) }

  /// Whether a fault keeps the node's kubelet, or its machine, from running.
  public func isHeld(node: Int) -> Bool {
    hasKubelet(NodeID(node)) && kubelets[node].faults.isHeld
  }

  /// Whether a fault has stopped the node's kubelet in its tracks.
  public func isPaused(node: Int) -> Bool {
    hasKubelet(NodeID(node)) && kubelets[node].faults.isPaused
  }

  /// Whether a fault keeps the node's container runtime from answering.
  public func lacksRuntime(node: Int) -> Bool { turn.lacksRuntime(NodeID(node)) }

  /// Whether a partition keeps the node from the API server.
  public func isCutOff(node: Int) -> Bool { network.cut(of: UInt32(node)) != nil }

  /// The spec of a CSR as its creator wrote it.
  public func shape(ofRequest index: Int) -> RequestShape {
    let request = server.requests[index]
    var shape = shape(of: request)
    if request.shape == 0, request.isNamedByKey { shape.name = requestName(index) }
    return shape
  }

  /// Of a CSR: the event that wrote it last, and when its conditions were dated last, in nanoseconds
  /// since 1970, by whoever wrote them.
  public func latestWrite(ofRequest index: Int) -> (event: UInt32, dated: Int64) {
    let request = server.requests[index]
    return (request.writtenBy, request.date * 1_000_000_000)
  }

  /// Whether a CSR is there no more.
  public func isDeleted(request index: Int) -> Bool { isDeleted(index) }

  /// The certificate of a CSR, by its place among `certificate(at:)`; nil: it has none.
  public func certificate(ofRequest index: Int) -> Int? {
    let number = server.requests[index].certificate
    return number == TraceEvent.none ? nil : Int(number) - earlierCertificates
  }

  /// When the API server stored it, as its clock had it, in nanoseconds since 1970.
  public func creation(ofRequest index: Int) -> Int64 {
    let created = server.requests[index].created
    return turn.facts.apiServerClock.reading(at: created)
  }

  /// When a node's heartbeats stopped; nil: they go on, or never began.
  public func heartbeatsStopped(ofNode node: Int) -> Instant? {
    health[node].stopped == .never ? nil : health[node].stopped
  }

  /// The Lease of the controller-managers: which replica holds it, from 0; nil: there is none.
  public var leaderReplica: Int? {
    server.leaderLease.version == 0 ? nil : ManagerProcess(packed: server.leaderLease.holder).index
  }

  /// How often that Lease changed hands, and its latest renewal: one of them where they go on.
  public var leaderLease: (changes: UInt32, renewed: Instant, isRenewed: Bool) {
    let lease = server.leaderLease
    return (lease.version, lease.lastRenewal, lease.isRenewed)
  }
}

extension TraceEvent {
  /// Stands for what made an object that was there before the run.
  package static let beforeTheRun = TraceEvent(.requestAnswered, by: .apiserver)
}

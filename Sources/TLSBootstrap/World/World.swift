import SimulationKernel

/// The whole simulated cluster at one instant. Copy it and you have forked the future.
public struct World: Sendable {
  var queue = EventQueue<Scheduled>()
  var turn: Turn
  var kubelets: [Kubelet]
  /// Their node numbers come after those of the kubelets.
  var csrClients: [CSRClient] = []
  var server: APIServer
  /// Of each API server.
  var fairness: [PriorityAndFairness]
  /// What a step of `fairness` brought; used again.
  var fairnessChanges = PriorityAndFairness.Changes()
  /// The `seatTimer` of each that is pending, or `.never`.
  var seatTimers: [Instant]
  var balancer: LoadBalancer
  /// The replicas of kube-controller-manager.
  var managers: [ControllerManager]
  var administrators: [Administrator?]
  var externals: [ExternalApprover?]
  /// Calls of the control plane's clients so far, each of which draws its own latency.
  var controlPlaneDraws: UInt32 = 0
  /// What other clients do and were told.
  var clients: ClientRecords
  /// How many of the certificates were made before the run.
  var earlierCertificates = 0
  var tally: Tally
  /// Of each node, what node-lifecycle makes of its heartbeats.
  var health: [NodeHealth]
  /// What the scenario does to the cluster, and how much of that is still to come.
  var acts: Acts
  var outstandingActs = 0
  var network = Network()
  /// One a node; none where nobody joins by kubeadm.
  var joins: [KubeadmJoin] = []
  /// Events taken from the queue so far.
  public private(set) var turns: UInt64 = 0

  /// An event and the record that led to it.
  struct Scheduled: Hashable, Sendable {
    let event: Event
    let cause: UInt32
  }

  /// - Parameter inputs: the bytes of every input, which the digest covers.
  public init(
    _ scenario: Scenario, inputs: some Sequence<UInt8> = [UInt8](), level: TraceLevel = .none,
    jitter: Jitter = .drawn
  ) {
    let facts = Facts(scenario)
    turn = Turn(
      facts: facts, chance: Chance(seed: scenario.seed, isLowest: jitter == .lowest))
    turn.journal.level = level
    turn.journal.absorb(inputs: inputs, seed: scenario.seed)
    turn.journal.statistics.lastStep = Array(
      repeating: .zero, count: facts.groupOfNode.count)
    server = APIServer(facts)
    balancer = LoadBalancer(facts)
    var fair = PriorityAndFairness(scenario.apiServer)
    if scenario.apiServer.enablePriorityAndFairness {
      fair.expect(WaitingNodes(facts, turn.chance, service: facts.latency.refusal.median))
    }
    fairness = Array(repeating: fair, count: scenario.apiServer.replicas)
    seatTimers = Array(repeating: .never, count: scenario.apiServer.replicas)
    managers = ControllerManager.replicas(facts.scenario.controllerManager)
    administrators = scenario.approvers.enumerated().map { number, settings in
      guard case .manual(let manual) = settings.kind else { return nil }
      return Administrator(
        policy: UInt16(number), settings, manual, start: scenario.start)
    }
    externals = scenario.approvers.enumerated().map { number, settings in
      guard case .external(let external) = settings.kind else { return nil }
      return ExternalApprover(policy: UInt16(number), settings, external)
    }
    clients = ClientRecords(entries: scenario.requests.count)
    kubelets = []
    tally = Tally(nodes: facts.groupOfNode.count)
    health = Array(repeating: NodeHealth(), count: facts.groupOfNode.count)
    acts = Acts(scenario)
    reserveCapacity(nodes: facts.groupOfNode.count)
    addNodes()
    prepareDisks()
    prepareJoins()
    scheduleFaults()
    startManagers()
    beginTokens()
    startAll()
  }

  /// Whether jitters are drawn, or take their least value as in the timelines of section S.
  public enum Jitter: Sendable { case drawn, lowest }
}

/// How many nodes are in which state.
struct Tally: Hashable, Sendable {
  let nodes: Int
  private(set) var ready = 0
  /// Nodes whose fate only an outside act can change.
  private(set) var failed = 0
  /// The rest; kept, because it is asked for before each turn.
  private(set) var waiting: Int

  init(nodes: Int) {
    self.nodes = nodes
    waiting = nodes
  }

  mutating func move(from before: Settlement, to after: Settlement) {
    change(before, by: -1)
    change(after, by: 1)
  }

  private mutating func change(_ settlement: Settlement, by one: Int) {
    switch settlement {
    case .waiting: waiting += one
    case .ready: ready += one
    default: failed += one
    }
  }
}

// MARK: The start

extension World {
  /// One CSR and one certificate a node is the least of most runs: arrays that grow are copied, and
  /// touch fresh memory each time.
  private mutating func reserveCapacity(nodes count: Int) {
    kubelets.reserveCapacity(count)
    // The loops of a kubelet's start wait side by side.
    queue.reserveCapacity(4 * count)
    server.reserveCapacity(count)
    turn.certificates.reserveCapacity(count)
    turn.certificateOfRequest.reserveCapacity(count)
    turn.originOfRequest.reserveCapacity(count)
  }

  private mutating func addNodes() {
    let facts = turn.facts
    for index in facts.groupOfNode.indices {
      let node = NodeID(index)
      let group = facts.group(of: node)
      var stream = turn.chance.stream(.clock, node.index, 0)
      let offset = group.clockOffset.shift + group.clockOffset.spread.draw(from: &stream)
      let range = group.clockDriftPPB
      let drift = stream.next(in: range.lowerBound..<(range.upperBound + 1))
      let clock = Clock(
        start: facts.scenario.start, skew: ClockSkew(offset: offset, driftPPB: drift))
      if let settings = group.csrClient {
        csrClients.append(CSRClient(node: node, clock: clock, settings))
      } else {
        precondition(csrClients.isEmpty, "group \(group.name) comes after one of CSR clients")
        kubelets.append(Kubelet(node: node, clock: clock))
      }
    }
  }

  private mutating func startAll() {
    var node = 0
    for (number, group) in turn.facts.scenario.groups.enumerated() {
      var stream = turn.chance.stream(.start, UInt32(number), UInt32.max)
      var process = Instant.zero
      for place in group.nodeNames.indices {
        let start: Instant
        switch group.arrivals {
        case .atOnce(let delay): start = .zero + delay
        case .uniform(let from, let to):
          start = .zero + Duration(nanoseconds: stream.next(in: from.nanoseconds..<to.nanoseconds))
        case .poisson(let from, let milliRate):
          let mean = Duration.seconds(1_000).scaled(by: 1, over: milliRate)
          process = process + Distribution.exponential(mean: mean).draw(from: &stream)
          start = process + from
        case .times(let times): start = .zero + times[place]
        }
        let id = NodeID(node)
        let event: Event =
          group.joinsByKubeadm
          ? .kubeadmStarts(id) : group.csrClient == nil ? .kubeletStarts(id) : .csrClientStarts(id)
        queue.push(Scheduled(event: event, cause: 0), at: start)
        node += 1
      }
    }
    for administrator in administrators {
      administrator?.begin(&turn)
    }
    beginClients()
    applyEffects()
  }
}

// MARK: The loop

extension World {
  /// Lets the next event happen; false when none is left.
  @discardableResult
  mutating func step() -> Bool {
    guard let scheduled = queue.pop() else { return false }
    happen(scheduled)
    return true
  }

  /// Lets an event that was taken from the queue happen.
  @inline(__always)
  mutating func happen(_ scheduled: Scheduled) {
    turns += 1
    turn.now = queue.now
    turn.cause = scheduled.cause
    fetchAhead()
    handle(scheduled.event)
    applyEffects()
  }

  /// Gives an event to the component that it is for.
  @inline(__always)
  private mutating func handle(_ event: Event) {
    switch event {
    case .kubeletStarts(let node):
      if kubelets[Int(node.index)].mayStart() { kubelets[Int(node.index)].receive(.started, &turn) }
    case .kubeletTimer(let node, let timer, let generation):
      guard reaches(node, generation, event) else { return }
      kubelets[Int(node.index)].receive(.timerFired(timer), &turn)
    case .requestArrives(let call): if !wasLost(call) { arrive(call) }
    case .requestCompletes(let call): complete(call)
    case .answerArrives(let number):
      if !wasLost(number) { receiveAnswer(turn.calls.remove(number)) }
    case .nodeSeesRequest(let request, let conditions, let generation):
      let node = server.requests[Int(request.index)].node
      guard hasKubelet(node) else {
        return give(.sawRequest(request, conditions), toClient: node.index)
      }
      guard reaches(node, generation, event) else { return }
      kubelets[Int(node.index)].receive(.sawRequest(request, conditions), &turn)
    case .informerSeesRequest(let request, let conditions, let version, let process):
      guard reaches(process, event) else { return }
      let seen = cached(server.requests[Int(request.index)], conditions, version: version)
      managers[process.index].see(request, seen, &turn)
    case .workerTimer(let controller, let worker, let process):
      guard reaches(process, event) else { return }
      managers[process.index].timerFired(controller, worker: worker, &turn)
    case .retryDue(let controller, let request, let process):
      if reaches(process, event) { managers[process.index].retry(controller, request, &turn) }
    case .tokenTimer(let process):
      if reaches(process, event) { managers[process.index].tokenTimerFired(&turn) }
    case .administratorTimer(let policy): administrators[Int(policy)]?.timerFired(&turn)
    case .externalSeesRequest(let policy, let request):
      externals[Int(policy)]?.see(request, RequestList(requests: server.requests), &turn)
    case .externalTimer(let policy, let worker):
      externals[Int(policy)]?.timerFired(worker, &turn)
    case .faultBegins(let number): begin(fault: number)
    case .faultEnds(let number): end(fault: number)
    case .graceEnds(let replica, let start): endGrace(of: Int(replica), start: start)
    case .serverStarts(let replica): startServer(Int(replica))
    case .pauseIsNoticed(let replica, let count): noticePause(of: Int(replica), count: count)
    case .clientActs(let entry, let times): act(Int(entry), times)
    case .clientRests: outstandingActs -= 1
    case .kubeadmStarts(let node): join(node)
    case .kubeadmTimer(let node): joinTimerFired(node)
    case .watchBreaks(let request, let generation): breakWatch(of: request, generation, event)
    case .seatTimer(let replica): seatTimerFired(Int(replica))
    case .requestTimesOut(let call): timeOut(call)
    case .retryAfterEnds(let call): takeRetryToken(call)
    case .retryTokenIsDue(let call): sendAgain(call)
    case .managerStarts(let process): startManager(after: process)
    case .managerTimer(let process): if reaches(process, event) { managerTimerFired(process) }
    case .informerLists(let process):
      if reaches(process, event) { managers[process.index].takeList(&turn) }
    case .informerBreaks(let process): noticeCut(of: process)
    case .informerWatches(let process):
      if reaches(process, event) { managers[process.index].watchAgain(&turn) }
    case .informerResyncs(let process): if reaches(process, event) { resync(process) }
    case .cleanerTimer(let process):
      if reaches(process, event) { managers[process.index].clean(server, &turn) }
    case .tokensChange(let process): if reaches(process, event) { lookAtTokens(process) }
    case .tokenExpires(let process): if reaches(process, event) { tokenExpires(process) }
    case .tokenDeletionTimer(let process):
      if reaches(process, event) { managers[process.index].deleteToken(&turn) }
    case .secretVanishes(let number): removeSecret(number)
    case .nodeTurnsUnknown(let node, let stop, let process):
      if reaches(process, event) { markUnknown(node, stop) }
    case .heartbeatCounts(let node, let stop): heartbeatIsDue(of: node, stop)
    case .csrClientStarts(let node): give(.started, toClient: node.index)
    case .csrClientTimer(let node): give(.timerFired, toClient: node.index)
    }
  }

  private mutating func breakWatch(of request: RequestID, _ generation: UInt32, _ event: Event) {
    let node = server.requests[Int(request.index)].node
    guard hasKubelet(node) else { return give(.watchBroke(request), toClient: node.index) }
    guard reaches(node, generation, event) else { return }
    kubelets[Int(node.index)].receive(.watchBroke(request), &turn)
  }

  /// Whether what is for this process of a kubelet reaches it now: a crash cancels all, and what comes
  /// during a pause is kept.
  @inline(__always)
  private mutating func reaches(_ node: NodeID, _ generation: UInt32, _ event: Event) -> Bool {
    guard kubelets[Int(node.index)].isAlive(generation) else { return false }
    guard kubelets[Int(node.index)].faults.isPaused else { return true }
    postpone(event, for: node)
    return false
  }

  /// Hands an answer to the client that waits for it.
  mutating func deliver(_ call: PendingCall) {
    switch call.client {
    case .clientCertificateManager, .servingCertificateManager, .kubelet:
      guard kubelets[Int(call.owner)].isAlive(call.generation) else { return }
      if kubelets[Int(call.owner)].faults.isPaused {
        return postpone(.answerArrives(turn.calls.add(call)), for: NodeID(Int(call.owner)))
      }
      kubelets[Int(call.owner)].receive(.answered(call), &turn)
    case .kubeadm: receiveForJoin(call)
    case .approver, .signer, .controllerManager, .csrcleaner, .tokenCleaner, .bootstrapSigner:
      let process = ManagerProcess(packed: call.generation)
      guard reaches(process, answer: call) else { return }
      receiveForManager(call, process)
    case .administrator:
      let list = RequestList(requests: server.requests)
      administrators[Int(call.owner)]?.receive(call, list, &turn)
    case .externalApprover:
      let list = RequestList(requests: server.requests)
      externals[Int(call.owner >> 16)]?.receive(
        call, worker: UInt16(truncatingIfNeeded: call.owner), list, &turn)
    case .client: clientReceives(call)
    case .csrClient: give(.answered(call), toClient: call.owner)
    }
  }

  /// Turns what the turn asked for into later events.
  @inline(__always)
  private mutating func applyEffects() {
    var index = 0
    // What an effect leads to may have effects of its own.
    while index < turn.effects.count {
      defer { index += 1 }
      switch turn.effects[index] {
      case .schedule(let event, let instant, let cause):
        guard instant < .never else { continue }
        queue.push(Scheduled(event: event, cause: cause), at: instant)
      case .send(let call, let delay): send(call, after: delay)
      case .tellKubeadm(let node): lookForJoin(node)
      case .abandon(let node): kubelets[Int(node.index)].settle(.joinFailed, &turn)
      case .deleteBootstrapKubeconfig(let node):
        kubelets[Int(node.index)].disk.isBootstrapKubeconfigDeleted = true
      case .closeConnections(let node):
        withdraw(queuedBy: node)
        if hasReplicas { balancer.disconnect(node: node.index) }
        health[Int(node.index)].isConnected = false
        reviewHeartbeats(of: node)
      case .resumeHeartbeats(let node): resumeHeartbeats(of: node)
      case .renewConnection(let node):
        if hasReplicas { balancer.disconnect(.node(node.index, isByToken: false)) }
        breakRequests(of: node)
        closeForNewCertificate(of: node)
      case .reviewHeartbeats(let node): reviewHeartbeats(of: node)
      case .heartbeat(let node, let isSent, let isReport):
        noteHeartbeat(of: node, isSent: isSent, isReport: isReport)
      case .beginWaiting(let began): beginWait(began: began)
      case .endWaiting(let began): endWait(began: began)
      case .settle(let node, let before, let after):
        tally.move(from: before, to: after)
        noteHeartbeats(of: node, before, after)
      }
    }
    turn.effects.clear()
  }
}

extension Kubelet {
  func isAlive(_ generation: UInt32) -> Bool {
    self.generation == generation && phase != .stopped
  }
}

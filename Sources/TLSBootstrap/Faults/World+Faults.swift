import SimulationKernel

/// What the scenario does to the cluster at given times.
struct Acts: Sendable {
  /// The scenario as it was given, apart from what components changed in its objects.
  var base: Scenario
  /// The faults that hold, in the order in which they began.
  fileprivate var standing: [Standing] = []

  /// What nodes whose kubelet is paused will find when it goes on, in order.
  var postponed: [Postponed] = []

  struct Postponed: Hashable {
    let node: NodeID
    let event: Event
    let cause: UInt32
  }

  /// What held before each act, in order.
  fileprivate(set) var earlierSpellings: [Spelling] = []
  /// Of each node whose clock was changed, in order; asked, never walked.
  var earlierClocks: [UInt32: [EarlierClock]] = [:]

  fileprivate struct Standing: Hashable {
    let number: UInt16
    let began: Instant
  }

  /// When faults begin and end, latest first: what happened before is told before.
  fileprivate var boundaries: [Instant] = []
  /// The next of them.
  var nextBoundary: Instant { boundaries.last ?? .never }

  init(_ scenario: Scenario) {
    base = scenario
    for fault in scenario.faults {
      boundaries.append(.zero + fault.at)
      if let length = fault.length { boundaries.append(.zero + fault.at + length) }
    }
    boundaries.sort(by: >)
  }

  /// A component will change an object at this instant.
  mutating func addBoundary(_ instant: Instant) {
    boundaries.insert(instant, at: boundaries.firstIndex { $0 <= instant } ?? boundaries.endIndex)
  }

  mutating func passBoundary() {
    let passed = nextBoundary
    while boundaries.last == passed { boundaries.removeLast() }
  }
}

extension World {
  /// Before anything else of the same instant.
  mutating func scheduleFaults() {
    for (number, fault) in acts.base.faults.enumerated() {
      let begin = Instant.zero + fault.at
      queue.push(Scheduled(event: .faultBegins(UInt16(number)), cause: 0), at: begin)
      outstandingActs += 1
      guard let length = fault.length else { continue }
      queue.push(Scheduled(event: .faultEnds(UInt16(number)), cause: 0), at: begin + length)
      outstandingActs += 1
    }
  }

  mutating func begin(fault number: UInt16) {
    let fault = acts.base.faults[Int(number)].fault
    turn.emit(TraceEvent(.faultBegan, by: .scenario, value: Int64(number)))
    acts.standing.append(Acts.Standing(number: number, began: turn.now))
    renewFacts()
    fault.begin(&self, number)
    finishAct()
  }

  mutating func end(fault number: UInt16) {
    let fault = acts.base.faults[Int(number)].fault
    turn.emit(TraceEvent(.faultEnded, by: .scenario, value: Int64(number)))
    for standing in acts.standing where standing.number == number {
      fault.leave(&acts.base, began: standing.began, ended: turn.now)
    }
    acts.standing.removeAll { $0.number == number }
    renewFacts()
    fault.end(&self, number)
    finishAct()
  }

  /// A component changes an object that the scenario gave, such as the Secret of a token.
  mutating func changeObjects(_ change: (inout Scenario) -> Void) {
    change(&acts.base)
    renewFacts()
    reconsider()
  }

  /// A component came to its end for good: what follows from that, and who waits in vain, is found anew.
  mutating func judgeAnew() {
    renewFacts()
    reconsider()
  }

  /// What follows from the scenario is found anew, with all that holds now.
  private mutating func renewFacts() {
    var scenario = acts.base
    for standing in acts.standing {
      scenario.faults[Int(standing.number)].fault.change(&scenario, began: standing.began)
    }
    let earlier = turn.facts
    acts.earlierSpellings.append(Spelling(earlier, through: turn.journal.count, until: turn.now))
    let facts = Facts(scenario, after: earlier)
    endWaits(before: facts)
    turn.facts = facts
    // Who waits for a controller-manager then waits in vain (O23).
    if scenario.controllerManager.running, managers.indices.allSatisfy(isLost) {
      scenario.controllerManager.running = false
      turn.facts = Facts(scenario, after: earlier)
    }
    if turn.facts.scenario.secrets != earlier.scenario.secrets { noticeSecrets() }
    lookAtRenewals()
  }

  /// L.2: the requests of nodes without a certificate are played from now on where the answers change; until now
  /// they were those of the facts that still hold.
  private mutating func endWaits(before facts: Facts) {
    let cause = turn.cause
    for index in kubelets.indices where kubelets[index].isWaiting {
      let usesOwn = kubelets[index].usesGivenKubeconfig
      if turn.facts.answersAlike(facts, waiting: NodeID(index), usesOwn: usesOwn) { continue }
      kubelets[index].resumeWork(&turn)
      turn.cause = cause
    }
  }

  /// The same of nodes that an act hits.
  mutating func endWaits(of nodes: [NodeID]) {
    forEach(of: nodes) { if $0.isWaiting { $0.resumeWork(&$1) } }
  }

  /// The same of nodes whose clocks are going to be stepped, or to go at another rate.
  mutating func endWaits(of nodes: [NodeID], by step: Duration, driftPPB drift: Int64) {
    guard drift == 0 else { return endWaits(of: nodes) }
    forEach(of: nodes) { kubelet, turn in
      guard kubelet.isWaiting else { return }
      var clock = kubelet.clock
      clock.change(by: step, driftPPB: 0)
      kubelet.wait(by: clock, &turn)
    }
  }

  /// Whether a controller-manager has nothing more to do in this run: it stands still for good, the API
  /// server that it asks, that of its own host, is gone for good while others answer the nodes, or it will never
  /// lead.
  private func isLost(manager: Int) -> Bool {
    let mustBeElected =
      turn.facts.scenario.controllerManager.leaderElect
      && [.down, .starting, .candidate].contains(managers[manager].life.phase)
    if mustBeElected, !mayHoldLease { return true }
    return acts.standing.contains { standing in
      let timed = acts.base.faults[Int(standing.number)]
      guard timed.length == nil else { return false }
      switch timed.fault {
      case .manager(let fault): return fault.stops(manager)
      case .apiServerDown(let server?, let grace):
        // Within a grace period it may still be answered.
        return hasReplicas && turn.now >= standing.began + grace
          && server == ownServer(ofManager: manager)
      case .managerNetwork(.partition, let replica): return replica ?? manager == manager
      case .apiServerPaused(let server?):
        return hasReplicas && server == ownServer(ofManager: manager)
      case .token, .binding, .serverClock, .managerClock, .nodeClock, .kubelet, .disk,
        .runtimeDown, .authority, .apiServerDown, .apiServerKilled, .apiServerPaused,
        .staleSecrets, .network, .managerNetwork:
        return false
      }
    }
  }

  /// When the pauses of an API server that hold now will be over; `.never`: not in this run.
  func pauseEnd(of replica: Int) -> Instant {
    acts.standing.reduce(turn.now) { end, standing in
      let timed = acts.base.faults[Int(standing.number)]
      guard case .apiServerPaused(let hit) = timed.fault, hit ?? replica == replica else {
        return end
      }
      return max(end, timed.length.map { standing.began + $0 } ?? .never)
    }
  }

  mutating func finishAct() {
    outstandingActs -= 1
    reconsider()
    reviewHeartbeats()
  }

  /// An act may change any node's fate: what seemed hopeless is judged anew when the node meets it, and at once
  /// whether its pending CSR has a future.
  private mutating func reconsider() {
    for node in allNodes where turn.outlook(of: node) != settlement(of: node) {
      let isLost = hasKubelet(node) && kubelets[Int(node.index)].settlement == .certificateExpired
      // Only its container runtime's return changes that.
      if turn.lacksRuntime(node), kubelets[Int(node.index)].hasReportedLoss { continue }
      reopen(node)
      // It meets nothing any more: it goes on with a certificate that nobody takes (B.7).
      if isLost { kubelets[Int(node.index)].settleIfLost(&turn) }
    }
  }

  var allNodes: [NodeID] { (0..<nodeCount).map { NodeID($0) } }

  /// A clock was changed: what was planned by it is planned anew.
  mutating func lookAtCertificates(of nodes: [NodeID]) {
    forEach(of: nodes) { $0.lookAtCertificate(&$1) }
  }

  /// The nodes that a fault hits, in the order of the file; the same at its beginning and its end.
  func select(_ selector: NodeSelector, for number: UInt16) -> [NodeID] {
    let pattern = selector.name.map(Pattern.init)
    var nodes = allNodes.filter { node in
      if let group = selector.group, turn.facts.group(of: node).name != group { return false }
      return pattern?.matches(turn.facts.name(of: node)) ?? true
    }
    let count: Int
    switch selector.mode {
    case .all: return nodes
    case .fixed(let wanted): count = min(wanted, nodes.count)
    case .percent(let share): count = (nodes.count * share + 99) / 100
    }
    var stream = turn.chance.stream(.fault, UInt32(number), 0)
    stream.shuffle(&nodes, places: count)
    return nodes.prefix(count).sorted { $0.index < $1.index }
  }
}

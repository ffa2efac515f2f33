import SimulationKernel

/// The network between nodes and the API server. Source of the words: Chaos Mesh NetworkChaos.
public enum NetworkFault: Hashable, Sendable {
  /// Each way takes this much longer.
  case delay(Distribution)
  /// So many of 1,000 packets are lost, and sent again by TCP.
  case loss(perMille: Int64)
  /// Nothing gets through.
  case partition

  func begin(_ world: inout World, _ number: UInt16, _ nodes: [NodeID]) {
    let began = world.turn.now
    let end = world.acts.base.faults[Int(number)].length.map { began + $0 } ?? .never
    world.endWaits(of: nodes)
    world.network.add(self, number, nodes, count: world.nodeCount, from: began, to: end)
    world.trouble()
    guard self == .partition else { return }
    world.cutWatches(of: nodes, by: number)
  }

  func end(_ world: inout World, _ number: UInt16) {
    world.network.remove(number)
    world.trouble()
  }
}

/// What the network faults that hold do to each node.
package struct Network: Hashable, Sendable {
  /// A dead connection is found after 30 s without a read and 15 s without an answer to a ping.
  /// Source: A.11.
  static let detection = Duration.seconds(45)
  /// The longest delay of a controller-manager's way: with more the answer to a ping would come too late.
  /// Source: A.11, 15 s.
  package static let longestManagerDelay = Duration.milliseconds(7_500)
  /// Source: A.11, the dialler's timeout.
  static let dialTimeout = Duration.seconds(30)
  /// Source: A.11, the transport's `TLSHandshakeTimeout`.
  static let handshakeTimeout = Duration.seconds(10)
  /// When TCP sends its SYN, from the first: 1, 2, 4, 8 s apart. Source: RFC 6298, Linux
  /// `tcp_syn_retries`.
  static let synTries: [Duration] = [0, 1, 3, 7, 15].map { .seconds($0) }
  /// TCP's first retransmission timeout on a connection that is open. Source: Linux `TCP_RTO_MIN`,
  /// 200 ms.
  static let retransmission = Duration.milliseconds(200)

  private var faults: [Active] = []
  private var managerCuts: [ManagerCut] = []
  private var managerDelays: [ManagerDelay] = []
  private var draws: UInt32 = 0

  private struct Active: Hashable {
    let number: UInt16
    let fault: NetworkFault
    let hits: [Bool]
    let began: Instant
    /// `.never`: not in this run.
    let end: Instant
  }

  /// What a way takes longer, because packets are late, and because they are sent again.
  struct Delay: Hashable, Sendable {
    var late = Duration.zero
    var lost = Duration.zero

    var total: Duration { late + lost }
  }

  /// A partition around one node.
  struct Cut: Hashable, Sendable {
    let began: Instant
    let fault: UInt16
  }

  /// A partition around a controller-manager.
  struct ManagerCut: Hashable, Sendable {
    let fault: UInt16
    /// nil: every one.
    let replica: Int?
    let began: Instant
    /// `.never`: not in this run.
    let end: Instant

    /// When a connection that was open at its beginning is found dead.
    var lost: Instant { began + Network.detection }
  }

  /// Packets to and from a controller-manager are late or lost.
  struct ManagerDelay: Hashable, Sendable {
    let number: UInt16
    let fault: NetworkFault
    /// nil: every one.
    let replica: Int?
    let end: Instant
  }

  var isCalm: Bool { faults.isEmpty && managerCuts.isEmpty && managerDelays.isEmpty }
  /// Whom any fault hits.
  var troubledNodes: Turn.TroubledNodes {
    guard let first = faults.first else { return .none }
    return .some(
      first.hits.indices.map { node in faults.contains { $0.hits[node] } })
  }

  mutating func add(_ cut: ManagerCut) { managerCuts.append(cut) }

  mutating func add(_ delay: ManagerDelay) { managerDelays.append(delay) }

  mutating func removeManagerFault(_ number: UInt16) {
    managerCuts.removeAll { $0.fault == number }
    managerDelays.removeAll { $0.number == number }
  }

  func delays(manager replica: Int) -> Bool {
    managerDelays.contains { $0.replica ?? replica == replica }
  }

  /// How much longer one way of a controller-manager takes whose packet leaves then.
  mutating func delay(ofManager replica: Int, from start: Instant, _ chance: Chance) -> Delay {
    var delay = Delay()
    for active in managerDelays where active.replica ?? replica == replica {
      draws += 1
      let owner = UInt32.max - UInt32(replica)
      add(active.fault, of: owner, from: start, to: active.end, chance, to: &delay)
    }
    return delay
  }

  /// Of the partitions around a controller-manager the one that lasts longest; nil: there is none.
  func cut(ofManager replica: Int) -> ManagerCut? {
    managerCuts.filter { $0.replica ?? replica == replica }.max { $0.end < $1.end }
  }

  fileprivate mutating func add(
    _ fault: NetworkFault, _ number: UInt16, _ nodes: [NodeID], count: Int, from began: Instant,
    to end: Instant
  ) {
    var hits = Array(repeating: false, count: count)
    for node in nodes { hits[Int(node.index)] = true }
    faults.append(Active(number: number, fault: fault, hits: hits, began: began, end: end))
  }

  fileprivate mutating func remove(_ number: UInt16) { faults.removeAll { $0.number == number } }

  /// The latest partition of those around a node; nil: there is none.
  func cut(of node: UInt32) -> Cut? {
    faults.last { $0.fault == .partition && $0.hits[Int(node)] }
      .map { Cut(began: $0.began, fault: $0.number) }
  }

  /// How much longer one way takes whose packet leaves then.
  mutating func delay(of node: UInt32, from start: Instant, _ chance: Chance) -> Delay {
    var delay = Delay()
    for active in faults where active.hits[Int(node)] {
      draws += 1
      add(active.fault, of: node, from: start, to: active.end, chance, to: &delay)
    }
    return delay
  }

  private func add(
    _ fault: NetworkFault, of owner: UInt32, from start: Instant, to end: Instant,
    _ chance: Chance, to delay: inout Delay
  ) {
    switch fault {
    case .partition: break
    case .delay(let length):
      delay.late = delay.late + chance.length(length, .networkFault, owner, draws)
    case .loss(let perMille):
      var stream = chance.stream(.networkFault, owner, draws)
      delay.lost = delay.lost + Self.retransmissions(perMille, from: start, to: end, &stream)
    }
  }

  /// 200, 400, 800 ms … for each time in a row that the packet is lost, fifteen at most: what is sent after
  /// the end gets through.
  private static func retransmissions(
    _ perMille: Int64, from start: Instant, to end: Instant, _ stream: inout RandomStream
  ) -> Duration {
    var total = Duration.zero
    var timeout = retransmission
    for _ in 0..<15 {
      guard start + total < end, Int64(stream.next(below: 1_000)) < perMille else { break }
      total = total + timeout
      timeout = timeout * 2
    }
    return total
  }
}

extension World {
  /// When the partition will be over; `.never`: not in this run.
  private func end(of cut: Network.Cut) -> Instant {
    acts.base.faults[Int(cut.fault)].length.map { cut.began + $0 } ?? .never
  }

  /// Whether a partition lasts until a client that has an open connection finds it dead.
  func outlastsConnections(_ cut: Network.Cut) -> Bool {
    end(of: cut) > cut.began + Network.detection
  }

  /// A connection is dialled from within a partition: by a SYN sent again after its end, or in vain. A client
  /// with a timeout of its own waits no longer.
  mutating func connectThrough(_ cut: Network.Cut, _ number: UInt32, from start: Instant) {
    let end = end(of: cut)
    let patience = clientTimeout(of: turn.calls[number])
    for pause in Network.synTries where start + pause >= end && pause < patience ?? .days(1) {
      let connected = start + pause
      if let fault = connectionFault(number, at: connected), !takesAnyServer(number, fault) {
        return fail(number, fault, at: connected)
      }
      queue.push(
        Scheduled(event: .requestArrives(number), cause: turn.calls[number].cause), at: connected)
      return
    }
    if let patience, patience < Network.dialTimeout {
      return giveUp(number, at: start + patience)
    }
    fail(number, .dialTimeout, at: start + Network.dialTimeout)
  }

  /// Why a node's new connection fails that is dialled for a request.
  private func connectionFault(_ number: UInt32, at instant: Instant) -> Answer? {
    let node = turn.calls[number].owner
    return turn.facts.connectionFault(
      of: NodeID(Int(node)), usesOwn: usesGivenKubeconfig(node), clock: clock(of: node),
      at: instant)
  }

  /// Whether a request's connection does not come about in time; then its client has been told.
  ///
  /// - Parameter latency: else gets what its way takes longer.
  mutating func isTooSlow(
    _ number: UInt32, after wait: Duration, _ latency: inout Duration
  ) -> Bool {
    let leaves = turn.now + wait
    let delay = network.delay(of: turn.calls[number].owner, from: leaves, turn.chance)
    guard delay.total > .zero else { return false }
    latency = latency + delay.total
    // There and back: a SYN and its answer, then a hello and its answer.
    let trip = delay.late * 2
    let dial = trip + delay.lost
    if let patience = clientTimeout(of: turn.calls[number]) {
      // Over a connection that is open, the answer only.
      if keepsConnection(number) ? dial >= patience : dial + trip >= patience {
        giveUp(number, at: leaves + patience)
        return true
      }
      let left = (patience - delay.total).nanoseconds / 1_000_000
      turn.calls[number].timeLeft = UInt16(clamping: max(1, left))
    } else if dial > Network.dialTimeout {
      fail(number, .dialTimeout, at: leaves + Network.dialTimeout)
      return true
    } else if trip > Network.handshakeTimeout {
      fail(number, .handshakeTimeout, at: leaves + dial + Network.handshakeTimeout)
      return true
    }
    return false
  }

  /// A client's own timeout ends its request.
  private mutating func giveUp(_ number: UInt32, at instant: Instant) {
    // Its client's own timer tells its end.
    if turn.calls[number].isHealthCheck { return turn.calls.release(number) }
    fail(number, .deadlineExceeded, at: instant)
  }

  /// How long the client of a request waits for its answer, on its own clock; nil: as long as it takes.
  ///
  /// This, and what follows, mutating for speed only: else each call copies the world.
  private mutating func clientTimeout(of call: PendingCall) -> Duration? {
    guard let timeout = ownTimeout(of: call) else { return nil }
    return kubelets[Int(call.owner)].clock.trueDuration(timeout)
  }

  /// What the server sends to a node: it arrives after a partition that is over before the connection is
  /// found dead.
  ///
  /// - Returns: when it arrives; nil: never, because the client gives the connection up at `lost`.
  mutating func delivery(to node: UInt32, at instant: Instant) -> (instant: Instant?, lost: Instant)
  {
    guard let cut = network.cut(of: node) else { return (instant, .never) }
    let lost = max(cut.began, turn.now) + Network.detection
    let end = end(of: cut)
    return (end <= lost ? max(instant, end) : nil, lost)
  }

  /// The answer to a node through a network that is disturbed.
  @inline(never)
  mutating func answerThroughTrouble(_ number: UInt32) {
    turn.calls[number].fate = .awaited
    let owner = turn.calls[number].owner
    let way = networkLatency(of: owner)
    var arrival = delivery(to: owner, at: turn.now + way)
    if way > Network.detection { arrival = (nil, turn.now + Network.detection) }
    if let end = patienceEnd(of: turn.calls[number]), end < arrival.instant ?? arrival.lost {
      return giveUp(number, at: end)
    }
    guard let instant = arrival.instant else {
      return fail(number, .connectionLost, at: arrival.lost)
    }
    queue.push(
      Scheduled(event: .answerArrives(number), cause: turn.calls[number].cause), at: instant)
  }

  /// When the client's own timeout for a request ends that has been answered now; nil: it has none.
  private mutating func patienceEnd(of call: PendingCall) -> Instant? {
    guard let timeout = clientTimeout(of: call) else { return nil }
    let left = call.timeLeft == 0 ? timeout : .milliseconds(Int64(call.timeLeft))
    return max(turn.now, call.received + left)
  }

  /// Watches through a partition that lasts longer than the client believes in them.
  fileprivate mutating func cutWatches(of nodes: [NodeID], by number: UInt16) {
    if let length = acts.base.faults[Int(number)].length, length <= Network.detection { return }
    var isHit = Array(repeating: false, count: nodeCount)
    for node in nodes { isHit[Int(node.index)] = true }
    for request in server.openWatches() {
      let stored = server.requests[Int(request.index)]
      guard isHit[Int(stored.node.index)] else { continue }
      server.closeWatch(of: request.index)
      queue.push(
        Scheduled(
          event: .watchBreaks(request, generation: stored.generation), cause: turn.cause),
        at: turn.now + Network.detection)
    }
  }
}

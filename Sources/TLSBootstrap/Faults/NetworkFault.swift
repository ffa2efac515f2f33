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
    world.network.add(self, number, nodes, count: world.nodeCount, at: world.turn.now)
    world.trouble()
    guard self == .partition else { return }
    world.cutWatches(of: nodes, by: number)
    world.cutHeartbeats(of: nodes)
  }

  func end(_ world: inout World, _ number: UInt16) {
    let nodes = world.network.nodes(hitBy: number)
    world.network.remove(number)
    world.trouble()
    if self == .partition { world.mendHeartbeats(of: nodes) }
  }
}

/// What the network faults that hold do to each node.
struct Network: Hashable, Sendable {
  /// A dead connection is found after 30 s without a read and 15 s without an answer to a ping.
  /// Source: A.11.
  static let detection = Duration.seconds(45)
  /// Source: A.11, the dialler's timeout.
  static let dialTimeout = Duration.seconds(30)
  /// When TCP sends its SYN, from the first: 1, 2, 4, 8 s apart. Source: RFC 6298, Linux
  /// `tcp_syn_retries`.
  static let synTries: [Duration] = [0, 1, 3, 7, 15].map { .seconds($0) }
  /// TCP's first retransmission timeout on a connection that is open. Source: Linux `TCP_RTO_MIN`,
  /// 200 ms.
  static let retransmission = Duration.milliseconds(200)

  private var faults: [Active] = []
  private var draws: UInt32 = 0

  private struct Active: Hashable {
    let number: UInt16
    let fault: NetworkFault
    let hits: [Bool]
    let began: Instant
  }

  /// A partition around one node.
  struct Cut: Hashable, Sendable {
    let began: Instant
    let fault: UInt16
  }

  var isCalm: Bool { faults.isEmpty }

  fileprivate mutating func add(
    _ fault: NetworkFault, _ number: UInt16, _ nodes: [NodeID], count: Int, at now: Instant
  ) {
    var hits = Array(repeating: false, count: count)
    for node in nodes { hits[Int(node.index)] = true }
    faults.append(Active(number: number, fault: fault, hits: hits, began: now))
  }

  fileprivate func nodes(hitBy number: UInt16) -> [NodeID] {
    faults.filter { $0.number == number }.flatMap { fault in
      fault.hits.indices.filter { fault.hits[$0] }.map { NodeID($0) }
    }
  }

  fileprivate mutating func remove(_ number: UInt16) { faults.removeAll { $0.number == number } }

  /// The latest partition of those around a node; nil: there is none.
  func cut(of node: UInt32) -> Cut? {
    faults.last { $0.fault == .partition && $0.hits[Int(node)] }
      .map { Cut(began: $0.began, fault: $0.number) }
  }

  /// How much longer one way takes now.
  mutating func delay(of node: UInt32, _ chance: Chance) -> Duration {
    var total = Duration.zero
    for active in faults where active.hits[Int(node)] {
      draws += 1
      switch active.fault {
      case .partition: break
      case .delay(let length):
        total = total + chance.length(length, .networkFault, node, draws)
      case .loss(let perMille):
        total = total + Self.retransmissions(perMille, chance.stream(.networkFault, node, draws))
      }
    }
    return total
  }

  /// 200, 400, 800 ms … for each time in a row that the packet is lost, fifteen at most.
  private static func retransmissions(_ perMille: Int64, _ stream: RandomStream) -> Duration {
    var stream = stream
    var total = Duration.zero
    var timeout = retransmission
    for _ in 0..<15 where Int64(stream.next(below: 1_000)) < perMille {
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

  /// A connection is dialled from within a partition: by a SYN sent again after its end, or in vain. A client
  /// with a timeout of its own waits no longer.
  mutating func connectThrough(_ cut: Network.Cut, _ number: UInt32, from start: Instant) {
    let end = end(of: cut)
    let patience = clientTimeout(of: turn.calls[number])
    for pause in Network.synTries where start + pause >= end && pause < patience ?? .days(1) {
      queue.push(
        Scheduled(event: .requestArrives(number), cause: turn.calls[number].cause),
        at: start + pause)
      return
    }
    // Its client's own timer tells its end.
    if turn.calls[number].isHealthCheck { return turn.calls.release(number) }
    if let patience, patience < Network.dialTimeout {
      return fail(number, .deadlineExceeded, at: start + patience)
    }
    fail(number, .dialTimeout, at: start + Network.dialTimeout)
  }

  /// How long the client of a request waits for its answer, on its own clock; nil: as long as it takes.
  private func clientTimeout(of call: PendingCall) -> Duration? {
    if call.isHealthCheck {
      return kubelets[Int(call.owner)].clock.trueDuration(ForegroundBootstrap.healthzTimeout)
    }
    guard call.isHeartbeat else { return nil }
    return kubelets[Int(call.owner)].clock.trueDuration(RequestDeadline.heartbeat)
  }

  /// What the server sends to a node: it arrives after a partition that is over before the connection is
  /// found dead.
  ///
  /// - Returns: when it arrives; nil: never, because the client gives the connection up at `lost`.
  func delivery(to node: UInt32, at instant: Instant) -> (instant: Instant?, lost: Instant) {
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
    let arrival = delivery(to: owner, at: turn.now + networkLatency(of: owner))
    guard let instant = arrival.instant else {
      if turn.calls[number].isHealthCheck { return turn.calls.release(number) }
      if let patience = clientTimeout(of: turn.calls[number]) {
        let end = max(turn.now, turn.calls[number].received + patience)
        if end < arrival.lost { return fail(number, .deadlineExceeded, at: end) }
      }
      return fail(number, .connectionLost, at: arrival.lost)
    }
    queue.push(
      Scheduled(event: .answerArrives(number), cause: turn.calls[number].cause), at: instant)
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

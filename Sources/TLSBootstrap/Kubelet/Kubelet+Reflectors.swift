import SimulationKernel

/// The informers of a running kubelet: their watches, lists and back-off (A.11, L.1).
extension Kubelet {
  mutating func receiveReflector(_ call: PendingCall, _ turn: inout Turn) {
    let timer = call.purpose
    let reflector = Self.reflector(of: timer)
    let index = Self.reflectorIndex(of: timer)
    if call.answer.isSuccess {
      memory.work.isConnected = true
      memory.work.openWatches |= 1 << UInt8(index)
      guard timer == .nodesReflector, !work.state.contains(.nodeInformerSynced) else { return }
      tell(.informerSynced, &turn)
      startTimer(
        .podSource, at: nextLoopTick(.seconds(1), notBefore: turn.now), &turn)
      gain(.nodeInformerSynced, &turn)
    } else if call.call == reflector.watch, call.answer.asksForList {
      ask(reflector.list, for: timer, &turn)
    } else {
      // B.7: the API server closes the connection.
      if call.answer == .unauthorized { memory.work.isConnected = false }
      let cycle = work.reflectorCycles[index]
      memory.work.reflectorCycles[index] += 1
      let restarted = Instant(nanoseconds: work.reflectorRestarts[index])
      if turn.now - restarted > clock.trueDuration(WorkLoops.reflectorReset) {
        memory.work.reflectorSteps[index] = 0
        memory.work.reflectorRestarts[index] = turn.now.nanoseconds
      }
      let step = work.reflectorSteps[index]
      memory.work.reflectorSteps[index] += 1
      let backoff = turn.chance.jitter(
        WorkLoops.reflectorBackoff(step), by: 1, over: 1, reflector.stream, node.index,
        generation << 16 | cycle)
      sleep(timer, backoff, &turn)
    }
  }

  /// All connections broke: each informer opens its watch again. Those that back off go on so.
  ///
  /// - Parameter isPodSource: whether the watch of pods is opened again, too.
  mutating func watchAgain(isPodSource: Bool = true, _ turn: inout Turn) {
    for (index, timer) in Self.reflectorTimers.enumerated()
    where memory.work.openWatches & 1 << UInt8(index) != 0 {
      startTimer(timer, at: turn.now, &turn)
    }
    memory.work.openWatches &= Work.opensPods
    if isPodSource, work.state.contains(.nodeInformerSynced) {
      startTimer(.podSource, at: turn.now, &turn)
    }
  }

  /// B.6: watches end with their connections, and reflectors watch again at once.
  ///
  /// The first certificate is found within a second. A reflector whose watch lasted less than that without an
  /// event fails, and is not seen again in the 13 s that the recording goes on; only the node's had events.
  /// Source: recorded, audit/first-node-rotate-true.jsonl.
  mutating func watchWithNewCertificate(_ turn: inout Turn) {
    let isShort = memory.startedInBootstrap && !memory.hasClosedConnections
    memory.hasClosedConnections = true
    // One that is being opened is so again by client-go (A.11).
    let isPodSource = work.openWatches & Work.opensPods == 0
    guard isShort else { return watchAgain(isPodSource: isPodSource, &turn) }
    if memory.work.openWatches & 1 != 0 { startTimer(.nodesReflector, at: turn.now, &turn) }
  }

  static let reflectorTimers: [KubeletTimer] = [
    .nodesReflector, .servicesReflector, .csiDriversReflector, .runtimeClassesReflector,
  ]

  private static func reflectorIndex(of timer: KubeletTimer) -> Int {
    Int(timer.rawValue - KubeletTimer.nodesReflector.rawValue)
  }

  static func reflector(
    of timer: KubeletTimer
  ) -> (watch: Call, list: Call, stream: Chance.Stream) {
    WaitingLoops.reflectors[reflectorIndex(of: timer)]
  }
}

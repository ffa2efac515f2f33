import SimulationKernel

/// The informer's resync: it gives what it has to the controllers once more, as if it had changed (protocol.md G).
///
/// Only CSRs that a controller has not finished are played, and while there are no CSRs the resync is no event.
extension ControllerManager {
  /// From one resync to the next at least; a process draws its period from once to twice that.
  ///
  /// 12 h. Source: G; `--min-resync-period`, cmd/kube-controller-manager/app `ResyncPeriod`.
  private static let leastResyncPeriod = Duration.hours(12)

  mutating func planResync(_ turn: inout Turn) {
    isResyncPlanned = true
    turn.schedule(.informerResyncs(life.process), at: nextResync(since: life.began, &turn))
  }

  /// When an informer of this process that began to watch at an instant hands its objects over next.
  func nextResync(since start: Instant, _ turn: inout Turn) -> Instant {
    let period = turn.chance.jitter(
      Self.leastResyncPeriod, by: 1, over: 1, .resync, life.process.packed, 0)
    return .tick(of: turn.facts.managerClock.trueDuration(period), since: start, after: turn.now)
  }

  /// In the order of a map, which is random.
  mutating func resync(_ turn: inout Turn) {
    isResyncPlanned = false
    var unfinished = cache.indices.filter { isUnfinished(cache[$0], &turn) }
    guard !unfinished.isEmpty else { return }
    turn.emit(
      TraceEvent(.informerResynced, by: .controllerManager, value: Int64(unfinished.count)))
    let cause = turn.cause
    var stream = turn.chance.stream(
      .resync, life.process.packed, UInt32(truncatingIfNeeded: turn.now.nanoseconds >> 30) | 1)
    stream.shuffle(&unfinished, places: unfinished.count)
    for index in unfinished {
      turn.cause = cause
      see(RequestID(index), cache[index], &turn)
    }
  }

  /// Whether csrapproving or a signer would ask for something.
  private func isUnfinished(_ request: CachedRequest, _ turn: inout Turn) -> Bool {
    let settings = turn.facts.scenario.controllerManager
    guard request.conditions.isDisjoint(with: [.issued, .denied, .failed, .deleted]) else {
      return false
    }
    return request.conditions.contains(.approved)
      ? settings.csrsigning && settings.hasSigningKey
      : settings.csrapproving && request.isKubeletClient
  }
}

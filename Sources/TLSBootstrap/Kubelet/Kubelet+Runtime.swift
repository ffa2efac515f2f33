import SimulationKernel

/// What a running kubelet makes of a container runtime that does not answer (protocol.md L.4).
///
/// The reference has the checks and the text of a start only. Everything else here is an assumption from
/// Kubernetes' source, which no recording has: pkg/kubelet `kubelet.go`, `runtime.go` and `pleg/generic.go`.
extension Kubelet {
  /// How often it asks for the runtime's status, from the start of its loops on. Source: L.4, 5 s.
  private static let runtimeCheck = Duration.seconds(5)
  /// After how long without an answer it takes the runtime to be down.
  ///
  /// 30 s. Source: kubelet.go `maxWaitForContainerRuntime`; runtime.go `runtimeErrors`.
  private static let runtimePatience = Duration.seconds(30)
  /// How often it lists the containers. 1 s. Source: kubelet.go `genericPlegRelistPeriod`.
  private static let relistPeriod = Duration.seconds(1)
  /// After how long without a list the Ready condition says so, too, and how long that is.
  ///
  /// 3 min. Source: kubelet.go `genericPlegRelistThreshold`.
  private static let relistThreshold = Duration.minutes(3)

  /// Its loops run, which ask the runtime again and again.
  var asksRuntime: Bool { phase == .running && work.began < .never }

  func planRuntimeLoss(_ turn: inout Turn) {
    guard asksRuntime else { return }
    startTimer(.runtimeCheck, at: lastAnswer(before: turn.now) + patience, &turn)
  }

  func planRuntimeReturn(_ turn: inout Turn) {
    guard asksRuntime else { return }
    startTimer(.runtimeCheck, at: nextAnswer(after: turn.now), &turn)
  }

  /// The 30 s are over, or it is the first check since the runtime answers again.
  mutating func checkRuntime(_ turn: inout Turn) {
    guard let outage = turn.runtimeOutages[node.index], outage.generation == generation else {
      return
    }
    if outage.ended <= turn.now, nextAnswer(after: outage.ended) <= turn.now {
      turn.runtimeOutages[node.index] = nil
      if !work.state.contains(.runtimeAnswers) {
        tell(.runtimeRegained, &turn)
        regainRuntime(&turn)
      }
      guard outage.isNetworkDue else { return }
      tell(.networkReady, &turn)
      gain(.networkReady, &turn)
    } else if work.state.contains(.runtimeAnswers),
      turn.now >= lastAnswer(before: outage.began) + patience
    {
      let relisted = lastTick(Self.relistPeriod, notAfter: outage.began)
      tell(.runtimeLost, value: (turn.now - relisted).nanoseconds, &turn)
      memory.work.state.remove(.runtimeAnswers)
      planStatusUpdate(&turn)
    }
  }

  private mutating func regainRuntime(_ turn: inout Turn) {
    if work.state.contains(.ready) {
      // That it was lost has not been told.
      memory.work.statusUpdate = .never
      planReport(after: reportFrequency(&turn), &turn)
    }
    gain(.runtimeAnswers, &turn)
  }

  /// Whether the container network can be told of now; else it is with the runtime.
  mutating func seesNetwork(_ turn: inout Turn) -> Bool {
    guard turn.lacksRuntime(node) else { return true }
    turn.runtimeOutages[node.index]?.isNetworkDue = true
    return false
  }

  /// A status said that the runtime is down.
  ///
  /// Where heartbeats are played, it says how long ago the latest list was, from 3 min on: another text, and so
  /// another status, each time.
  mutating func reportedLoss(_ turn: inout Turn) {
    memory.work.state.remove(.ready)
    // Else the next check finds that it answers.
    settle(turn.lacksRuntime(node) ? .containerRuntimeMissing : .waiting, &turn)
    guard turn.facts.kubeletSettings(of: node).playsHeartbeats,
      let outage = turn.runtimeOutages[node.index]
    else { return }
    let relisted = lastTick(Self.relistPeriod, notAfter: outage.began)
    let unhealthy = relisted + clock.trueDuration(Self.relistThreshold)
    planStatus(notBefore: max(unhealthy, turn.now) + Duration(nanoseconds: 1), &turn)
  }

  /// It runs without its runtime, and has said so.
  var hasReportedLoss: Bool { asksRuntime && settlement == .containerRuntimeMissing }

  private var patience: Duration { clock.trueDuration(Self.runtimePatience) }

  /// The last check that the runtime answered.
  private func lastAnswer(before loss: Instant) -> Instant {
    lastTick(Self.runtimeCheck, notAfter: loss)
  }

  private func nextAnswer(after end: Instant) -> Instant {
    .tick(of: clock.trueDuration(Self.runtimeCheck), since: work.began, notBefore: end)
  }

  private func lastTick(_ period: Duration, notAfter instant: Instant) -> Instant {
    let period = clock.trueDuration(period)
    return .tick(of: period, since: work.began, after: instant) - period
  }
}

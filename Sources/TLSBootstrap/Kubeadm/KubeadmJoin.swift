import SimulationKernel

/// `kubeadm join` of one worker, from discovery to the deletion of the bootstrap kubeconfig (protocol.md
/// N.2). Nothing starts it again when it fails.
package struct KubeadmJoin: Hashable, Sendable {
  /// How often cluster-info is asked for, and how long. Source: N.2 rows 1 and 2, 5 s and 5 min.
  static let discoveryGap = Duration.seconds(5)
  package static let discoveryTimeout = Duration.minutes(5)
  /// How often a configuration is asked for, and how long. Source: N.2 row 3, 50 ms and 350 ms.
  static let preflightGap = Duration.milliseconds(50)
  static let preflightTimeout = Duration.milliseconds(350)
  /// The polls of the kubelet's /healthz, and how long. Source: N.2 row 6, 500 ms and 4 min.
  static let healthzGap = Duration.milliseconds(500)
  static let healthzTimeout = Duration.minutes(4)
  /// The polls of kubelet.conf, and how long. Source: N.2 row 7, 1 s and 5 min.
  static let kubeconfigGap = Duration.seconds(1)
  package static let kubeconfigTimeout = Duration.minutes(5)

  /// What is asked for with the token before the kubelet starts, in this order.
  ///
  /// Source: N.2 row 3; kubeadm componentconfigs/configset.go, `known`.
  static let configurations: [Call] = [.getKubeadmConfig, .getKubeProxyConfig, .getKubeletConfig]

  let node: NodeID
  private(set) var phase = Phase.notStarted
  /// When the phase, or the reading of one configuration, began.
  private var began = Instant.never
  /// The instant of the timer that it waits for; another one is void.
  private var due = Instant.never
  /// When the latest request was sent, and why it was of no use.
  private var asked = Instant.never
  private var setback = Setback()
  /// How many of the configurations have been read.
  private var read = 0

  enum Phase: UInt8, Hashable, Sendable {
    case notStarted
    /// Anonymous, without verifying the API server; then again with its pinned CA.
    case discovering, pinning
    case preflight
    /// Is there a Ready Node of this name?
    case checkingNode
    /// The kubelet was started; nothing is asked of the API server any more.
    case awaitingKubelet, awaitingKubeconfig
    case joined, failed
  }

  /// Why it gave up.
  enum Failure: UInt8, CaseIterable, Hashable, Sendable {
    case clusterInfoUnavailable, signatureMissing, signatureInvalid
    case kubeadmConfigUnavailable, componentConfigUnavailable
    case nodeUnavailable
    case kubeletUnhealthy, certificateMissing
    case nodeIsReady
    /// It has none, or one that none can be: it asks nobody.
    case tokenMissing, tokenMalformed
    /// The event's value has the `PreflightErrors` above the lowest byte.
    case preflightFailed
  }

  /// What its preflight checks find wrong on the node.
  ///
  /// Source: kubeadm preflight/checks.go, `RunJoinNodeChecks`, of which the other checks hold.
  struct PreflightErrors: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    /// There is a kubelet.conf of before.
    static let kubeconfig = PreflightErrors(rawValue: 1)
    /// The container runtime does not answer.
    static let containerRuntime = PreflightErrors(rawValue: 2)
  }

  /// A request that was of no use.
  private struct Setback: Hashable, Sendable {
    var failure = Failure.clusterInfoUnavailable
    var call = Call.none
    var answer = Answer.ok
    var identity = Identity.nobody

    init() {}

    init(_ failure: Failure, _ call: PendingCall) {
      self.failure = failure
      (self.call, answer, identity) = (call.call, call.answer, call.identity)
    }
  }

  /// What it finds on the node: local polls, which no server sees, so that only their ticks matter.
  struct Sight: Hashable, Sendable {
    var isKubeletHealthy: Bool
    var isKubeconfigUsable: Bool
  }

  init(node: NodeID) { self.node = node }
}

// MARK: Requests (rows 1 to 4)

extension KubeadmJoin {
  mutating func start(finding errors: PreflightErrors, _ turn: inout Turn) {
    tell(.joinStarted, &turn)
    let token = turn.facts.group(of: node).bootstrapKubeconfig.token ?? ""
    // Source: kubeadm apis/kubeadm/validation/validation.go, `ValidateDiscovery`.
    if token.isEmpty { return fail(.tokenMissing, &turn) }
    if !TokenTable.isWellFormed(token) { return fail(.tokenMalformed, &turn) }
    if !errors.isEmpty { return fail(.preflightFailed, &turn, finding: errors) }
    discover(.discovering, &turn)
  }

  private mutating func discover(_ phase: Phase, _ turn: inout Turn) {
    enter(phase, &turn)
    ask(.getClusterInfo, &turn)
  }

  mutating func receive(_ call: PendingCall, _ turn: inout Turn) {
    switch phase {
    case .discovering where call.answer.isSuccess && call.flag:
      // The signature is made with the Secret of that time; the second look compares only the contents.
      if !call.verdict { return fail(.signatureInvalid, &turn) }
      discover(.pinning, &turn)
    case .pinning where call.answer.isSuccess && call.flag:
      enter(.preflight, &turn)
      ask(Self.configurations[0], &turn)
    case .discovering, .pinning:
      setback = Setback(call.answer.isSuccess ? .signatureMissing : .clusterInfoUnavailable, call)
      tryAgain(&turn)
    case .preflight where call.answer.isSuccess: readNext(&turn)
    case .preflight:
      setback = Setback(
        call.call == .getKubeadmConfig ? .kubeadmConfigUnavailable : .componentConfigUnavailable,
        call)
      tryAgain(&turn)
    case .checkingNode:
      switch call.answer {
      case .ok where call.flag: fail(.nodeIsReady, &turn)
      case .ok, .notFound: startKubelet(&turn)
      default:
        setback = Setback(.nodeUnavailable, call)
        fail(.nodeUnavailable, &turn)
      }
    case .notStarted, .awaitingKubelet, .awaitingKubeconfig, .joined, .failed:
      preconditionFailure("answer for kubeadm join in \(phase)")
    }
  }

  /// At the next tick, or at once where one has passed since the latest request, until the time is over; a
  /// request is not cut short by its end.
  ///
  /// Source: apimachinery pkg/util/wait/loop.go, `loopConditionUntilContext`, not sliding.
  private mutating func tryAgain(_ turn: inout Turn) {
    let (gap, timeout) =
      phase == .preflight
      ? (Self.preflightGap, Self.preflightTimeout) : (Self.discoveryGap, Self.discoveryTimeout)
    let next = max(turn.now, .tick(of: gap, since: began, after: asked))
    wait(until: max(turn.now, min(next, began + timeout)), &turn)
  }

  /// The time for another try, or for none.
  private mutating func tick(_ call: Call, within timeout: Duration, _ turn: inout Turn) {
    if turn.now < began + timeout { return ask(call, &turn) }
    // Those without kube-proxy have no configuration of it, or may not see it.
    // Source: kubeadm componentconfigs/configset.go, `fromConfigMap`.
    if call == .getKubeProxyConfig, [.forbidden, .notFound].contains(setback.answer) {
      return readNext(&turn)
    }
    fail(setback.failure, &turn)
  }

  private mutating func readNext(_ turn: inout Turn) {
    read += 1
    if read < Self.configurations.count {
      began = turn.now
      ask(Self.configurations[read], &turn)
    } else {
      enter(.checkingNode, &turn)
      ask(.getNode, &turn)
    }
  }

  /// Row 5.
  private mutating func startKubelet(_ turn: inout Turn) {
    tell(.bootstrapKubeconfigWritten, &turn)
    enter(.awaitingKubelet, &turn)
    wait(until: turn.now + Self.healthzTimeout, &turn)
    turn.schedule(.kubeletStarts(node), after: .zero)
  }
}

// MARK: Polls (rows 6 to 9)

extension KubeadmJoin {
  /// Something changed on the node: the next poll sees it.
  mutating func look(_ sight: Sight, _ turn: inout Turn) {
    switch phase {
    case .awaitingKubelet where sight.isKubeletHealthy:
      wait(until: min(poll(every: Self.healthzGap, &turn), began + Self.healthzTimeout), &turn)
    case .awaitingKubeconfig where sight.isKubeconfigUsable:
      wait(
        until: min(poll(every: Self.kubeconfigGap, &turn), began + Self.kubeconfigTimeout), &turn)
    case .notStarted, .discovering, .pinning, .preflight, .checkingNode, .awaitingKubelet,
      .awaitingKubeconfig, .joined, .failed:
      break
    }
  }

  mutating func timerFired(_ sight: Sight, _ turn: inout Turn) {
    guard turn.now == due else { return }
    switch phase {
    case .discovering, .pinning:
      tick(.getClusterInfo, within: Self.discoveryTimeout, &turn)
    case .preflight:
      tick(Self.configurations[read], within: Self.preflightTimeout, &turn)
    case .awaitingKubelet:
      guard sight.isKubeletHealthy else {
        return turn.now < began + Self.healthzTimeout
          ? wait(until: began + Self.healthzTimeout, &turn) : fail(.kubeletUnhealthy, &turn)
      }
      enter(.awaitingKubeconfig, &turn)
      wait(until: turn.now + Self.kubeconfigTimeout, &turn)
      look(sight, &turn)
    case .awaitingKubeconfig:
      guard sight.isKubeconfigUsable else {
        return turn.now < began + Self.kubeconfigTimeout
          ? wait(until: began + Self.kubeconfigTimeout, &turn) : fail(.certificateMissing, &turn)
      }
      deleteBootstrapKubeconfig(&turn)
      phase = .joined
      tell(.nodeJoined, &turn)
    case .notStarted, .checkingNode, .joined, .failed: break
    }
  }

  private mutating func fail(
    _ failure: Failure, _ turn: inout Turn, finding errors: PreflightErrors = []
  ) {
    let hasKubelet = phase == .awaitingKubelet || phase == .awaitingKubeconfig
    // Row 8: on success and on failure of the wait.
    if hasKubelet { deleteBootstrapKubeconfig(&turn) }
    phase = .failed
    var event = TraceEvent(
      .joinFailed, by: .kubeadm, node: node.index,
      value: Int64(failure.rawValue) | Int64(errors.rawValue) << 8)
    if failure == setback.failure {
      (event.call, event.answer) = (setback.call, setback.answer)
      event.identity = setback.identity.packed
    }
    turn.emit(event)
    if !hasKubelet { turn.effects.append(.abandon(node)) }
  }

  private func deleteBootstrapKubeconfig(_ turn: inout Turn) {
    turn.effects.append(.deleteBootstrapKubeconfig(node))
    tell(.bootstrapKubeconfigDeleted, &turn)
  }

  /// The first poll from now on.
  private func poll(every gap: Duration, _ turn: inout Turn) -> Instant {
    .tick(of: gap, since: began, notBefore: turn.now)
  }

  private mutating func enter(_ next: Phase, _ turn: inout Turn) {
    phase = next
    began = turn.now
  }

  private mutating func wait(until instant: Instant, _ turn: inout Turn) {
    due = instant
    turn.schedule(.kubeadmTimer(node), at: instant)
  }

  private mutating func ask(_ call: Call, _ turn: inout Turn) {
    asked = turn.now
    let token = call == .getClusterInfo ? nil : turn.facts.token(of: node)
    turn.call(
      PendingCall(
        call: call, client: .kubeadm, owner: node.index, node: node.index,
        credential: token.map(Credential.token) ?? .none(of: .kubeadm)))
  }

  private func tell(_ kind: TraceEvent.Kind, _ turn: inout Turn) {
    turn.emit(TraceEvent(kind, by: .kubeadm, node: node.index))
  }
}

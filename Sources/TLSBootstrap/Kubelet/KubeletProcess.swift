import SimulationKernel

/// What tells and waits in the name of one kubelet's process.
protocol KubeletProcess {
  var node: NodeID { get }
  var clock: Clock { get }
  var generation: UInt32 { get }
  var attempt: UInt16 { get }
  /// Who tells.
  var component: TraceEvent.ComponentName { get }
}

/// All inlined for speed: as calls they copy the kubelet, 0.4 kB, which was 1 % of the instructions of the
/// 5,000-worker run.
extension KubeletProcess {
  @inline(__always)
  func tell(
    _ kind: TraceEvent.Kind, request: UInt32 = TraceEvent.none, step: BootstrapStep? = nil,
    value: Int64 = 0, _ turn: inout Turn
  ) {
    turn.emit(
      TraceEvent(
        kind, by: component, node: node.index, request: request, attempt: attempt, step: step,
        value: value))
  }

  /// A timer of this process, on the node's clock.
  @inline(__always)
  func startTimer(_ timer: KubeletTimer, after delay: Duration, _ turn: inout Turn) {
    turn.schedule(
      .kubeletTimer(node, timer, generation: generation), after: clock.trueDuration(delay))
  }

  @inline(__always)
  func startTimer(_ timer: KubeletTimer, at instant: Instant, _ turn: inout Turn) {
    turn.schedule(.kubeletTimer(node, timer, generation: generation), at: instant)
  }
}

/// The process around a bootstrap, a certificate manager or the wait of a bare CSR client.
struct ProcessContext: KubeletProcess, Sendable {
  let node: NodeID
  let clock: Clock
  let generation: UInt32
  let attempt: UInt16
  /// Whose calls these are.
  let client: PendingCall.Client
  /// With one CSR.
  let patience: Duration
  /// MODE-F's private key, else 0.
  let key: UInt32
  let isDiskFull: Bool
  let credential: Credential

  var component: TraceEvent.ComponentName { client == .csrClient ? .csrClient : .kubelet }

  func call(
    _ call: Call, request: UInt32 = TraceEvent.none, version: UInt32 = 0, knows: Bool = false,
    isInformer: Bool = false, after delay: Duration = .zero, _ turn: inout Turn
  ) {
    var pending = PendingCall(
      call: call, client: client, owner: node.index, node: node.index, credential: credential)
    pending.generation = generation
    pending.attempt = attempt
    pending.request = request
    pending.key = key
    pending.resourceVersion = version
    pending.verdict = knows
    pending.flag = isInformer
    turn.call(pending, after: delay)
  }

  /// Starts the timer of a wait; `.never`: it needs none.
  ///
  /// - Returns: when it is due.
  func wake(_ timer: KubeletTimer, at instant: Instant, _ turn: inout Turn) -> Instant {
    // A call may be answered after the wait's end: then that is over at once.
    let due = max(turn.now, instant)
    if due != .never { startTimer(timer, at: due, &turn) }
    return due
  }
}

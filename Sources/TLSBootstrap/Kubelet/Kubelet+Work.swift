import SimulationKernel

/// Step 13: from the first authenticated request to Ready (protocol.md L.3 to L.5).
extension Kubelet {
  mutating func receiveWorkTimer(_ timer: KubeletTimer, _ turn: inout Turn) {
    if work.openTimers != 0, isWorkedOut(timer) { return }
    switch timer {
    case .initialized:
      if turn.facts.group(of: node).hasContainerRuntime, !turn.lacksRuntime(node) {
        beginWork(&turn)
      } else {
        failWithoutRuntime(&turn)
      }
    case .registration: register(&turn)
    case .lease: askForLease(&turn)
    case .csiNode: askForCSINode(&turn)
    case .nodesReflector, .servicesReflector, .csiDriversReflector, .runtimeClassesReflector:
      ask(Self.reflector(of: timer).watch, for: timer, &turn)
    case .podSource:
      memory.work.openWatches |= Work.opensPods
      ask(.watchPods, for: .podSource, &turn)
    case .networkReady:
      guard seesNetwork(&turn) else { return }
      tell(.networkReady, &turn)
      gain(.networkReady, &turn)
    case .statusUpdate: updateStatus(&turn)
    case .runtimeCheck: checkRuntime(&turn)
    case .waitingChanges: noticeConnections(&turn)
    case .processIsUp, .foreground, .clientCertificateManager, .servingCertificateManager,
      .connectionCheck, .exitCheck, .certificateExpiry:
      preconditionFailure("\(timer) is no loop of the kubelet's work")
    }
  }

  mutating func receiveWorkAnswer(_ call: PendingCall, _ turn: inout Turn) {
    // Else MODE-F's, which comes too late.
    if call.purpose != .processIsUp { memory.work.requests &-= 1 }
    switch call.purpose {
    case .registration: receiveRegistration(call, &turn)
    case .lease: receiveLease(call, &turn)
    case .csiNode: receiveCSINode(call, &turn)
    case .nodesReflector, .servicesReflector, .csiDriversReflector, .runtimeClassesReflector:
      receiveReflector(call, &turn)
    case .statusUpdate: receiveStatus(call, &turn)
    case .podSource: memory.work.openWatches &= ~Work.opensPods
    case .processIsUp, .foreground, .clientCertificateManager,
      .servingCertificateManager, .initialized, .connectionCheck, .exitCheck, .certificateExpiry,
      .networkReady, .runtimeCheck, .waitingChanges:
      break
    }
  }

  /// The rest of the kubelet is up: with a certificate its loops begin, else they wait.
  private mutating func beginWork(_ turn: inout Turn) {
    memory.work.began = turn.now
    if turn.facts.hasJoins { turn.effects.append(.tellKubeadm(node)) }
    memory.work.reflectorRestarts = SIMD4(repeating: turn.now.nanoseconds)
    if memory.certificate == TraceEvent.none, wait(since: turn.now, &turn) { return }
    if memory.certificateCause != 0 { turn.cause = memory.certificateCause }
    // In the order in which a real kubelet's requests arrive (first-node.md).
    for timer in Self.reflectorTimers { startTimer(timer, at: turn.now, &turn) }
    startTimer(.csiNode, at: turn.now, &turn)
    startTimer(.lease, at: turn.now, &turn)
    let sleep = registersNode(&turn) ? WorkLoops.registrationSleep(0) : .zero
    startTimer(.registration, after: sleep, &turn)
  }
}

// MARK: Registration and CSINode (L.3, L.4)

extension Kubelet {
  mutating func registersNode(_ turn: inout Turn) -> Bool {
    turn.facts.kubeletSettings(of: node).registersNode
  }

  /// The status loop, which registers first; without `registerNode` it looks for the Node of each status (L.4):
  /// in its informer's store, which has none yet, then four times by a request.
  private mutating func register(_ turn: inout Turn) {
    if registersNode(&turn) {
      ask(.createNode, for: .registration, &turn)
    } else {
      memory.work.statusFailures = 1
      ask(.getNode, for: .statusUpdate, &turn)
    }
  }

  /// Somebody made its Node, or nobody did yet.
  mutating func receiveLook(_ call: PendingCall, _ turn: inout Turn) {
    if call.answer.isSuccess {
      memory.work.statusFailures = 0
      register(.nodeAdopted, &turn)
      return
    }
    memory.work.statusFailures += 1
    guard work.statusFailures == Self.updateTries else {
      return ask(.getNode, for: .statusUpdate, &turn)
    }
    if call.answer == .notFound { settle(.nodeMissing, &turn) }
    startTimer(.registration, after: statusGap(&turn), &turn)
  }

  /// L.3.
  private mutating func receiveRegistration(_ call: PendingCall, _ turn: inout Turn) {
    switch (call.call, call.answer) {
    case (.createNode, .created):
      register(.nodeRegistered, &turn)
    case (.createNode, .alreadyExists), (.createNode, .forbidden):
      ask(.getNode, for: .registration, &turn)
    case (.getNode, .ok):
      register(.nodeAdopted, &turn)
    case (_, _):
      memory.work.registrationTry += 1
      sleep(.registration, WorkLoops.registrationSleep(work.registrationTry), &turn)
    }
  }

  private mutating func register(_ kind: TraceEvent.Kind, _ turn: inout Turn) {
    tell(kind, &turn)
    let delay = turn.chance.length(
      turn.facts.latency.networkReady, .status, node.index, generation | 0x4000_0000)
    startTimer(.networkReady, after: delay, &turn)
    // The status loop, which registered, goes on to send the first status: not Ready (L.4).
    sendStatus(&turn)
    // One that is ready at once was so when the status was made.
    if delay == .zero { memory.work.reported.insert(.networkReady) }
    if generation > 1 { turn.effects.append(.resumeHeartbeats(node)) }
    gain(.registered, &turn)
  }

  /// The 1 s poll first; once it is answered, the tries to create (L.4).
  private mutating func askForCSINode(_ turn: inout Turn) {
    let isPolled = work.state.contains(.csiNodePolled)
    ask(isPolled ? .getNode : .getCSINode, for: .csiNode, &turn)
  }

  private mutating func receiveCSINode(_ call: PendingCall, _ turn: inout Turn) {
    switch (call.call, call.answer) {
    case (.getCSINode, .ok), (.createCSINode, .created), (.createCSINode, .alreadyExists):
      tell(.csiNodeCreated, &turn)
      gain(.csiNodeCreated, &turn)
    case (.getCSINode, .notFound) where work.state.contains(.csiNodePolled):
      ask(.createCSINode, for: .csiNode, &turn)
    case (.getCSINode, .notFound):
      memory.work.state.insert(.csiNodePolled)
      ask(.getNode, for: .csiNode, &turn)
    case (.getNode, .ok):
      ask(.getCSINode, for: .csiNode, &turn)
    case (_, _) where !work.state.contains(.csiNodePolled):
      // Ticks that fall while a request is under way are dropped. Source: kubelet-logs/waiting.log.
      let later = turn.now + Duration(nanoseconds: 1)
      sleep(.csiNode, until: nextLoopTick(WorkLoops.csiNodePoll, notBefore: later), &turn)
    case (_, _):
      retryCSINode(work.csiNodeTry, &turn)
    }
  }

  /// Six tries of four tries each; then the process gives up.
  private mutating func retryCSINode(_ number: UInt32, _ turn: inout Turn) {
    memory.work.csiNodeTry += 1
    let (outer, inner) = number.quotientAndRemainder(dividingBy: 4)
    if inner < 3 {
      startTimer(.csiNode, after: WorkLoops.csiNodeInnerGap(inner), &turn)
    } else if outer < 5 {
      startTimer(.csiNode, after: WorkLoops.csiNodeOuterGap(outer), &turn)
    } else {
      exit(&turn)
    }
  }
}

// MARK: Status and Ready (L.4)

extension Kubelet {
  mutating func gain(_ state: Work.State, _ turn: inout Turn) {
    memory.work.state.insert(state)
    if work.state.isSuperset(of: [.registered, .nodeInformerSynced]) { startServing(&turn) }
    planStatusUpdate(&turn)
  }

  /// B.8: the addresses of the Node are known, so a serving certificate can be asked for.
  private mutating func startServing(_ turn: inout Turn) {
    guard memory.serving == nil, turn.facts.kubeletSettings(of: node).serverTLSBootstrap else {
      return
    }
    memory.serving = CertificateManager(role: .serving, current: TraceEvent.none)
    beginServing(at: nextLoopTick(CertificateManager.loopGap, notBefore: turn.now), &turn)
  }

  /// The update that tells of a change: that of being Ready on the fast path's next tick, else any when
  /// the 10 s loop runs.
  ///
  /// - Parameter failed: one of this very instant failed, so the next one is later.
  mutating func planStatusUpdate(failed: Bool = false, _ turn: inout Turn) {
    let isReady = work.state.isSuperset(of: .prerequisites)
    guard isReady ? !work.state.contains(.ready) : work.state.hasNews(since: work.reported)
    else { return }
    let earliest = failed ? turn.now + Duration(nanoseconds: 1) : turn.now
    var update = statusLoop(notBefore: earliest, &turn)
    if isReady, work.state.contains(.nodeInformerSynced) {
      let tick = nextLoopTick(WorkLoops.fastStatusPeriod, notBefore: earliest)
      if tick - work.began <= clock.trueDuration(WorkLoops.fastStatusEnd) {
        update = min(update, tick)
      }
    }
    guard update < work.statusUpdate || work.statusUpdate <= turn.now else { return }
    memory.work.statusUpdate = update
    startTimer(.statusUpdate, at: update, &turn)
  }

  /// The first run of the 10 s loop from an instant on: the runs before it changed nothing.
  mutating func statusLoop(notBefore earliest: Instant, _ turn: inout Turn) -> Instant {
    var run = work.statusLoop
    while run < earliest {
      run = run + statusGap(&turn)
    }
    memory.work.statusLoop = run
    return run
  }

  mutating func statusGap(_ turn: inout Turn) -> Duration {
    draws.status += 1
    let frequency = turn.facts.kubeletSettings(of: node).nodeStatusUpdateFrequency
    return clock.trueDuration(
      turn.chance.jitter(frequency, by: 1, over: 25, .status, node.index, draws.status))
  }

  /// Inlined for speed: a call copies the kubelet, 0.5 kB.
  @inline(__always)
  func nextLoopTick(_ period: Duration, notBefore instant: Instant) -> Instant {
    Instant.tick(of: clock.trueDuration(period), since: work.began, notBefore: instant)
  }
}

// MARK: Access

extension Kubelet {
  var work: Work {
    _read { yield memory.work }
  }

  /// A request of the kubelet's main client, with the certificate of its connections.
  ///
  /// Mutating for speed only: else each call copies the kubelet, 0.4 kB.
  mutating func ask(_ call: Call, for purpose: KubeletTimer, _ turn: inout Turn) {
    var pending = PendingCall(
      call: call, client: .kubelet, owner: node.index, node: node.index,
      credential: presentedCredential)
    pending.generation = generation
    pending.attempt = attempt
    pending.purpose = purpose
    memory.work.requests &+= 1
    turn.call(pending)
  }

  /// What its connections carry.
  ///
  /// Inlined for speed: a call of a function of the kubelet that changes nothing copies it.
  @inline(__always)
  var presentedCredential: Credential {
    memory.presented == TraceEvent.none ? .none : .certificate(memory.presented)
  }
}

import SimulationKernel

/// What nodes with kubelets and bare CSR clients have in common.
extension World {
  /// A bare CSR client has none.
  @inline(__always)
  func hasKubelet(_ node: NodeID) -> Bool { Int(node.index) < kubelets.count }

  mutating func give(_ event: CSRClient.Event, toClient node: UInt32) {
    csrClients[Int(node) - kubelets.count].receive(event, &turn)
  }

  func clock(of node: UInt32) -> Clock {
    let index = Int(node)
    return index < kubelets.count
      ? kubelets[index].clock : csrClients[index - kubelets.count].clock
  }

  /// Whether the node connects by the kubeconfig that was on its disk at the start of the run.
  func usesGivenKubeconfig(_ node: UInt32) -> Bool {
    Int(node) < kubelets.count && kubelets[Int(node)].usesGivenKubeconfig
  }

  mutating func change(
    clockOf node: NodeID, by step: Duration, driftPPB drift: Int64
  ) {
    let index = Int(node.index)
    acts.earlierClocks[node.index, default: []].append(
      EarlierClock(lastEvent: turn.journal.count, end: turn.now, clock: clock(of: node.index)))
    if index < kubelets.count {
      kubelets[index].clock.change(by: step, driftPPB: drift)
    } else {
      csrClients[index - kubelets.count].clock.change(by: step, driftPPB: drift)
    }
  }

  /// The number of the node's next draw of a latency.
  @inline(__always)
  mutating func nextDraw(of node: UInt32) -> UInt32 {
    let index = Int(node)
    if index < kubelets.count {
      kubelets[index].draws.network += 1
      return kubelets[index].draws.network
    }
    csrClients[index - kubelets.count].draws += 1
    return csrClients[index - kubelets.count].draws
  }

  func settlement(of node: NodeID) -> Settlement {
    let index = Int(node.index)
    return index < kubelets.count
      ? kubelets[index].settlement : csrClients[index - kubelets.count].settlement
  }

  /// What seemed hopeless for the node or client may not be any more.
  mutating func reopen(_ node: NodeID) {
    // N.2: nobody runs `kubeadm join` again.
    if [.ready, .waiting, .joinFailed].contains(settlement(of: node)) { return }
    let index = Int(node.index)
    if index < kubelets.count {
      kubelets[index].settle(.waiting, &turn)
    } else {
      csrClients[index - kubelets.count].settle(.waiting, &turn)
    }
  }

  func clientRecord(at index: Int) -> NodeRecord {
    let client = csrClients[index - kubelets.count]
    return NodeRecord(
      kind: .csrClient, name: turn.facts.name(of: client.node),
      group: turn.facts.group(of: client.node).name, rotateCertificates: true,
      started: client.started, ready: client.served == .never ? nil : client.served,
      settlement: client.settlement, attempts: Int(client.attempt), restarts: 0)
  }
}

// MARK: Abandoned CSRs

extension World {
  /// An approval, or a certificate, was written: counts it where nobody waits for it any more.
  mutating func noteIfAbandoned(_ request: UInt32, isApproval: Bool) {
    // Whether another client still waits, the scenario does not say.
    guard server.requests[Int(request)].shape == 0 else { return }
    let node = Int(server.requests[Int(request)].node.index)
    let isAwaited: Bool
    if node < kubelets.count {
      // MODE-F: a restarted kubelet comes back to the same CSR (A.3).
      isAwaited =
        server.requests[Int(request)].isNamedByKey
        || kubelets[node].awaits(
          request, of: server.requests[Int(request)].generation,
          isClient: turn.originOfRequest[Int(request)].isClient)
    } else {
      isAwaited = csrClients[node - kubelets.count].awaits(request)
    }
    guard !isAwaited else { return }
    if isApproval {
      turn.journal.statistics.abandonedApproved += 1
    } else {
      turn.journal.statistics.abandonedIssued += 1
    }
  }

  /// Whether who asked about a CSR still waits for what becomes of it.
  mutating func isAwaited(_ call: PendingCall) -> Bool {
    let node = Int(server.requests[Int(call.request)].node.index)
    if node >= kubelets.count { return csrClients[node - kubelets.count].awaits(call.request) }
    if kubelets[node].phase == .foreground { return kubelets[node].isAlive(call.generation) }
    return kubelets[node].awaits(
      call.request, of: call.generation,
      isClient: turn.originOfRequest[Int(call.request)].isClient)
  }
}

extension Kubelet {
  /// Whether a certificate manager of this process still waits for what becomes of its CSR (0.9).
  fileprivate func awaits(_ request: UInt32, of generation: UInt32, isClient: Bool) -> Bool {
    guard isAlive(generation) else { return false }
    return (isClient ? memory.client : memory.serving)?.awaits(request) ?? false
  }
}

extension CertificateManager {
  fileprivate func awaits(_ request: UInt32) -> Bool {
    switch phase {
    case .looping, .planned, .backingOff: false
    // Its number is on its way; that of the one before was lower.
    case .creating: self.request == TraceEvent.none || request > self.request
    case .waiting: self.request == request
    }
  }
}

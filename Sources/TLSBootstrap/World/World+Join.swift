import SimulationKernel

/// `kubeadm join` on the nodes that come by it.
extension World {
  /// The bootstrap kubeconfig of such a node is not there before kubeadm writes it.
  mutating func prepareJoins() {
    guard turn.facts.hasJoins else { return }
    joins = kubelets.indices.map { KubeadmJoin(node: NodeID($0)) }
    for index in kubelets.indices where turn.facts.group(of: NodeID(index)).joinsByKubeadm {
      kubelets[index].disk.isBootstrapKubeconfigDeleted = true
    }
  }

  mutating func join(_ node: NodeID) { joins[Int(node.index)].start(&turn) }

  mutating func joinTimerFired(_ node: NodeID) {
    joins[Int(node.index)].timerFired(sight(of: node), &turn)
    if joins[Int(node.index)].phase == .awaitingKubelet { writeBootstrapKubeconfig(of: node) }
  }

  mutating func receiveForJoin(_ call: PendingCall) {
    let node = NodeID(Int(call.owner))
    var call = call
    if call.call == .getNode, call.answer == .ok { call.flag = hasReadyNode(ofNameOf: node) }
    joins[Int(call.owner)].receive(call, &turn)
    if joins[Int(call.owner)].phase == .awaitingKubelet { writeBootstrapKubeconfig(of: node) }
  }

  /// The kubelet of a node came a step further.
  mutating func lookForJoin(_ node: NodeID) {
    guard !joins.isEmpty else { return }
    joins[Int(node.index)].look(sight(of: node), &turn)
  }

  private mutating func writeBootstrapKubeconfig(of node: NodeID) {
    kubelets[Int(node.index)].disk.isBootstrapKubeconfigDeleted = false
  }

  /// N.2 row 4: whether the Node of this name has Ready=True. A kubelet that stopped leaves it so until
  /// node-lifecycle makes it Unknown; one that starts again first reports that it is not (L.4).
  private func hasReadyNode(ofNameOf node: NodeID) -> Bool {
    let name = turn.facts.name(of: node)
    if turn.facts.scenario.existingReadyNodes.contains(name) { return true }
    return kubelets.contains { kubelet in
      guard kubelet.ready < .never, turn.facts.name(of: kubelet.node) == name else { return false }
      let reportsNotReady =
        kubelet.phase == .running && kubelet.memory.work.state.contains(.statusSent)
        && !kubelet.memory.work.state.contains(.ready)
      return health[Int(kubelet.node.index)].unknown == .never && !reportsNotReady
    }
  }

  private func sight(of node: NodeID) -> KubeadmJoin.Sight {
    let kubelet = kubelets[Int(node.index)]
    return KubeadmJoin.Sight(
      isKubeletHealthy: kubelet.phase == .running && kubelet.memory.work.began < .never,
      isKubeconfigUsable: kubelet.disk.certificateOfKubeconfig != TraceEvent.none)
  }

  /// N.2: what kubeadm prints when it gives up.
  func joinMessage(of event: TraceEvent) -> String? {
    guard let failure = KubeadmJoin.Failure(rawValue: UInt8(truncatingIfNeeded: event.value)) else {
      return nil
    }
    let node = NodeID(Int(event.node))
    let name = turn.facts.name(of: node)
    let token = turn.facts.group(of: node).bootstrapKubeconfig.token ?? ""
    let identity = "couldn't validate the identity of the API Server: "
    switch failure {
    case .clusterInfoUnavailable:
      return identity + "failed to request the cluster-info ConfigMap: context deadline exceeded"
    case .signatureMissing:
      return identity + "could not find a JWS signature in the cluster-info ConfigMap for token ID "
        + "\"\(token.prefix(6))\""
    case .configurationUnavailable:
      return "error execution phase preflight: unable to fetch the kubeadm-config ConfigMap"
    case .nodeUnavailable: return "cannot get Node \"\(name)\""
    case .nodeIsReady:
      return "a Node with name \"\(name)\" and status \"Ready\" already exists in the cluster. "
        + "You must delete the existing Node or change the name of this new joining Node"
    case .kubeletUnhealthy:
      return "failed while waiting for the kubelet to start: context deadline exceeded"
    case .certificateMissing:
      return "failed while waiting for TLS bootstrap: context deadline exceeded"
    }
  }
}

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

  mutating func join(_ node: NodeID) {
    var errors: KubeadmJoin.PreflightErrors = []
    switch kubelets[Int(node.index)].disk.kubeconfig {
    case .unreadable, .withoutCertificate, .inline, .pointsAtFile: errors = .kubeconfig
    case .unset, .absent, .inaccessible: break
    }
    if !turn.facts.group(of: node).hasContainerRuntime || turn.lacksRuntime(node) {
      errors.insert(.containerRuntime)
    }
    joins[Int(node.index)].start(finding: errors, &turn)
  }

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

  /// N.2 row 1: whether this is kubeadm's first look at cluster-info, which does not verify the server.
  func takesAnyServer(_ number: UInt32, _ fault: Answer) -> Bool {
    let call = turn.calls[number]
    return call.client == .kubeadm && joins[Int(call.owner)].phase == .discovering
      && [.unknownAuthority, .servingCertificateExpired, .servingCertificateNotYetValid]
        .contains(fault)
  }

  /// N.2: what kubeadm prints when it gives up.
  func joinMessage(of event: TraceEvent) -> String? {
    guard let failure = KubeadmJoin.Failure(rawValue: UInt8(truncatingIfNeeded: event.value)) else {
      return nil
    }
    let name = turn.facts.name(of: NodeID(Int(event.node)))
    let preflight = "error execution phase preflight: "
    let identity = preflight + "couldn't validate the identity of the API Server: "
    let configuration = preflight + "unable to fetch the kubeadm-config ConfigMap: failed to get "
    let start = "error execution phase kubelet-start: "
    let wait = "error execution phase kubelet-wait-bootstrap: failed while waiting for "
    let setback = setbackMessage(of: event)
    switch failure {
    case .clusterInfoUnavailable:
      return identity + "failed to request the cluster-info ConfigMap: \(setback)"
    case .signatureMissing:
      return identity + "could not find a JWS signature in the cluster-info ConfigMap for token ID "
        + "\"\(joinToken(of: event).prefix(6))\""
    case .signatureInvalid:
      return identity + "failed to verify JWS signature of received cluster info object, can't "
        + "trust this API Server"
    case .kubeadmConfigUnavailable: return configuration + "config map: \(setback)"
    case .componentConfigUnavailable: return configuration + "component configs: \(setback)"
    case .nodeUnavailable: return start + "cannot get Node \"\(name)\": \(setback)"
    case .nodeIsReady:
      return start + "a Node with name \"\(name)\" and status \"Ready\" already exists in the "
        + "cluster. You must delete the existing Node or change the name of this new joining Node"
    case .kubeletUnhealthy:
      let url = "http://127.0.0.1:10248/healthz"
      return wait + "the kubelet to start: The HTTP call equal to 'curl -sSL \(url)' returned "
        + "error: Get \"\(url)\": dial tcp 127.0.0.1:10248: connect: connection refused"
    case .certificateMissing: return wait + "TLS bootstrap: context deadline exceeded"
    case .tokenMissing:
      return "discovery: Invalid value: \"\": bootstrapToken or file must be set"
    case .tokenMalformed: return malformedToken(joinToken(of: event))
    case .preflightFailed:
      return preflight
        + Self.text(
          of: KubeadmJoin.PreflightErrors(rawValue: UInt8(truncatingIfNeeded: event.value >> 8)))
    }
  }

  private func malformedToken(_ token: String) -> String {
    let problem = "Invalid value: \(GoString.quoted(token)): the bootstrap token is invalid"
    return "[discovery.bootstrapToken.token: \(problem), discovery.tlsBootstrapToken: \(problem)]"
  }

  /// Source: kubeadm preflight/checks.go, `RunChecks`; util/runtime/runtime.go, `Connect`.
  private static func text(of errors: KubeadmJoin.PreflightErrors) -> String {
    let kubeconfig =
      "\t[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: \(kubeletKubeconfig) already exists\n"
    let runtime =
      "\t[ERROR CRI]: could not connect to the container runtime: failed to create new CRI runtime "
      + "service: \(missingRuntime(at: "/var/run/containerd/containerd.sock"))\n"
    return "[preflight] Some fatal errors occurred:\n"
      + (errors.contains(.kubeconfig) ? kubeconfig : "")
      + (errors.contains(.containerRuntime) ? runtime : "")
      + "[preflight] If you know what you are doing, you can make a check non-fatal with "
      + "`--ignore-preflight-errors=...`"
  }

  private func joinToken(of event: TraceEvent) -> String {
    turn.facts.group(of: NodeID(Int(event.node))).bootstrapKubeconfig.token ?? ""
  }

  /// What the latest request met before kubeadm gave up; that of discovery was sent a tick earlier.
  private func setbackMessage(of event: TraceEvent) -> String {
    let waited = event.call == .getClusterInfo ? KubeadmJoin.discoveryGap : .zero
    return message(
      event.answer, event.call, event.actor, node: event.node, request: TraceEvent.none,
      at: max(.zero, event.time - waited)) ?? ""
  }
}

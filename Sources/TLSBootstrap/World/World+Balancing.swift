import SimulationKernel

/// Several API servers: which of them a request reaches (protocol.md C.4, K, O42).
extension World {
  // Inlined, as what follows: the call of a function of the world that changes nothing copies it.
  @inline(__always)
  var hasReplicas: Bool { server.replicas.count > 1 }

  /// The server that a request reaches, by its client's connection; nil: none that it could reach listens.
  @inline(never)
  mutating func reachedServer(_ number: UInt32) -> Int? {
    guard hasReplicas else { return server.replicas[0].isDown ? nil : 0 }
    let call = turn.calls[number]
    if let own = ownServer(of: call.client, call.generation) {
      return server.replicas[own].isDown ? nil : own
    }
    guard balancer.hasServer else { return nil }
    guard let client = connection(of: call) else { return balancer.choose(for: Int(call.owner)) }
    if let server = balancer.server(of: client) { return server }
    let server = balancer.connect(client)
    turn.calls[number].seat = PendingCall.Seat(server, nil)
    turn.calls[number].cause = record(.connectionOpened, number, value: Int64(server))
    return server
  }

  /// Whether a request cannot reach any server now.
  mutating func findsNoServer(_ client: PendingCall.Client, _ generation: UInt32) -> Bool {
    if let own = ownServer(of: client, generation) { return server.replicas[own].isDown }
    return server.replicas.allSatisfy(\.isDown)
  }

  /// A 401 ends the HTTP/2 connection (B.7): the next request may reach another server.
  @inline(never)
  mutating func closeConnection(of call: PendingCall) {
    if let client = connection(of: call) { balancer.disconnect(client) }
  }

  /// kube-controller-manager asks the API server of its own control-plane node, not the balancer. Source:
  /// kubeadm since 1.20, `LocalAPIEndpoint` (kubernetes#94398).
  @inline(__always)
  private func ownServer(of client: PendingCall.Client, _ generation: UInt32) -> Int? {
    switch client {
    case .approver, .signer, .controllerManager, .csrcleaner, .tokenCleaner, .bootstrapSigner:
      ownServer(ofManager: ManagerProcess(packed: generation).index)
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .kubeadm, .csrClient,
      .administrator, .externalApprover, .client:
      nil
    }
  }

  @inline(__always)
  func ownServer(ofManager replica: Int) -> Int { replica % server.replicas.count }

  /// The connection that a request goes by; nil: one of its own, as those of kubectl and kubeadm, and of
  /// kubelets without a certificate (L.2).
  @inline(__always)
  private func connection(of call: PendingCall) -> LoadBalancer.Client? {
    switch call.client {
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .csrClient:
      switch call.credential.kind {
      case .token: .node(call.owner, isByToken: true)
      case .certificate: .node(call.owner, isByToken: false)
      case .none, .component, .serviceAccountToken, .client: nil
      }
    case .externalApprover: .approver(Int(call.owner >> 16))
    case .kubeadm, .administrator, .client, .approver, .signer, .controllerManager, .csrcleaner,
      .tokenCleaner, .bootstrapSigner:
      nil
    }
  }
}

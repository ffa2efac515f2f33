import SimulationKernel

/// The world in words: names, objects as they are now, and messages composed from the request.
extension World: TraceDirectory {
  public var nodeCount: Int { kubelets.count + csrClients.count }
  public var requestCount: Int { server.requests.count }
  /// Those that were made before the run are not listed.
  public var certificateCount: Int { turn.certificates.count - earlierCertificates }

  public func node(at index: Int) -> NodeRecord {
    guard index < kubelets.count else { return clientRecord(at: index) }
    // Field by field: a copy of the kubelet and of its group was most of the time of a report.
    let node = kubelets[index].node
    let group = Int(turn.facts.groupOfNode[index])
    let ready = kubelets[index].ready
    return NodeRecord(
      kind: .kubelet, name: turn.facts.name(of: node),
      group: turn.facts.scenario.groups[group].name,
      rotateCertificates: turn.facts.scenario.groups[group].kubelet.rotateCertificates,
      started: kubelets[index].started, ready: ready == .never ? nil : ready,
      settlement: kubelets[index].settlement, attempts: Int(kubelets[index].attempt),
      restarts: max(0, Int(kubelets[index].generation) - 1))
  }

  public func request(at index: Int) -> RequestRecord {
    let request = server.requests[index]
    let conditions = request.conditions
    let (reason, message) = conditionWords(ofRequest: index)
    return RequestRecord(
      name: requestName(index), node: request.shape == 0 ? request.node : nil,
      signerName: turn.facts.signerText(of: request), requestor: request.requestor,
      created: request.created,
      approved: conditions.contains(.approved) ? request.decided : nil,
      denied: conditions.contains(.denied) ? request.decided : nil,
      failed: server.failures[UInt32(index)]?.at,
      issued: conditions.contains(.issued) ? request.issued : nil,
      condition: conditions.text + (conditions.contains(.deleted) ? " (deleted)" : ""),
      reason: reason, message: message)
  }

  public func certificate(at index: Int) -> CertificateRecord {
    let certificate = turn.certificates[earlierCertificates + index]
    guard let request = certificate.request else {
      preconditionFailure("certificate \(index) has no CSR")
    }
    var stream = turn.chance.stream(.serial, UInt32(index), 0)
    let serial = stream.next().hexadecimal + stream.next().hexadecimal
    return CertificateRecord(
      serial: serial, request: request,
      node: certificate.node.index == TraceEvent.none ? nil : certificate.node,
      signed: certificate.signed, notBefore: certificate.notBefore,
      notAfter: certificate.notAfter)
  }

  public func username(of identity: Identity) -> String {
    turn.facts.authorizer.user(identity, node: turn.facts.callerName(identity)).name
  }

  /// In the order in which the API server has them.
  public func groups(of identity: Identity) -> [String] {
    turn.facts.authorizer.user(identity, node: turn.facts.callerName(identity)).groups
  }

  public func asked(by identity: Identity) -> ForeignRequest? {
    guard case .ask(let request)? = entry(ofClient: identity)?.act else { return nil }
    return request.resolved
  }

  /// Recorded in groundtruth/first-node.md; the commit is not stamped.
  public func userAgent(of call: Call, by identity: Identity) -> String {
    switch identity.kind {
    case .certificateController, .tokenCleaner, .bootstrapSigner:
      return "\(Self.managerAgent)/\(username(of: identity))"
    case .controllerManager:
      // The base client's, or without service-account credentials the controllers'.
      let client =
        switch call {
        case .getServiceAccount, .createServiceAccountToken, .getHealthz: "kube-controller-manager"
        case .getLeaderLease, .createLeaderLease, .updateLeaderLease: "leader-election"
        case .watchRequests: "shared-informers"
        case .deleteSecret: "token-cleaner"
        case .updateClusterInfo: "bootstrap-signer"
        default: "certificate-controller"
        }
      return "\(Self.managerAgent)/\(client)"
    case .approver: return turn.facts.scenario.approvers[identity.number].name
    case .client: return turn.facts.scenario.requests[turn.facts.clients.entry(of: identity)].name
    case .nobody, .anonymous: return userAgent(ofUnknown: identity, call)
    // N.2 rows 3 and 4; no kubelet reads with the token.
    case .bootstrapToken where call == .getNode || KubeadmJoin.configurations.contains(call):
      return Self.kubeadmAgent
    case .bootstrapToken, .node: return Self.kubeletAgent(call)
    }
  }

  /// A.5: `csr-` and five letters; MODE-F: `node-csr-` and 43 characters.
  ///
  /// The real MODE-F name is a hash of the key, the subject and the usages. The model has no key
  /// bytes: it draws 256 bits per key, so the name is as stable and as unique.
  func requestName(_ index: Int) -> String {
    server.name(of: index, turn.facts.clients, turn.chance)
  }
}

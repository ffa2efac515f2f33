import SimulationKernel

/// A CSR is deleted and made again under its name, with another UID (protocol.md O29).
extension World {
  /// What kubectl asks for next where it replaces a CSR by force: it gets it, deletes it, looks whether it
  /// is gone, and creates it.
  ///
  /// Source: kubectl `pkg/cmd/replace/replace.go`, `forceReplace`; the first GET is `kubectl get -o yaml`.
  func nextOfReplacement(_ call: PendingCall) -> Call? {
    guard case .replace = turn.facts.scenario.requests[Int(call.owner)].act else { return nil }
    switch (call.call, call.answer) {
    case (.getRequest, .ok) where call.key == 0: return .deleteRequest
    case (.deleteRequest, .ok): return .getRequest
    case (.getRequest, .notFound) where call.key > 0: return .createRequest
    default: return nil
    }
  }

  /// E.1, E.2: the spec is the old one but for who asks, the status is empty.
  mutating func remake(_ call: inout PendingCall, _ words: inout String?) -> Bool {
    let object = StatusText.request(named: requestName(Int(call.request)))
    let shape = shape(of: server.requests[Int(call.request)])
    if turn.facts.scenario.apiServer.nodeRestriction,
      let problem = NodeRestriction.problem(creating: shape, by: clientUser(call.identity))
    {
      (call.answer, words) = (.forbiddenByAdmission, "\(object) is forbidden: \(problem)")
      return false
    }
    if server.namesake(of: call.request, &turn) != nil {
      (call.answer, words) = (.alreadyExists, "\(object) already exists")
      return false
    }
    call.answer = .created
    call.attempt = turn.originOfRequest[Int(call.request)].attempt
    call.request = server.remake(
      call.request, by: call.identity, at: turn.now,
      date: turn.facts.serverClock(call.seat.replica).seconds(at: turn.now))
    server.takeName(requestName(Int(call.request)), of: call.request)
    return true
  }

  /// What an update of a CSR reads whose name another has by now.
  func replacedMessage(of request: UInt32, at instant: Instant) -> String? {
    let name = requestName(Int(request))
    let found = server.requests.indices.last {
      $0 != Int(request) && server.requests[$0].created <= instant && requestName($0) == name
    }
    let identifiers = DrawnIdentifiers(seed: turn.facts.scenario.seed)
    return found.map {
      StatusText.replaced(
        name, sent: identifiers.uid(ofRequest: Int(request)), found: identifiers.uid(ofRequest: $0))
    }
  }

  /// Who watches this name since its own CSR is gone sees the new one.
  mutating func notifyOfNamesake(_ call: PendingCall) {
    let name = requestName(Int(call.request))
    let watched = server.requests.indices.filter {
      server.requests[$0].isWatched && isDeleted($0) && requestName($0) == name
    }
    for request in watched { notifyCreator(UInt32(request), .replaced, call.cause) }
  }

  /// The spec of a CSR, a kubelet's own or another client's.
  func shape(of stored: CertificateSigningRequest) -> RequestShape {
    guard stored.shape == 0 else { return turn.facts.clients.shape(stored.shape) }
    return RequestShape(
      ofNode: turn.facts.name(of: stored.node), signer: stored.signerName)
  }
}

extension RequestShape {
  /// A kubelet's own (A.5, B.8). Of a serving certificate's names only one is known.
  fileprivate init(ofNode name: String, signer: SignerName) {
    var request = CertificateRequest()
    request.commonName = "system:node:\(name)"
    request.organizations = ["system:nodes"]
    if signer == .kubeletServing { request.dnsNames = [name] }
    self.init(.request(request))
    signerName = signer.text
    usages = ["digital signature", signer == .kubeletServing ? "server auth" : "client auth"]
  }
}

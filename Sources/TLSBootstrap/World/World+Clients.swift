import SimulationKernel

/// Other clients act as `spec.requests` says (protocol.md E.5, O19, O27, O28).
extension World {
  /// How long a run goes on at least after an act, so that the controllers can answer to it.
  ///
  /// 5 s. Assumption: with free limiters approval and signing take some milliseconds.
  static let aftermath = Duration.seconds(5)

  /// Source: E.5, kubectl tries an update 10 times.
  private static let updateTries: UInt32 = 10

  mutating func beginClients() {
    for (number, entry) in turn.facts.scenario.requests.enumerated() where entry.count > 0 {
      outstandingActs += entry.count
      turn.schedule(.clientActs(UInt16(number), 0), at: .zero + entry.at)
    }
  }

  /// The time of an entry has come.
  mutating func act(_ number: Int, _ times: UInt32) {
    let entry = turn.facts.scenario.requests[number]
    if Int(times) + 1 < entry.count {
      turn.cause = 0
      turn.schedule(.clientActs(UInt16(number), times + 1), after: entry.every)
    }
    if let problem = missingCertificate(entry.credentials) {
      stop(number, problem)
      return
    }
    switch entry.act {
    case .create: send(.createRequest, from: number, TraceEvent.none)
    case .delete(let reference): send(.deleteRequest, from: number, about: reference)
    case .decide(let reference, _), .replace(let reference):
      send(.getRequest, from: number, about: reference)
    case .update(let reference, let change):
      send(
        change.subresource == .approval ? .updateApproval : .updateStatus, from: number,
        about: reference)
    case .ask(let request):
      let isHealthz = request.path == "/healthz" && request.verb == "get"
      send(
        isHealthz ? .getHealthz : request.isWrite ? .foreignWrite : .foreignRead, from: number,
        TraceEvent.none)
    }
  }

  private mutating func send(_ call: Call, from number: Int, about reference: RequestReference) {
    guard let request = find(reference) else {
      stop(number, "there is no such CSR yet")
      return
    }
    send(call, from: number, request)
  }

  /// - Parameter request: `TraceEvent.none`: it names one that does not exist, or none.
  private mutating func send(
    _ call: Call, from number: Int, _ request: UInt32, version: UInt32 = 0, try attempt: UInt32 = 0
  ) {
    turn.emitAbout(
      TraceEvent(
        .requestSent, by: .client, request: request,
        identity: ClientTable.byTokenOrName(number), call: call))
    clients.note(
      "\(turn.facts.scenario.requests[number].name): \(clientLine(number, call, about: request))",
      of: turn.cause)
    var pending = PendingCall(
      call: call, client: .client, owner: UInt32(number), node: TraceEvent.none,
      credential: Credential(number: UInt32(number), kind: .client))
    pending.request = request
    pending.resourceVersion = version
    pending.key = attempt
    if case .decide(_, .deny) = turn.facts.scenario.requests[number].act { pending.flag = true }
    turn.call(pending)
  }

  /// Nothing is sent, or nothing more.
  private mutating func stop(_ number: Int, _ problem: String, request: UInt32 = TraceEvent.none) {
    turn.emitAbout(
      TraceEvent(
        .requestNotSent, by: .client, request: request,
        identity: ClientTable.byTokenOrName(number)))
    clients.note("\(turn.facts.scenario.requests[number].name): \(problem)", of: turn.cause)
    turn.schedule(.clientRests, after: Self.aftermath)
  }

  /// An answer reached its client: kubectl may go on, others are done.
  mutating func clientReceives(_ call: PendingCall) {
    let number = Int(call.owner)
    if case .decide(_, let decision) = turn.facts.scenario.requests[number].act {
      if call.call == .getRequest, call.answer.isSuccess {
        decide(decision, call)
        return
      }
      if [.conflict, .replaced].contains(call.answer), call.key < Self.updateTries {
        send(.getRequest, from: number, call.request, try: call.key)
        return
      }
    }
    if let next = nextOfReplacement(call) {
      send(next, from: number, call.request, try: call.key + 1)
      return
    }
    turn.schedule(.clientRests, after: Self.aftermath)
  }

  /// E.5: what kubectl does with the CSR that it got.
  private mutating func decide(_ decision: ApproverSettings.Decision, _ call: PendingCall) {
    let stored = server.requests[Int(call.request)]
    let (wanted, opposite): (RequestConditions, RequestConditions) =
      decision == .approve ? (.approved, .denied) : (.denied, .approved)
    if stored.conditions.contains(opposite) {
      let state = decision == .approve ? "Denied" : "Approved"
      stop(
        Int(call.owner),
        "error: certificate signing request \"\(requestName(Int(call.request)))\" is already "
          + state, request: call.request)
    } else if stored.conditions.contains(wanted) {
      turn.schedule(.clientRests, after: Self.aftermath)
    } else {
      send(
        .updateApproval, from: Int(call.owner), call.request, version: stored.resourceVersion,
        try: call.key + 1)
    }
  }
}

// MARK: What they name

extension World {
  /// nil: there is no such CSR yet; `TraceEvent.none`: none has that name.
  func find(_ reference: RequestReference) -> UInt32? {
    switch reference {
    case .name(let name):
      return latest { requestName($0) == name } ?? TraceEvent.none
    case .ofNode(let name):
      guard let node = nodeID(name) ?? csrClientID(name) else { return nil }
      return latest { server.requests[$0].shape == 0 && server.requests[$0].node == node }
    case .ofRequest(let name):
      guard let entry = entry(name), clients.requests[entry] != TraceEvent.none else { return nil }
      return clients.requests[entry]
    }
  }

  private func latest(_ isWanted: (Int) -> Bool) -> UInt32? {
    server.requests.indices.last { isWanted($0) && !isDeleted($0) }.map(UInt32.init)
  }

  func isDeleted(_ request: Int) -> Bool { server.requests[request].conditions.contains(.deleted) }

  func nodeID(_ name: String) -> NodeID? {
    kubelets.first { turn.facts.name(of: $0.node) == name }?.node
  }

  private func csrClientID(_ name: String) -> NodeID? {
    csrClients.first { turn.facts.name(of: $0.node) == name }?.node
  }

  private func entry(_ name: String) -> Int? {
    turn.facts.scenario.requests.firstIndex { $0.name == name }
  }

  private func missingCertificate(_ credentials: ClientCredentials) -> String? {
    switch credentials.certificate {
    case .ofNode(let name):
      certificate(ofNode: name) == nil ? "\(name) has no client certificate yet" : nil
    case .ofRequest(let name):
      certificate(ofRequest: name) == nil ? "\(name) has no certificate yet" : nil
    case .handmade, nil: nil
    }
  }

  private func certificate(ofNode name: String) -> Certificate? {
    guard let node = nodeID(name) else { return nil }
    let number = kubelets[Int(node.index)].disk.certificateOfKubeconfig
    return number == TraceEvent.none ? nil : turn.certificates[Int(number)]
  }

  private func certificate(ofRequest name: String) -> Certificate? {
    guard let entry = entry(name), clients.requests[entry] != TraceEvent.none else { return nil }
    let number = server.requests[Int(clients.requests[entry])].certificate
    return number == TraceEvent.none ? nil : turn.certificates[Int(number)]
  }
}

// MARK: Who they are (C.2)

extension World {
  /// Who a client is to be taken for; `nobody`: its request gets no further.
  mutating func admitClient(_ number: UInt32, on replica: Int) -> Identity {
    clients.refusals[number] = nil
    let call = turn.calls[number]
    if let words = unreadableURL(of: call.owner) {
      clients.refusals[number] = ClientRecords.Refusal(
        requestor: Identity(.nobody, sentBy: .client, entry: call.owner), answer: .internalError,
        words: words)
      return .nobody
    }
    let requestor = authenticateClient(call, on: replica)
    if requestor == .nobody { return .nobody }
    return impersonate(number, by: requestor, on: replica) ?? .nobody
  }

  /// The first that accepts wins; a refusal is never downgraded to anonymous.
  private mutating func authenticateClient(_ call: PendingCall, on replica: Int) -> Identity {
    let number = Int(call.owner)
    let credentials = turn.facts.scenario.requests[number].credentials
    var isRefused = false
    if let certificate = credentials.certificate {
      if certificateProblem(certificate, on: replica) != nil {
        isRefused = true
      } else if !turn.facts.clients.users[number * 2].name.isEmpty {
        // Without a CN the authenticator has no opinion.
        return ClientTable.byCertificate(number)
      }
    }
    if let token = turn.facts.clients.tokens[number] {
      if server.authenticate(token: token, on: replica, &turn) != .nobody {
        return ClientTable.byTokenOrName(number)
      }
      isRefused = true
    } else if credentials.user != nil, credentials.certificate == nil {
      return ClientTable.byTokenOrName(number)
    }
    if isRefused { return .nobody }
    return turn.facts.anonymous.areTaken
      ? Identity(.anonymous, sentBy: .client, entry: call.owner) : .nobody
  }

  /// C.5: what Go says of a certificate that does not verify: its times, its issuer, its usages.
  ///
  /// Source: Go crypto/x509, `Certificate.Verify`.
  private func certificateProblem(
    _ source: ClientCredentials.Certificate, on replica: Int
  ) -> String? {
    let now = turn.facts.serverClock(replica).reading(at: turn.now)
    let validity: ClosedRange<Int64>
    let (isTrusted, isForClients): (Bool, Bool)
    switch source {
    case .ofNode, .ofRequest:
      guard let found = certificate(of: source) else { return nil }
      let end = found.isTrusted ? turn.facts.end(of: found) : found.notAfter
      validity = found.notBefore...max(found.notBefore, end)
      (isTrusted, isForClients) = (found.isTrusted, self.isForClients(found))
    case .handmade(let made):
      let start = turn.facts.scenario.start
      let notBefore = start + made.notBefore.nanoseconds
      let notAfter = start + made.notAfter.nanoseconds
      let end = made.isTrusted ? min(notAfter, turn.facts.clientCANotAfter) : notAfter
      validity = notBefore...max(notBefore, end)
      (isTrusted, isForClients) = (made.isTrusted, made.isForClients)
    }
    if !validity.contains(now) { return Self.validityText(now, validity) }
    if !isTrusted { return "x509: certificate signed by unknown authority" }
    return isForClients ? nil : "x509: certificate specifies an incompatible key usage"
  }

  /// H.3: the extended key usages are those of the CSR; a certificate without any is for everything.
  private func isForClients(_ certificate: Certificate) -> Bool {
    guard let request = certificate.request else { return true }
    let stored = server.requests[Int(request.index)]
    if stored.shape == 0 { return stored.signerName != .kubeletServing }
    let extended = turn.facts.clients.shape(stored.shape).usages.filter(
      RequestShape.extendedUsages.contains)
    return extended.isEmpty || extended.contains("client auth") || extended.contains("any")
  }

  private func certificate(of source: ClientCredentials.Certificate) -> Certificate? {
    switch source {
    case .ofNode(let name): certificate(ofNode: name)
    case .ofRequest(let name): certificate(ofRequest: name)
    case .handmade: nil
    }
  }

  /// What the server logs; the client only ever reads `Unauthorized` (C.6).
  mutating func noteRefusedCredentials(of call: PendingCall) {
    let number = Int(call.owner)
    let credentials = turn.facts.scenario.requests[number].credentials
    var problems: [String] = []
    if let problem = credentials.certificate.flatMap({
      certificateProblem($0, on: call.seat.replica)
    }) {
      problems.append(problem)
    }
    if let token = turn.facts.clients.tokens[number] {
      let known = server.replicas[call.seat.replica].token(token, of: turn.facts.tokens.tokens)
      let now = turn.facts.serverClock(call.seat.replica).reading(at: turn.now)
      problems.append(message(of: known, at: now))
    }
    let text =
      problems.isEmpty
      ? "anonymous requests are disabled"
      : problems.count == 1 ? problems[0] : "[\(problems.joined(separator: ", "))]"
    clients.note(text, of: call.cause)
  }
}

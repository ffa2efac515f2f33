import SimulationKernel

/// The API server's way of other clients' requests: authorize, admit, validate, store (C.1, D, E).
extension World {
  mutating func authorizeClient(_ number: UInt32) {
    let call = turn.calls[number]
    let attributes = attributes(of: call)
    let user = clientUser(call.identity)
    guard !turn.facts.authorizer.decide(attributes, by: user).isAllowed else { return }
    turn.calls[number].answer = .forbidden
    let cause = record(.authorizationFailed, number)
    turn.calls[number].cause = cause
    clients.note(forbidden(attributes, user), of: cause)
  }

  /// Only the entry knows what the request asks for; no such client tells the server a deadline.
  mutating func noteConnectionFailure(of call: PendingCall) {
    let words = connectionMessage(
      call.answer, .foreignRead, attributes(of: call), node: TraceEvent.none, at: turn.now,
      event: nil)
    clients.note(words, of: call.cause)
  }

  func clientUser(_ identity: Identity) -> User {
    turn.facts.authorizer.user(identity, node: "")
  }

  func entry(of call: PendingCall) -> ClientRequest {
    turn.facts.scenario.requests[Int(call.owner)]
  }

  /// What an authorizer reads of the request: a create names nothing.
  func attributes(of call: PendingCall) -> RequestAttributes {
    guard case .ask(let request) = entry(of: call).act else {
      var attributes = turn.facts.authorizer.attributes(
        of: call.call, node: "", request: clientRequestName(call))
      if call.call == .createRequest { attributes.name = "" }
      return attributes
    }
    return request.attributes
  }

  /// The name of the CSR that the request is about; of one that does not exist as written.
  private func clientRequestName(_ call: PendingCall) -> String {
    if call.request != TraceEvent.none { return requestName(Int(call.request)) }
    switch entry(of: call).act {
    case .decide(.name(let name), _), .update(.name(let name), _), .delete(.name(let name)),
      .replace(.name(let name)):
      return name
    case .create, .decide, .update, .delete, .replace, .ask: return ""
    }
  }

  /// Does what a request asks for if it is authorized, and leaves what the client is told.
  ///
  /// - Returns: whether a CSR was written.
  mutating func perform(_ number: UInt32) -> Bool {
    var call = turn.calls[number]
    defer { turn.calls[number] = call }
    var words: String?
    var isWritten = false
    if let refusal = clients.refusals.removeValue(forKey: number) {
      words = refusal.words
    } else if call.answer.isSuccess {
      isWritten = perform(&call, &words)
    } else if call.answer == .forbidden {
      words = forbidden(attributes(of: call), clientUser(call.identity))
    } else if call.answer == .tooManyRequests {
      words = tooManyRequests(attributes(of: call))
    }
    clients.told = words
    return isWritten
  }

  private mutating func perform(
    _ call: inout PendingCall, _ words: inout String?
  ) -> Bool {
    call.answer = .ok
    switch entry(of: call).act {
    case .create(let shape): return create(shape, &call, &words)
    case .ask(let request):
      ask(request, &call, &words)
      return false
    case .replace where call.call == .createRequest: return remake(&call, &words)
    case .decide, .update, .delete, .replace:
      let object = StatusText.request(named: clientRequestName(call))
      if let namesake = namesake(of: call) {
        // Only an update says which UID it means.
        if call.call == .updateApproval || call.call == .updateStatus {
          call.answer = .replaced
          return false
        }
        call.request = namesake
      }
      guard call.request != TraceEvent.none, !isDeleted(Int(call.request)) else {
        call.answer = .notFound
        words = "\(object) not found"
        return false
      }
      if call.call == .getRequest { return false }
      if call.call == .deleteRequest {
        if entry(of: call).isDryRun { return false }
        delete(call.request)
        return true
      }
      return update(&call, object, &words)
    }
  }
}

extension World {
  /// The CSR that has the name of the one that a request is about, which was deleted on its way. kubectl's
  /// replacement counts on nobody else to make it again.
  private mutating func namesake(of call: PendingCall) -> UInt32? {
    if case .replace = entry(of: call).act { return nil }
    guard call.request != TraceEvent.none, isDeleted(Int(call.request)) else { return nil }
    return server.namesake(of: call.request, &turn)
  }
}

// MARK: Create (E.1 to E.3)

extension World {
  private mutating func create(
    _ shape: RequestShape, _ call: inout PendingCall, _ words: inout String?
  ) -> Bool {
    let user = clientUser(call.identity)
    guard RequestBody.knows(contentType: shape.contentType) else {
      (call.answer, words) = (.unsupportedMediaType, RequestBody.unknownFormat)
      return false
    }
    if shape.bodyBytes > RequestBody.mostBytes {
      (call.answer, words) = (.tooLarge, RequestBody.tooLarge)
      return false
    }
    if let error = shape.decodingError {
      (call.answer, words) = (.badRequest, error)
      return false
    }
    if turn.facts.scenario.apiServer.nodeRestriction,
      let problem = NodeRestriction.problem(creating: shape, by: user)
    {
      let object = StatusText.request(named: shape.nameAtAdmission)
      (call.answer, words) = (.forbiddenByAdmission, "\(object) is forbidden: \(problem)")
      return false
    }
    let (name, suffix) = drawName(of: shape)
    // The strategy's rules, and only then the store's.
    var errors = shape.fieldErrors
    if errors.isEmpty { errors = shape.nameErrors(name) }
    if !errors.isEmpty {
      call.answer = .invalid
      words = Self.invalid(name, errors)
    } else if turn.facts.scenario.apiServer.certificateSubjectRestriction, shape.asksForMasters {
      call.answer = .forbiddenByAdmission
      words =
        "\(StatusText.request(named: name)) is forbidden: use of kubernetes.io/kube-apiserver-client "
        + "signer with system:masters group is not allowed"
    } else if shape.hasVersion, !entry(of: call).isDryRun {
      (call.answer, words) = (.unknownError, RequestBody.versionIsSet)
    } else if find(.name(name)) != TraceEvent.none {
      call.answer = .alreadyExists
      words = "\(StatusText.request(named: name)) already exists"
    } else if entry(of: call).isDryRun {
      call.answer = .created
    } else {
      store(shape, suffix, &call)
      return true
    }
    return false
  }

  /// A.5: a generated name that is taken is drawn again, up to seven times.
  private mutating func drawName(of shape: RequestShape) -> (name: String, suffix: UInt64) {
    var name = ""
    var suffix: UInt64 = 0
    for _ in 0..<8 {
      clients.draws += 1
      var stream = turn.chance.stream(.client, 1, clients.draws)
      suffix = stream.next(below: GeneratedSuffix.count)
      name = shape.name(generating: suffix)
      if shape.name != nil || find(.name(name)) == TraceEvent.none { break }
    }
    return (name, suffix)
  }

  private mutating func store(_ shape: RequestShape, _ suffix: UInt64, _ call: inout PendingCall) {
    call.request = UInt32(server.requests.count)
    call.answer = .created
    clients.requests[Int(call.owner)] = call.request
    server.requests.append(
      CertificateSigningRequest(
        name: suffix, isNamedByKey: false, node: NodeID(Int(TraceEvent.none)), generation: 0,
        signerName: SignerName(text: shape.signerName),
        shape: turn.facts.clients.shape(ofEntry: Int(call.owner)), requestor: call.identity,
        created: turn.now,
        date: turn.facts.serverClock(call.seat.replica).seconds(at: turn.now)))
    server.takeName(requestName(Int(call.request)), of: call.request)
  }

  /// E.3: one error as it is, several as a list, each once.
  ///
  /// Source: apimachinery pkg/util/validation/field/errors.go `ToAggregate`.
  private static func invalid(_ name: String, _ errors: [String]) -> String {
    var told: [String] = []
    for error in errors where !told.contains(error) { told.append(error) }
    return StatusText.invalid(
      name, told.count == 1 ? told[0] : "[\(told.joined(separator: ", "))]")
  }

  /// What csrapproving and the signers see in a CSR of another client (F.2).
  func cachedByShape(
    _ stored: CertificateSigningRequest, _ conditions: RequestConditions, version: UInt16
  ) -> ControllerManager.CachedRequest {
    let shape = shape(of: stored)
    return ControllerManager.CachedRequest(
      signerName: stored.signerName, isKubeletClient: shape.isKubeletClient,
      isOwn: shape.isKubeletClient
        && shape.request?.commonName == clientUser(stored.requestor).name,
      isRefused: shape.signerProblem != nil, conditions: conditions, version: version,
      shape: stored.shape)
  }
}

extension RequestShape {
  /// Whether it says a version as the storage reads them: a number that is not 0.
  ///
  /// Source: apiserver pkg/storage/etcd3/store.go `Create`, pkg/storage/api_object_versioner.go.
  fileprivate var hasVersion: Bool { UInt64(resourceVersion).map { $0 != 0 } ?? false }

  /// CertificateSubjectRestriction (E.1).
  fileprivate var asksForMasters: Bool {
    SignerName(text: signerName) == .kubeAPIServerClient
      && request?.organizations.contains("system:masters") == true
  }
}

// MARK: Update and delete (E.2, E.3)

extension World {
  /// In the server's order: resource version, validation, admission, storage.
  private mutating func update(
    _ call: inout PendingCall, _ object: String, _ words: inout String?
  ) -> Bool {
    let stored = server.requests[Int(call.request)]
    let change = change(of: call)
    if call.resourceVersion != 0, call.resourceVersion != stored.resourceVersion {
      call.answer = .conflict
      words = StatusText.modified(object)
      return false
    }
    let sent = sentConditions(change, call.request)
    let errors = errors(of: change, sent, stored)
    if !errors.isEmpty {
      call.answer = .invalid
      words = Self.invalid(clientRequestName(call), errors)
      return false
    }
    let changes =
      change.isCertificate || sent != conditions(ofRequest: Int(call.request)).map(\.written)
    let verb: Authorizer.SignerVerb? =
      change.subresource == .approval ? .approve : changes ? .sign : nil
    let signer = turn.facts.signerText(of: stored)
    if let verb,
      !turn.facts.authorizer.allowsSigner(clientUser(call.identity), verb, named: signer)
    {
      call.answer = verb == .approve ? .forbiddenToApprove : .forbiddenToSign
      words = StatusText.notPermitted(to: verb, object, signer: signer)
      return false
    }
    guard changes, !entry(of: call).isDryRun else { return false }
    write(change, sent, &call)
    return true
  }

  private func change(of call: PendingCall) -> RequestChange {
    switch entry(of: call).act {
    case .update(_, let change): change
    case .decide(_, let decision):
      RequestChange(.approval, .add(decision == .approve ? .approved : .denied))
    case .create, .delete, .replace, .ask:
      preconditionFailure("entry \(call.owner) updates nothing")
    }
  }

  private mutating func write(
    _ change: RequestChange, _ sent: [WrittenCondition], _ call: inout PendingCall
  ) {
    let index = Int(call.request)
    server.requests[index].conditions.insert(.decidedOnce)
    server.requests[index].resourceVersion += 1
    if case .certificate(let isTrusted) = change.change {
      call.certificate = addCertificate(to: call.request, isTrusted: isTrusted)
      call.verdict = true
      server.requests[index].conditions.insert(.issued)
      server.requests[index].issued = turn.now
      server.requests[index].certificate = call.certificate
    } else {
      store(sent, change.subresource, dateClock(of: call), &call)
    }
    reopenNode(of: call.request)
  }

  /// kubectl dates its conditions by its host's clock (M.1 row 14); else the server does.
  private func dateClock(of call: PendingCall) -> Clock {
    guard case .decide = entry(of: call).act else {
      return turn.facts.serverClock(call.seat.replica)
    }
    return Clock(
      start: turn.facts.scenario.start, skew: turn.facts.scenario.administratorClock)
  }

  /// As kube-controller-manager would have made it.
  private mutating func addCertificate(to request: UInt32, isTrusted: Bool) -> UInt32 {
    let now = Timestamp.wholeSeconds(turn.facts.managerClock.reading(at: turn.now))
    let notBefore = now - CertificateValidity.backdate.nanoseconds
    return turn.addCertificate(
      of: request, notBefore...now + Duration.days(365).nanoseconds, isTrusted: isTrusted)
  }

  /// A node that only an outside act could help may go on after this one.
  private mutating func reopenNode(of request: UInt32) {
    let node = turn.originOfRequest[Int(request)].node
    guard node != TraceEvent.none else { return }
    reopen(NodeID(Int(node)))
  }

  private mutating func delete(_ request: UInt32) {
    server.markDeleted(request, at: turn.now)
    reopenNode(of: request)
  }
}

extension ForeignRequest {
  /// What an authorizer reads of it.
  var attributes: RequestAttributes {
    var named = verb == "deletecollection" ? "" : name
    if ["list", "watch"].contains(verb) { named = FieldSelector(fieldSelector).name ?? named }
    // The name is in the body, unless somebody posts to the URL of an object.
    let isCreate = verb == "create" && subresource.isEmpty && !isByURL
    return RequestAttributes(
      verb: verb, group: group, resource: resource, subresource: subresource,
      name: isCreate ? "" : named, namespace: namespace, path: path, fieldSelector: fieldSelector)
  }
}

import SimulationKernel

/// kube-apiserver and what it stores: one readable way for every request, *authenticate, authorize, admit, store*.
struct APIServer: Hashable, Sendable {
  var requests: [CertificateSigningRequest] = []
  /// The condition Failed of those that have it; asked, never walked.
  var failures: [UInt32: RequestFailure] = [:]
  /// By CSR: conditions of types that Kubernetes does not know; asked, never walked.
  var otherConditions: [UInt32: [RequestCondition]] = [:]
  /// By CSR whose conditions another client has put: their types in its order; asked, never walked.
  var conditionOrders: [UInt32: [String]] = [:]
  /// Suffixes of generated names in use; asked, never walked.
  private var generatedNames: Set<UInt32> = []
  /// By CSR of another client: the suffix that its name keeps from being generated; asked, never walked.
  private var suffixes: [UInt32: UInt32] = [:]
  /// MODE-F names in use, by key.
  private var requestOfKey: [UInt64: UInt32] = [:]
  private var draws: UInt32 = 0
  /// Per node: whether its objects exist.
  var objects: [NodeObjects]
  private var names: SharedNames
  /// When each token of the controllers' service account expires, by the server's clock.
  private(set) var tokenExpirations: [Int64] = []
  /// The processes behind the load balancer; all share what is stored.
  var replicas: [APIServerReplica]
  /// How often one of them was started.
  private var starts: UInt32 = 1
  /// The Lease `kube-system/kube-controller-manager` (J.3).
  var leaderLease = LeaderLease()
  /// The tokens whose signatures `kube-public/cluster-info` has (I.3).
  var clusterInfo = ClusterInfo()
  /// The numbers of the Secrets that are deleted, of which the authenticators have yet to hear.
  var vanishing: [UInt32] = []

  struct NodeObjects: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let node = NodeObjects(rawValue: 1)
    static let lease = NodeObjects(rawValue: 2)
    static let csiNode = NodeObjects(rawValue: 4)
  }

  init(_ facts: Facts) {
    replicas = Array(
      repeating: APIServerReplica(facts), count: facts.scenario.apiServer.replicas)
    objects = Array(repeating: [], count: facts.groupOfNode.count)
    names = SharedNames(facts)
    let nodes = Set(facts.scenario.existingNodes)
    let leases = Set(facts.scenario.existingLeases)
    guard !nodes.isEmpty || !leases.isEmpty else { return }
    for index in objects.indices {
      let name = facts.name(of: NodeID(index))
      if nodes.contains(name) { objects[index].insert(.node) }
      if leases.contains(name) { objects[index].insert(.lease) }
    }
  }
}

extension APIServer {
  /// Makes room for so many CSRs.
  mutating func reserveCapacity(_ count: Int) {
    requests.reserveCapacity(count)
    generatedNames.reserveCapacity(count)
  }
}

// MARK: Processes and watches (A.11, K.4)

extension APIServer {
  /// CSRs whose creators watch them.
  ///
  /// - Parameter replica: the server that has their watches; nil: any.
  func openWatches(on replica: Int? = nil) -> [RequestID] {
    requests.indices.filter {
      requests[$0].isWatched
        && (replica ?? Int(requests[$0].watchingReplica)) == Int(requests[$0].watchingReplica)
    }.map { RequestID($0) }
  }

  /// The places of the processes that a fault of this one hits; nil: of every one.
  func replicas(hitBy replica: Int?) -> Range<Int> {
    replica.map { $0..<$0 + 1 } ?? replicas.indices
  }

  /// A process that was down runs again, where no other outage keeps it down.
  mutating func start(_ replica: Int) -> Bool {
    let isUp = replicas[replica].comeUp(as: starts + 1)
    if isUp { starts += 1 }
    return isUp
  }

  /// A.11, K.4: a watch goes on from a resource version that the caches of this process reach back to, or
  /// begins anew; the answer's `flag` says which.
  private func acceptWatch(_ call: inout PendingCall) {
    call.flag = call.resourceVersion != 0
    if call.resourceVersion != 0, call.resourceVersion < replicas[call.seat.replica].start {
      call.answer = .gone
    } else {
      call.resourceVersion = starts
    }
  }
}

// MARK: Admit and store (E)

extension APIServer {
  /// Does what a request asks for if it is authorized, at the instant at which it is done.
  ///
  /// - Returns: whether an object was written.
  mutating func execute(_ number: UInt32, _ turn: inout Turn) -> Bool {
    guard turn.calls[number].answer.isSuccess else { return false }
    switch turn.calls[number].call {
    case .watchRequest: acceptWatch(&turn.calls[number])
    case .createRequest: return create(number, &turn)
    case .updateApproval, .updateStatus: return update(number, &turn)
    case .createSubjectAccessReview:
      let subject = requests[Int(turn.calls[number].request)].requestor
      let verdict = review(of: subject, selfNodeClient: turn.calls[number].flag, &turn)
      turn.calls[number].verdict = verdict
      turn.calls[number].answer = .created
    case .deleteRequest: return delete(number, &turn)
    case .createServiceAccountToken: issueToken(number, &turn)
    case .getLeaderLease, .createLeaderLease, .updateLeaderLease:
      let now = turn.now
      leaderLease.execute(&turn.calls[number], at: now)
    case .createNode: return insert(.node, number, &turn)
    case .createLease:
      let isNew = insert(.lease, number, &turn)
      if isNew { names.leaseWasWritten(by: turn.calls[number].node) }
      return isNew
    case .createCSINode: return insert(.csiNode, number, &turn)
    case .getNode, .patchNodeStatus: require(.node, number, &turn)
    case .getLease:
      require(.lease, number, &turn)
      names.leaseWasRead(by: turn.calls[number].node)
    case .updateLease: updateLease(number, &turn)
    case .getCSINode: require(.csiNode, number, &turn)
    case .getRequest:
      if turn.calls[number].client == .administrator { findByName(number, &turn) }
      let request = turn.calls[number].request
      if request == TraceEvent.none || isDeleted(request) { turn.calls[number].answer = .notFound }
    case .listBetaRequest: turn.calls[number].answer = .notFound
    case .deleteSecret: deleteSecret(number, &turn)
    case .getClusterInfo: lookForSignature(number, &turn)
    case .none, .getHealthz, .listRequest, .watchNodes, .listNodes,
      .watchServices, .listServices, .watchCSIDrivers, .listCSIDrivers, .watchRuntimeClasses,
      .listRuntimeClasses, .watchPods, .listRequests, .approverRead, .getServiceAccount,
      .foreignRead, .foreignWrite, .watchRequests, .updateClusterInfo,
      .getKubeadmConfig, .getKubeletConfig, .getKubeProxyConfig:
      break
    }
    return false
  }

  private mutating func insert(
    _ object: NodeObjects, _ number: UInt32, _ turn: inout Turn
  ) -> Bool {
    let isNew = objects[names.place(of: turn.calls[number].node)].insert(object).inserted
    turn.calls[number].answer = isNew ? .created : .alreadyExists
    return isNew
  }

  private func require(_ object: NodeObjects, _ number: UInt32, _ turn: inout Turn) {
    if !objects[names.place(of: turn.calls[number].node)].contains(object) {
      turn.calls[number].answer = .notFound
    }
  }

  private mutating func updateLease(_ number: UInt32, _ turn: inout Turn) {
    require(.lease, number, &turn)
    guard turn.calls[number].answer.isSuccess else { return }
    guard names.knowsLease(turn.calls[number].node) else {
      turn.calls[number].answer = .conflict
      return
    }
    names.leaseWasWritten(by: turn.calls[number].node)
  }

  /// F.2.
  private func review(
    of subject: Identity, selfNodeClient: Bool, _ turn: inout Turn
  ) -> Bool {
    switch turn.facts.authorizer.reviewPermission(of: subject, selfNodeClient: selfNodeClient) {
    case .never: false
    case .always: true
    case .byName:
      turn.facts.authorizer.allowsReview(
        of: subject, selfNodeClient: selfNodeClient, caller: turn.facts.callerName(subject))
    }
  }

  /// J.2: a TokenRequest with the expirationSeconds that the controller-manager asks for.
  private mutating func issueToken(_ number: UInt32, _ turn: inout Turn) {
    turn.calls[number].answer = .created
    turn.calls[number].key = UInt32(tokenExpirations.count)
    let replica = turn.calls[number].seat.replica
    let now = turn.facts.serverClock(replica).reading(at: turn.now)
    tokenExpirations.append(now + ServiceAccountToken.lifetime.nanoseconds)
  }

  /// A.5: a generated name, or in MODE-F the name that follows from the key.
  private mutating func create(_ number: UInt32, _ turn: inout Turn) -> Bool {
    let call = turn.calls[number]
    let isForeground = call.client == .kubelet
    let key = UInt64(call.node) << 32 | UInt64(call.key)
    if isForeground, let known = requestOfKey[key] {
      turn.calls[number].request = known
      turn.calls[number].answer = .alreadyExists
      return false
    }
    let request = UInt32(requests.count)
    turn.calls[number].request = request
    if isForeground { requestOfKey[key] = request }
    requests.append(
      CertificateSigningRequest(
        name: isForeground ? key : UInt64(generateName(turn.chance)),
        isNamedByKey: isForeground, node: NodeID(Int(call.node)), generation: call.generation,
        signerName: call.client == .servingCertificateManager
          ? .kubeletServing : .kubeAPIServerClientKubelet,
        requestor: call.identity, created: turn.now,
        date: turn.facts.serverClock(call.seat.replica).seconds(at: turn.now)))
    turn.calls[number].answer = .created
    return true
  }

  /// The number of a suffix that no CSR has.
  private mutating func generateName(_ chance: Chance) -> UInt32 {
    // The server tries up to 8 names. With fewer than a million names in use of 14 million, all
    // eight collide once in 10⁹ creates: the ninth then stands for the client's next try.
    while true {
      draws += 1
      var stream = chance.stream(.requestName, 0, draws)
      let suffix = UInt32(stream.next(below: GeneratedSuffix.count))
      if generatedNames.insert(suffix).inserted { return suffix }
    }
  }

  /// E.1 to E.3 for /approval and /status.
  private mutating func update(_ number: UInt32, _ turn: inout Turn) -> Bool {
    let call = turn.calls[number]
    if let refusal = refusal(of: call, &turn) {
      turn.calls[number].answer = refusal
      return false
    }
    let index = Int(call.request)
    if call.call == .updateApproval {
      requests[index].conditions.insert(call.flag ? .denied : .approved)
      requests[index].decided = turn.now
      requests[index].date = Self.clock(of: call, &turn).seconds(at: turn.now)
      requests[index].decider =
        call.identity.kind == .approver ? UInt16(call.identity.number) : nil
      requests[index].isSelfApproved = call.verdict
    } else if call.verdict {
      requests[index].conditions.insert(.issued)
      requests[index].issued = turn.now
      requests[index].certificate = call.certificate
    } else {
      fail(call.request, RequestFailure(at: turn.now, turn.facts.managerClock))
    }
    requests[index].resourceVersion += 1
    return true
  }

  /// A CSR gets the condition Failed.
  mutating func fail(_ request: UInt32, _ failure: RequestFailure) {
    let index = Int(request)
    var failure = failure
    if requests[index].decided < .never { failure.decisionDate = requests[index].date }
    failures[request] = failure
    requests[index].conditions.insert(.failed)
    requests[index].date = failure.date
  }

  /// Why an update is refused, in the server's order: resource version, validation, and admission, which
  /// only validates here.
  ///
  /// This and the next are inlined for speed: a call copies the server.
  @inline(__always)
  private func refusal(of call: PendingCall, _ turn: inout Turn) -> Answer? {
    let stored = requests[Int(call.request)]
    let isApproval = call.call == .updateApproval
    if stored.conditions.contains(.deleted) {
      return namesake(of: call.request, &turn) == nil ? .notFound : .replaced
    }
    guard call.resourceVersion == 0 || call.resourceVersion == stored.resourceVersion else {
      return .conflict
    }
    if isApproval, !stored.conditions.isDisjoint(with: call.flag ? .approved : .denied) {
      return .exclusiveConditions
    }
    if allowsSigner(call.identity, isApproval ? .approve : .sign, of: stored, &turn) { return nil }
    return isApproval ? .forbiddenToApprove : .forbiddenToSign
  }

  @inline(__always)
  private func allowsSigner(
    _ identity: Identity, _ verb: Authorizer.SignerVerb, of request: CertificateSigningRequest,
    _ turn: inout Turn
  ) -> Bool {
    guard request.signerName == .other else {
      return turn.facts.authorizer.allowsSigner(identity, verb, request.signerName)
    }
    return turn.facts.authorizer.allowsSigner(
      turn.facts.authorizer.user(identity, node: turn.facts.callerName(identity)), verb,
      named: turn.facts.signerText(of: request))
  }

  /// F.2: csrapproving leaves the date to the server; kubectl dates by its own host's clock (M.1 row 14).
  ///
  /// Takes the turn `inout`, because facts that are lent are copied, 2.4 kB.
  private static func clock(of call: PendingCall, _ turn: inout Turn) -> Clock {
    guard call.identity.kind == .approver else {
      return turn.facts.serverClock(call.seat.replica)
    }
    return Clock(
      start: turn.facts.scenario.start,
      skew: turn.facts.scenario.approvers[call.identity.number].clock)
  }

  func isDeleted(_ request: UInt32) -> Bool {
    requests[Int(request)].conditions.contains(.deleted)
  }

  private mutating func delete(_ number: UInt32, _ turn: inout Turn) -> Bool {
    findByName(number, &turn)
    let request = turn.calls[number].request
    guard !isDeleted(request) else {
      turn.calls[number].answer = .notFound
      return false
    }
    markDeleted(request, at: turn.now)
    return true
  }

  /// What was delivered before this is not its deletion: by that it is told what ended a wait (A.7).
  mutating func markDeleted(_ request: UInt32, at now: Instant) {
    requests[Int(request)].conditions.insert(.deleted)
    requests[Int(request)].lastDelivery = max(requests[Int(request)].lastDelivery, now)
    forgetName(of: request)
  }

  /// The kubelet's watch of its CSR is open from now on, for this process.
  mutating func openWatch(of request: UInt32, generation: UInt32, on replica: Int) {
    requests[Int(request)].isWatched = true
    requests[Int(request)].watchingReplica = UInt8(replica)
    requests[Int(request)].generation = generation
  }

  /// A CSR's name, given or generated for another client, is taken: if it is one that could be generated for a
  /// kubelet, none gets it.
  mutating func takeName(_ name: String, of request: UInt32) {
    guard let suffix = GeneratedSuffix.number(ofName: name) else { return }
    generatedNames.insert(suffix)
    suffixes[request] = suffix
  }

  /// A CSR is gone, and its name is free.
  mutating func forgetName(of request: UInt32) {
    if let suffix = suffixes.removeValue(forKey: request) { generatedNames.remove(suffix) }
    let gone = requests[Int(request)]
    if gone.isNamedByKey {
      requestOfKey[gone.name] = nil
    } else if gone.shape == 0 {
      generatedNames.remove(UInt32(gone.name))
    }
  }

  /// A CSR that is gone is made again: the same name and spec, and another requester (O29).
  ///
  /// - Returns: its number.
  mutating func remake(
    _ request: UInt32, by requestor: Identity, at now: Instant, date: Int64
  ) -> UInt32 {
    let gone = requests[Int(request)]
    let number = UInt32(requests.count)
    if gone.isNamedByKey {
      requestOfKey[gone.name] = number
    } else if gone.shape == 0 {
      generatedNames.insert(UInt32(gone.name))
    }
    requests.append(
      CertificateSigningRequest(
        name: gone.name, isNamedByKey: gone.isNamedByKey, node: gone.node, generation: 0,
        signerName: gone.signerName, shape: gone.shape, requestor: requestor, created: now,
        date: date))
    return number
  }

  mutating func noteWrite(of request: UInt32, by cause: UInt32) {
    requests[Int(request)].writtenBy = cause
  }

  mutating func closeWatch(of request: UInt32) {
    requests[Int(request)].isWatched = false
  }

  /// O14: the watch that this one should go on from has ended, and it did not come about.
  mutating func closeWatch(of refused: PendingCall) {
    if requests[Int(refused.request)].generation == refused.generation {
      closeWatch(of: refused.request)
    }
  }

  /// The instant of a watch event that was drawn to take this long: never before an earlier one.
  mutating func delivery(of request: UInt32, drawn: Instant) -> Instant {
    let instant = max(drawn, requests[Int(request)].lastDelivery)
    requests[Int(request)].lastDelivery = instant
    return instant
  }
}

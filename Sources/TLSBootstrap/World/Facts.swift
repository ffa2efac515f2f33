import SimulationKernel

/// What does not change but by an act of the scenario: the scenario, and what follows from it alone.
struct Facts: Sendable {
  let scenario: Scenario
  let latency: Latencies
  /// What is drawn for every request, by number: the service time of each call, and those of `Drawn`.
  let drawn: DistributionTable
  /// One way between a node and the API server; nil: it is drawn.
  let fixedNetworkLatency: Duration?
  /// The group of each node.
  let groupOfNode: [UInt16]
  /// The place of each node in its group.
  let placeInGroup: [UInt32]
  let tokens: TokenTable
  let clients: ClientTable
  /// The token of each group's bootstrap kubeconfig; nil: none in the file, or none that a server sees.
  let tokenOfGroup: [Int?]
  let authorizer: Authorizer
  /// The names of all Secrets that there were in kube-system, each at its number.
  let secretNames: [String]
  /// The priority level of each request, and what makes them one flow (K.1).
  let flows: FlowTable
  /// The clock of the API server, or of those whose own nobody changed.
  let apiServerClock: Clock
  /// That of each replica, and whether any was changed alone.
  let apiServerClocks: [Clock]
  let serversDiffer: Bool
  let managerClock: Clock
  /// For each group whether a CSR of its token can be approved and signed at all.
  let outlooks: [Outlook]
  let anonymous: AnonymousAnswers
  /// NotBefore and NotAfter of the API server's certificate, in nanoseconds since 1970.
  let servingCertificateValidity: ClosedRange<Int64>
  let signingCANotAfter: Int64
  /// NotAfter of the CA in the API server's `--client-ca-file`: that of the signing CA, where it is that one.
  let clientCANotAfter: Int64
  /// Whether any node comes by `kubeadm join`.
  let hasJoins: Bool
  /// Whether csrcleaner deletes CSRs that are over (I.1): a key then gets a new one for the same name.
  let cleansRequests: Bool
  /// Whether node-lifecycle finds nodes Unknown whose heartbeats stopped (L.6).
  let marksNodes: Bool
  /// Why no connection by a group's bootstrap kubeconfig, and by the kubeconfig on its disks, can come
  /// about; nil: it can. Found once: reading the texts at each call made a copy of all facts.
  private let lastingFaults: [Answer?]

  /// The places in `drawn` of what is no call's service time.
  enum Drawn {
    static let refusal = Call.allCases.count
    static let watchDelivery = refusal + 1
    static let network = refusal + 2
  }

  /// What can become of a pending CSR while nobody changes the cluster.
  struct Outlook: Hashable, Sendable {
    var canBeApproved: Bool
    var canBeSigned: Bool
  }

  // Inlined, so that who asks for one field copies neither the facts nor the group.
  @inline(__always)
  func group(of node: NodeID) -> NodeGroup {
    scenario.groups[Int(groupOfNode[Int(node.index)])]
  }
  @inline(__always)
  func kubeletSettings(of node: NodeID) -> KubeletSettings {
    scenario.groups[Int(groupOfNode[Int(node.index)])].kubelet
  }
  /// The token of its bootstrap kubeconfig, by its place in `tokens`; nil: it is anonymous.
  @inline(__always)
  func token(of node: NodeID) -> Int? { tokenOfGroup[Int(groupOfNode[Int(node.index)])] }
  @inline(__always)
  func name(of node: NodeID) -> String {
    let index = Int(node.index)
    return scenario.groups[Int(groupOfNode[index])].nodeNames[Int(placeInGroup[index])]
  }
}

extension Facts {
  /// The name of the node that acts as this identity; empty: it is no node.
  func callerName(_ identity: Identity) -> String {
    identity.kind == .node ? name(of: NodeID(identity.number)) : ""
  }

  /// The signer of a CSR, as written.
  func signerText(of request: CertificateSigningRequest) -> String {
    request.shape == 0 ? request.signerName.text : clients.shape(request.shape).signerName
  }

  /// Whether every request of a waiting node is refused, where that depends on its name.
  func refusesAnonymous(_ node: NodeID) -> Bool {
    let name = name(of: node)
    for call in WaitingLoops.calls
    where authorizer.allows(.anonymous, call, caller: "", node: name, request: "") {
      return false
    }
    return true
  }

  /// Why a kubelet's connection to the API server fails at this instant; nil: it does not.
  ///
  /// Inlined for speed: a call copies all facts, 1.9 kB, which was 4 % of the 5,000-worker run.
  ///
  /// - Parameter usesOwn: it connects by the kubeconfig that was on its disk, else by the bootstrap
  ///   kubeconfig or what it wrote after it.
  @inline(__always)
  func connectionFault(
    of node: NodeID, usesOwn: Bool, clock: Clock, at instant: Instant
  ) -> Answer? {
    let group = Int(groupOfNode[Int(node.index)])
    let fault = lastingFaults[group * 2 + (usesOwn ? 1 : 0)]
    if fault == .connectionRefused { return fault }
    // M.1 row 6: by the node's clock, without tolerance. Go looks at a certificate's times before it looks for
    // its issuer (crypto/x509 `Verify`).
    let now = clock.reading(at: instant)
    if now < servingCertificateValidity.lowerBound { return .servingCertificateNotYetValid }
    return now > servingCertificateValidity.upperBound ? .servingCertificateExpired : fault
  }

  /// When a clock reads the serving certificate's NotBefore, or what comes after its NotAfter; nil: not in this
  /// run.
  ///
  /// Inlined for speed: a call copies all facts.
  @inline(__always)
  func nextConnectionChange(by clock: Clock, after now: Instant) -> Instant? {
    let shown = clock.reading(at: now)
    let validity = servingCertificateValidity
    guard shown <= validity.upperBound else { return nil }
    let end = Instant.zero + (scenario.duration ?? World.defaultLimit)
    let change = shown < validity.lowerBound ? validity.lowerBound : validity.upperBound + 1
    guard clock.reading(at: end) >= change else { return nil }
    return clock.instant(of: change, notBefore: now)
  }

  /// Whether a node that waits without a certificate is answered by other facts as by these (L.2).
  ///
  /// - Parameter usesOwn: it connects by the kubeconfig that was on its disk.
  func answersAlike(_ other: Facts, waiting node: NodeID, usesOwn: Bool) -> Bool {
    let place = Int(groupOfNode[Int(node.index)]) * 2 + (usesOwn ? 1 : 0)
    return lastingFaults[place] == other.lastingFaults[place]
      && servingCertificateValidity == other.servingCertificateValidity
      && anonymous == other.anonymous
      && (!other.anonymous.dependOnName || other.refusesAnonymous(node))
  }
}

extension Facts {
  /// - Parameter earlier: those that held until now; who was known by a token stays known by its name.
  init(_ scenario: Scenario, after earlier: Facts? = nil) {
    self.scenario = scenario
    latency = scenario.latency
    drawn = DistributionTable(
      Call.allCases.map { [latency] in latency[keyPath: Latencies.serviceTime(of: $0)] }
        + [latency.refusal, latency.watchDelivery, latency.network])
    fixedNetworkLatency = if case .constant(let length) = latency.network { length } else { nil }
    groupOfNode = scenario.groups.enumerated().flatMap { number, group in
      repeatElement(UInt16(number), count: group.nodeNames.count)
    }
    placeInGroup = scenario.groups.flatMap { $0.nodeNames.indices.map { UInt32($0) } }
    apiServerClock = Clock(start: scenario.start, skew: scenario.apiServer.clock)
    apiServerClocks = Self.clocks(of: scenario.apiServer, start: scenario.start)
    serversDiffer = !scenario.apiServer.replicaClocks.isEmpty
    managerClock = Clock(start: scenario.start, skew: scenario.controllerManager.clock)
    var tokens = TokenTable(scenario, after: earlier?.tokens)
    tokenOfGroup = scenario.groups.map { group in
      group.bootstrapKubeconfig.token.flatMap { tokens.number(of: $0) }
    }
    clients = ClientTable(scenario, tokens: &tokens)
    self.tokens = tokens
    secretNames = Self.secretNames(scenario, after: earlier?.secretNames ?? [])
    authorizer = Authorizer(scenario, tokens: tokens, clients: clients.users)
    flows = FlowTable(authorizer, isFair: scenario.apiServer.enablePriorityAndFairness)
    outlooks = [Outlook](scenario, authorizer: authorizer, tokenOfGroup: tokenOfGroup)
    anonymous = AnonymousAnswers(scenario.apiServer, authorizer)
    hasJoins = scenario.groups.contains(where: \.joinsByKubeadm)
    lastingFaults = scenario.groups.flatMap { Self.lastingFaults($0, scenario.apiServer) }
    servingCertificateValidity = Self.servingValidity(scenario.apiServer, start: scenario.start)
    marksNodes = scenario.controllerManager.running && scenario.controllerManager.nodelifecycle
    cleansRequests = Self.cleansRequests(scenario, authorizer)
    // kubeadm makes it at the start, for ten years (N.3).
    signingCANotAfter =
      scenario.controllerManager.signingCANotAfter
      ?? scenario.start + Duration.days(3_650).nanoseconds
    clientCANotAfter = scenario.apiServer.trustsSigningCA ? signingCANotAfter : .max
  }
}

extension Facts {
  private static func secretNames(_ scenario: Scenario, after earlier: [String]) -> [String] {
    var known = Set(earlier)
    return earlier
      + scenario.secrets.filter { $0.namespace == "kube-system" }.map(\.name).filter {
        known.insert($0).inserted
      }
  }

  /// The Secret of this number; nil: it is gone.
  func secret(_ number: UInt32) -> BootstrapTokenSecret? {
    let name = secretNames[Int(number)]
    return scenario.secrets.first { $0.name == name && $0.namespace == "kube-system" }
  }

  /// The clock of each API server.
  private static func clocks(of server: APIServerSettings, start: Int64) -> [Clock] {
    (0..<server.replicas).map { replica in
      Clock(
        start: start,
        skew: server.replicaClocks.isEmpty ? server.clock : server.replicaClocks[replica])
    }
  }

  /// By the bootstrap kubeconfig of a group, and by the kubeconfig on its disks.
  private static func lastingFaults(_ group: NodeGroup, _ server: APIServerSettings) -> [Answer?] {
    let files = [
      (group.bootstrapKubeconfig.server, group.bootstrapKubeconfig.trustsServer),
      (group.disk.kubeconfig.server, group.disk.kubeconfig.trustsServer),
    ]
    return files.map { url, trusts in
      if let url, url != server.url { return .connectionRefused }
      return trusts ? nil : .unknownAuthority
    }
  }

  /// kubeadm makes the certificate at the start: NotBefore 5 min back, for one year (N.3).
  private static func servingValidity(
    _ server: APIServerSettings, start: Int64
  ) -> ClosedRange<Int64> {
    let notBefore =
      server.servingCertificateNotBefore ?? start - Duration.minutes(5).nanoseconds
    let notAfter = server.servingCertificateNotAfter ?? start + Duration.days(365).nanoseconds
    return min(notBefore, notAfter)...max(notBefore, notAfter)
  }

  private static func cleansRequests(_ scenario: Scenario, _ authorizer: Authorizer) -> Bool {
    let manager = scenario.controllerManager
    let identity = ControllerManager.identity(of: manager)
    return manager.running && manager.csrcleaner && hasCredentials(manager, authorizer)
      && authorizer.permission(identity, .deleteRequest) != .never
  }

  /// J.2: whether the controllers get the token that they act with.
  static func hasCredentials(
    _ manager: ControllerManagerSettings, _ authorizer: Authorizer
  ) -> Bool {
    !manager.useServiceAccountCredentials
      || [Call.getServiceAccount, .createServiceAccountToken].allSatisfy {
        authorizer.permission(Identity(.controllerManager), $0) == .always
      }
  }
}

extension [Facts.Outlook] {
  fileprivate init(_ scenario: Scenario, authorizer: Authorizer, tokenOfGroup: [Int?]) {
    let manager = scenario.controllerManager
    let identity = ControllerManager.identity(of: manager)
    let signer = SignerName.kubeAPIServerClientKubelet
    let hasCredentials = Facts.hasCredentials(manager, authorizer)
    let approves =
      manager.running && manager.csrapproving && hasCredentials
      && authorizer.permission(identity, .createSubjectAccessReview) != .never
      && authorizer.permission(identity, .updateApproval) != .never
      && authorizer.allowsSigner(identity, .approve, signer)
    let signs =
      manager.running && manager.csrsigning && manager.hasSigningKey && hasCredentials
      && authorizer.permission(identity, .updateStatus) != .never
      && authorizer.allowsSigner(identity, .sign, signer)
    self = tokenOfGroup.map { token in
      guard let token else { return Facts.Outlook(canBeApproved: false, canBeSigned: false) }
      let subject = Identity(.bootstrapToken, token)
      let automatic =
        approves
        && authorizer.allowsReview(of: subject, selfNodeClient: false, caller: "")
      let byOthers = scenario.approvers.enumerated().contains { number, approver in
        let identity = Identity(.approver, number)
        return approver.decision == .approve
          && [nil, signer].contains(approver.matching.signerName)
          && authorizer.permission(identity, .updateApproval) != .never
          && authorizer.allowsSigner(identity, .approve, signer)
      }
      return Facts.Outlook(canBeApproved: automatic || byOthers, canBeSigned: signs)
    }
  }
}

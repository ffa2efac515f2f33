import SimulationKernel

/// kube-controller-manager: csrapproving and the csrsigning controllers over one informer.
struct ControllerManager: Hashable, Sendable {
  /// The process, which all below belongs to: a crash loses it.
  var life: ManagerLife
  private var approver: CertificateController
  /// The one of serving certificates, of kubelets' client certificates, and of other API clients'.
  private var signers: [CertificateController]
  /// J.1: csrapproving's clientset and that of all signers own a bucket each.
  private var approverLimiter: RateLimiter
  private var signerLimiter: RateLimiter
  /// The informer's copy of each CSR.
  private(set) var cache: [CachedRequest] = []
  /// The list with which the informer's watch begins, while it is on its way.
  var list = InitialList()
  /// The credentials of all controllers' clients (J.2).
  var token: ServiceAccountToken
  var cleaner: CSRCleaner
  var tokens = TokenControllers()

  /// What the controllers read of a CSR.
  struct CachedRequest: Hashable, Sendable {
    var signerName: SignerName
    /// It is recognised as a kubelet's client CSR: F.2 row 2.
    var isKubeletClient: Bool
    /// The subject's CN is the requester's name: F.2 row 1.
    var isOwn: Bool
    /// The signer's check fails: H.2 row 5.
    var isRefused = false
    var conditions: RequestConditions
    /// Its resource version.
    var version: UInt16
    /// 0: a kubelet's own.
    var shape: UInt16 = 0
  }

  /// Stages of an approver's worker.
  private enum ApproverStage {
    static let ownReviewLimited: UInt8 = 1
    static let reviewLimited: UInt8 = 2
    static let ownReview: UInt8 = 3
    static let review: UInt8 = 4
    static let updateLimited: UInt8 = 5
    static let ownUpdateLimited: UInt8 = 6
    static let update: UInt8 = 7
  }
  private enum SignerStage {
    static let signing: UInt8 = 1
    static let limited: UInt8 = 2
    static let update: UInt8 = 3
  }
  /// The certificate that each signer's worker has made.
  private var certificateOfWorker: [UInt32]
  /// Since when each worker waits for its token; `.never`: it does not.
  private var approverLimitedSince: [Instant]
  private var signerLimitedSince: [Instant]

  init(_ settings: ControllerManagerSettings, _ life: ManagerLife) {
    self.life = life
    let workers = settings.concurrentCSRSyncs
    approver = CertificateController(.approver, workers: workers, of: life.process)
    signers = [.servingSigner, .clientSigner, .apiServerClientSigner].map {
      CertificateController($0, workers: workers, of: life.process)
    }
    approverLimiter = RateLimiter(
      of: .csrapproving, milliRate: settings.kubeAPIMilliQPS, burst: settings.kubeAPIBurst)
    signerLimiter = RateLimiter(
      of: .csrsigning, milliRate: settings.kubeAPIMilliQPS, burst: settings.kubeAPIBurst)
    certificateOfWorker = Array(repeating: TraceEvent.none, count: workers * 3)
    approverLimitedSince = Array(repeating: .never, count: workers)
    signerLimitedSince = Array(repeating: .never, count: workers * 3)
    token = ServiceAccountToken(settings, of: life.process)
    cleaner = CSRCleaner(settings)
  }

  /// J.4: the controllers are made, and take nothing until their caches are synced.
  mutating func stopWorkers() {
    approver.queue.stopWorkers()
    for index in signers.indices { signers[index].queue.stopWorkers() }
  }

  /// J.4: every worker takes what the informer found, and what came since.
  mutating func startWorkers(_ turn: inout Turn) {
    let cause = turn.cause
    approver.queue.startWorkers(because: cause)
    for index in signers.indices { signers[index].queue.startWorkers(because: cause) }
    runApprover(&turn)
    for controller in signers.map(\.controller) {
      turn.cause = cause
      runSigner(controller, &turn)
    }
  }

  /// The process is over, and all that its controllers had in hand is lost.
  func abandon(_ turn: inout Turn) {
    approver.queue.abandon(&turn)
    for signer in signers { signer.queue.abandon(&turn) }
    for since in approverLimitedSince { approverLimiter.endWait(since: since, &turn) }
    for since in signerLimitedSince { signerLimiter.endWait(since: since, &turn) }
    token.abandon(&turn)
  }

  /// How many CSRs wait for csrapproving.
  var backlog: Int { approver.queue.waitingCount }

  /// J.2.
  static func identity(of settings: ControllerManagerSettings) -> Identity {
    Identity(
      settings.useServiceAccountCredentials ? .certificateController : .controllerManager)
  }
}

extension ControllerManager.CachedRequest {
  /// A kubelet's own CSR.
  init(
    own request: CertificateSigningRequest, _ conditions: RequestConditions, version: UInt16
  ) {
    self.init(
      signerName: request.signerName,
      isKubeletClient: request.signerName == .kubeAPIServerClientKubelet,
      isOwn: request.requestor.kind == .node, conditions: conditions, version: version)
  }
}

// MARK: The informer (G)

extension ControllerManager {
  /// A watch event arrived: every change enqueues the key with each controller at once.
  ///
  /// Signers of other names drop the key without a call, whenever they get to it; they hold no
  /// worker for any time, so they are not played.
  mutating func see(
    _ request: RequestID, _ seen: CachedRequest, _ turn: inout Turn
  ) {
    remember(request, seen)
    let settings = turn.facts.scenario.controllerManager
    let cause = turn.cause
    if settings.csrcleaner, !cleaner.isPlanned { planCleaning(&turn) }
    if settings.csrapproving {
      approver.enqueue(request, &turn)
      runApprover(&turn)
    }
    guard settings.csrsigning, settings.hasSigningKey else { return }
    turn.cause = cause
    switch seen.signerName {
    case .kubeAPIServerClientKubelet:
      self[.clientSigner].enqueue(request, &turn)
      runSigner(.clientSigner, &turn)
    case .kubeletServing:
      self[.servingSigner].enqueue(request, &turn)
      runSigner(.servingSigner, &turn)
    case .kubeAPIServerClient:
      self[.apiServerClientSigner].enqueue(request, &turn)
      runSigner(.apiServerClientSigner, &turn)
    case .legacyUnknown, .other: break
    }
  }

  @inline(__always)
  mutating func remember(_ request: RequestID, _ seen: CachedRequest) {
    let index = Int(request.index)
    while cache.count <= index { cache.append(seen) }
    cache[index] = seen
  }

  mutating func retry(_ controller: Controller, _ request: RequestID, _ turn: inout Turn) {
    switch controller {
    case .approver:
      approver.retry(request, &turn)
      runApprover(&turn)
    case .clientSigner, .servingSigner, .apiServerClientSigner:
      self[controller].retry(request, &turn)
      runSigner(controller, &turn)
    }
  }

  /// How long a request of this client that is sent again waits for a token of its bucket (A.11).
  mutating func reserveToken(of client: PendingCall.Client, _ turn: inout Turn) -> Duration {
    switch client {
    case .approver:
      let wait = approverLimiter.reserve(&turn)
      turn.journal.statistics.approverLimiter.add(wait)
      return wait
    case .signer:
      let wait = signerLimiter.reserve(&turn)
      turn.journal.statistics.signerLimiter.add(wait)
      return wait
    case .controllerManager: return token.reserve(&turn)
    // A second apart at least, too slow to bind.
    case .csrcleaner, .tokenCleaner, .bootstrapSigner: return .zero
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .administrator,
      .externalApprover, .client, .kubeadm, .csrClient:
      preconditionFailure("\(client) is no client of the controller-manager")
    }
  }

  /// That wait is over.
  mutating func endTokenWait(of client: PendingCall.Client, since: Instant, _ turn: inout Turn) {
    switch client {
    case .approver: approverLimiter.endWait(since: since, &turn)
    case .signer: signerLimiter.endWait(since: since, &turn)
    case .controllerManager: token.endWait(since: since, &turn)
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .administrator,
      .externalApprover, .client, .kubeadm, .csrClient, .csrcleaner, .tokenCleaner,
      .bootstrapSigner:
      break
    }
  }

  mutating func timerFired(_ controller: Controller, worker: UInt16, _ turn: inout Turn) {
    switch controller {
    case .approver: sendFromApprover(worker, &turn)
    case .clientSigner, .servingSigner, .apiServerClientSigner:
      goOnSigning(controller, worker, &turn)
    }
  }

  mutating func receive(_ call: PendingCall, _ turn: inout Turn) {
    if call.client == .controllerManager {
      receiveOwn(call, &turn)
      return
    }
    let worker = UInt16(truncatingIfNeeded: call.owner & 0xFFFF)
    if call.answer == .unauthorized { token.discard(call.credential) }
    if call.client == .csrcleaner {
      receiveForCleaner(call, &turn)
      return
    }
    if call.client == .approver {
      receiveForApprover(call, worker, &turn)
    } else {
      receiveForSigner(signers[Int(call.owner >> 16)].controller, call, worker, &turn)
    }
  }
}

// MARK: csrapproving (F)

extension ControllerManager {
  mutating func runApprover(_ turn: inout Turn) {
    while let taken = approver.queue.take(&turn) {
      turn.cause = taken.cause
      handleForApprover(taken, &turn)
    }
  }

  /// F.1: the tests, in their order.
  private mutating func handleForApprover(_ taken: WorkQueue.Taken, _ turn: inout Turn) {
    let (worker, key) = (taken.worker, taken.key)
    let request = cache[Int(key)]
    guard request.conditions.isDisjoint(with: [.issued, .approved, .denied, .deleted]) else {
      approver.drop(worker, &turn)
      return
    }
    guard request.isKubeletClient else {
      approver.tell(.notRecognized, key, &turn)
      approver.drop(worker, &turn)
      return
    }
    approver.begin(taken, &turn)
    approver.queue.setVersion(UInt32(request.version), of: worker)
    limit(
      worker, then: request.isOwn ? ApproverStage.ownReviewLimited : ApproverStage.reviewLimited,
      &turn)
  }

  /// F.3: every call takes a token of csrapproving's bucket.
  private mutating func limit(_ worker: UInt16, then stage: UInt8, _ turn: inout Turn) {
    approver.queue.setStage(stage, of: worker)
    let wait = approverLimiter.reserve(&turn)
    turn.journal.statistics.approverLimiter.add(wait)
    guard wait > .zero else {
      sendFromApprover(worker, &turn)
      return
    }
    turn.schedule(.workerTimer(.approver, worker: worker, life.process), after: wait)
    approverLimitedSince[Int(worker)] = turn.now
  }

  private mutating func sendFromApprover(_ worker: UInt16, _ turn: inout Turn) {
    let state = approver.queue.workers[Int(worker)]
    var call = PendingCall(
      call: .createSubjectAccessReview, client: .approver, owner: UInt32(worker),
      node: TraceEvent.none, credential: .none)
    call.request = state.key
    let since = approverLimitedSince[Int(worker)]
    if since < .never {
      approverLimiter.endWait(since: since, &turn)
      approver.tell(
        .limiterWaited, state.key, value: (turn.now - since).nanoseconds, &turn)
      approverLimitedSince[Int(worker)] = .never
    }
    let next: UInt8
    switch state.stage {
    case ApproverStage.ownReviewLimited:
      call.flag = true
      next = ApproverStage.ownReview
    case ApproverStage.reviewLimited:
      next = ApproverStage.review
    case ApproverStage.updateLimited, ApproverStage.ownUpdateLimited:
      call.call = .updateApproval
      call.resourceVersion = state.version
      call.verdict = state.stage == ApproverStage.ownUpdateLimited
      next = ApproverStage.update
    case let stage:
      preconditionFailure("approver's worker \(worker) sends in stage \(stage)")
    }
    approver.queue.setStage(next, of: worker)
    send(call, &turn)
  }

  private mutating func receiveForApprover(
    _ call: PendingCall, _ worker: UInt16, _ turn: inout Turn
  ) {
    let stage = approver.queue.workers[Int(worker)].stage
    let isUpdate = stage == ApproverStage.update
    if !call.answer.isSuccess {
      approver.fail(worker, &turn)
    } else if isUpdate {
      approver.succeed(worker, &turn)
    } else if call.verdict {
      approver.tell(.reviewAllowed, call.request, &turn)
      limit(
        worker,
        then: stage == ApproverStage.ownReview
          ? ApproverStage.ownUpdateLimited : ApproverStage.updateLimited, &turn)
    } else {
      approver.tell(.reviewRefused, call.request, &turn)
      if stage == ApproverStage.ownReview {
        // F.1 row 7: the next recogniser.
        limit(worker, then: ApproverStage.reviewLimited, &turn)
      } else {
        approver.fail(worker, &turn)
      }
    }
    runApprover(&turn)
  }
}

// MARK: csrsigning (H)

extension ControllerManager {
  private subscript(controller: Controller) -> CertificateController {
    @inline(__always)
    _read { yield signers[Self.place(of: controller)] }
    @inline(__always)
    _modify { yield &signers[Self.place(of: controller)] }
  }

  mutating func runSigner(_ controller: Controller, _ turn: inout Turn) {
    while let taken = self[controller].queue.take(&turn) {
      turn.cause = taken.cause
      handle(taken, for: controller, &turn)
    }
  }

  /// H.2: the tests, in their order.
  private mutating func handle(
    _ taken: WorkQueue.Taken, for controller: Controller, _ turn: inout Turn
  ) {
    let (worker, key) = (taken.worker, taken.key)
    let conditions = cache[Int(key)].conditions
    guard conditions.contains(.approved),
      conditions.isDisjoint(with: [.issued, .denied, .failed, .deleted])
    else {
      self[controller].drop(worker, &turn)
      return
    }
    self[controller].begin(taken, &turn)
    self[controller].queue.setVersion(UInt32(cache[Int(key)].version), of: worker)
    if cache[Int(key)].isRefused {
      self[controller].tell(.shapeRefused, key, &turn)
      certificateOfWorker[slot(controller, worker)] = TraceEvent.none
      sendLimited(controller, worker, &turn)
      return
    }
    self[controller].queue.setStage(SignerStage.signing, of: worker)
    let effort = turn.chance.length(
      turn.facts.latency.signing, .serial, key, UInt32(controller.rawValue))
    if effort > .zero {
      turn.schedule(.workerTimer(controller, worker: worker, life.process), after: effort)
    } else {
      goOnSigning(controller, worker, &turn)
    }
  }

  private mutating func goOnSigning(
    _ controller: Controller, _ worker: UInt16, _ turn: inout Turn
  ) {
    let state = self[controller].queue.workers[Int(worker)]
    guard state.stage == SignerStage.signing else {
      sendFromSigner(controller, worker, &turn)
      return
    }
    let validity = CertificateValidity(
      signedAt: turn.facts.managerClock.reading(at: turn.now), for: life(state.key, &turn),
      caEnd: turn.facts.signingCANotAfter)
    guard let validity else {
      self[controller].tell(.signingFailed, state.key, step: .certificateIsMade, &turn)
      self[controller].fail(worker, &turn)
      runSigner(controller, &turn)
      return
    }
    let certificate = turn.addCertificate(
      of: state.key, validity.notBefore...validity.notAfter,
      isTrusted: turn.facts.scenario.apiServer.trustsSigningCA)
    certificateOfWorker[slot(controller, worker)] = certificate
    let isRenewal = cache[Int(state.key)].isOwn
    self[controller].tell(
      .certificateSigned, state.key, step: isRenewal ? nil : .certificateIsMade,
      value: validity.notAfter, &turn)
    sendLimited(controller, worker, &turn)
  }

  /// H.2 rows 5 and 7: the update takes a token of the signers' bucket.
  private mutating func sendLimited(
    _ controller: Controller, _ worker: UInt16, _ turn: inout Turn
  ) {
    self[controller].queue.setStage(SignerStage.limited, of: worker)
    let wait = signerLimiter.reserve(&turn)
    turn.journal.statistics.signerLimiter.add(wait)
    if wait > .zero {
      signerLimitedSince[slot(controller, worker)] = turn.now
      turn.schedule(.workerTimer(controller, worker: worker, life.process), after: wait)
    } else {
      sendFromSigner(controller, worker, &turn)
    }
  }

  private mutating func sendFromSigner(
    _ controller: Controller, _ worker: UInt16, _ turn: inout Turn
  ) {
    let (key, version) = self[controller].queue.task(of: worker)
    let slot = slot(controller, worker)
    let since = signerLimitedSince[slot]
    if since < .never {
      signerLimiter.endWait(since: since, &turn)
      self[controller].tell(
        .limiterWaited, key, value: (turn.now - since).nanoseconds, &turn)
      signerLimitedSince[slot] = .never
    }
    self[controller].queue.setStage(SignerStage.update, of: worker)
    var call = PendingCall(
      call: .updateStatus, client: .signer,
      owner: UInt32(worker) | UInt32(Self.place(of: controller)) << 16,
      node: TraceEvent.none, credential: .none)
    call.request = key
    call.resourceVersion = version
    call.verdict = certificateOfWorker[slot] != TraceEvent.none
    call.certificate = certificateOfWorker[slot]
    send(call, &turn)
  }

  private mutating func receiveForSigner(
    _ controller: Controller, _ call: PendingCall, _ worker: UInt16, _ turn: inout Turn
  ) {
    if call.answer.isSuccess {
      self[controller].succeed(worker, &turn)
    } else {
      self[controller].fail(worker, &turn)
    }
    runSigner(controller, &turn)
  }

  private func slot(_ controller: Controller, _ worker: UInt16) -> Int {
    Int(worker) * 3 + Self.place(of: controller)
  }

  /// Of a signer among `signers`: they follow csrapproving.
  private static func place(of controller: Controller) -> Int { Int(controller.rawValue) - 1 }

  /// H.3: as long as the CSR asks for, if it does.
  private func life(_ key: UInt32, _ turn: inout Turn) -> Duration {
    let most = turn.facts.scenario.controllerManager.clusterSigningDuration
    let shape = cache[Int(key)].shape
    if shape == 0 { return most }
    return CertificateValidity.ttl(
      turn.facts.clients.shape(shape).expirationSeconds, most: most)
  }
}

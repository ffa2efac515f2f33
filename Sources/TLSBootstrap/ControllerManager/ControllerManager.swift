import SimulationKernel

/// kube-controller-manager: csrapproving and the csrsigning controllers over one informer.
struct ControllerManager: Hashable, Sendable {
  /// The process, which all below belongs to: a crash loses it.
  var life: ManagerLife
  private var approver: CertificateController
  /// The one of serving certificates, of kubelets' client certificates, and of other API clients'.
  var signers: [CertificateController]
  /// J.1: csrapproving's clientset and that of all signers own a bucket each.
  private var approverLimiter: RateLimiter
  /// csrapproving's bucket for reviews, where each API group has one (A.11).
  private var reviewLimiter: RateLimiter?
  var signerLimiter: RateLimiter
  /// The informer's copy of each CSR.
  private(set) var cache: [CachedRequest] = []
  /// Whether the informer's next resync will be an event.
  var isResyncPlanned = false
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

  /// The certificate that each signer's worker has made.
  var certificateOfWorker: [UInt32]
  /// Since when each worker waits for its token; `.never`: it does not.
  private var approverLimitedSince: [Instant]
  var signerLimitedSince: [Instant]

  init(_ settings: ControllerManagerSettings, _ life: ManagerLife) {
    self.life = life
    let workers = settings.concurrentCSRSyncs
    approver = CertificateController(.approver, workers: workers, of: life.process)
    signers = [.servingSigner, .clientSigner, .apiServerClientSigner].map {
      CertificateController($0, workers: workers, of: life.process)
    }
    let limit = settings.clientLimit
    approverLimiter = RateLimiter(of: .csrapproving, limit?.bucket)
    if limit?.isPerGroup == true {
      reviewLimiter = RateLimiter(of: .csrapprovingReviews, limit?.bucket)
    }
    signerLimiter = RateLimiter(of: .csrsigning, limit?.bucket)
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
    for (worker, since) in approverLimitedSince.enumerated() where since < .never {
      endApproverWait(isReview: stage(of: UInt16(worker)).isBeforeReview, since: since, &turn)
    }
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
    if !isResyncPlanned { planResync(&turn) }
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
  mutating func reserveToken(for call: PendingCall, _ turn: inout Turn) -> Duration {
    switch call.client {
    case .approver:
      return reserveForApprover(isReview: call.call == .createSubjectAccessReview, &turn)
    case .signer:
      let wait = signerLimiter.reserve(&turn)
      turn.journal.statistics.signerLimiter.add(wait)
      return wait
    case .controllerManager: return token.reserve(&turn)
    // A second apart at least, too slow to bind.
    case .csrcleaner, .tokenCleaner, .bootstrapSigner: return .zero
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .administrator,
      .externalApprover, .client, .kubeadm, .csrClient:
      preconditionFailure("\(call.client) is no client of the controller-manager")
    }
  }

  /// That wait is over.
  mutating func endTokenWait(of call: PendingCall, since: Instant, _ turn: inout Turn) {
    switch call.client {
    case .approver:
      endApproverWait(
        isReview: call.call == .createSubjectAccessReview, since: since, &turn)
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
      receiveForCleaner(&turn)
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
  /// What a worker of csrapproving does with its key, or waits for.
  private enum ApproverStage: UInt8 {
    case begun
    case ownReviewLimited, reviewLimited
    case ownReview, review
    case updateLimited, ownUpdateLimited
    case update

    /// Whether what it waits for is the token of a review.
    var isBeforeReview: Bool { self == .ownReviewLimited || self == .reviewLimited }
  }

  // Inlined for speed: as a call it copies the whole controller-manager.
  @inline(__always)
  private func stage(of worker: UInt16) -> ApproverStage {
    let number = approver.queue.workers[Int(worker)].stage
    guard let stage = ApproverStage(rawValue: number) else {
      preconditionFailure("csrapproving's worker \(worker) in stage \(number)")
    }
    return stage
  }

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
    limit(worker, then: request.isOwn ? .ownReviewLimited : .reviewLimited, &turn)
  }

  /// F.3: every call takes a token of csrapproving's bucket.
  private mutating func limit(
    _ worker: UInt16, then stage: ApproverStage, _ turn: inout Turn
  ) {
    approver.queue.setStage(stage.rawValue, of: worker)
    let wait = reserveForApprover(isReview: stage.isBeforeReview, &turn)
    guard wait > .zero else {
      sendFromApprover(worker, &turn)
      return
    }
    turn.schedule(.workerTimer(.approver, worker: worker, life.process), after: wait)
    approverLimitedSince[Int(worker)] = turn.now
  }

  @inline(__always)
  private mutating func reserveForApprover(isReview: Bool, _ turn: inout Turn) -> Duration {
    let review = isReview ? reviewLimiter?.reserve(&turn) : nil
    let wait = review ?? approverLimiter.reserve(&turn)
    turn.journal.statistics.approverLimiter.add(wait)
    return wait
  }

  private func endApproverWait(isReview: Bool, since: Instant, _ turn: inout Turn) {
    let limiter = isReview ? reviewLimiter ?? approverLimiter : approverLimiter
    limiter.endWait(since: since, &turn)
  }

  private mutating func sendFromApprover(_ worker: UInt16, _ turn: inout Turn) {
    let state = approver.queue.workers[Int(worker)]
    var call = PendingCall(
      call: .createSubjectAccessReview, client: .approver, owner: UInt32(worker),
      node: TraceEvent.none, credential: .none)
    call.request = state.key
    let since = approverLimitedSince[Int(worker)]
    if since < .never {
      endApproverWait(isReview: stage(of: worker).isBeforeReview, since: since, &turn)
      approver.tell(
        .limiterWaited, state.key, value: (turn.now - since).nanoseconds, &turn)
      approverLimitedSince[Int(worker)] = .never
    }
    let stage = stage(of: worker)
    let next: ApproverStage
    switch stage {
    case .ownReviewLimited:
      call.flag = true
      next = .ownReview
    case .reviewLimited:
      next = .review
    case .updateLimited, .ownUpdateLimited:
      call.call = .updateApproval
      call.resourceVersion = state.version
      call.verdict = stage == .ownUpdateLimited
      next = .update
    case .begun, .ownReview, .review, .update:
      preconditionFailure("csrapproving's worker \(worker) sends in stage \(stage)")
    }
    approver.queue.setStage(next.rawValue, of: worker)
    send(call, &turn)
  }

  private mutating func receiveForApprover(
    _ call: PendingCall, _ worker: UInt16, _ turn: inout Turn
  ) {
    let stage = stage(of: worker)
    if !call.answer.isSuccess {
      approver.fail(worker, &turn)
    } else if stage == .update {
      approver.succeed(worker, &turn)
    } else if call.verdict {
      approver.tell(.reviewAllowed, call.request, &turn)
      limit(worker, then: stage == .ownReview ? .ownUpdateLimited : .updateLimited, &turn)
    } else {
      approver.tell(.reviewRefused, call.request, &turn)
      if stage == .ownReview {
        // F.1 row 7: the next recogniser.
        limit(worker, then: .reviewLimited, &turn)
      } else {
        approver.fail(worker, &turn)
      }
    }
    runApprover(&turn)
  }
}

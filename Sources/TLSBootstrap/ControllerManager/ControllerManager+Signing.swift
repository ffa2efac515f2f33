import SimulationKernel

/// csrsigning: the signers of certificates (protocol.md H).
extension ControllerManager {
  /// What a worker of a signer does with its key, or waits for.
  private enum SignerStage: UInt8 {
    case begun, signing, limited, update
  }

  subscript(controller: Controller) -> CertificateController {
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
    self[controller].queue.setStage(SignerStage.signing.rawValue, of: worker)
    let effort = turn.chance.length(
      turn.facts.latency.signing, .serial, key, UInt32(controller.rawValue))
    if effort > .zero {
      turn.schedule(.workerTimer(controller, worker: worker, life.process), after: effort)
    } else {
      goOnSigning(controller, worker, &turn)
    }
  }

  mutating func goOnSigning(
    _ controller: Controller, _ worker: UInt16, _ turn: inout Turn
  ) {
    let state = self[controller].queue.workers[Int(worker)]
    guard state.stage == SignerStage.signing.rawValue else {
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
    self[controller].queue.setStage(SignerStage.limited.rawValue, of: worker)
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
    self[controller].queue.setStage(SignerStage.update.rawValue, of: worker)
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

  mutating func receiveForSigner(
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
  ///
  /// Inlined for speed: a call copies the controller-manager, 0.6 kB.
  @inline(__always)
  private func life(_ key: UInt32, _ turn: inout Turn) -> Duration {
    let most = turn.facts.scenario.controllerManager.clusterSigningDuration
    let shape = cache[Int(key)].shape
    if shape == 0 { return most }
    return CertificateValidity.ttl(
      turn.facts.clients.shape(shape).expirationSeconds, most: most)
  }
}

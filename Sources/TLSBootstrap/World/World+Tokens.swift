import SimulationKernel

/// What the controllers do about bootstrap tokens, and what becomes of it (protocol.md C.3, I.2, I.3).
extension World {
  /// Who led before the run has signed what there was, and seen which tokens expire.
  mutating func beginTokens() {
    let settings = turn.facts.scenario.controllerManager
    let leads = managers.contains { $0.life.phase == .leading }
    if settings.bootstrapsigner, leads {
      server.clusterInfo = ClusterInfo(
        secretsBefore(), at: turn.facts.managerClock.reading(at: .zero))
    }
    for manager in managers where manager.life.phase == .leading {
      lookAtExpirations(manager.life.process)
    }
  }

  /// The Secrets that there were before the run: one that is deleted at 0 s is not created yet.
  private func secretsBefore() -> [BootstrapTokenSecret] {
    var scenario = turn.facts.scenario
    for fault in scenario.faults where fault.at == .zero {
      if case .token(let token) = fault.fault, token.action == .delete {
        token.change(&scenario, began: .zero)
      }
    }
    return scenario.secrets
  }

  /// The Secrets are not what they were: informers see it.
  mutating func noticeSecrets() {
    let settings = turn.facts.scenario.controllerManager
    guard settings.tokencleaner || settings.bootstrapsigner else { return }
    for manager in managers where manager.life.phase == .leading {
      let process = manager.life.process
      let delay = turn.chance.length(
        turn.facts.latency.watchDelivery, .tokenDeletion, process.packed, turn.journal.count)
      turn.schedule(.tokensChange(process), after: delay)
    }
  }

  /// Every Secret is looked at anew.
  mutating func lookAtTokens(_ process: ManagerProcess) {
    guard managers[process.index].life.phase == .leading else { return }
    if turn.facts.scenario.controllerManager.bootstrapsigner { signTokens(process) }
    lookAtExpirations(process)
  }

  /// I.2: tokencleaner's own timer. bootstrapsigner has none: it signs anew when the Secret is gone (I.3).
  mutating func tokenExpires(_ process: ManagerProcess) {
    if managers[process.index].life.phase == .leading { lookAtExpirations(process) }
  }

  /// The expired ones are deleted, the next one's end is waited for.
  private mutating func lookAtExpirations(_ process: ManagerProcess) {
    guard turn.facts.scenario.controllerManager.tokencleaner,
      managers[process.index].tokens.doomed.isEmpty
    else { return }
    let clock = turn.facts.managerClock
    let now = clock.reading(at: turn.now)
    var expired: [UInt32] = []
    var next = Instant.never
    for secret in turn.facts.scenario.secrets where secret.isTokenObject {
      if secret.isExpired(at: now) {
        if let number = turn.facts.secretNames.firstIndex(of: secret.name) {
          expired.append(UInt32(number))
        }
      } else if case .at(let time) = secret.expiration {
        next = min(next, clock.instant(of: time, notBefore: turn.now))
      }
    }
    if next < .never { turn.schedule(.tokenExpires(process), at: next) }
    managers[process.index].tokens.doom(expired)
    managers[process.index].deleteNextToken(&turn)
  }

  private mutating func signTokens(_ process: ManagerProcess) {
    guard managers[process.index].tokens.signing == nil else { return }
    let wanted = ClusterInfo(
      turn.facts.scenario.secrets, at: turn.facts.managerClock.reading(at: turn.now))
    if wanted != server.clusterInfo { managers[process.index].signClusterInfo(wanted, &turn) }
  }

  mutating func receiveForTokens(_ call: PendingCall, _ process: ManagerProcess) {
    guard call.call == .updateClusterInfo else {
      // I.2: an error is logged, not retried: the Secret comes again with a change, or the resync.
      if ![.ok, .notFound, .conflict].contains(call.answer) {
        let manager = managers[process.index]
        let began = manager.life.restarts.started
        turn.schedule(.tokensChange(process), at: manager.nextResync(since: began, &turn))
      }
      managers[process.index].tokens.finishDeletion()
      managers[process.index].deleteNextToken(&turn)
      return
    }
    guard let written = managers[process.index].tokens.signing else { return }
    managers[process.index].tokens.signing = nil
    guard call.answer.isSuccess else { return }
    server.clusterInfo = written
    turn.emit(
      TraceEvent(
        .clusterInfoSigned, by: .bootstrapSigner, value: Int64(written.tokenIDs.count)))
    signTokens(process)
  }

  /// The Secret is deleted; the authenticator's informer sees it a little later.
  mutating func deleteSecret(_ call: PendingCall) {
    let delay = turn.chance.length(
      turn.facts.latency.watchDelivery, .tokenDeletion, call.key, turn.journal.count)
    acts.addBoundary(turn.now + delay)
    queue.push(
      Scheduled(event: .secretVanishes(call.key), cause: call.cause), at: turn.now + delay)
  }

  mutating func removeSecret(_ number: UInt32) {
    server.vanishing.removeAll { $0 == number }
    // What has the name may be another by now: the request had its UID as a precondition.
    guard let secret = turn.facts.secret(number),
      secret.isExpired(at: turn.facts.managerClock.reading(at: turn.now))
    else { return }
    let name = secret.name
    let count = turn.facts.scenario.secrets.count
    turn.emit(TraceEvent(.tokenRemoved, by: .apiserver, value: Int64(count - 1)))
    changeObjects { scenario in
      scenario.secrets.removeAll { $0.name == name && $0.namespace == "kube-system" }
    }
  }
}

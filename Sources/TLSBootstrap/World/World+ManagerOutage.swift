import SimulationKernel

/// What an outage of the API server does to the controller-managers (protocol.md A.11, J.3, K.4).
extension World {
  /// Informers of that server lose their watches, and a leader's next renewal is played: it may fail.
  mutating func disconnectManagers(of replica: Int) {
    breakInformers(of: replica)
    playRenewals(of: replica)
  }

  /// The watches of those who ask this server break.
  mutating func breakInformers(of replica: Int) {
    for index in managers.indices
    where managers[index].life.phase != .down && ownServer(ofManager: index) == replica
      && managers[index].life.isInformerOpen
    {
      breakInformer(of: index)
    }
  }

  /// The next renewal of a leader that asks this server is played.
  mutating func playRenewals(of replica: Int) {
    for index in managers.indices
    where managers[index].life.phase != .down && ownServer(ofManager: index) == replica {
      let life = managers[index].life
      if server.leaderLease.holder == life.process.packed, !life.isPaused {
        playRenewal(life.process)
      }
    }
  }

  mutating func breakInformer(of replica: Int) {
    managers[replica].life.isInformerOpen = false
    noteAttendance()
    guard [.syncing, .leading].contains(managers[replica].life.phase) else { return }
    managers[replica].life.watchFailures = 0
    managers[replica].watchAgain(&turn)
  }

  /// The watch goes on: what changed while there was none is delivered first.
  mutating func reopenInformer(_ process: ManagerProcess) {
    let index = process.index
    managers[index].life.isInformerOpen = true
    noteAttendance()
    for (place, stored) in server.requests.enumerated()
    where !managers[index].knows(place, stored) {
      let drawn = turn.chance.length(
        turn.facts.latency.watchDelivery, .watch, UInt32(place), 64 + stored.resourceVersion)
      queue.push(
        Scheduled(
          event: .informerSeesRequest(
            RequestID(place), stored.conditions, version: stored.shortVersion, process),
          cause: stored.writtenBy),
        at: managers[index].life.delivery(drawn: turn.now + drawn))
    }
  }
}

extension ControllerManager {
  /// Whether the informer's copy of a CSR is that of the server.
  func knows(_ place: Int, _ stored: CertificateSigningRequest) -> Bool {
    place < cache.count && cache[place].conditions == stored.conditions
      && cache[place].version == stored.shortVersion
  }

  /// A.11: the informer watches again after a step of its backoff.
  mutating func backOffInformer(_ turn: inout Turn) {
    let backoff = turn.chance.jitter(
      WorkLoops.reflectorBackoff(life.watchFailures), by: 1, over: 1, .managerStart,
      life.process.packed, 0x1_0000 + life.watchFailures)
    life.watchFailures += 1
    turn.schedule(
      .informerWatches(life.process), after: turn.facts.managerClock.trueDuration(backoff))
  }

  mutating func watchAgain(_ turn: inout Turn) {
    turn.call(PendingCall(.watchRequests, of: life.process, number: &turn.managerCalls))
  }
}

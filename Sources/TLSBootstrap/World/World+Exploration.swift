import SimulationKernel

/// What an exploration needs: to let any of the events of one instant come first, and to know two
/// worlds with the same future.
extension World {
  /// Lets nothing be told from now on, so that worlds with one future are equal.
  mutating func silence() { turn.journal.isSilent = true }

  /// The worlds that follow, one for each event of the next instant that may come first; empty where
  /// nothing is left.
  func branches() -> [World] {
    var popped = self
    let due = popped.queue.popInstant()
    return due.indices.map { place in
      var branch = popped
      for (other, scheduled) in due.enumerated() where other != place {
        branch.queue.push(scheduled, at: popped.queue.now)
      }
      branch.happen(due[place])
      return branch
    }
  }

  /// What the future depends on, where every event of one instant may come first.
  ///
  /// Left out, so that whoever explores with them has to add them: the approvers besides csrapproving, the
  /// API server's queues, which no small cluster fills, what other clients were told, the scenario as faults
  /// and components change it, with the faults that stand, and the numbers of draws that no component owns.
  struct State: Hashable {
    private let now: Instant
    private let kubelets: [Kubelet]
    private let csrClients: [CSRClient]
    private let server: APIServer
    private let balancer: LoadBalancer
    private let managers: [ControllerManager]
    private let health: [NodeHealth]
    private let certificates: [Certificate]
    private let certificateOfRequest: [UInt32]
    private let joins: [KubeadmJoin]
    private let network: Network
    private let runtimeOutages: [UInt32: RuntimeOutage]
    private let isTroubled: Bool
    private let postponed: [Acts.Postponed]
    private let outstandingActs: Int
    /// The pending events, and how often each.
    private var pending: [Pending: Int] = [:]

    private struct Pending: Hashable {
      let instant: Instant
      let event: Event
      /// The call that the event is about, in place of its number.
      let call: PendingCall?
    }

    init(_ world: World) {
      now = world.turn.now
      kubelets = world.kubelets
      csrClients = world.csrClients
      server = world.server
      balancer = world.balancer
      managers = world.managers
      health = world.health
      certificates = world.turn.certificates
      certificateOfRequest = world.turn.certificateOfRequest
      joins = world.joins
      network = world.network
      runtimeOutages = world.turn.runtimeOutages
      isTroubled = world.turn.isTroubled
      postponed = world.acts.postponed
      outstandingActs = world.outstandingActs
      var queue = world.queue
      while let scheduled = queue.pop() {
        pending[Self.pending(scheduled.event, at: queue.now, world.turn.calls), default: 0] += 1
      }
    }

    private static func pending(_ event: Event, at instant: Instant, _ calls: CallTable) -> Pending
    {
      switch event {
      case .requestArrives(let number):
        Pending(instant: instant, event: .requestArrives(0), call: calls[number])
      case .requestCompletes(let number):
        Pending(instant: instant, event: .requestCompletes(0), call: calls[number])
      case .answerArrives(let number):
        Pending(instant: instant, event: .answerArrives(0), call: calls[number])
      case .requestTimesOut(let number):
        Pending(instant: instant, event: .requestTimesOut(0), call: calls[number])
      case .retryAfterEnds(let number):
        Pending(instant: instant, event: .retryAfterEnds(0), call: calls[number])
      case .retryTokenIsDue(let number):
        Pending(instant: instant, event: .retryTokenIsDue(0), call: calls[number])
      case .kubeletStarts, .kubeletTimer, .nodeSeesRequest, .informerSeesRequest, .workerTimer,
        .retryDue, .tokenTimer, .administratorTimer, .externalSeesRequest, .externalTimer,
        .faultBegins, .faultEnds, .graceEnds, .serverStarts, .pauseIsNoticed, .clientActs,
        .clientRests, .watchBreaks,
        .kubeadmStarts, .kubeadmTimer, .seatTimer, .managerStarts, .managerTimer, .informerLists,
        .informerResyncs, .cleanerTimer, .tokensChange, .tokenExpires, .tokenDeletionTimer,
        .secretVanishes,
        .nodeTurnsUnknown,
        .heartbeatCounts, .csrClientStarts, .csrClientTimer, .informerWatches,
        .informerBreaks:
        Pending(instant: instant, event: event, call: nil)
      }
    }
  }
}

import Scenarios
import SimulationKernel
import TLSBootstrap

/// Analytic cross-checks of a run: Little's law on every queue, the use of every limiter, and which
/// of them binds.
package struct Analysis: Sendable {
  /// A place in which keys or requests stay: a queue, its workers, or those who wait for a token.
  package struct Place: Sendable {
    package let name: String
    package let totals: Occupancy.Totals
    /// Workers of a pool; nil: anything else.
    package let workers: Int?
  }

  package struct Limiter: Sendable {
    package let name: String
    /// Requests per 1,000 s.
    package let milliRate: Int64
    package let burst: Int64
    package let flow: Flows.Limiter
  }

  /// What held up others the longest without a gap.
  package struct Binding: Sendable {
    package let name: String
    package let owner: FlowOwner
    /// Whether it is the owner's rate limit; else its workers are too few.
    package let isLimiter: Bool
    package let span: Occupancy.Span
    /// The longest that one which got through had waited there, and in the queue before it.
    package let longestWait: Duration
    /// Whether it still did at the end of the run.
    package let isLasting: Bool
  }

  package let length: Duration
  package let places: [Place]
  package let limiters: [Limiter]
  /// nil: nobody ever waited.
  package let binding: Binding?

  package init(_ world: World) {
    let flows = world.statistics.flows
    let settings: (FlowOwner) -> Settings = { [scenario = world.scenario] in
      Settings(of: $0, scenario)
    }
    length = world.now - .zero
    let controllers = flows.controllers(at: world.now)
    let limiters = flows.limiters(at: world.now).map { flow in
      let settings = settings(flow.owner)
      return Limiter(
        name: "\(settings.name)'s client rate limit"
          + (flow.owner == .csrapprovingReviews ? " for reviews" : ""),
        milliRate: settings.milliRate, burst: settings.burst, flow: flow)
    }
    let queues = controllers.flatMap { flow in
      let settings = settings(flow.owner)
      return [
        Place(name: "\(settings.name)'s queue", totals: flow.queue, workers: nil),
        Place(
          name: "\(settings.name)'s workers", totals: flow.workers, workers: settings.workers),
      ]
    }
    let waits = limiters.filter { $0.flow.waiting.entered > 0 }
      .map { Place(name: $0.name, totals: $0.flow.waiting, workers: nil) }
    let levels = world.statistics.seats.map { seats in
      Place(
        name: "kube-apiserver's queues of \(seats.level)", totals: seats.queue(at: world.now),
        workers: nil)
    }
    places = queues + waits + levels.filter { $0.totals.entered > 0 }
    self.limiters = limiters
    let awaited = Self.awaitedApprovers(world)
    let isAwaited = { (owner: FlowOwner) in owner.externalNumber.map(awaited.contains) ?? true }
    binding = Self.binding(
      controllers.filter { isAwaited($0.owner) }, limiters.filter { isAwaited($0.flow.owner) },
      end: world.now
    ) { owner in
      "\(settings(owner).name)'s \(Quantity.count(settings(owner).workers, "worker"))"
    }
  }

  /// Places of external approvers whose approvals nodes may wait for: those that may give them by the scenario, or at
  /// the end of the run.
  static func awaitedApprovers(_ world: World) -> Set<Int> {
    let approvers = world.scenario.approvers
    let meant = approvers.indices.filter { place in
      if case .external = approvers[place].kind { approvers[place].isForNodeClients } else { false }
    }
    if meant.isEmpty { return [] }
    let reviews = [AccessReview(world.scenario), AccessReview(world.scenarioInForce)]
    return Set(
      meant.filter { place in
        let user = User(name: approvers[place].user, groups: approvers[place].groups)
        return reviews.contains { $0.mayApprove(user, .kubeAPIServerClientKubelet) }
      })
  }

  /// A pool whose workers spend most of their time waiting for tokens does not bind: its limiter does.
  private static func binding(
    _ controllers: [Flows.Controller], _ limiters: [Limiter], end: Instant,
    nameOfPool: (FlowOwner) -> String
  ) -> Binding? {
    let pools = controllers.filter { flow in
      let held = limiters.filter { limiterOwners(of: flow.owner).contains($0.flow.owner) }
        .reduce(0) { $0 + $1.flow.waiting.area.approximate }
      return held * 2 < flow.workers.area.approximate
    }
    let candidates: [(name: String, totals: Occupancy.Totals, owner: FlowOwner, isLimiter: Bool)] =
      limiters.map { ($0.name, $0.flow.waiting, $0.flow.owner, true) }
      + pools.map { (nameOfPool($0.owner), $0.queue, $0.owner, false) }
    let longest = candidates.max {
      $0.totals.longestSpell.length < $1.totals.longestSpell.length
    }
    guard let longest, longest.totals.longestSpell.length > .zero else { return nil }
    let span = longest.totals.longestSpell
    let queues = controllers.filter { flow in
      longest.isLimiter && limiterOwners(of: flow.owner).contains(longest.owner)
    }.map(\.queue.longest)
    return Binding(
      name: longest.name, owner: longest.owner, isLimiter: longest.isLimiter, span: span,
      longestWait: longest.totals.longest + (queues.max() ?? .zero),
      isLasting: longest.totals.present > 0 && span.to == end)
  }

  /// Whose tokens a controller's workers take.
  private static func limiterOwners(of owner: FlowOwner) -> [FlowOwner] {
    switch owner {
    case .clientSigner, .servingSigner, .apiServerClientSigner: [.csrsigning]
    case .csrapproving: [.csrapproving, .csrapprovingReviews]
    default: [owner]
    }
  }
}

/// What the scenario says of a queue or limiter.
private struct Settings {
  let name: String
  let workers: Int
  let milliRate: Int64
  let burst: Int64

  init(of owner: FlowOwner, _ scenario: Scenario) {
    if let number = owner.externalNumber,
      case .external(let external) = scenario.approvers[number].kind
    {
      name = scenario.approvers[number].name
      workers = external.workers
      milliRate = external.milliQPS
      burst = external.burst
      return
    }
    name =
      switch owner {
      case .csrapproving, .csrapprovingReviews: "csrapproving"
      case .clientSigner: "the client signer"
      case .servingSigner: "the serving signer"
      case .csrsigning: "csrsigning"
      case .controllerManager: "kube-controller-manager"
      case .apiServerClientSigner: "the signer of API clients"
      default: ""
      }
    workers = scenario.controllerManager.concurrentCSRSyncs
    // Where a client has no limit nobody waited for its tokens.
    let limit = scenario.controllerManager.clientLimit
    milliRate = limit?.milliRate ?? 0
    burst = limit?.burst ?? 0
  }
}

extension Analysis.Place {
  /// Per second.
  func arrivalRate(in length: Duration) -> Double {
    length > .zero ? Double(totals.entered) / length.seconds : 0
  }

  /// Seconds; those included who are still there.
  var meanStay: Double {
    totals.entered > 0 ? totals.stayed.approximate / 1e9 / Double(totals.entered) : 0
  }

  func meanNumber(in length: Duration) -> Double {
    length > .zero ? totals.area.approximate / Double(length.nanoseconds) : 0
  }

  /// The part of its workers that is busy on average; nil: no pool.
  func utilisation(in length: Duration) -> Double? {
    workers.map { meanNumber(in: length) / Double($0) }
  }
}

extension Analysis.Limiter {
  /// Tokens taken of those that there were: the burst at the start, and the rate from then on. Who still waits
  /// has none yet.
  func utilisation(in length: Duration) -> Double {
    let allowed = Double(burst) + Double(milliRate) / 1_000 * length.seconds
    return allowed > 0 ? Double(flow.tokens - flow.waiting.present) / allowed : 0
  }

  /// The part of the run in which someone waited for a token.
  func bindingShare(in length: Duration) -> Double {
    length > .zero ? flow.waiting.occupied.seconds / length.seconds : 0
  }
}

extension WideSum {
  /// To 53 bits.
  var approximate: Double { Double(high) * 0x1p64 + Double(low) }
}

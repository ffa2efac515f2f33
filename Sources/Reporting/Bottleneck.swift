import Scenarios
import SimulationKernel
import TLSBootstrap

/// What limited how fast nodes got their certificates, judged by who waited for what.
package struct Bottleneck: Sendable {
  package let text: String
  package let kind: Kind

  /// Who made nodes wait.
  package enum Kind: Hashable, Sendable {
    case seats, noApproval, administrator, approverLimiter, signerLimiter, approverWorkers
    case signerWorkers
    case externalLimiter, externalWorkers
    /// No controller-manager was at work.
    case absence
    /// Most approvals came when nobody waited for them any more, and no queue was the reason.
    case lateApproval
    /// Approved CSRs waited for their signature, and no limiter was the reason.
    case lateSigning
    /// Nobody did.
    case nothing
  }

  /// The priority level that half of its requests or more waited for, or were refused by, longer
  /// altogether than keys waited for csrapproving.
  private static func crowded(_ statistics: Statistics) -> Statistics.SeatWaits? {
    statistics.seats.first { seats in
      let held = seats.waits.waited + seats.refused
      // Those that are refused wait at their clients.
      return held > 0 && 2 * held >= seats.waits.count + seats.refused
        && (seats.waits.total >= statistics.approverQueue.total
          || seats.refused > seats.waits.count)
    }
  }

  /// Whether something made CSRs wait without a gap for half of the time in which certificates were made, or
  /// longer: what else they waited for then cost them nothing.
  private static func lasts(_ binding: Analysis.Binding?, _ statistics: Statistics) -> Bool {
    binding.map { $0.span.length * 2 >= statistics.issued.last - .zero } ?? false
  }

  /// The client signer's workers, where they hold up CSRs for so long that they are too few.
  private static func signers(_ binding: Analysis.Binding?) -> Finding? {
    guard let binding, !binding.isLimiter, binding.owner == .clientSigner,
      binding.span.length >= leastQueue
    else { return nil }
    return (
      .signerWorkers,
      "\(binding.name): CSRs waited for one for \(Text.length(binding.span.length)) without a gap"
    )
  }

  /// Without priority and fairness there are two counters in place of levels (K.3).
  private static func text(of seats: Statistics.SeatWaits) -> String {
    let name =
      switch seats.level {
      case "read-only": "--max-requests-inflight"
      case "mutating": "--max-mutating-requests-inflight"
      default: "priority level \(seats.level)"
      }
    return "the API server's \(name): \(Text.seats(seats))"
  }

  private static func text(of limit: ClientLimit?) -> String {
    guard let limit else { return "none" }
    return "\(Text.rate(milli: limit.milliRate))/s, burst \(limit.burst)"
      + (limit.isPerGroup ? " for each API group" : "")
  }

  /// For how long calls wait for tokens before that is worth a word where most calls waited for none.
  ///
  /// 5 s. Assumption: what delays a node by less is lost in its own sleeps of up to 7 s (L.2).
  private static let leastSpan = Duration.seconds(5)

  /// How long keys wait for csrapproving's workers before they are too few.
  ///
  /// 1 s. Assumption: less is the time of the requests of a few keys before them.
  private static let leastQueue = Duration.seconds(1)

  /// Whether most approvals were for nobody any more, and after a minute or more: a kubelet that exits at once
  /// leaves its CSR behind, too.
  private static func isLate(_ world: World) -> Bool {
    let (abandoned, all) = (
      world.statistics.abandonedApproved, world.statistics.approved.count
    )
    guard abandoned * 2 > all else { return false }
    let late = (0..<world.requestCount).count { index in
      let request = world.request(at: index)
      return request.approved.map { $0 - request.created >= .minutes(1) } ?? false
    }
    return late * 2 > all
  }

  package init(_ world: World, _ binding: Analysis.Binding?) {
    (kind, text) =
      Self.outside(world, binding) ?? Self.controllers(world, binding)
      ?? Self.external(world, binding)
      ?? Self.passing(world, binding) ?? Self.nothing(world)
  }
}

// MARK: In the order in which they are looked for

extension Bottleneck {
  private typealias Finding = (kind: Kind, text: String)

  /// Of a hundred that came, how many had to wait.
  private static func share(_ waits: Statistics.Waits) -> Int {
    waits.count == 0 ? 0 : 100 * waits.waited / waits.count
  }

  /// What comes before the queues of controllers and approvers, or keeps CSRs from them.
  private static func outside(_ world: World, _ binding: Analysis.Binding?) -> Finding? {
    let statistics = world.statistics
    if statistics.approved.count == 0 && world.requestCount > 0 {
      return (.noApproval, "no CSR was approved")
    }
    if !lasts(binding, statistics), let seats = crowded(statistics) {
      return (.seats, text(of: seats))
    }
    if let absence = Absence(world) { return (.absence, absence.text) }
    return approvedByHand(world) * 2 > statistics.approved.count
      ? (.administrator, "the administrator, who approves by hand") : nil
  }

  /// CSRs that no controller approved: where there are external approvers, those that none of them is for.
  private static func approvedByHand(_ world: World) -> Int {
    let externals = world.scenario.approvers.filter { approver in
      if case .external = approver.kind { approver.decision == .approve } else { false }
    }
    if externals.isEmpty { return world.statistics.approvedByOthers }
    return (0..<world.requestCount).count { index in
      let request = world.request(at: index)
      guard request.approved != nil, request.reason != "AutoApproved" else { return false }
      return !externals.contains { $0.matching.isFor(request, world) }
    }
  }

  /// csrapproving and csrsigning: what binds for half of the time, if that is the signer's workers; else the limiters,
  /// then csrapproving's workers.
  private static func controllers(_ world: World, _ binding: Analysis.Binding?) -> Finding? {
    let statistics = world.statistics
    if lasts(binding, statistics), let finding = signers(binding) { return finding }
    let settings = world.scenario.controllerManager
    let limit = text(of: settings.clientLimit)
    let (approver, signer) = (statistics.approverLimiter, statistics.signerLimiter)
    if share(approver) >= 50 {
      // The review is of another API group.
      let calls = Quantity.count(settings.clientLimit?.isPerGroup == true ? 1 : 2, "call")
      return (
        .approverLimiter,
        "csrapproving's client rate limit (\(limit), \(calls) a CSR): \(share(approver)) % of "
          + "\(Quantity.count(approver.count)) calls waited for a token, longest time in its queue "
          + Text.length(statistics.approverQueue.longest)
      )
    }
    if share(signer) >= 50 {
      return (
        .signerLimiter,
        "csrsigning's client rate limit (\(limit)): \(share(signer)) % of "
          + "\(Quantity.count(signer.count)) calls waited"
      )
    }
    guard share(statistics.approverQueue) >= 50, statistics.approverQueue.longest >= leastQueue
    else { return nil }
    return (
      .approverWorkers,
      "csrapproving's \(Quantity.count(settings.concurrentCSRSyncs, "worker")): "
        + "\(share(statistics.approverQueue)) % of the keys waited for one"
    )
  }

  /// An external approver whose approvals nodes wait for: its limiter, then its workers.
  private static func external(_ world: World, _ binding: Analysis.Binding?) -> Finding? {
    if Analysis.awaitedApprovers(world).isEmpty { return nil }
    if let binding, binding.isLimiter, binding.owner.externalNumber != nil {
      return (
        .externalLimiter,
        "\(binding.name): calls waited for a token for \(Text.length(binding.span.length))"
      )
    }
    let queue = world.statistics.externalQueue
    guard share(queue) >= 50 else { return nil }
    return (
      .externalWorkers,
      "the external approver's workers: \(share(queue)) % of the CSRs waited for one, the longest "
        + Text.length(queue.longest)
    )
  }

  /// What made few wait, but long; or made the approvals come too late.
  private static func passing(_ world: World, _ binding: Analysis.Binding?) -> Finding? {
    if let binding, binding.isLimiter, binding.span.length >= leastSpan {
      let isApprover = [.csrapproving, .csrapprovingReviews].contains(binding.owner)
      let limit = text(of: world.scenario.controllerManager.clientLimit)
      return (
        isApprover ? .approverLimiter : .signerLimiter,
        "\(binding.name) (\(limit)), for a while: calls waited for a token for "
          + "\(Text.length(binding.span.length)) without a gap"
      )
    }
    if let binding, binding.span.length >= leastSpan, let finding = signers(binding) {
      return finding
    }
    guard isLate(world) else { return signing(world) }
    let statistics = world.statistics
    return (
      .lateApproval,
      "approval, which came too late: of \(Quantity.count(statistics.approved.count, "CSR")) "
        + "\(Quantity.count(statistics.abandonedApproved)) were approved when their nodes had given "
        + "up on them"
    )
  }

  /// Most CSRs waited a minute or longer for their signature.
  private static func signing(_ world: World) -> Finding? {
    let waits = (0..<world.requestCount).compactMap { index in
      let request = world.request(at: index)
      return request.issued.flatMap { issued in request.approved.map { issued - $0 } }
    }
    let late = waits.count { $0 >= .minutes(1) }
    guard late * 2 > waits.count, let longest = waits.max() else { return nil }
    return (
      .lateSigning,
      "the signer: \(Quantity.count(late)) of \(Quantity.count(waits.count, "CSR")) waited a minute "
        + "or longer for it after their approval, the longest \(Text.length(longest))"
    )
  }

  private static func nothing(_ world: World) -> Finding {
    (
      .nothing,
      world.statistics.issued.count == 0
        ? "nothing that waited its turn: no CSR came so far as to get a certificate"
        : "nothing in the control plane: each node waits for its own next steps only"
    )
  }
}

extension ApproverSettings.Matching {
  fileprivate func isFor(_ request: RequestRecord, _ world: World) -> Bool {
    let nodeName = request.node.map { world.node(at: Int($0.index)).name } ?? ""
    return signerName.map { $0.text == request.signerName } ?? true
      && requestor.map { Pattern($0).matches(world.username(of: request.requestor)) } ?? true
      && self.nodeName.map { Pattern($0).matches(nodeName) } ?? true
  }
}

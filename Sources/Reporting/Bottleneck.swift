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
    case externalLimiter, externalWorkers
    /// No controller-manager was at work.
    case absence
    /// Most approvals came when nobody waited for them any more, and no queue was the reason.
    case lateApproval
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

  private static func text(of seats: Statistics.SeatWaits) -> String {
    "the API server's priority level \(seats.level): \(Text.seats(seats))"
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
    let statistics = world.statistics
    let settings = world.scenario.controllerManager
    let limit = Self.text(of: settings.clientLimit)
    // The review is of another API group.
    let callsAtApproval = Quantity.count(settings.clientLimit?.isPerGroup == true ? 1 : 2, "call")
    let limiter = statistics.approverLimiter
    let share = { (waits: Statistics.Waits) in
      waits.count == 0 ? 0 : 100 * waits.waited / waits.count
    }
    if statistics.approved.count == 0 && world.requestCount > 0 {
      kind = .noApproval
      text = "no CSR was approved"
    } else if !Self.lasts(binding, statistics), let seats = Self.crowded(statistics) {
      kind = .seats
      text = Self.text(of: seats)
    } else if let absence = Absence(world) {
      kind = .absence
      text = absence.text
    } else if statistics.externalQueue.count == 0,
      statistics.approvedByOthers * 2 > statistics.approved.count
    {
      kind = .administrator
      text = "the administrator, who approves by hand"
    } else if share(limiter) >= 50 {
      kind = .approverLimiter
      text =
        "csrapproving's client rate limit (\(limit), \(callsAtApproval) a CSR): "
        + "\(share(limiter)) % of \(Quantity.count(limiter.count)) calls waited for a token, "
        + "longest time in its queue \(Text.length(statistics.approverQueue.longest))"
    } else if share(statistics.signerLimiter) >= 50 {
      kind = .signerLimiter
      text =
        "csrsigning's client rate limit (\(limit)): "
        + "\(share(statistics.signerLimiter)) % of \(Quantity.count(statistics.signerLimiter.count)) calls waited"
    } else if share(statistics.approverQueue) >= 50,
      statistics.approverQueue.longest >= Self.leastQueue
    {
      kind = .approverWorkers
      text =
        "csrapproving's \(Quantity.count(settings.concurrentCSRSyncs, "worker")): "
        + "\(share(statistics.approverQueue)) % of the keys waited for one"
    } else if let binding, binding.isLimiter, binding.owner.externalNumber != nil {
      kind = .externalLimiter
      text = "\(binding.name): calls waited for a token for \(Text.length(binding.span.length))"
    } else if share(statistics.externalQueue) >= 50 {
      kind = .externalWorkers
      text =
        "the external approver's workers: \(share(statistics.externalQueue)) % of the CSRs waited "
        + "for one, the longest \(Text.length(statistics.externalQueue.longest))"
    } else if let binding, binding.isLimiter, binding.span.length >= Self.leastSpan {
      kind =
        [.csrapproving, .csrapprovingReviews].contains(binding.owner)
        ? .approverLimiter : .signerLimiter
      text =
        "\(binding.name) (\(limit)), for a while: calls waited for a "
        + "token for \(Text.length(binding.span.length)) without a gap"
    } else if Self.isLate(world) {
      kind = .lateApproval
      text =
        "approval, which came too late: of \(Quantity.count(statistics.approved.count, "CSR")) "
        + "\(Quantity.count(statistics.abandonedApproved)) were approved when their nodes had given up on them"
    } else if statistics.issued.count == 0 {
      kind = .nothing
      text = "nothing that waited its turn: no CSR came so far as to get a certificate"
    } else {
      kind = .nothing
      text = "nothing in the control plane: each node waits for its own next steps only"
    }
  }
}

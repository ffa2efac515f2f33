import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// What limited how fast nodes got their certificates: which limiter, queue or clock, from when to when, and
/// what twice that would bring.
package struct Throughput: Sendable {
  /// Judged by who waited for what.
  package let text: String
  /// The limiter or the workers that held up others the longest without a gap.
  package let binding: Analysis.Binding?
  /// What doubles it, for `--set`; empty: nothing of the scenario does.
  package let doubling: [String]
  /// How much sooner the last of those that waited would be through, if nothing else bound then: by half of the
  /// time, and by no more than the longest wait, because nobody is through before coming.
  package let sooner: Duration?

  /// `doubling` as it is typed.
  package var settings: String { ShellWord.options(doubling).joined(separator: " ") }

  init(_ world: World, _ report: RunReport) {
    text = report.bottleneck.text
    let scenario = world.scenario
    switch report.bottleneck.kind {
    case .nothing, .noApproval, .absence, .lateApproval, .lateSigning:
      binding = nil
      doubling = []
    case .administrator:
      binding = nil
      let isBusy = Self.worksMostly(world)
      doubling = scenario.approvers.flatMap { Self.twiceAsMuch($0, isBusy: isBusy) }
    case .seats:
      binding = nil
      doubling = [
        "spec.apiServer.maxRequestsInFlight=\(scenario.apiServer.maxRequestsInFlight * 2)",
        "spec.apiServer.maxMutatingRequestsInFlight="
          + "\(scenario.apiServer.maxMutatingRequestsInFlight * 2)",
      ]
    case .approverLimiter, .signerLimiter, .approverWorkers, .signerWorkers, .externalLimiter,
      .externalWorkers:
      binding = report.analysis.binding
      let lasted = binding?.span.length ?? .zero
      doubling =
        lasted < Self.shortest ? [] : binding.map { Self.twice($0, scenario) } ?? []
    }
    // Of what still bound when the run ended nobody can say when it would have ended.
    sooner = binding.flatMap {
      $0.isLasting
        ? nil : min(Duration(nanoseconds: $0.span.length.nanoseconds / 2), $0.longestWait)
    }
  }

  /// What bound for less is not worth more of it. Assumption.
  private static let shortest = Duration.seconds(1)

  private static func twice(_ binding: Analysis.Binding, _ scenario: Scenario) -> [String] {
    if let number = binding.owner.externalNumber,
      case .external(let external) = scenario.approvers[number].kind
    {
      let key = "spec.approval.\(scenario.approvers[number].name).external"
      return binding.isLimiter
        ? [
          "\(key).qps=\(Text.rate(milli: external.milliQPS * 2))",
          "\(key).burst=\(external.burst * 2)",
        ]
        : ["\(key).workers=\(external.workers * 2)"]
    }
    let manager = scenario.controllerManager
    let key = "spec.controllerManager"
    let limit = manager.clientLimit
    // Two buckets share the calls of one that is given.
    let milliQPS = (limit?.milliRate ?? 0) * (limit?.isPerGroup == true ? 4 : 2)
    return binding.isLimiter
      ? [
        "\(key).kubeAPIQPS=\(Text.rate(milli: milliQPS))",
        "\(key).kubeAPIBurst=\(manager.kubeAPIBurst * 2)",
      ] : ["\(key).concurrentCSRSyncs=\(manager.concurrentCSRSyncs * 2)"]
  }

  /// Whether the humans who approve spend half of the time on CSRs, from the first one to the last approval: what
  /// takes them so long is each CSR, not the wait for the next look.
  private static func worksMostly(_ world: World) -> Bool {
    guard world.requestCount > 0 else { return false }
    let efforts = world.scenario.approvers.compactMap { approver -> Duration? in
      guard approver.isForNodeClients, case .manual(let manual) = approver.kind else { return nil }
      return manual.timePerRequest.median
    }
    let statistics = world.statistics
    let work = (efforts.max() ?? .zero) * Int64(statistics.approvedByOthers)
    return work * 2 > statistics.approved.last - world.request(at: 0).created
  }

  /// A human who approves, and takes half the time for each CSR, or looks twice as often.
  private static func twiceAsMuch(_ approver: ApproverSettings, isBusy: Bool) -> [String] {
    guard approver.isForNodeClients, case .manual(let manual) = approver.kind else { return [] }
    let key = "spec.approval.\(approver.name).manual"
    let effort = manual.timePerRequest.median
    if isBusy, effort > .zero {
      return [
        "\(key).timePerRequest=\(Quantity.text(Duration(nanoseconds: effort.nanoseconds / 2)))"
      ]
    }
    let seconds = max(1, manual.every.nanoseconds / 2_000_000_000)
    let first = manual.firstLook.nanoseconds / 2_000_000_000
    return ["\(key).every=\(seconds)s", "\(key).firstLook=\(first)s"]
  }
}

import Reporting
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
  /// How much sooner the last of those that waited would be through, if nothing else bound then.
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
      doubling = scenario.approvers.flatMap(Self.twiceAsOften)
    case .seats:
      binding = nil
      doubling = [
        "spec.apiServer.maxRequestsInFlight=\(scenario.apiServer.maxRequestsInFlight * 2)",
        "spec.apiServer.maxMutatingRequestsInFlight="
          + "\(scenario.apiServer.maxMutatingRequestsInFlight * 2)",
      ]
    case .approverLimiter, .signerLimiter, .approverWorkers, .externalLimiter,
      .externalWorkers:
      binding = report.analysis.binding
      let lasted = binding?.span.length ?? .zero
      doubling =
        lasted < Self.shortest ? [] : binding.map { Self.twice($0, scenario) } ?? []
    }
    // Of what still bound when the run ended nobody can say when it would have ended.
    sooner = binding.flatMap {
      $0.isLasting ? nil : Duration(nanoseconds: $0.span.length.nanoseconds / 2)
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

  /// A human who approves, and looks twice as often.
  private static func twiceAsOften(_ approver: ApproverSettings) -> [String] {
    guard approver.isForNodeClients, case .manual(let manual) = approver.kind else { return [] }
    let seconds = max(1, manual.every.nanoseconds / 2_000_000_000)
    let first = manual.firstLook.nanoseconds / 2_000_000_000
    let key = "spec.approval.\(approver.name).manual"
    return ["\(key).every=\(seconds)s", "\(key).firstLook=\(first)s"]
  }
}

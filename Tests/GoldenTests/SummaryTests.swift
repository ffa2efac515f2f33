import Foundation
import SimulationKernel
import TLSBootstrap
import Testing

@testable import Reporting

/// The summary, the JSON object and the lines of a trace, as far as golden files do not say why.
struct SummaryTests {
  private func counts(_ overrides: [String]) throws -> [String] {
    let played = try PlayedScenario("first-node", overrides: overrides)
    let steps = RunReport(played.world, ending: played.ending).steps
    return steps.filter { $0.step == .writesKubeconfig || $0.step == .nodeIsReady }.map {
      "\($0.step.rawValue) \($0.isEarly ? "early" : "on time") \($0.count)"
    }
  }

  /// A cluster that gets a certificate every ten minutes.
  @Test(arguments: [
    (0.0, "0.00"), (0.00161, "0.0016"), (0.00499, "0.0050"), (0.005, "0.01"),
    (0.0000996, "0.00010"),
    (10.249, "10.25"), (1e-12, "0.0000000000010"),
  ])
  func `a small rate has two digits that say something`(rate: Double, text: String) {
    #expect(Text.hundredths(rate) == text)
  }

  @Test func `what MODE-B reaches early is told apart, and never in place of the step`() throws {
    #expect(try counts([]) == ["12 early 1", "12 on time 1", "13 early 1", "13 on time 1"])
    #expect(
      try counts(["spec.nodes.workers.kubelet={rotateCertificates: false}"]) == [
        "12 on time 1", "13 on time 1",
      ])
    // Refused: it never works, though its process runs.
    let refused = try counts(["spec.tokens[0].usages=[signing]", "spec.duration=1m"])
    #expect(refused == ["12 early 1", "13 early 1"])
  }

  @Test func `of both modes together each is counted by what it did`() throws {
    let mixed =
      "spec.nodes=[{name: a}, {name: b, kubelet: {rotateCertificates: false}}]"
    #expect(try counts([mixed]) == ["12 early 1", "12 on time 2", "13 early 1", "13 on time 2"])
  }

  /// 500 renewals after some 290 days each are 400 years; nanoseconds of 64 bits end after 292.
  @Test func `a mean is told also where the lengths add up to more than 64 bits`() throws {
    let played = try PlayedScenario(
      "kubeadm-5000-workers",
      overrides: [
        "spec.nodes.workers.count=500", "spec.duration=400d",
        "spec.controllerManager.clusterSigningDuration=8760h",
      ])
    let report = RunReport(played.world, ending: played.ending)
    let renewal = try #require(report.steps.first { $0.step == .renewsCertificate })
    #expect(renewal.count == 500)
    #expect(renewal.mean > .days(365 * 7 / 10) && renewal.mean < .days(365 * 9 / 10))
    let text = try JSONReport(report, trace: nil).text()
    #expect(text.contains(#""renewsCertificate""#))
  }

  @Test func `the events of a trace agree with the counts`() throws {
    let played = try PlayedScenario("expired-token")
    let steps = RunReport(played.world, ending: played.ending).steps
    for (kind, step) in [
      (TraceEvent.Kind.kubeconfigWrittenEarly, BootstrapStep.writesKubeconfig),
      (.kubeletRunsEarly, .nodeIsReady),
    ] {
      let count = played.events.count { $0.kind == kind }
      #expect(steps.first { $0.step == step && $0.isEarly }?.count == count && count > 0)
    }
  }

  @Test func `JSON says of each step whether it is of the early ones`() throws {
    let played = try PlayedScenario("first-node")
    let text = try JSONReport(RunReport(played.world, ending: played.ending), trace: nil).text()
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let steps = try #require(object?["steps"] as? [[String: Any]])
    #expect(steps.count { $0["early"] as? Bool == true } == 2)
    #expect(steps.allSatisfy { $0["early"] != nil })
  }

  /// Such as O46: the state is that of O1, and kubeadm made it.
  @Test(arguments: [("first-node", false), ("failures/o46-kubeadm-gives-up", true)])
  func `where a node is not Ready it says how to find the root cause`(
    name: String, isFailed: Bool
  ) throws {
    let played = try PlayedScenario(name)
    let report = RunReport(played.world, ending: played.ending)
    let text = Summary(report, trace: "t", command: "-", explanation: "bootsim explain t").text
    #expect(text.contains("\nRoot causes    bootsim explain t\n") == isFailed)
    #expect(!Summary(report, trace: "none", command: "-").text.contains("Root causes"))
  }

  @Test(arguments: [("10ms", false), ("100ms", true)])
  func `workers limited a run where keys waited for one for a second or longer`(
    approval: String, limits: Bool
  ) throws {
    let played = try PlayedScenario(
      "kubeadm-5000-workers",
      overrides: [
        "spec.nodes.workers.count=30", "spec.nodes.workers.start={at: 0s}",
        "spec.controllerManager.concurrentCSRSyncs=1", "spec.controllerManager.kubeAPIQPS=1000",
        "spec.controllerManager.kubeAPIBurst=1000", "spec.latency.updateApproval=\(approval)",
      ])
    let kind = RunReport(played.world, ending: played.ending).bottleneck.kind
    #expect((kind == .approverWorkers) == limits, "\(kind)")
  }

  @Test(arguments: [
    ("60", "no controller-manager at work: 17."), ("1000", "csrapproving's client rate limit"),
  ])
  func `what CSRs waited without a controller-manager is told where it is most of it`(
    count: String, text: String
  ) throws {
    let names = count == "60" ? [] : ["spec.nodes.workers.names=worker-{0001}"]
    let played = try PlayedScenario(
      "controller-manager-failover", overrides: ["spec.nodes.workers.count=\(count)"] + names)
    let report = RunReport(played.world, ending: played.ending)
    #expect(report.bottleneck.text.hasPrefix(text), "\(report.bottleneck.text)")
  }

  @Test func `a rate needs three events and a time between them`() throws {
    let few = try PlayedScenario("first-node")
    #expect(RunReport.rate(few.world.statistics.approved) == nil)
    let many = try PlayedScenario(
      "kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=100"])
    #expect(RunReport.rate(many.world.statistics.approved) != nil)
    // Three within milliseconds: how they happened to start.
    let quick = try PlayedScenario(
      "first-node",
      overrides: ["spec.nodes.workers.names=[a, b, c]", "spec.stopWhen=AllReady"])
    let approved = quick.world.statistics.approved
    #expect(approved.count >= 3 && RunReport.rate(approved) == nil)
  }

  @Test func `JSON has null where a rate says nothing`() throws {
    let played = try PlayedScenario("first-node")
    let text = try JSONReport(RunReport(played.world, ending: played.ending), trace: nil).text()
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let approval = try #require(object?["approval"] as? [String: Any])
    #expect(approval["approved"] as? Int == 2)
    #expect(approval["perSecond"] is NSNull && approval["issuedPerSecond"] is NSNull)
  }

  @Test func `values of events have the unit of their kind`() throws {
    let played = try PlayedScenario("first-node", overrides: ["spec.tokens[0].usages=[signing]"])
    let refused = played.events.compactMap(TextTrace(played.world).line)
    #expect(refused.contains { $0.hasSuffix("(tokenRefused) “\(Settlement.tokenRefused.text)”") })
    let good = try PlayedScenario("first-node")
    let lines = good.events.compactMap(TextTrace(good.world).line)
    #expect(lines.contains { $0.contains(/nodeReady \(8\d\d\.\d+ms\)$/) })
    #expect(lines.contains { $0.hasSuffix("(until 2026-01-01T01:00:00Z)") })
    #expect((lines + refused).allSatisfy { $0.firstMatch(of: /\(\d{4,}\)/) == nil })
  }
}

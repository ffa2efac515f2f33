import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap
import Testing

@testable import Reporting

/// `--analyze`: which limiter or pool binds, and what the JSON object says of it.
struct AnalysisTests {
  /// Nodes at once, with these keys besides.
  private func report(_ spec: String, nodes: Int = 200) throws -> RunReport {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: test}
      spec:
        preset: kubeadm
        nodes: [{name: a, count: \(nodes)}]
        tokens: [{token: abcdef.0123456789abcdef}]
      \(spec)
      """
    let loaded = try ScenarioFile.load(text: text, path: "s.yaml") { _ in "" }
    var world = World(loaded.scenario)
    let ending = world.run()
    return RunReport(world, ending: ending)
  }

  @Test func `with default limits the approver's limiter binds, not its busy workers`() throws {
    let analysis = try report("").analysis
    #expect(analysis.binding?.name == "csrapproving's client rate limit")
    #expect(analysis.binding?.isLasting == false)
    // 400 tokens, of which 30 are saved up: 370 at 20 a second.
    let length = try #require(analysis.binding?.span.length)
    #expect(abs(length.nanoseconds - 18_500_000_000) < 50_000_000)
    let isLawful = analysis.places.map(\.totals.followsLittlesLaw)
    #expect(isLawful == [true, true, true, true, true, true])
    #expect(analysis.places.last?.name == "kube-apiserver's queues of global-default")
  }

  @Test func `without limits the approver's workers bind`() throws {
    let analysis = try report("  controllerManager: {kubeAPIQPS: 1000000, kubeAPIBurst: 100000}")
      .analysis
    #expect(analysis.binding?.name == "csrapproving's 5 workers")
  }

  @Test func `a slow external approver binds by its name`() throws {
    let spec = """
        controllerManager: {controllers: {csrapproving: false}}
        approval: [{name: robot, external: {workers: 3, serviceTime: 1s}}]
      """
    let analysis = try report(spec).analysis
    #expect(analysis.binding?.name == "robot's 3 workers")
    #expect(analysis.limiters.last?.name == "robot's client rate limit")
  }

  /// Whoever signs is slower than any limit, or there is none.
  @Test(arguments: [
    "{updateStatus: {constant: 1s}}\n  controllerManager: {kubeAPIQPS: 1000, kubeAPIBurst: 2000}",
    "{signing: {constant: 1s}}\n  controllerManager: {kubeAPIQPS: 1000, kubeAPIBurst: 2000}",
    "{updateStatus: {constant: 1s}}",
  ])
  func `csrsigning's workers limit where they bind longest`(latency: String) throws {
    let report = try report("  latency: \(latency)")
    #expect(report.bottleneck.kind == .signerWorkers)
    #expect(report.bottleneck.text.hasPrefix("the client signer's 5 workers: CSRs waited for one"))
    #expect(report.analysis.binding?.longestWait ?? .zero > .seconds(20))
  }

  @Test func `a human limits who approves most, also beside an external approver`() throws {
    let spec = """
        duration: 40m
        controllerManager: {controllers: {csrapproving: false}}
        approval:
        - {name: day, manual: {every: 2m}}
        - {name: robot, external: {}, matching: {nodeName: "a-2*"}}
      """
    #expect(try report(spec, nodes: 30).bottleneck.kind == .administrator)
    let mostlyRobot = spec.replacing("a-2*", with: "a-*")
    #expect(try report(mostlyRobot, nodes: 30).bottleneck.kind != .administrator)
  }

  /// K.3: its two counters have no priority levels.
  @Test func `without priority and fairness the flag that limits is named`() throws {
    let spec = """
        apiServer:
          enablePriorityAndFairness: false
          maxMutatingRequestsInFlight: 1
          maxRequestsInFlight: 1
      """
    let text = try report(spec, nodes: 400).bottleneck.text
    #expect(text.hasPrefix("the API server's --max-"), "\(text)")
  }

  @Test func `a run that is cut off says that something still binds`() throws {
    let analysis = try report("  duration: 5s").analysis
    #expect(analysis.binding?.isLasting == true)
    #expect(analysis.binding?.span.to == Instant(nanoseconds: 5_000_000_000))
    #expect(analysis.text.hasSuffix("to 00:00:05.000, the end of the run"))
  }

  @Test func `the JSON object has the analysis`() throws {
    let text = try JSONReport(report(""), trace: nil).text()
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let analysis = try #require(object?["analysis"] as? [String: Any])
    let binds = try #require(analysis["binds"] as? [String: Any])
    #expect(binds["name"] as? String == "csrapproving's client rate limit")
    let limiters = try #require(analysis["limiters"] as? [[String: Any]])
    #expect(limiters.first?["tokens"] as? Int == 400)
    let queues = try #require(analysis["queues"] as? [[String: Any]])
    let laws = queues.map { $0["followsLittlesLaw"] as? Bool }
    #expect(laws == Array(repeating: true, count: 6))
    #expect(queues.last?["name"] as? String == "kube-apiserver's queues of global-default")
  }

  @Test func `of a limiter's tokens the burst is a part`() throws {
    let spec = "  controllerManager: {kubeAPIQPS: 0.001, kubeAPIBurst: 30}\n  duration: 1h"
    let analysis = try report(spec).analysis
    let approver = try #require(analysis.limiters.first)
    // 30 at the start, and 3.6 in an hour; each of five workers waits for a further one.
    #expect(approver.flow.tokens - approver.flow.waiting.present == 33)
    let object = try JSONReport(report(spec), trace: nil).text()
    let share = try #require(object.firstMatch(of: /"utilisation" : (0\.98\d*)/))
    #expect(abs((Double(share.1) ?? 0) - 33 / 33.6) < 1e-9)
    #expect(analysis.text.contains("98 %"))
  }
}

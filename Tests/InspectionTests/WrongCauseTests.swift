import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap
import TestSupport
import Testing

@testable import Inspection

/// What `explain` is not to say: causes that are none, cures that do not cure, limits that nobody met.
struct WrongCauseTests {
  private func opened(_ spec: String) throws -> RecordedRun {
    try Recording(kubeadm: "  tokens: [{token: abcdef.0123456789abcdef}]\n" + spec).opened()
  }

  // MARK: Approvers that may not decide

  private static let denier = """
      approval:
      - name: managed
        decision: Deny
        user: system:serviceaccount:kube-system:managed
        external: {workers: 1, serviceTime: {uniform: {from: 1ms, to: 20ms}}}

    """

  @Test func `O24 who would deny and may not holds nobody up`() throws {
    let explanation = try RunExplanation(
      opened("  nodes: [{name: w, count: 20}]\n" + Self.denier))
    #expect(explanation.report.nodes.ready == 20)
    #expect(explanation.delays.isEmpty, "\(explanation.delays.map(\.title))")
  }

  @Test func `O17 who would deny and may not is no cause of a CSR that nobody approves`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          duration: 20m
          nodes: [{name: w, count: 2}]
          faults: [{action: binding-absent, binding: 'kubeadm:node-autoapprove-bootstrap'}]
        """ + "\n" + Self.denier))
    #expect(explanation.failures.map(\.number) == ["O17"], "\(explanation.failures.map(\.title))")
    #expect(explanation.failures.first?.remedy.overrides == ["spec.faults[0]="])
  }

  /// csrapproving approves, and the other one tries in vain from the first node to the last.
  @Test func `O24 an approver that never may is not said to be so for a time`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          nodes: [{name: w, count: 20}]
          approval: [{name: corp, user: jane, external: {serviceTime: 1ms}}]
        """))
    let titles = explanation.delays.filter { $0.number == "O24" }.map(\.title)
    #expect(titles == ["an approver might not approve for the signer"])
  }

  // MARK: Limits that nobody met

  @Test(arguments: [
    "{name: other, decision: Deny, external: {workers: 1, serviceTime: 30s}}",
    "{name: other, user: jane, external: {workers: 1, serviceTime: 30s}}",
    """
    {name: other, matching: {signerName: kubernetes.io/kubelet-serving}, \
    external: {workers: 1, serviceTime: 10s}}
    """,
  ])
  func `E.5 whom no node waits for binds nothing, and twice of it brings nothing`(
    approver: String
  ) throws {
    let explanation = try RunExplanation(
      opened(
        """
          duration: 10m
          nodes: [{name: w, count: 40, kubelet: {serverTLSBootstrap: true}}]
          approval: [\(approver)]
        """))
    #expect(explanation.report.nodes.ready == 40)
    let throughput = explanation.throughput
    #expect(throughput.text.hasPrefix("csrapproving's client rate limit"), "\(throughput.text)")
    #expect(throughput.binding?.owner.externalNumber == nil, "\(throughput.binding?.text ?? "")")
    #expect(!throughput.settings.contains("spec.approval"), "\(throughput.settings)")
  }

  // MARK: Connections that failed

  @Test func `O4 a Ready node whose requests got no answer was held up by that`() throws {
    let run = try opened(
      """
        duration: 1h
        nodes: [{name: w, count: 30, start: {uniform: {to: 2m}}}]
        apiServer: {replicas: 3}
        faults: [{for: 10m, action: pod-pause, on: kube-apiserver, replica: 1}]
      """)
    let explanation = try RunExplanation(run)
    let paused = try #require(
      explanation.delays.first {
        $0.title == "the API server takes its connections and does not answer"
      })
    let (world, undisturbed) = (try run.world(), try run.played(with: ["spec.faults[0]="]).world)
    let slow = (0..<30).filter { node in
      guard let ready = world.node(at: node).ready else { return true }
      return undisturbed.node(at: node).ready.map { ready - $0 > .seconds(2) } ?? false
    }
    #expect(slow.count > 12)
    #expect(Set(slow).isSubset(of: Set(paused.nodes)))
    let text = try NodeExplanation(run, node: world.node(at: slow[0]).name).text
    #expect(!text.contains("nothing that failed"))
  }

  @Test func `O4 a Ready node whose connections broke was held up by the network`() throws {
    let run = try opened(
      """
        duration: 30m
        nodes: [{name: w, count: 6, start: {uniform: {to: 1m}}}]
        faults: [{for: 10m, action: loss, loss: 90}]
      """)
    let explanation = try RunExplanation(run)
    let network = explanation.delays.first {
      $0.title == "the network swallows what it sends to the API server"
    }
    #expect(network?.nodes.count == 6)
    let history = try RunHistory(run)
    #expect(!history.nodes.contains { $0.has(.requestAnswered, nil, .tooManyRequests) })
    for node in 1...6 {
      let text = try NodeExplanation(run, node: "w-\(node)").text
      #expect(!text.contains("Retry-After"))
      #expect(text.contains("sends a request again after its connection failed"))
    }
  }

  // MARK: Cures that do not cure

  @Test func `E.5 a human who approves two at a look is also to approve more of them`() throws {
    let run = try opened(
      """
        duration: 48h
        nodes: [{name: w, count: 12, start: {at: 1h}}]
        controllerManager: {controllers: {csrapproving: false}}
        approval:
        - {name: admin, manual: {firstLook: 0s, every: 20m, batch: 2, workingHours: "08:00-16:00"}}
      """)
    let explanation = try RunExplanation(run)
    let overrides = explanation.failures.flatMap(\.remedy.overrides)
    #expect(overrides.contains("spec.approval.admin.manual.batch=12"), "\(overrides)")
    #expect(try run.played(with: overrides).world.readyCount == 12)
  }

  @Test func `O45 bootstrapsigner that is off is turned on, whatever fault there is`() throws {
    let run = try opened(
      """
        nodes: [{name: w, count: 3, join: Kubeadm}]
        controllerManager: {controllers: {bootstrapsigner: false, tokencleaner: false}}
        faults: [{for: 1s, action: token-delete, tokenID: abcdef}]
      """)
    let failure = try #require(try RunExplanation(run).failures.first)
    #expect(failure.number == "O45")
    let overrides = failure.remedy.overrides
    #expect(overrides == ["spec.controllerManager.controllers.bootstrapsigner=true"])
    #expect(try run.played(with: overrides).world.readyCount == 3)
  }

  // MARK: Nothing but delays

  @Test func `what if plays what held up nodes where every node is Ready`() throws {
    let run = try opened(
      """
        duration: 30m
        nodes: [{name: w, count: 3}]
        faults: [{for: 5m, action: binding-absent, binding: 'kubeadm:kubelet-bootstrap'}]
      """)
    let explanation = try RunExplanation(run)
    #expect(explanation.failures.isEmpty && explanation.throughput.doubling.isEmpty)
    let played = WhatIf.all(run, explanation)
    #expect(played.map(\.subjects) == [["O15: no binding let its token create CSRs"]])
    let whatIf = try #require(played.first)
    #expect(whatIf.overrides == ["spec.faults[0]="])
    #expect(whatIf.nodes.count == 3)
    let after = try whatIf.after.get()
    #expect(after.cured == 3)
    #expect(after.report.nodes.time(percent: 100) ?? .days(1) < .seconds(30))
    #expect(!whatIf.text.contains("become Ready"), "\(whatIf.text)")
  }
}

import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap
import TestSupport
import Testing

@testable import Inspection

/// What `explain` says of troubles that a skeptical reader would look up in the trace.
struct ExplainedTroubleTests {
  private static let tokens = "  tokens: [{token: abcdef.0123456789abcdef}]\n"

  /// csrcleaner deletes a denied CSR after an hour, long before the rows of that time are written.
  @Test func `A.7 what ended a wait is told as it was when its CSR is deleted later`() throws {
    let recording = try Recording(
      kubeadm: Self.tokens + """
          duration: 3h
          nodes: [{name: w}]
          controllerManager: {controllers: {csrapproving: false}}
          approval: [{name: no, decision: Deny, manual: {firstLook: 1m, every: 24h}}]
        """)
    let history = try NodeHistory(recording.opened(), node: 0)
    let ended = try #require(history.events.first { $0.kind == .waitEnded })
    let message = try #require(history.world.message(of: ended))
    #expect(
      message.hasPrefix(
        "cannot watch on the certificate signing request: certificate signing request is denied"),
      "\(message)")
  }

  /// RBAC of an approver that comes late: its CSRs wait for hours, and then it is Ready.
  @Test func `O24 an approver that might not approve held up a node that is Ready`() throws {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 3h
          nodes: [{name: w}]
          controllerManager: {controllers: {csrapproving: false}}
          approval: [{name: corp, user: corp-approver, external: {}}]
          faults: [{for: 1h, action: binding-absent, binding: corp}]
        """, objects: Self.approverBinding
    ).opened()
    let explanation = try RunExplanation(run)
    #expect(explanation.report.nodes.ready == 1)
    #expect(explanation.delays.map(\.number).contains("O24"), "\(explanation.delays.map(\.title))")
    let causes = try NodeExplanation(run, node: "w-1").causes
    let cause = try #require(causes.first { $0.number == "O24" })
    #expect(cause.remedy.overrides == ["spec.faults[0]="])
    #expect(
      explanation.throughput.text
        != "nothing in the control plane: each node waits for its own next steps only")
  }

  private static let approverBinding = """
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: corp}
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: system:controller:certificate-controller
    subjects: [{kind: User, name: corp-approver, apiGroup: rbac.authorization.k8s.io}]

    """

  @Test func `O3 a fault of the API server is no evidence for a node that asks another server`()
    throws
  {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 30m
          nodes:
          - {name: direct, bootstrapKubeconfig: {server: 'https://10.0.0.12:6443'}}
          - {name: late, start: {at: 20m}}
          faults: [{at: 10m, action: pod-failure, on: kube-apiserver}]
        """
    ).opened()
    let failures = try RunExplanation(run).failures
    #expect(failures.map(\.number) == ["O3", "O3"])
    #expect(Set(failures.map(\.title)).count == 2)
    let direct = try #require(try NodeExplanation(run, node: "direct-1").causes.first)
    #expect(!direct.observations.map(\.place).contains("the scenario"))
    #expect(direct.needed.contains("not https://10.0.0.12:6443"))
    let late = try #require(try NodeExplanation(run, node: "late-1").causes.first)
    #expect(late.observations.map(\.place).contains("the scenario"))
  }

  @Test func `O3 a kubeconfig of its own may lead elsewhere, too`() throws {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 20m
          nodes:
          - name: w
            kubeconfig: {state: Present, server: 'https://10.9.9.9:6443'}
            currentCertificate: {state: Present}
        """
    ).opened()
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O3")
    #expect(group.needed == "the server https://192.0.2.1:6443, not https://10.9.9.9:6443, in it")
    #expect(try WhatIf.all(run, explanation).first?.after.get().cured == 1)
    let cause = try #require(try NodeExplanation(run, node: "w-1").causes.first)
    #expect(cause.observations.first?.text.contains("Attempting to register node") == true)
  }

  /// The kubelet logs from one place whatever keeps it from creating its CSR.
  @Test func `what is seen of a trouble are its own words`() throws {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 30m
          nodes: [{name: w}]
          faults:
          - {action: pod-failure, for: 2m, on: kube-apiserver}
          - {at: 2m, action: token-delete, for: 2m}
        """
    ).opened()
    let causes = try NodeExplanation(run, node: "w-1").causes
    let down = try #require(causes.first { $0.number == "O3" }?.observations.first)
    let unknown = try #require(causes.first { $0.number == "O42" }?.observations.first)
    #expect(down.text.contains("connection refused"))
    #expect(unknown.text.contains("Unauthorized"))
    #expect(down.last < unknown.first)
  }

  @Test func `one restart is one`() throws {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 5m
          nodes: [{name: w}]
          faults:
          - {action: binding-absent, binding: 'kubeadm:kubelet-bootstrap', for: 30s}
          - {at: 10s, action: kubelet-kill}
        """
    ).opened()
    #expect(try NodeExplanation(run, node: "w-1").text.contains("after its start, 1 restart\n"))
  }

  @Test func `twice as often is said of the human who approves, not of one who denies`() throws {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 3h
          nodes: [{name: w, count: 4}]
          controllerManager: {controllers: {csrapproving: false}}
          approval:
          - {name: reject, decision: Deny, matching: {nodeName: 'rogue-*'}, manual: {every: 15m}}
          - {name: accept, manual: {every: 10m, firstLook: 5m}}
        """
    ).opened()
    #expect(
      try RunExplanation(run).throughput.doubling == [
        "spec.approval.accept.manual.every=300s", "spec.approval.accept.manual.firstLook=150s",
      ])
  }

  @Test func `each cause says which node failed first, and when`() throws {
    let run = try Recording(
      kubeadm: """
          tokens: [{token: abcdef.0123456789abcdef, ttl: 30s}]
          duration: 30m
          nodes: [{name: w, count: 3, start: {times: [50s, 40s, 1s]}}]
        """
    ).opened()
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O10")
    #expect(group.first?.node == "w-2")
    #expect(group.first.map { $0.time.nanoseconds / 1_000_000_000 } == 40)
    #expect(explanation.text.contains("\nFirst        w-2, at 00:00:40.2"), "\(explanation.text)")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(explanation.json([]).utf8)) as? [String: Any])
    let failures = try #require(json["failures"] as? [[String: Any]])
    let told = try #require(failures.first?["first"] as? [String: Any])
    #expect(told["node"] as? String == "w-2")
  }

  @Test func `a node that had not started when the run ended is told apart from one that waits`()
    throws
  {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 10s
          nodes: [{name: w, count: 2, start: {times: [9s, 20s]}}]
          controllerManager: {startsAt: 1m}
        """
    ).opened()
    let explanation = try RunExplanation(run)
    let group = try #require(
      explanation.failures.first { $0.title == "the run ended before its first start" })
    #expect(group.example == "w-2")
    #expect(group.nodes.count == 1)
    #expect(group.first == nil)
  }

  /// How long it would have lasted is not known.
  @Test func `of what still bound at the end of the run nobody says how much sooner it would end`()
    throws
  {
    let run = try Recording(
      kubeadm: Self.tokens + "  duration: 12s\n  nodes: [{name: w, count: 300}]"
    ).opened()
    let throughput = try RunExplanation(run).throughput
    #expect(throughput.binding?.isLasting == true)
    #expect(!throughput.doubling.isEmpty)
    #expect(throughput.sooner == nil)
  }

  /// Most of what was approved then was for nobody.
  @Test func `approvals that come too late are what limited`() throws {
    let run = try Recording(
      kubeadm: Self.tokens + """
          duration: 6h
          nodes: [{name: w, count: 2}]
          controllerManager: {controllers: {csrapproving: false}}
          approval: [{name: corp, user: corp-approver, external: {}}]
          faults: [{for: 4h, action: binding-absent, binding: corp}]
        """, objects: Self.approverBinding
    ).opened()
    #expect(try RunExplanation(run).throughput.text.hasPrefix("approval, which came too late: of "))
  }

  /// Hours take more room than seconds.
  @Test func `the columns of a node's time never touch`() throws {
    let run = try Recording(
      kubeadm: """
          tokens: [{token: abcdef.0123456789abcdef, ttl: 0}]
          duration: 20h
          nodes: [{name: w}]
          controllerManager: {controllers: {csrapproving: false}}
          approval: [{name: human, manual: {firstLook: 15h, every: 5m}}]
        """
    ).opened()
    let text = try NodeExplanation(run, node: "w-1").text
    let row = try #require(
      text.split(separator: "\n").first { $0.hasPrefix(" ") && $0.contains("gives up its CSR") })
    #expect(row.contains("  14 h "), "\(row)")
  }
}

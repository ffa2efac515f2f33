import Foundation
import Scenarios
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing

@testable import Inspection

/// What goes wrong beside the stories: each has its own cause and a fix that cures it, and what only held a
/// node up is told of one that is Ready.
struct CauseTests {
  struct Corner: CustomTestStringConvertible, Sendable {
    let number, title: String
    /// Under `spec`.
    var settings = ""
    var faults: [String] = []
    var ttl = "24h"
    var duration = "60m"
    var isReady = false

    var testDescription: String { "\(number): \(title)" }
  }

  private static let short = "controllerManager: {clusterSigningDuration: 1h}"

  /// Renewals of certificates of 1 h, after the token has expired.
  private static func renewal(
    _ number: String, _ title: String, _ fault: String, ttl: String = "30m"
  )
    -> Corner
  {
    Corner(
      number: number, title: title, settings: short, faults: [fault], ttl: ttl, duration: "5h")
  }

  static let corners = [
    Corner(
      number: "O25", title: "the API server does not trust the CA that signed its certificate",
      faults: ["{action: client-ca-replace, at: 20m}"]),
    Corner(
      number: "M.2", title: "tokencleaner deleted its token too early",
      settings: "controllerManager: {clock: {offset: 25h}}"),
    Corner(
      number: "M.2", title: "its certificates have expired when they are made",
      settings: "controllerManager: {clock: {offset: -48h}, clusterSigningDuration: 1h}"),
    Corner(
      number: "O10", title: "its disk lost the certificate",
      faults: [
        "{action: disk-wipe, at: 20m, on: {node: a-1}}",
        "{action: kubelet-kill, at: 21m, on: {node: a-1}}",
      ], ttl: "5m"),
    renewal(
      "O39", "its certificate expired while it was off, and so did the token",
      "{action: node-off, at: 20m, for: 3h, on: {node: a-1}}"),
    renewal(
      "O33", "its disk takes no certificate", "{action: disk-full, at: 20m, on: {node: a-1}}"),
    renewal(
      "O23", "no controller-manager was at work when its certificate had to be renewed",
      "{action: pod-failure, at: 20m, on: kube-controller-manager}"),
    renewal(
      "O4", "it could not reach the API server when its certificate had to be renewed",
      "{action: partition, at: 20m, for: 3h, on: {node: a-1}}"),
    renewal(
      "O40", "the renewal of its certificate was not approved",
      "{action: binding-absent, at: 0s, binding: \"kubeadm:node-autoapprove-certificate-rotation\"}"
    ),
    Corner(
      number: "O4", title: "the network keeps it from the API server",
      faults: ["{action: partition, at: 20m, on: {node: a-1}}"]),
    Corner(
      number: "-", title: "its kubelet is paused",
      faults: ["{action: kubelet-pause, at: 11s, on: {node: a-1}}"]),
    Corner(
      number: "O6", title: "by its clock the API server's certificate is not valid",
      faults: [
        "{action: serving-certificate-expire, at: 20m}",
        "{action: kubelet-kill, at: 25m, on: {node: a-1}}",
      ]),
    Corner(
      number: "O6", title: "by its clock the API server's certificate is not valid",
      faults: ["{action: time-offset, timeOffset: 9000h, at: 20m, on: {node: a-1}}"]),
    Corner(
      number: "M.2", title: "by the API server's clock its certificate is not valid",
      faults: ["{action: time-offset, timeOffset: 9000h, at: 20m, on: kube-apiserver}"]),
    Corner(
      number: "M.2", title: "by the API server's clock its certificate is not valid",
      faults: ["{action: time-offset, timeOffset: 1h, at: 0s, on: kube-controller-manager}"],
      duration: "30m"),
    Corner(
      number: "O21", title: "csrsigning is not among the controllers that run",
      settings: "controllerManager: {controllers: {csrsigning: false}}"),
    Corner(
      number: "M.2", title: "by the API server's clock its certificate is not valid",
      settings: "controllerManager: {clock: {offset: 20m}}", isReady: true),
    Corner(
      number: "O17", title: "no binding let its CSR be approved",
      faults: [
        "{action: binding-absent, at: 0s, for: 25m, binding: \"kubeadm:node-autoapprove-bootstrap\"}"
      ], isReady: true),
    Corner(
      number: "O15", title: "no binding let its token create CSRs",
      faults: [
        "{action: binding-absent, at: 0s, for: 20m, binding: \"kubeadm:kubelet-bootstrap\"}"
      ],
      isReady: true),
    Corner(
      number: "O23", title: "no controller-manager was at work while its CSR waited",
      faults: ["{action: pod-failure, at: 0s, for: 2m, on: kube-controller-manager}"], isReady: true
    ),
  ]

  private static func played(_ text: String) throws -> Recording {
    try Recording(
      ScenarioFile.load(stored: [(path: "corner.yaml", text: text)], seed: 1), level: .steps)
  }

  @Test(arguments: corners)
  func `a corner has its own cause and a fix that cures`(corner: Corner) throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: corner}
      spec:
        preset: kubeadm
        duration: \(corner.duration)
        stopWhen: Never
        nodes: [{name: a, names: [a-1], start: {at: 10s}}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: \(corner.ttl)}]
        \(corner.settings)
        faults: [\(corner.faults.joined(separator: ", "))]

      """
    let recording = try Self.played(text)
    let run = try recording.opened()
    let explanation = try NodeExplanation(run, node: "a-1")
    #expect((explanation.node.settlement == .ready) == corner.isReady)
    let told = explanation.causes.map { "\($0.number): \($0.title)" }
    let cause = explanation.causes.first {
      $0.number == corner.number && $0.title.contains(corner.title)
    }
    let found = try #require(cause, "\(told)")
    if corner.isReady { return }
    #expect(explanation.causes.count == 1)
    if let clock = found.clock {
      #expect(clock.reading != clock.limitTime)
    }
    let cured = try WhatIf.all(run, explanation)
    #expect(cured.map(\.cured) == [1], "\(cured.map(\.problem)) \(cured.map(\.left))")
  }

  /// It ends when that of a certificate of which nothing is given does.
  @Test func `a stored certificate with only NotBefore given is told as it is played`() throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: stored}
      spec:
        preset: kubeadm
        start: 2026-01-01T00:00:00Z
        nodes:
        - name: a
          names: [a-1]
          kubeconfig: {state: Present}
          currentCertificate: {notBefore: 2025-06-01T00:00:00Z}
        tokens: [{token: abcdef.0123456789abcdef}]

      """
    let run = try Self.played(text).opened()
    let history = try NodeHistory(run, node: 0)
    let node = NodeCase(history, given: run.loaded.scenario)
    let told = try node.certificate(before: #require(history.events.first))
    #expect(told.map { Timestamp.text($0.lowerBound) } == "2025-06-01T00:00:00Z")
    #expect(told.map { Timestamp.text($0.upperBound) } == "2026-12-31T23:55:00Z")
  }

  /// The cure for one token's group leaves the bindings of others as they are.
  @Test func `a new binding takes no name that is there`() throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: groups}
      spec:
        preset: kubeadm
        nodes:
        - {name: a, count: 2, bootstrapKubeconfig: {tokenID: abcdef}}
        - {name: b, names: [b-1], bootstrapKubeconfig: {tokenID: bbbbbb}}
        tokens:
        - {token: abcdef.0123456789abcdef}
        - {token: bbbbbb.0123456789abcdef, groups: ["system:bootstrappers:workers"]}

      """
    let recording = try Self.played(text)
    let run = try recording.opened()
    let explanation = try NodeExplanation(run, node: "b-1")
    let cause = try #require(explanation.causes.first)
    #expect(cause.remedy.commands.first?.text.contains("kubelet-bootstrap-workers ") ?? false)
    let played = try #require(try WhatIf.all(run, explanation).first)
    #expect(played.cured == 1)
    #expect(played.after?.nodes.ready == 3)
  }

  @Test func `nodes of one name are told apart by their groups`() throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: doubles}
      spec:
        preset: kubeadm
        allowDuplicateNodeNames: true
        nodes:
        - {name: good, names: [worker-1]}
        - {name: bad, names: [worker-1], bootstrapKubeconfig: {state: Absent}}
        tokens: [{token: abcdef.0123456789abcdef}]

      """
    let recording = try Self.played(text)
    let run = try recording.opened()
    #expect(try RunExplanation(run).failures.map(\.example) == ["bad/worker-1"])
    #expect(try NodeExplanation(run, node: "node/bad/worker-1").causes.map(\.number) == ["O1"])
    #expect(try NodeExplanation(run, node: "good/worker-1").node.settlement == .ready)
    #expect {
      try NodeExplanation(run, node: "worker-1")
    } throws: {
      "\($0)".contains("name its group: `node/good/worker-1` or `node/bad/worker-1`")
    }
  }
}

import Scenarios
import SimulationKernel
import TLSBootstrap
import TestSupport
import Testing

@testable import Inspection

/// Nodes whose token ended while something else kept them from their certificate: that is the cause, and a token that
/// lives is part of its cure (O14).
struct TokenEndTests {
  private func explained(_ spec: String) throws -> (run: RecordedRun, RunExplanation) {
    let run = try Recording(kubeadm: spec, level: .steps).opened()
    return (run, try RunExplanation(run))
  }

  /// Its fix, played: how many nodes of how many become Ready.
  private func cured(_ run: RecordedRun, _ explanation: RunExplanation) throws -> [Int] {
    let whatIf = try #require(WhatIf.all(run, explanation).first)
    return [try whatIf.after.get().cured, whatIf.nodes.count]
  }

  private func commands(_ group: RunExplanation.Group) -> String {
    group.remedy.commands.map(\.text).joined(separator: "\n")
  }

  @Test func `O21 a token that ends while nobody signs is not the cause`() throws {
    let (run, explanation) = try explained(
      """
        duration: 2h
        nodes: [{name: w, count: 5}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 1h}]
        controllerManager: {controllers: {csrsigning: false}}
      """)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O21")
    #expect(group.title.hasSuffix(", and its token has expired"))
    #expect(group.needed.hasSuffix("; and a token that lives"))
    #expect(commands(group).contains("kubeadm token create"))
    #expect(try cured(run, explanation) == [5, 5])
    let node = try #require(try NodeExplanation(run, node: "w-1").causes.first)
    #expect(node.title == group.title)
    let places = node.observations.map(\.place)
    #expect(places.contains("kube-apiserver's log"), "\(places)")
  }

  @Test func `O17 a token that ends while no binding lets CSRs be approved is not the cause`()
    throws
  {
    let (run, explanation) = try explained(
      """
        duration: 2h
        nodes: [{name: w, count: 2}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 1h}]
        faults: [{action: binding-absent, binding: 'kubeadm:node-autoapprove-bootstrap'}]
      """)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O17")
    #expect(commands(group).contains("kubeadm token create"))
    #expect(group.remedy.overrides.first == "spec.faults[0]=")
    #expect(try cured(run, explanation) == [2, 2])
  }

  /// It is denied in working hours, waits through the night, and then its token ends.
  @Test func `O19 a token that ends after the CSR was denied is not the cause`() throws {
    let (run, explanation) = try explained(
      """
        start: 2026-03-06T14:00:00Z
        duration: 30h
        nodes: [{name: rogue, count: 2}, {name: good, count: 1}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 24h}]
        controllerManager: {controllers: {csrapproving: false}}
        approval:
        - name: accept
          matching: {nodeName: 'good-*'}
          manual: {every: 15m, firstLook: 5m, workingHours: '08:00-17:00', workingDays: [Fri]}
        - name: reject
          decision: Deny
          matching: {nodeName: 'rogue-*'}
          manual: {every: 15m, workingHours: '08:00-17:00', workingDays: [Fri]}
      """)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O19")
    #expect(group.remedy.overrides.first == "spec.approval.reject.decision=Approve")
    #expect(try cured(run, explanation) == [2, 2])
  }

  /// The queue never ends, so that a token that lives longer does not help by itself.
  @Test func `O32 of a token that ends in an endless queue the fix is a faster approver`() throws {
    let (run, explanation) = try explained(
      """
        duration: 3h
        nodes: [{name: w, count: 400}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 30m}]
        controllerManager: {kubeAPIQPS: 0.2, kubeAPIBurst: 1}
      """)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O32")
    #expect(commands(group).contains("--kube-api-qps="))
    #expect(commands(group).contains("kubeadm token create"))
    #expect(try cured(run, explanation) == [group.nodes.count, group.nodes.count])
  }

  /// 9,000 nodes at once: within 15 minutes that takes ten approvals a second, of two requests each.
  @Test func `O32 the rate that the fix gives serves all nodes within their patience`() throws {
    let (_, explanation) = try explained(
      """
        duration: 20m
        nodes: [{name: w, count: 9000}]
        tokens: [{token: abcdef.0123456789abcdef}]
        controllerManager: {kubeAPIQPS: 2, kubeAPIBurst: 1}
      """)
    let group = try #require(explanation.failures.first { $0.number == "O32" })
    #expect(group.remedy.overrides.first == "spec.controllerManager.kubeAPIQPS=22")
  }

  @Test func `O14 a token that ends while a human is awaited stays the cause`() throws {
    let (_, explanation) = try explained(
      """
        duration: 2h
        nodes: [{name: w}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 10m}]
        controllerManager: {controllers: {csrapproving: false}}
        approval: [{name: human, manual: {firstLook: 1h}}]
      """)
    #expect(explanation.failures.map(\.number) == ["O14"])
  }

  @Test func `O34 of a corrupt certificate and an expired token the fix mends both`() throws {
    let (run, explanation) = try explained(
      """
        start: 2026-03-02T18:00:00Z
        duration: 30m
        nodes: [{name: w, count: 2, currentCertificate: {state: Corrupt}}]
        tokens: [{token: abcdef.0123456789abcdef, createdAt: 2026-03-01T17:00:00Z}]
      """)
    #expect(explanation.failures.map(\.number) == ["O34"])
    #expect(
      explanation.failures[0].remedy.overrides == [
        "spec.nodes.w.currentCertificate.state=Absent", "spec.tokens[0].ttl=8760h",
      ])
    #expect(try cured(run, explanation) == [2, 2])
  }

  @Test func `O33 of a full disk and an expired token the fix has a new token`() throws {
    let (run, explanation) = try explained(
      """
        duration: 1h
        nodes: [{name: w, count: 3}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 30m}]
        faults: [{action: disk-full, on: {fixed: 1}}]
      """)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O33")
    #expect(commands(group).contains("kubeadm token create"))
    #expect(group.remedy.overrides == ["spec.faults[0]="])
    #expect(try cured(run, explanation) == [1, 1])
  }

  @Test(arguments: [true, false])
  func `O15 a token that might not create CSRs, and then expired, lacks both`(rotates: Bool) throws
  {
    let (run, explanation) = try explained(
      """
        duration: 2h
        tokens: [{token: abcdef.0123456789abcdef, ttl: 349s, groups: ["system:bootstrappers:x"]}]
        nodes: [{name: w, count: 2, kubelet: {rotateCertificates: \(rotates)}}]
        controllerManager: {controllers: {tokencleaner: \(rotates)}}
      """)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O15")
    #expect(group.title == "no binding lets its token create CSRs, and its token has expired")
    #expect(group.remedy.manifest.contains("system:bootstrappers:x"))
    #expect(group.remedy.overrides.contains("spec.tokens[0].ttl=8760h"))
    #expect(explanation.failures.count == 1, "\(run.path)")
  }
}

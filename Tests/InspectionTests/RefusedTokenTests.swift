import Scenarios
import SimulationKernel
import TLSBootstrap
import TestSupport
import Testing

@testable import Inspection

/// Why a token is refused, or may not: told by its own Secret, whatever becomes of the others (O9 to O12, O15, O42).
struct RefusedTokenTests {
  private func opened(_ spec: String) throws -> RecordedRun {
    try Recording(kubeadm: spec).opened()
  }

  private static let token = "  tokens: [{token: abcdef.0123456789abcdef}]\n"

  // MARK: Other tokens

  @Test(arguments: [
    ("token: bbbbbb.ffffffffffffffff", "", "O9"),
    (
      "tokenID: bbbbbb",
      "{at: 0s, action: token-patch, tokenID: bbbbbb, "
        + "data: {usage-bootstrap-authentication: 'false'}}", "O11"
    ),
    (
      "tokenID: bbbbbb",
      "{at: 0s, action: token-patch, tokenID: bbbbbb, data: {auth-extra-groups: 'system:masters'}}",
      "O12"
    ),
  ])
  func `O9 O11 O12 another token that tokencleaner deletes explains nothing`(
    kubeconfig: String, fault: String, number: String
  ) throws {
    let explanation = try RunExplanation(
      opened(
        """
          tokens: [{token: aaaaaa.0123456789abcdef, ttl: 20s}, {token: bbbbbb.0123456789abcdef}]
          nodes:
          - {name: a, bootstrapKubeconfig: {tokenID: aaaaaa}}
          - {name: b, start: {at: 60s}, bootstrapKubeconfig: {\(kubeconfig)}}
          faults: [\(fault)]
        """))
    #expect(explanation.failures.map(\.number) == [number], "\(explanation.failures.map(\.title))")
  }

  @Test func `M.2 row 16 of several tokens each is judged by its own deletion`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          tokens:
          - {token: aaaaaa.0123456789abcdef, ttl: 1h}
          - {token: bbbbbb.0123456789abcdef, ttl: 2h}
          duration: 3h
          stopWhen: Never
          controllerManager: {clock: {offset: 30m}}
          nodes: [{name: a, start: {at: 40m}, bootstrapKubeconfig: {tokenID: aaaaaa}}]
        """))
    let group = try #require(explanation.failures.first)
    #expect(group.number == "M.2", "\(group.title)")
    #expect(group.remedy.overrides == ["spec.controllerManager.clock.offset=0s"])
  }

  /// A token is over at its expiration, not after it.
  @Test func `M.2 row 16 at the very instant of the expiration the clock decides, too`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          tokens: [{token: abcdef.0123456789abcdef, ttl: 1h}]
          latency:
            tokenDeletion: 0s
            write: 0s
            read: 0s
            watchDelivery: 0s
            controllerManagerStart: 0s
          controllerManager: {clock: {offset: 30m}}
          nodes: [{name: a, start: {at: 40m}}]
        """))
    #expect(explanation.failures.map(\.number) == ["M.2"], "\(explanation.failures.map(\.title))")
  }

  @Test func `C.3 row 6 a token-id that differs is called so`() throws {
    let explanation = try RunExplanation(
      opened(
        Self.token + """
            nodes: [{name: w}]
            faults: [{at: 0s, action: token-patch, data: {token-id: ghijkl}}]
          """))
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O9")
    let needed = "token-id of kube-system/bootstrap-token-abcdef as in its name: abcdef"
    #expect(group.needed == needed)
  }

  // MARK: Groups

  @Test func `O15 the cure is for the group that the token has`() throws {
    let run = try opened(
      Self.token + """
          nodes: [{name: w}]
          faults:
          - {at: 0s, action: token-patch, data: {auth-extra-groups: 'system:bootstrappers:other'}}
        """)
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O15")
    #expect(group.needed.hasPrefix("a binding of system:bootstrappers:other to "))
    #expect(group.remedy.commands.allSatisfy { $0.text.hasSuffix(":bootstrappers:other") })
    #expect(group.remedy.overrides == ["spec.faults[0]="])
    #expect(try run.played(with: group.remedy.overrides).world.readyCount == 1)
    #expect(try run.played(with: [], manifest: group.remedy.manifest).world.readyCount == 1)
  }

  @Test func `O15 a Ready node whose token had other groups for a time is told that`() throws {
    let run = try opened(
      Self.token + """
          nodes: [{name: w}]
          faults:
          - at: 0s
            for: 5m
            action: token-patch
            data: {auth-extra-groups: 'system:bootstrappers:other'}
        """)
    let group = try #require(try RunExplanation(run).delays.first { $0.number == "O15" })
    #expect(group.needed.hasPrefix("a binding of system:bootstrappers:other to "))
    #expect(group.remedy.overrides == ["spec.faults[0]="])
  }

  @Test func `N.2 kubeadm's RoleBinding is there, and not for the token's group`() throws {
    let run = try opened(
      Self.token + """
          nodes: [{name: w, join: Kubeadm, start: {at: 10s}}]
          duration: 1000s
          faults:
          - {at: 0s, action: token-patch, data: {auth-extra-groups: 'system:bootstrappers:other'}}
        """)
    let group = try #require(try RunExplanation(run).failures.first)
    #expect(group.number == "N.2")
    #expect(
      group.needed
        == "the RoleBinding kube-system/kubeadm:nodes-kubeadm-config-other of "
        + "system:bootstrappers:other", "\(group.needed)")
    #expect(
      group.remedy.commands.first?.text
        == "kubectl -n kube-system create rolebinding kubeadm:nodes-kubeadm-config-other "
        + "--role=kubeadm:nodes-kubeadm-config --group=system:bootstrappers:other")
    #expect(group.remedy.overrides == ["spec.faults[0]="])
    #expect(try run.played(with: group.remedy.overrides).world.readyCount == 1)
  }

  // MARK: Refused for a time

  @Test(arguments: [
    ("token-patch, data: {usage-bootstrap-authentication: 'false'}", "O11"),
    ("token-patch, data: {token-secret: ffffffffffffffff}", "O9"),
    ("token-patch, data: {auth-extra-groups: 'system:masters'}", "O12"),
    ("token-expire", "O10"),
    ("token-delete", "O42"),
  ])
  func `C.3 what the API server's log says of a token held up a node that is Ready`(
    action: String, number: String
  ) throws {
    let run = try opened(
      Self.token + """
          nodes: [{name: w}]
          controllerManager: {controllers: {tokencleaner: false}}
          faults: [{at: 0s, for: 20s, action: \(action)}]
        """)
    let explanation = try RunExplanation(run)
    #expect(explanation.report.nodes.ready == 1)
    #expect(explanation.delays.map(\.number) == [number], "\(explanation.delays.map(\.title))")
    #expect(explanation.delays.first?.remedy.overrides == ["spec.faults[0]="])
    let cause = try #require(try NodeExplanation(run, node: "w-1").causes.first)
    #expect(cause.observations.contains { $0.place.contains("kube-apiserver") })
  }
}

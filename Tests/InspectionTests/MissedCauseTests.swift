import Scenarios
import SimulationKernel
import TLSBootstrap
import TestSupport
import Testing

@testable import Inspection

/// Causes that hide behind others, delays that nothing else tells of, and fixes that are to suffice.
struct MissedCauseTests {
  private func opened(_ spec: String) throws -> RecordedRun {
    try Recording(kubeadm: spec).opened()
  }

  private static let tokens = "  tokens: [{token: abcdef.0123456789abcdef}]\n"
  private static let byOthers = "  controllerManager: {controllers: {csrapproving: false}}\n"

  /// Its fix, played: how many of its nodes become Ready.
  private func cured(_ group: RunExplanation.Group, _ run: RecordedRun) throws -> Int {
    let world = try run.played(with: group.remedy.overrides).world
    return group.nodes.count { world.node(at: $0).settlement == .ready }
  }

  private func delays(_ spec: String) throws -> [RunExplanation.Group] {
    let explanation = try RunExplanation(opened(spec))
    #expect(explanation.failures.isEmpty, "\(explanation.failures.map(\.title))")
    return explanation.delays
  }

  // MARK: Approvers that are too slow

  @Test(arguments: [
    ("workers: 1, serviceTime: 20s", "workers="), ("workers: 50, qps: 0.05, burst: 1", "qps="),
  ])
  func `E.5 an external approver gets what it lacks: workers or a client rate`(
    external: String, key: String
  ) throws {
    let run = try opened(
      Self.tokens + Self.byOthers + """
          duration: 1h
          nodes: [{name: w, count: 200}]
          approval: [{name: vault, external: {\(external)}}]
        """)
    let group = try #require(try RunExplanation(run).failures.first)
    #expect(group.number == "E.5")
    try #require(group.remedy.overrides.count == 1, "\(group.remedy.overrides)")
    #expect(group.remedy.overrides[0].hasPrefix("spec.approval.vault.external.\(key)"))
    #expect(try cured(group, run) == group.nodes.count)
  }

  @Test func `E.5 a human who needs long for each CSR is to need less, not to look more often`()
    throws
  {
    let run = try opened(
      Self.tokens + Self.byOthers + """
          duration: 3h
          nodes: [{name: w, count: 60}]
          approval: [{name: admin, manual: {every: 1m, timePerRequest: 30s}}]
        """)
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.remedy.overrides == ["spec.approval.admin.manual.timePerRequest=10s"])
    #expect(try cured(group, run) == group.nodes.count)
    let doubling = explanation.throughput.doubling
    #expect(doubling == ["spec.approval.admin.manual.timePerRequest=15s"])
    #expect(try run.played(with: doubling).world.readyCount == 60)
  }

  /// 7,200 nodes that come over ten minutes are approved two minutes after the last has come.
  @Test func `a queue of those who come over time ends sooner by its longest wait at most`() throws
  {
    let run = try opened(
      Self.tokens + "  nodes: [{name: w, count: 1800, start: {uniform: {to: 150s}}}]")
    let explanation = try RunExplanation(run)
    let sooner = try #require(explanation.throughput.sooner)
    let binding = try #require(explanation.throughput.binding)
    let world = try run.played(with: explanation.throughput.doubling).world
    let played = binding.span.to - world.statistics.approved.last
    #expect(sooner < Duration(nanoseconds: binding.span.length.nanoseconds / 3))
    #expect(sooner - played < .seconds(2) && played - sooner < .seconds(2), "\(sooner) \(played)")
  }

  // MARK: A token that has expired

  @Test func `O23 trouble that was over before its CSR was created is not the cause`() throws {
    let run = try opened(
      """
        duration: 2h
        nodes: [{name: w, count: 4, start: {at: 225s}}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 15m}]
        faults:
        - {at: 220s, for: 15s, action: pod-failure, on: kube-apiserver}
        - {at: 60s, for: 30m, action: pod-pause, on: kube-controller-manager}
      """)
    let group = try #require(try RunExplanation(run).failures.first)
    #expect(group.number == "O23")
    #expect(group.remedy.overrides.first == "spec.faults[1]=")
    #expect(try cured(group, run) == 4)
  }

  @Test func `O34 a node that had its certificate needs a token that lives when it asks again`()
    throws
  {
    let run = try opened(
      """
        duration: 2h
        nodes: [{name: w, count: 2}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 20m}]
        faults:
        - {at: 30m, action: certificate-corrupt, on: {node: w-2}}
        - {at: 31m, action: kubelet-kill}
      """)
    let group = try #require(try RunExplanation(run).failures.first)
    #expect(group.number == "O34")
    #expect(group.remedy.overrides.contains("spec.tokens[0].ttl=24h"))
    #expect(try cured(group, run) == 1)
  }

  /// The token is over when the certificate is: a start anew is not enough, nor is a token that lives longer.
  @Test(arguments: ["", "  faults: [{at: 3h, action: kubelet-kill}]"])
  func `O38 a kubelet that does not rotate is to rotate, whatever became of its token`(
    faults: String
  ) throws {
    let run = try opened(
      """
        duration: 12h
        nodes: [{name: w, count: 3, kubelet: {rotateCertificates: false}}]
        tokens: [{token: abcdef.0123456789abcdef, ttl: 1h}]
        controllerManager: {clusterSigningDuration: 2h}
      """ + "\n" + faults)
    let group = try #require(try RunExplanation(run).failures.first)
    #expect(group.number == "O38", "\(group.title)")
    #expect(group.remedy.commands.contains { $0.text.contains("kubeadm token create") })
    #expect(group.remedy.overrides == ["spec.nodes.w.kubelet.rotateCertificates=true"])
    #expect(try cured(group, run) == 3)
    let cause = try #require(try NodeExplanation(run, node: "w-1").causes.first)
    #expect(cause.clock?.owner == "kube-apiserver")
    #expect(cause.observations.contains { $0.text.contains("NodeStatusUnknown") })
  }

  // MARK: What held up nodes that are Ready

  @Test func `L.4 a container runtime that did not answer for a while held its nodes up`() throws {
    let delays = try delays(
      Self.tokens + """
          duration: 1h
          nodes: [{name: w, count: 3}, {name: d}]
          faults: [{at: 0s, for: 8m, action: container-runtime-stop, on: {group: w}}]
        """)
    let group = try #require(delays.first { $0.number == "L.4" })
    #expect(group.nodes == [0, 1, 2])
    #expect(group.remedy.overrides == ["spec.faults[0]="])
  }

  @Test func `O23 a controller-manager that starts late held nodes up`() throws {
    let delays = try delays(
      Self.tokens + """
          duration: 1h
          nodes: [{name: w, count: 2}]
          controllerManager: {startsAt: 4m}
        """)
    let group = try #require(delays.first { $0.number == "O23" })
    #expect(group.nodes.count == 2)
    #expect(group.remedy.overrides == ["spec.controllerManager.startsAt=0s"])
  }

  @Test func `O25 a client CA that was another one for a while held nodes up`() throws {
    let delays = try delays(
      Self.tokens + """
          duration: 2h
          nodes: [{name: w, count: 2, start: {at: 6m}}]
          faults: [{at: 5m, for: 5m, action: client-ca-replace}]
        """)
    #expect(delays.map(\.number) == ["O25"], "\(delays.map(\.title))")
    #expect(delays.first?.remedy.overrides == ["spec.faults[0]="])
  }

  @Test func `O5 a CA that kubeadm join did not trust for a while held its nodes up`() throws {
    let delays = try delays(
      Self.tokens + """
          duration: 1h
          nodes: [{name: w, count: 2, join: Kubeadm, start: {at: 30s}}]
          faults: [{at: 20s, for: 60s, action: serving-ca-replace}]
        """)
    #expect(delays.map(\.number) == ["O5"], "\(delays.map(\.title))")
    #expect(delays.first?.remedy.overrides == ["spec.faults[0]="])
  }

  @Test func `O19 of a Ready node whose CSR others denied, the fix leaves those out`() throws {
    let delays = try delays(
      Self.tokens + """
          duration: 30m
          nodes: [{name: w, count: 2}]
          controllerManager: {startsAt: 60s}
          requests: [{name: mallory, at: 10s, every: 2s, count: 400, deny: {of: node/w-1}}]
        """)
    let group = try #require(delays.first { $0.number == "O19" })
    #expect(group.remedy.overrides == ["spec.requests[0]="])
  }

  /// F.1 rows 5 to 8: two recognizers are tried for a renewal, and the log has a line for both.
  @Test func `O40 a renewal that no binding lets be approved is not a CSR that bootstraps`() throws
  {
    let run = try opened(
      Self.tokens + """
          duration: 8h
          nodes: [{name: w}]
          controllerManager: {clusterSigningDuration: 2h}
          faults:
          - {at: 30m, action: binding-absent, binding: 'kubeadm:node-autoapprove-certificate-rotation'}
        """)
    let explanation = try RunExplanation(run)
    #expect(!explanation.delays.contains { $0.number == "O17" })
    let node = try NodeExplanation(run, node: "w-1")
    let cause = try #require(node.causes.first { $0.number == "O40" })
    #expect(cause.needed.hasPrefix("a binding of system:nodes to selfnodeclient"))
    #expect(cause.remedy.overrides == ["spec.faults[0]="])
    let history = try NodeHistory(run, node: 0)
    let reviews = history.events.count { $0.kind == .reviewRefused }
    let line = try #require(
      cause.observations.first { $0.place.contains("(csrapproving)") })
    #expect(line.text.contains("as [selfnodeclient nodeclient] but"), "\(line.text)")
    #expect(line.count * 2 == reviews)
  }

  // MARK: Clocks and names

  @Test func `O6 no clock decided that a certificate had expired which was renewed since`() throws {
    let run = try opened(
      Self.tokens + """
          duration: 1h
          nodes: [{name: w, start: {at: 3m}}]
          faults: [{at: 2m, for: 10m, action: serving-certificate-expire}]
        """)
    let cause = try #require(
      try NodeExplanation(run, node: "w-1").causes.first { $0.number == "O6" })
    let clock = try #require(cause.clock)
    #expect(!clock.isDecisive)
    #expect(clock.reading > clock.limitTime)
    #expect(cause.remedy.overrides == ["spec.faults[0]="])
  }

  @Test func `O26 a node of two with one name gets another in its place in the list`() throws {
    let run = try opened(
      Self.tokens + """
          duration: 1h
          allowDuplicateNodeNames: true
          nodes: [{name: a, names: [clone, clone, other]}]
        """)
    let group = try #require(try RunExplanation(run).delays.first { $0.number == "O26" })
    #expect(group.remedy.overrides == ["spec.nodes.a.names=[clone, clone-b, other]"])
    let world = try run.played(with: group.remedy.overrides).world
    #expect(world.readyCount == 3)
  }

  @Test func `O23 a controller-manager whose packets are late is not started again`() throws {
    let run = try opened(
      Self.tokens + """
          duration: 2h
          nodes: [{name: w, count: 40, start: {uniform: {to: 1m}}}]
          faults: [{action: delay, latency: 3s, on: kube-controller-manager}]
        """)
    let explanation = try RunExplanation(run)
    let group = try #require(
      (explanation.failures + explanation.delays).first { $0.number == "O23" })
    #expect(!group.remedy.commands.contains { $0.text.contains("restart kubelet") })
  }

  // MARK: Faults that are none

  @Test func `O23 a fault of a controller-manager that never runs is not its cause`() throws {
    let spec = """
        tokens: [{token: abcdef.0123456789abcdef}]
        nodes: [{name: w, count: 2}]
        duration: 2h
        controllerManager: {running: false}
        approval: [{name: p, external: {serviceTime: 1s}}]
        faults: [{at: 1000s, for: 58s, action: pod-pause, on: kube-apiserver}]
      """
    let run = try opened(spec)
    let group = try #require(RunExplanation(run).failures.first)
    #expect(group.remedy.overrides == ["spec.controllerManager.running=true"])
    #expect(try cured(group, run) == 2)
  }

  // MARK: Certificates that nobody takes any more

  @Test func `O22 nodes that were Ready are lost with the CA that signed their certificates`()
    throws
  {
    let spec = """
        duration: 2h
        tokens: [{token: abcdef.0123456789abcdef}]
        nodes:
        - {name: b, count: 2}
        - {name: f, kubelet: {rotateCertificates: false}}
        - {name: k, join: Kubeadm}
        faults: [{at: 600s, action: signing-ca-expire}]
      """
    let run = try opened(spec)
    let group = try #require(RunExplanation(run).failures.first)
    #expect(group.title == "the CA that signed its certificate has expired")
    #expect(group.number == "O22" && group.nodes.count == 4)
    #expect(try cured(group, run) == 4)
    let clock = try NodeExplanation(run, node: "f-1").causes.first?.clock
    #expect(clock?.limit == "NotAfter of the CA that signed its certificate")
  }
}

import Scenarios
import SimulationKernel
import TLSBootstrap
import TestSupport
import Testing

@testable import Inspection

/// What held up nodes that are Ready, and troubles that come again and again (O1, O17, O22, O30, O46, B.7, M.2).
struct ReadyCauseTests {
  private func opened(_ spec: String) throws -> RecordedRun {
    try Recording(kubeadm: "  tokens: [{token: abcdef.0123456789abcdef}]\n" + spec).opened()
  }

  // MARK: What was over

  @Test func `O22 a CA that signs anew held up those who waited, and that was the limit`() throws {
    let run = try opened(
      """
        nodes: [{name: w, count: 3}]
        faults: [{at: 0s, for: 500s, action: signing-ca-expire}]
      """)
    let explanation = try RunExplanation(run)
    #expect(explanation.report.nodes.ready == 3)
    let group = try #require(explanation.delays.first { $0.number == "O22" })
    #expect(group.nodes.count == 3)
    #expect(group.remedy.overrides == ["spec.faults[0]="])
    #expect(
      explanation.throughput.text.hasPrefix("the signer: 3 of 3 CSRs waited a minute or longer "),
      "\(explanation.throughput.text)")
    let clock = try NodeExplanation(run, node: "w-1").causes.first { $0.number == "O22" }?.clock
    #expect(clock.map { $0.reading >= $0.limitTime } ?? true)
  }

  @Test func `O1 a bootstrap kubeconfig that came late held up its node`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          nodes: [{name: w}]
          faults: [{at: 0s, for: 35s, action: bootstrap-kubeconfig-absent}]
        """))
    let group = try #require(explanation.delays.first)
    #expect(group.number == "O1")
    #expect(group.remedy.overrides == ["spec.faults[0]="])
  }

  private static let oldRequest = """
      duration: 3700s
      stopWhen: Never
      nodes: [{name: f, kubelet: {rotateCertificates: false}}]
      controllerManager: {clusterSigningDuration: 10m}
      faults: [{at: 0s, for: 3000s, action: disk-full}]
    """

  @Test func `O30 its old CSR held up a node until csrcleaner deleted that`() throws {
    let explanation = try RunExplanation(opened(Self.oldRequest))
    #expect(explanation.report.nodes.ready == 1)
    #expect(Set(explanation.delays.map(\.number)) == ["O33", "O30"])
  }

  @Test func `O30 a store that fails is none of an old CSR`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          nodes: [{name: f, kubelet: {rotateCertificates: false}}]
          faults: [{at: 0s, for: 60s, action: disk-full}]
        """))
    #expect(explanation.delays.map(\.number) == ["O33"], "\(explanation.delays.map(\.title))")
  }

  @Test func `B.7 a certificate that expired before its renewal came is no second bootstrap`()
    throws
  {
    let explanation = try RunExplanation(
      opened(
        """
          duration: 2000s
          stopWhen: Never
          nodes: [{name: w, join: Kubeadm}]
          controllerManager: {clusterSigningDuration: 20m}
          faults: [{at: 10s, for: 1400s, action: pod-failure, on: kube-controller-manager}]
        """))
    let titles = explanation.delays.filter { $0.number == "B.7" }.map(\.title)
    #expect(titles == ["its certificate expired while it ran, before its renewal came"])
  }

  /// csrcleaner deletes the denied CSR after an hour: the next one waits for a binding.
  @Test func `A.6 O17 one denied CSR, met again and again, is over once there is another`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          duration: 3700s
          stopWhen: Never
          nodes: [{name: f, kubelet: {rotateCertificates: false}}]
          controllerManager: {clock: {offset: 30m}}
          faults: [{at: 0s, action: binding-absent, binding: 'kubeadm:node-autoapprove-bootstrap'}]
          requests: [{name: a, at: 5s, deny: {of: node/f-1}}]
        """))
    #expect(explanation.failures.map(\.number) == ["O17"], "\(explanation.failures.map(\.title))")
  }

  /// N.2: kubeadm waits four minutes for the kubelet's /healthz, which MODE-F serves with its certificate.
  @Test func `O46 kubeadm join that gave up on the kubelet is told of a node that is Ready`() throws
  {
    let explanation = try RunExplanation(
      opened(
        """
          duration: 1000s
          stopWhen: Never
          nodes: [{name: f, join: Kubeadm, kubelet: {rotateCertificates: false}}]
          faults: [{at: 0s, action: binding-absent, binding: 'kubeadm:node-autoapprove-bootstrap'}]
          requests: [{name: a, at: 250s, approve: {of: node/f-1}}]
        """))
    #expect(explanation.report.nodes.ready == 1)
    let titles = explanation.delays.filter { $0.number == "O46" }.map(\.title)
    #expect(
      titles == ["kubeadm join gave up on the certificate and deleted the bootstrap kubeconfig"])
  }

  // MARK: M.2: a renewal after the other

  @Test(arguments: [
    ("nodes: [{name: w, clock: {offset: 58m}}]", "w-1", "spec.nodes.w.clock.offset=0s"),
    (
      "nodes: [{name: w}]\n  controllerManager: {clusterSigningDuration: 1h, clock: {offset: -56m}}",
      "kube-controller-manager", "spec.controllerManager.clock.offset=0s"
    ),
  ])
  func `M.2 a certificate that is past its deadline at birth is renewed at once`(
    spec: String, owner: String, cure: String
  ) throws {
    let isNode = owner == "w-1"
    let run = try opened(
      "  duration: 120s\n  stopWhen: Never\n  \(spec)\n"
        + (isNode ? "  controllerManager: {clusterSigningDuration: 1h}\n" : ""))
    #expect(try run.world().certificateCount > 20)
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.delays.first { $0.number == "M.2" })
    #expect(group.title == "by its clock each certificate is past its renewal when it is issued")
    #expect(group.remedy.overrides == [cure])
    #expect(try run.played(with: [cure]).world.certificateCount == 1)
    let cause = try NodeExplanation(run, node: "w-1").causes.first { $0.title == group.title }
    let clock = try #require(cause?.clock)
    #expect(clock.owner == owner)
    #expect(clock.isDecisive)
  }

  /// B.3: at the earliest after 70 % of its life.
  @Test func `M.2 an early renewal by a clock that is ahead is none at once`() throws {
    let explanation = try RunExplanation(
      opened(
        """
          duration: 2h
          stopWhen: Never
          nodes: [{name: w, clock: {offset: 30m}}]
          controllerManager: {clusterSigningDuration: 1h}
        """))
    #expect(!explanation.delays.contains { $0.number == "M.2" })
  }
}

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
    /// More of the node's group, and of the token.
    var node = ""
    var token = ""
    var start = "10s"
    var ttl = "24h"
    var duration = "60m"
    var preset = "kubeadm"
    /// A document beside the scenario; the node's token is then in this one only.
    var object = ""
    var isReady = false
    /// Whether the scenario can say the fix.
    var isPlayable = true
    /// What the fix, or whose clock it says that it was.
    var says = ""

    var testDescription: String { "\(number): \(title)" }

    var text: String {
      let tokens = "[{token: abcdef.0123456789abcdef, ttl: \(ttl)\(token)}]"
      return """
        apiVersion: bootsim.dev/v1alpha1
        kind: Scenario
        metadata: {name: corner}
        spec:
          \(preset.isEmpty ? "" : "preset: \(preset)")
          duration: \(duration)
          stopWhen: Never
          nodes: [{name: a, names: [a-1], start: {at: \(start)}\(node)}]
          tokens: \(object.isEmpty ? tokens : "[]")
          \(settings)
          faults: [\(faults.joined(separator: ", "))]

        """ + (object.isEmpty ? "" : "---\n\(object)\n")
    }
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

  static let corners =
    ownCorners + pastCorners + kubeadmCorners + controlPlaneCorners + unsignedCorners
    + gaveUpCorners + otherFaultCorners
    + secretCorners + clockCorners + severalCorners

  private static let ownCorners = [
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
    let recording = try Self.played(corner.text)
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
    let said =
      found.remedy.commands.map(\.text) + found.remedy.overrides + [found.clock?.text ?? ""]
    #expect(corner.says.isEmpty || said.contains { $0.contains(corner.says) }, "\(said)")
    let cured = try WhatIf.all(run, explanation)
    guard corner.isPlayable else {
      #expect(cured.isEmpty)
      return
    }
    #expect(try cured.map { try $0.after.get().cured } == [1])
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
    let node = NodeCase(history, given: run.loaded)
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
    #expect(try played.after.get().cured == 1)
    #expect(try played.after.get().report.nodes.ready == 3)
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
      "\($0)".contains("name one of them: `node/good/worker-1`, `node/bad/worker-1`")
    }
  }

  /// Another fault stays: the fix of one cause shows what comes next.
  @Test func `a fix leaves out the fault at hand alone`() throws {
    let corner = Corner(
      number: "", title: "",
      faults: [
        "{action: disk-full}",
        "{action: binding-absent, binding: 'kubeadm:node-autoapprove-bootstrap'}",
      ])
    let run = try Self.played(corner.text).opened()
    let explanation = try NodeExplanation(run, node: "a-1")
    #expect(explanation.causes.map(\.number) == ["O17"])
    let played = try #require(try WhatIf.all(run, explanation).first)
    #expect(played.overrides == ["spec.faults[1]="])
    #expect(try played.after.get().cured == 0)
  }

  @Test func `a fix sets its own key alone`() throws {
    let corner = Corner(
      number: "", title: "",
      settings: "controllerManager: {controllers: {csrapproving: false, csrsigning: false}}")
    let run = try Self.played(corner.text).opened()
    let played = try #require(try WhatIf.all(run, RunExplanation(run)).first)
    #expect(played.overrides == ["spec.controllerManager.controllers.csrapproving=true"])
    #expect(try played.after.get().left == ["a-1: \(Settlement.nobodySigns.text)"])
  }

  /// A busy moment at the start, and then hours in csrapproving's queue.
  @Test func `nodes that queue are not held up by a 429 of long ago`() throws {
    let corner = Corner(
      number: "", title: "", settings: "controllerManager: {kubeAPIQPS: 0.5, kubeAPIBurst: 1}",
      duration: "2h")
    let text = corner.text.replacing("names: [a-1]", with: "count: 600")
    let explanation = try RunExplanation(Self.played(text).opened())
    #expect(explanation.failures.map(\.number) == ["O32"])
  }

  /// Once it is over; again and again it is what every attempt ends by.
  @Test(arguments: [("", "E.5"), (", every: 1m, count: 200", "O28")])
  func `a trouble that comes again is no trouble of the past`(
    repetition: String, number: String
  ) throws {
    let corner = Corner(
      number: "", title: "",
      settings: "controllerManager: {controllers: {csrapproving: false}}\n"
        + "  approval: [{name: human, manual: {firstLook: 5h}}]\n"
        + "  requests: [{name: tidy, at: 20s\(repetition), delete: {of: node/a-1}}]",
      duration: "2h")
    let explanation = try NodeExplanation(Self.played(corner.text).opened(), node: "a-1")
    #expect(explanation.causes.map(\.number) == [number])
  }

  @Test func `groups of tokens without a binding get one each`() throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: groups}
      spec:
        nodes:
        - {name: a, count: 2, bootstrapKubeconfig: {tokenID: aaaaaa}}
        - {name: b, count: 2, bootstrapKubeconfig: {tokenID: bbbbbb}}
        tokens:
        - {token: aaaaaa.0123456789abcdef, groups: ['system:bootstrappers:x']}
        - {token: bbbbbb.0123456789abcdef, groups: ['system:bootstrappers:y']}

      """
    let run = try Self.played(text).opened()
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    let names = group.remedy.commands.map { $0.text.split(separator: " ")[3] }
    #expect(names.count == 4 && Set(names).count == 4, "\(names)")
    #expect(try #require(WhatIf.all(run, explanation).first).after.get().cured == 4)
  }

  @Test func `of a group none of its nodes is needed by name`() throws {
    let corner = Corner(number: "", title: "", node: ", clock: {offset: -2h}")
    let text = corner.text.replacing("names: [a-1]", with: "names: [a-1, a-2]")
    let group = try #require(try RunExplanation(Self.played(text).opened()).failures.first)
    #expect(group.number == "O6" && group.nodes.count == 2)
    #expect(!group.needed.contains("a-1"), "\(group.needed)")
  }

  /// B.8: nobody approves them, and the nodes are Ready nevertheless.
  @Test func `pending CSRs for serving certificates are told`() throws {
    let corner = Corner(number: "", title: "", node: ", kubelet: {serverTLSBootstrap: true}")
    let run = try Self.played(corner.text).opened()
    #expect(try RunExplanation(run).delays.map(\.number) == ["B.8"])
    let cause = try #require(try NodeExplanation(run, node: "a-1").causes.first)
    #expect(cause.number == "B.8" && cause.needed.contains("kubernetes.io/kubelet-serving"))
    #expect(cause.remedy.commands.map(\.text).contains { $0.hasPrefix("kubectl certificate") })
  }

  @Test func `a node that made a CSR had no certificate on its disk`() throws {
    let corner = Corner(
      number: "", title: "",
      faults: ["{action: kubelet-kill, at: 20m}"], isReady: true)
    let explanation = try NodeExplanation(Self.played(corner.text).opened(), node: "a-1")
    #expect(explanation.node.settlement == .ready)
    #expect(!explanation.causes.contains { $0.number == "O37" })
  }
}

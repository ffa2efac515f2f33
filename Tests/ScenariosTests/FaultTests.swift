import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// `spec.faults`: what is read, and what is a mistake.
struct FaultTests {
  private func faults(_ text: String) throws -> [TimedFault] {
    try load(nodesAndToken + "  preset: kubeadm\n  faults:\n" + text).scenario.faults
  }

  private func mistakes(_ text: String) -> [String] {
    ScenariosTests.mistakes(nodesAndToken + "  preset: kubeadm\n  faults:\n" + text)
  }

  @Test func `a fault has a name, a time and a length`() throws {
    let faults = try faults("  - {action: token-delete, at: 10s, for: 1m}\n")
    #expect(
      faults == [
        TimedFault(
          name: "token-delete-1", at: .seconds(10), length: .minutes(1),
          fault: .token(TokenFault(tokenID: "abcdef", action: .delete)))
      ])
  }

  @Test func `clocks are those of the API server, the controller-manager and nodes`() throws {
    let faults = try faults(
      """
        - {action: time-offset, timeOffset: -10m, on: kube-apiserver}
        - {action: time-drift, drift: 50ppm, on: kube-controller-manager}
        - {action: time-offset, timeOffset: 1h, on: {group: workers, percent: 20}}

      """)
    var selector = NodeSelector()
    selector.group = "workers"
    selector.mode = .percent(20)
    #expect(
      faults.map(\.fault) == [
        .serverClock(ClockFault(offset: .minutes(-10))),
        .managerClock(ClockFault(driftPPB: 50_000)),
        .nodeClock(selector, ClockFault(offset: .hours(1))),
      ])
  }

  @Test func `the clock of one API server of several has its number`() throws {
    let faults = try load(
      nodesAndToken + "  apiServer: {replicas: 3}\n  faults:\n"
        + "  - {action: time-offset, timeOffset: 1h, on: kube-apiserver, replica: 2}\n"
        + "  - {action: time-drift, drift: 5ppm, on: kube-apiserver}\n"
    ).scenario.faults
    #expect(
      faults.map(\.fault) == [
        .serverClock(ClockFault(offset: .hours(1)), replica: 2),
        .serverClock(ClockFault(driftPPB: 5_000)),
      ])
  }

  @Test func `only API servers have clocks of their own by number`() {
    let of = { (on: String) in
      mistakes("  - {action: time-offset, timeOffset: 1h, replica: 0\(on)}\n")
    }
    #expect(
      of("") == [
        "s.yaml:12:52: nodes have no replicas; remove it, or add `on: kube-apiserver`"
      ])
    #expect(
      of(", on: kube-controller-manager") == [
        "s.yaml:12:52: all controller-managers go by one clock; remove it"
      ])
    #expect(of(", on: kube-apiserver") == [])
  }

  @Test func `a fault that can hit nobody, or too few, is a note of the run`() throws {
    let notes = { (on: String) in
      try load(nodesAndToken + "  faults: [{name: f, action: kubelet-kill, on: {\(on)}}]\n").notes
    }
    #expect(
      try notes("node: 'gpu-*'") == [
        "s.yaml:10:48: f is for 1 node, and 0 of this name and group exist"
      ])
    #expect(
      try notes("fixed: 2") == [
        "s.yaml:10:48: f is for 2 nodes, and 1 of this name and group exist"
      ])
    #expect(try notes("node: 'work*', percent: 1") == [])
  }

  @Test(arguments: [
    ("kubelet-kill", " with a kubelet"), ("disk-full", " with a kubelet"), ("partition", nil),
  ])
  func `what is done to kubelets is nothing to bare CSR clients`(action: String, kind: String?)
    throws
  {
    let notes = try load(
      "  nodes: [{name: c, kind: csrClient}]\n  tokens: [{token: abcdef.0123456789abcdef}]\n"
        + "  faults: [{name: f, action: \(action), on: {group: c}}]\n"
    ).notes
    let note = kind.map {
      "s.yaml:8:\(36 + action.count): f is for 1 node\($0), and 0 of this name and group exist"
    }
    #expect(notes == [note].compactMap { $0 })
  }

  @Test func `a partition is around nodes, or a controller-manager`() throws {
    let of = { (keys: String) in mistakes("  - {action: partition, replica: 0\(keys)}\n") }
    #expect(
      of("").map { $0.drop { $0 != " " } } == [
        " nodes have no replicas; remove it, or add `on: kube-controller-manager`"
      ])
    #expect(of(", on: kube-controller-manager") == [])
    #expect(!of(", on: kube-apiserver").isEmpty)
  }

  @Test func `pods of the API server are killed and paused too`() {
    for action in ["pod-kill", "pod-pause", "pod-failure"] {
      #expect(mistakes("  - {action: \(action), on: kube-apiserver, replica: 0}\n") == [])
    }
    #expect(!mistakes("  - {action: pod-pause, on: kube-apiserver, replica: 1}\n").isEmpty)
  }

  @Test func `every action reads, with a length where it lasts`() throws {
    let more = [
      "token-patch": ", data: {token-secret: 0000000000000000}",
      "binding-absent": ", binding: kubeadm:get-nodes", "time-offset": ", timeOffset: 1s",
      "time-drift": ", drift: 1ppm",
      "delay": ", latency: 10ms", "loss": ", loss: 10",
      "pod-kill": ", on: kube-controller-manager",
      "pod-failure": ", on: kube-controller-manager",
      "pod-pause": ", on: kube-controller-manager",
    ]
    for action in FaultAction.all {
      let text = "  - {action: \(action.name)\(more[action.name] ?? "")"
      #expect(try faults(text + "}\n").count == 1)
      let lasting = mistakes(text + ", for: 1m}\n")
      #expect(lasting.isEmpty == (action.end != nil), "\(action.name): \(lasting)")
    }
  }

  @Test(arguments: [
    (
      "  - {at: 1s}\n", "s.yaml:12:5: `spec.faults[]` lacks `action`"
    ),
    (
      "  - {action: token-delet}\n", "did you mean `token-delete`?"
    ),
    (
      "  - {action: token-delete, tokenID: abcdeg}\n",
      "s.yaml:12:37: no Secret bootstrap-token-abcdeg in kube-system; did you mean “abcdef”?"
    ),
    (
      "  - {action: token-delete, drift: 5ppm}\n",
      "s.yaml:12:28: `drift` has no meaning for `token-delete`; use `tokenID`"
    ),
    (
      "  - {action: binding-absent, binding: kubeadm:kubelet-bootstrp}\n",
      "no ClusterRoleBinding is called “kubeadm:kubelet-bootstrp”; did you mean “kubeadm:kubelet-bootstrap”?"
    ),
    (
      "  - {action: binding-absent}\n", "`binding-absent` lacks `binding`"
    ),
    (
      "  - {action: time-offset, timeOffset: 1s, on: kube-apiserv}\n",
      "did you mean `kube-apiserver`?"
    ),
    (
      "  - {action: time-offset, timeOffset: 30y, on: kube-apiserver}\n", "timeOffset"
    ),
    (
      "  - {action: time-offset, on: {group: worker}, timeOffset: 1s}\n",
      "no group is called “worker”; did you mean “workers”?"
    ),
    (
      "  - {action: time-offset, on: {node: w-1}, timeOffset: 1s}\n", "no node is called “w-1”"
    ),
    (
      "  - {action: time-offset, on: {fixed: 1, percent: 2}, timeOffset: 1s}\n",
      "`fixed` and `percent` exclude each other"
    ),
    (
      "  - {name: a, action: token-delete}\n  - {name: a, action: token-expire}\n",
      "a second fault “a”; the first is on line 12"
    ),
    (
      "  - {action: token-patch}\n", "`token-patch` lacks `data`"
    ),
    (
      "  - {action: pod-kill}\n", "`pod-kill` lacks `on`"
    ),
    (
      "  - {action: pod-pause, on: kube-controller-manger}\n",
      "did you mean `kube-controller-manager`?"
    ),
    (
      "  - {action: pod-kill, on: kube-controller-manager, replica: 1}\n", "`replica`"
    ),
  ])
  func `a mistake is named with its place and its cure`(_ text: String, _ mistake: String) {
    let found = mistakes(text)
    #expect(found.count == 1)
    #expect(found.first?.contains(mistake) == true, "\(found)")
  }
}

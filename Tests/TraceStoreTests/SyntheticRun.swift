import SimulationKernel

@testable import TLSBootstrap
@testable import TraceStore

/// Events as a run of joining nodes makes them, and the directory that spells them.
///
/// Node 0, "worker-1", becomes Ready; the last of several is refused and waits. Nodes interleave as
/// they do in a real run, so that causes lie some thousand events back.
struct SyntheticRun {
  var events: [TraceEvent] = []
  var waiting: [WaitingRequests] = []
  let nodes: Int

  /// The last node of a run of several.
  private var refused: Int { nodes - 1 }
  private var last: [UInt32]

  init(nodes: Int, span: Int64 = 500_000_000_000) {
    self.nodes = nodes
    last = [UInt32](repeating: 0, count: nodes)
    // 125 nodes are on their way at a time, each at another place of its life.
    let window = min(nodes, 125)
    var position = [Int](repeating: 0, count: nodes)
    let total = nodes * Self.life.count
    var (low, turn) = (0, 0)
    while low < nodes {
      let node = low + turn % window
      turn += 7
      if node < nodes, position[node] < Self.life.count {
        let time = Int64(events.count + 1) * (span / Int64(total))
        add(Self.life[position[node]], node: node, at: time)
        position[node] += 1
      }
      while low < nodes, position[low] == Self.life.count { low += 1 }
    }
    if nodes > 1 {
      waiting = [
        WaitingRequests(
          node: UInt32(refused), attempt: 1, call: .watchNodes, answer: .forbidden, count: 60,
          first: Instant(nanoseconds: 5), last: Instant(nanoseconds: span), cause: 1)
      ]
    }
  }

  private mutating func add(_ moment: Moment, node: Int, at time: Int64) {
    let id = UInt32(events.count + 1)
    let fails = node == refused && nodes > 1 && moment.step == 13
    let isRefused = node == refused && nodes > 1 && moment.call == .createCSINode
    var event = TraceEvent(
      id: id, cause: last[node], time: Instant(nanoseconds: time),
      value: moment.takesTime ? 1_000_003 * Int64(1 + node % 900) : 0, node: UInt32(node),
      request: moment.concernsRequest ? UInt32(node) : TraceEvent.none,
      identity: moment.call == .none ? 0 : Identity(.node, node).packed, attempt: 1,
      component: moment.component, step: moment.step, kind: moment.kind, call: moment.call,
      answer: isRefused && moment.kind == .requestAnswered ? .forbidden : .ok)
    if fails {
      event.kind = .authorizationFailed
      event.call = .createNode
      event.answer = .forbidden
    }
    if event.kind == .keyTaken { event.identity = last[node] }
    last[node] = id
    events.append(event)
  }

  func play(into trace: SQLiteTrace) throws {
    var trace = trace
    try play(into: &trace)
  }

  private func play(into trace: inout some TraceSink) throws {
    for start in stride(from: 0, to: events.count, by: 4_096) {
      try events[start..<min(start + 4_096, events.count)].withUnsafeBufferPointer {
        try trace.record($0)
      }
    }
    for requests in waiting { try trace.record(requests) }
  }

  var outcome: RunOutcome {
    RunOutcome(end: 500_000_000_000, events: events.count, digest: "00ff")
  }

  static let inputs = RunInputs(
    scenario: "synthetic", inputs: [.init(path: "synthetic.yaml", text: "abc")], seed: 7,
    version: "0.1.0", start: 1_767_225_600_000_000_000, command: "bootsim run synthetic.yaml")
}

/// One event of a node's life.
private struct Moment {
  var component: TraceEvent.ComponentName
  var kind: TraceEvent.Kind
  var step: UInt8 = 0
  var call = Call.none
  var concernsRequest = false

  var takesTime: Bool { kind.unit == "ns" }
}

extension SyntheticRun {
  /// Eleven calls of four events each, and what lies between them.
  fileprivate static let life: [Moment] = {
    var life: [Moment] = [
      Moment(component: .systemd, kind: .kubeletStarted, step: 1),
      Moment(component: .kubelet, kind: .kubeconfigMissing, step: 2),
      Moment(component: .kubelet, kind: .bootstrapKubeconfigLoaded, step: 3),
      Moment(component: .kubelet, kind: .credentialsRead, step: 4),
    ]
    life += call(.createRequest, by: .kubelet, steps: (5, 6, 7))
    life += call(.watchRequest, by: .kubelet, concernsRequest: true)
    life.append(Moment(component: .approver, kind: .limiterWaited, concernsRequest: true))
    life.append(Moment(component: .approver, kind: .keyTaken, concernsRequest: true))
    life += call(.createSubjectAccessReview, by: .approver, concernsRequest: true)
    life += call(.updateApproval, by: .approver, steps: (0, 0, 8), concernsRequest: true)
    life.append(
      Moment(component: .signer, kind: .certificateSigned, step: 9, concernsRequest: true))
    life += call(.updateStatus, by: .signer, steps: (0, 0, 10), concernsRequest: true)
    life.append(
      Moment(component: .kubelet, kind: .certificateFetched, step: 11, concernsRequest: true))
    life.append(Moment(component: .kubelet, kind: .kubeconfigWritten, step: 12))
    for name in [Call.createNode, .getNode, .createLease, .createCSINode, .patchNodeStatus] {
      life += call(name, by: .kubelet)
    }
    life.append(Moment(component: .kubelet, kind: .nodeReady, step: 13))
    life.append(Moment(component: .kubelet, kind: .rotationPlanned))
    life.append(Moment(component: .kubelet, kind: .rotationStarted, step: 14))
    life += call(.createRequest, by: .kubelet, concernsRequest: true)
    life.append(
      Moment(component: .kubelet, kind: .certificateFetched, step: 15, concernsRequest: true))
    return life
  }()

  /// - Parameter steps: reached by authentication, authorization and storing.
  private static func call(
    _ call: Call, by client: TraceEvent.ComponentName, steps: (UInt8, UInt8, UInt8) = (0, 0, 0),
    concernsRequest: Bool = false
  ) -> [Moment] {
    [
      Moment(component: client, kind: .limiterWaited),
      Moment(component: .apiserver, kind: .authenticated, step: steps.0),
      Moment(component: .apiserver, kind: .authorized, step: steps.1),
      Moment(component: .apiserver, kind: .requestAnswered, step: steps.2),
    ].map { moment in
      var moment = moment
      moment.call = call
      moment.concernsRequest = concernsRequest
      return moment
    }
  }
}

/// Every node has one CSR and one certificate of its own number.
extension SyntheticRun: TraceDirectory {
  func asked(by identity: Identity) -> ForeignRequest? { nil }

  var nodeCount: Int { nodes }
  var requestCount: Int { nodes }
  var certificateCount: Int { nodes }

  func node(at index: Int) -> NodeRecord {
    let isReady = index != refused || nodes == 1
    return NodeRecord(
      kind: .kubelet, name: "worker-\(index + 1)", group: "workers", rotateCertificates: true,
      started: Instant(nanoseconds: Int64(index)),
      ready: isReady ? Instant(nanoseconds: 400_000_000_000 + Int64(index)) : nil,
      settlement: isReady ? .ready : .notAllowedToWatch, attempts: 1, restarts: 0)
  }

  func request(at index: Int) -> RequestRecord {
    RequestRecord(
      name: "csr-\(index)", node: NodeID(index),
      signerName: SignerName.kubeAPIServerClientKubelet.text,
      requestor: Identity(.bootstrapToken, 0), created: Instant(nanoseconds: 1_000),
      approved: Instant(nanoseconds: 2_000_000_000 + Int64(index) * 100_000_000),
      issued: Instant(nanoseconds: 3_000_000_000 + Int64(index) * 100_000_000),
      condition: "Approved,Issued", reason: "AutoApproved",
      message: "Auto approving kubelet client certificate after SubjectAccessReview.")
  }

  func certificate(at index: Int) -> CertificateRecord {
    let serial = String(index, radix: 16)
    return CertificateRecord(
      serial: String(repeating: "0", count: 32 - serial.count) + serial,
      request: RequestID(index), node: NodeID(index),
      signed: Instant(nanoseconds: 3_000_000_000), notBefore: Self.inputs.start,
      notAfter: Self.inputs.start + 3_600_000_000_000)
  }

  func username(of identity: Identity) -> String {
    switch identity.kind {
    case .node: "system:node:worker-\(identity.number + 1)"
    case .bootstrapToken: "system:bootstrap:abcdef"
    case .nobody, .anonymous, .certificateController, .controllerManager, .approver, .client,
      .tokenCleaner, .bootstrapSigner:
      "\(identity.kind)"
    }
  }

  /// One call has a User-Agent of its own.
  func userAgent(of call: Call, by identity: Identity) -> String {
    call == .createSubjectAccessReview ? "kube-controller-manager" : "kubelet"
  }

  func message(of event: TraceEvent) -> String? {
    event.kind == .authorizationFailed ? "nodes \"\(name(event.node))\" is forbidden" : nil
  }

  func message(of requests: WaitingRequests) -> String? {
    "watch of \(name(requests.node)) is forbidden"
  }

  private func name(_ node: UInt32) -> String { "worker-\(node + 1)" }
}

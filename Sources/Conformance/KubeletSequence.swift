import TLSBootstrap

/// What one kubelet does, in its log and in a simulated run: the same, in the same order.
struct KubeletSequence: Sendable {
  /// The log.
  let name: String
  let what: String
  /// Of the scenario, after its name.
  let spec: String
  /// The process, from 1, that the log is of.
  var process = 1

  var file: String { "kubelet-logs/\(name)" }

  func check(_ recordings: Recordings) throws -> ConformanceCheck {
    let lines = try recordings.text(file).split(whereSeparator: \.isNewline)
    let recorded = lines.compactMap { line in Deed.allCases.first { line.contains($0.line) } }
    let simulated = deeds(try PlayedText(Self.head + spec))
    return ConformanceCheck(
      .kubelet, name, what, recorded: words(recorded), simulated: words(simulated),
      bound: "same", holds: recorded == simulated)
  }

  private func words(_ deeds: [Deed]) -> String { deeds.map(\.rawValue).joined(separator: ", ") }

  private func deeds(_ played: PlayedText) -> [Deed] {
    let starts = played.events.indices.filter { played.events[$0].kind == .kubeletStarted }
    let end = process < starts.count ? starts[process] : played.events.endIndex
    let events = played.events[starts[process - 1]..<end]
    let last = events.firstIndex { $0.kind == .kubeletExited } ?? end
    return events.prefix(through: min(last, end - 1)).compactMap { event in
      Deed.allCases.first { $0.isDone(by: event) }
    }
  }

  private static let head = KubeletTimes.head + "  preset: kubeadm\n  stopWhen: Never\n"
}

extension KubeletSequence {
  /// What is compared; by what it is told in a log, and by what in a trace.
  private enum Deed: String, CaseIterable {
    case creates = "CSR created"
    case finds = "CSR exists"
    case reuses = "CSR reused"
    case seesApproval = "approved"
    case fetches = "issued"
    case registers = "registered before"
    case closes = "closes connections"
    case plans = "plans rotation"
    case fails = "fails"

    var line: String {
      switch self {
      case .creates: "\"Certificate signing request created\""
      case .finds: "\"csr for this node already exists, reusing\""
      case .reuses: "\"csr for this node is still valid\""
      case .seesApproval: "\"Certificate signing request is approved, waiting to be issued\""
      case .fetches: "\"Certificate signing request is issued\""
      case .registers: "\"Node was previously registered\""
      case .closes: "\"Certificate rotation detected"
      case .plans: "\"Waiting for next certificate rotation\""
      case .fails: "\"command failed\""
      }
    }

    func isDone(by event: TraceEvent) -> Bool {
      let isAnswer = event.kind == .requestAnswered
      return switch self {
      case .creates: isAnswer && event.call == .createRequest && event.answer == .created
      case .finds: isAnswer && event.call == .createRequest && event.answer == .alreadyExists
      case .reuses:
        isAnswer && event.call == .getRequest && event.actor.kind == .bootstrapToken
      case .seesApproval: event.kind == .approvalSeen
      case .fetches: event.kind == .certificateFetched
      case .registers: event.kind == .nodeAdopted
      case .closes: event.kind == .connectionsClosed
      case .plans: event.kind == .rotationPlanned
      case .fails: event.kind == .kubeletExited
      }
    }
  }
}

extension KubeletSequence {
  static let all = [
    KubeletSequence(
      name: "nocrir.full.log", what: "without a container runtime",
      spec: "  duration: 8s\n" + nodes("containerRuntime: Absent")),
    KubeletSequence(
      name: "nocrin.full.log", what: "without a container runtime",
      spec: "  duration: 8s\n"
        + nodes("containerRuntime: Absent, kubelet: {rotateCertificates: false}")),
    KubeletSequence(
      name: "g403n.full.log", what: "not allowed to create CSRs",
      spec: "  duration: 8s\n" + nodes("kubelet: {rotateCertificates: false}")
        + faults("action: binding-absent, binding: 'kubeadm:kubelet-bootstrap'")),
    KubeletSequence(
      name: "kept-1.log", what: "killed while its CSR is pending",
      spec: "  duration: 5s\n" + nodes("kubelet: {rotateCertificates: false}") + byHand),
    KubeletSequence(
      name: "kept-2.log", what: "started again, its key kept",
      spec: "  duration: 40s\n" + nodes("kubelet: {rotateCertificates: false}") + byHand
        + faults("at: 3s, action: kubelet-kill"),
      process: 2),
    KubeletSequence(
      name: "happy2-restart-valid.log", what: "started again, its certificate valid",
      spec: "  duration: 60s\n" + nodes("") + faults("at: 30s, action: kubelet-kill"), process: 2),
    KubeletSequence(
      name: "happy2-restart-expired.log", what: "started again, its certificate expired",
      spec: "  duration: 900s\n  controllerManager: {clusterSigningDuration: 10m}\n" + nodes("")
        + faults("at: 200s, for: 600s, action: kubelet-stop"),
      process: 2),
  ]

  private static func nodes(_ settings: String) -> String {
    "  nodes: [{name: workers, \(settings)}]\n  tokens: [{token: abcdef.0123456789abcdef}]\n"
  }

  private static func faults(_ fault: String) -> String { "  faults: [{\(fault)}]\n" }

  /// Somebody approves after the second start.
  private static let byHand =
    "  controllerManager: {controllers: {csrapproving: false}}\n"
    + "  approval: [{name: admin, manual: {firstLook: 20s, every: 1h}}]\n"
}

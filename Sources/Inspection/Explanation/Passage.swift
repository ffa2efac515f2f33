import Reporting
import SimulationKernel
import TLSBootstrap

/// A part of a node's time: what it waited for, and what ended the wait. The parts of a node add up to its
/// whole time.
package struct Passage: Hashable, Sendable {
  /// When it ended, the first time.
  package let ended: Instant
  /// 1 to 15 where a step was reached, else 0.
  package let step: UInt8
  /// How long, all times together.
  package fileprivate(set) var took: Duration
  package fileprivate(set) var count: Int
  /// What ended it.
  package let text: String

  /// From its first start to its first Ready, or to the end of the run.
  static func all(of history: NodeHistory) -> [Passage] {
    let record = history.record
    let end = record.ready ?? history.world.now
    var passages: [Passage] = []
    var places: [String: Int] = [:]
    var before = record.started
    for event in history.events where event.time >= record.started && event.time <= end {
      guard let text = PassageText(history).text(of: event) else { continue }
      let took = event.time - before
      before = event.time
      if let place = places[text] {
        passages[place].took = passages[place].took + took
        passages[place].count += 1
      } else {
        places[text] = passages.count
        passages.append(
          Passage(ended: event.time, step: event.step, took: took, count: 1, text: text))
      }
      if event.kind == .nodeReady { break }
    }
    return passages
  }
}

/// What ended a wait, in words that are alike where the wait is.
private struct PassageText {
  let history: NodeHistory

  init(_ history: NodeHistory) { self.history = history }

  /// nil: it ended no wait of the node on its way.
  func text(of event: TraceEvent) -> String? {
    switch event.kind {
    case .keyTaken, .limiterWaited, .seatAwaited, .retryAfterWaited, .tokenAwaited, .serverAwaited:
      return event.value > 0 ? waited(event) : nil
    case .kubeletExited: return "kubelet exits"
    case .kubeletStarted where event.value > 0: return "systemd starts the kubelet again"
    case .attemptFailed where event.request == TraceEvent.none: return nil
    case .waitEnded: return "gives up its CSR: \(history.world.message(of: event) ?? "")"
    case .nodeRegistered: return "registers its Node"
    case .nodeAdopted: return "adopts the Node of its name"
    case .informerSynced: return "its informer of its own Node syncs"
    case .csiNodeCreated: return "creates its CSINode"
    case .leaseCreated: return "creates its Lease"
    case .networkReady: return "the container network is ready"
    case .runtimeLost: return "its container runtime stops answering"
    case .runtimeRegained: return "its container runtime answers again"
    case .connectionsClosed: return "closes its anonymous connections"
    case .rotationStarted: return nil
    case .joinStarted: return "kubeadm join begins"
    case .bootstrapKubeconfigWritten:
      return "kubeadm join has found the cluster, and starts the kubelet"
    case .joinFailed: return "kubeadm join fails: \(history.world.message(of: event) ?? "")"
    case .storeFailed: return "cannot store its certificate"
    case .connectionFailed, .requestAnswered, .authenticationFailed: return failed(event)
    case .approvalSeen: return nil
    default: return step(event)
    }
  }

  private func step(_ event: TraceEvent) -> String? {
    BootstrapStep(rawValue: event.step).map { step in
      event.kind == .kubeletRunsEarly
        ? "the rest of the kubelet starts, without a certificate"
        : event.kind == .kubeconfigWrittenEarly
          ? "writes kubelet.kubeconfig before it has a certificate" : step.title
    }
  }

  private func failed(_ event: TraceEvent) -> String? {
    guard [.createRequest, .getHealthz, .watchRequest, .listRequest].contains(event.call) else {
      return step(event)
    }
    if event.answer.isSuccess { return step(event) }
    if event.kind == .authenticationFailed { return nil }
    let asks =
      switch event.call {
      case .createRequest: "create a CSR"
      case .getHealthz: "see whether the API server is well"
      default: "look at its CSR"
      }
    let code = event.answer.code == 0 ? "\(event.answer)" : "\(event.answer.code)"
    return "tries to \(asks): \(code)"
  }

  private func waited(_ event: TraceEvent) -> String {
    switch event.kind {
    case .keyTaken:
      return "\(owner(event)) takes its CSR out of its queue\(ending(event))"
    case .limiterWaited: return "\(owner(event))'s client rate limit lets a request go"
    case .seatAwaited: return "the API server has a seat for its request\(ending(event))"
    case .retryAfterWaited:
      let isAnswered = history.event(event.cause)?.kind != .connectionFailed
      return "sends a request again after " + (isAnswered ? "Retry-After" : "its connection failed")
    case .tokenAwaited: return "\(owner(event)) has fetched its service account's token"
    default: return "gives up on /healthz"
    }
  }

  private func owner(_ event: TraceEvent) -> String {
    event.component == .kubelet ? "its own" : event.component.text
  }

  /// Whose work ended the wait.
  private func ending(_ event: TraceEvent) -> String {
    guard let end = history.endings[event.id], end.node != TraceEvent.none else { return "" }
    let other = history.world.node(at: Int(end.node)).name
    return end.kind == .keyDone ? ": a worker is done with \(other)'s" : ""
  }
}

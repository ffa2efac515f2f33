import SimulationKernel
import TLSBootstrap

/// What a kubelet writes for each thing that happens to it; remembers what later lines need.
struct LogWriter {
  let history: NodeHistory
  let isBackground: Bool
  /// The attempt whose “Rotating certificates” has been written.
  var rotating: UInt16 = 0
  /// Why the latest create failed.
  var refusal: String?
  /// Whether the latest wait's end, or failure to store, has been written.
  var isEndWritten = false
  var hasReachedLimit = false
  /// When the watch of its CSR began; nil: there is none, or its end has been written.
  var watchBegan: Instant?
  /// Whether that watch's informer has a resource version, from which the next one goes on.
  var informerHasVersion = false
  /// Whether client-go sends the registration again, of which the kubelet hears nothing (A.11).
  var repeatsRegistration = false
  var began: TraceEvent?
  var isOver = false
  /// When the process began to look whether it has a certificate (B.6).
  var checksBegan: TraceEvent?
  /// When it last got one, and when it lost it.
  var stored: TraceEvent?
  var expired: TraceEvent?
  /// NotAfter of the latest certificate.
  var notAfter: Int64?

  init(_ history: NodeHistory) {
    self.history = history
    isBackground = history.world.group(ofNode: history.node).kubelet.rotateCertificates
  }

  var node: String { history.record.name }
  func message(_ event: TraceEvent) -> String { history.world.message(of: event) ?? "" }
}

// MARK: From the start to the certificate

extension LogWriter {
  mutating func messages(of event: TraceEvent) -> [KlogMessage] {
    // Answers still come to a process that is over.
    if isOver, event.kind != .kubeletStarted { return [] }
    switch event.kind {
    case .kubeletStarted:
      (began, isOver) = (event, false)
      (refusal, isEndWritten) = (nil, false)
      hasReachedLimit = false
      repeatsRegistration = false
      return []
    case .retryAfterWaited:
      if event.call == .createNode { repeatsRegistration = true }
      return []
    case .kubeconfigMissing, .kubeconfigExpired, .kubeconfigUnusable, .kubeconfigValid,
      .kubeconfigLoaded:
      (checksBegan, stored, expired) = (event, nil, nil)
      return start(event)
    case .bootstrapKubeconfigLoaded: return loaded
    case .bootstrapKubeconfigUnusable, .storedPairUnusable, .temporaryKeyUnusable,
      .containerRuntimeMissing:
      return [Self.failed(message(event))]
    case .kubeletRunsEarly: return Self.rotationBegins
    case .runtimeLost:
      return [
        KlogMessage(
          "kubelet.go:2661", "Skipping pod synchronization", ["err": message(event)],
          severity: .error)
      ]
    case .rotationStarted:
      rotating = event.attempt
      return [Self.rotates]
    case .serverAwaited:
      return [
        KlogMessage(
          "bootstrap.go:162", "Error waiting for apiserver to come up",
          ["err": "timed out waiting to connect to apiserver"])
      ]
    case .authenticated, .authenticationFailed, .connectionFailed, .seatAwaited,
      .limiterWaited, .requestAnswered:
      return attemptBegins(event) + answer(event)
    case .approvalSeen, .certificateFetched, .certificateStored, .storeFailed, .waitEnded,
      .attemptFailed, .backedOff, .rotationPlanned, .connectionsClosed, .certificateSigned,
      .certificateExpired, .kubeletExited:
      return certificate(event)
    default: return work(event)
    }
  }

  private func start(_ event: TraceEvent) -> [KlogMessage] {
    var messages = [
      KlogMessage(
        "server.go:545", "Kubelet version", ["kubeletVersion": ModelledKubernetes.version])
    ]
    if isBackground {
      messages.append(
        KlogMessage("server.go:991", "Client rotation is on, will bootstrap in background"))
    }
    switch event.kind {
    case .kubeconfigExpired: messages.append(Self.unhandled(message(event), line: 267))
    case .kubeconfigUnusable: messages.append(unusable(event))
    case .kubeconfigValid where isBackground:
      messages.append(
        KlogMessage(
          "bootstrap.go:85",
          "Current kubeconfig file contents are still valid, no bootstrap necessary"))
      messages += Self.rotationBegins
    case .kubeconfigValid:
      messages.append(
        KlogMessage(
          "bootstrap.go:117", "Kubeconfig exists and is valid, skipping bootstrap",
          ["path": Self.kubeconfigPath]))
    case .kubeconfigLoaded where isBackground:
      messages.append(
        KlogMessage("bootstrap.go:65", "No bootstrapping requested, will use kubeconfig"))
      messages += Self.rotationBegins
    default: break
    }
    return messages
  }

  /// A.1, A.2: without a bootstrap kubeconfig, or where the file cannot even be looked at, it is the end.
  private func unusable(_ event: TraceEvent) -> KlogMessage {
    let verdict = KubeconfigVerdict(rawValue: UInt8(truncatingIfNeeded: event.value))
    let isGiven = history.world.group(ofNode: history.node).bootstrapKubeconfig.state != .unset
    guard isGiven, verdict != .inaccessible else { return Self.failed(message(event)) }
    let line =
      switch verdict {
      case .pairUnusable: 252
      case .noCertificate: 261
      default: 242
      }
    return Self.unhandled(message(event), line: line)
  }

  private var loaded: [KlogMessage] {
    if isBackground {
      return [
        KlogMessage(
          "bootstrap.go:101",
          "Use the bootstrap credentials to request a cert, and set kubeconfig to point to the "
            + "certificate dir")
      ]
    }
    return [
      KlogMessage(
        "bootstrap.go:121",
        "Using bootstrap kubeconfig to generate TLS client cert, key and kubeconfig file"),
      KlogMessage(
        "bootstrap.go:152",
        "No valid private key and/or certificate found, reusing existing private key or creating a "
          + "new one"),
    ]
  }

  /// MODE-B writes it once for each attempt, before its first request.
  private mutating func attemptBegins(_ event: TraceEvent) -> [KlogMessage] {
    guard isBackground, event.call == .createRequest, event.attempt != rotating,
      event.component != .approver
    else { return [] }
    rotating = event.attempt
    isEndWritten = false
    return [Self.rotates]
  }
}

// MARK: Work

extension LogWriter {
  private func work(_ event: TraceEvent) -> [KlogMessage] {
    switch event.kind {
    case .nodeAdopted:
      guard history.world.group(ofNode: history.node).kubelet.registersNode else { return [] }
      return [
        KlogMessage(
          "kubelet_node_status.go:128", "Node was previously registered", ["node": node])
      ]
    case .leaseSkipped:
      return [
        KlogMessage(
          "nodelease.go:50",
          "Failed to get node when trying to set owner ref to the node lease",
          ["err": "nodes \"\(node)\" not found", "node": node], severity: .error)
      ]
    case .nodeReady:
      return [
        KlogMessage(
          "kubelet_node_status.go:689", "Recording event message for node",
          ["node": node, "event": "NodeReady"])
      ]
    default: return []
    }
  }
}

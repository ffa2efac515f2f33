import SimulationKernel
import TLSBootstrap

/// What the API server answers, or that it does not.
extension LogWriter {
  mutating func answer(_ event: TraceEvent) -> [KlogMessage] {
    guard event.kind == .requestAnswered || event.kind == .connectionFailed else { return [] }
    switch event.call {
    case .getHealthz where !event.answer.isSuccess: return [unhealthy(event)]
    case .createRequest: return created(event)
    case .getRequest where event.answer.isSuccess && !isBackground && isCompatible(event):
      return [csr("csr.go:98", "csr for this node is still valid", event)]
    case .listRequest where event.answer.isSuccess:
      (watchBegan, informerHasVersion) = (nil, false)
      return reflector
    case .watchRequest: return watched(event)
    case .createNode: return registered(event)
    default: return []
    }
  }

  /// A.6: the check of the CSR that was found comes before the line about it, and may end the attempt.
  private func isCompatible(_ event: TraceEvent) -> Bool {
    let next = history.events.first { later in
      later.id > event.id
        && ([.attemptFailed, .kubeletStarted].contains(later.kind) || later.call == .listRequest)
    }
    return next?.kind != .attemptFailed
  }

  private func unhealthy(_ event: TraceEvent) -> KlogMessage {
    let error =
      event.answer == .unauthorized
      ? "the server has asked for the client to provide credentials"
      : message(event).replacing("/healthz\"", with: "/healthz?timeout=1s\"")
    return KlogMessage("bootstrap.go:297", "Failed to connect to apiserver", ["err": error])
  }

  private mutating func created(_ event: TraceEvent) -> [KlogMessage] {
    switch event.answer {
    case .created:
      let line = csr("csr.go:86", "Certificate signing request created", event)
      return isBackground ? [line] : [line, Self.waits]
    case .alreadyExists:
      refusal = message(event)
      return [csr("csr.go:90", "csr for this node already exists, reusing", event)]
    default:
      refusal = message(event)
      return []
    }
  }

  private mutating func watched(_ event: TraceEvent) -> [KlogMessage] {
    let ended = watchEnded(event)
    guard event.answer.isSuccess else {
      if event.answer == .gone { informerHasVersion = false }
      return ended + [watchRefused(event)]
    }
    defer { (watchBegan, informerHasVersion) = (event.time, true) }
    // One that goes on where the one before it ended says nothing.
    if informerHasVersion { return ended }
    return [
      KlogMessage(
        "reflector.go:507", "Caches populated",
        ["logger": Self.clientLogger, "type": Self.csrType, "reflector": Self.informer])
    ]
  }

  private func watchRefused(_ event: TraceEvent) -> KlogMessage {
    let closes = event.answer == .gone
    return KlogMessage(
      closes ? "reflector.go:651" : "reflector.go:608",
      closes ? "Watch closed" : "Watch failed - backing off",
      [
        "logger": Self.clientLogger, "reflector": Self.informer, "type": Self.csrType,
        "err": message(event),
      ])
  }

  /// The end of a watch, by its timeout or with its connection: known by the answer to the next one, which
  /// follows at once.
  private mutating func watchEnded(_ event: TraceEvent) -> [KlogMessage] {
    guard let began = watchBegan else { return [] }
    watchBegan = nil
    var line = KlogMessage(
      "reflector.go:1093", "Watch close",
      ["logger": Self.clientLogger, "reflector": Self.informer, "type": Self.csrType])
    // Bookmarks, which the model does not have: recorded are 1 in 19 s and 11 in 538 s.
    line.text += " totalItems=\(1 + (event.time - began).nanoseconds / 50_000_000_000)"
    return [line]
  }

  private var reflector: [KlogMessage] {
    [
      KlogMessage(
        "reflector.go:425", "Starting reflector",
        [
          "logger": Self.clientLogger, "type": Self.csrType, "resyncPeriod": "0s",
          "reflector": Self.informer,
        ]),
      KlogMessage(
        "reflector.go:472", "Listing and watching",
        ["logger": Self.clientLogger, "type": Self.csrType, "reflector": Self.informer]),
    ]
  }

  private mutating func registered(_ event: TraceEvent) -> [KlogMessage] {
    let tries =
      repeatsRegistration
      ? []
      : [
        KlogMessage("kubelet_node_status.go:78", "Attempting to register node", ["node": node])
      ]
    repeatsRegistration = false
    guard event.answer == .created else { return tries }
    return tries + [
      KlogMessage("kubelet_node_status.go:81", "Successfully registered node", ["node": node])
    ]
  }

  /// A request that it makes again and again without a certificate (L.2).
  func messages(of request: WaitingRequest) -> [KlogMessage] {
    switch request.call {
    case .createNode:
      return [
        KlogMessage(
          "kubelet_node_status.go:78", "Attempting to register node", ["node": node])
      ]
    case .getCSINode:
      let error = history.world.message(of: request) ?? ""
      return [
        KlogMessage(
          plain: "Failed to contact API server when waiting for CSINode publishing: \(error)",
          "csi_plugin.go:993")
      ]
    default: return []
    }
  }
}

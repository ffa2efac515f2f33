import SimulationKernel
import TLSBootstrap

/// The certificate, and its lack.
extension LogWriter {
  mutating func certificate(_ event: TraceEvent) -> [KlogMessage] {
    switch event.kind {
    case .certificateSigned:
      notAfter = event.value
      return []
    case .approvalSeen:
      let text = "Certificate signing request is approved, waiting to be issued"
      return [csr("csr.go:276", text, event)]
    case .certificateFetched: return fetched(event)
    case .certificateStored:
      stored = event
      hasReachedLimit = false
      return []
    case .certificateExpired:
      // One that had expired when it was made was found by no check (M.2).
      if stored?.time != event.time { expired = event }
      return []
    case .waitEnded:
      isEndWritten = true
      return [
        ended(
          message(event), "certificate_manager.go:613", "Certificate request was not signed")
      ]
    case .storeFailed:
      isEndWritten = true
      return [
        ended(
          "no space left on device", "certificate_manager.go:622",
          "Unable to store the new cert/key pair")
      ]
    case .attemptFailed: return attemptFailed(event)
    case .backedOff: return backedOff(event)
    case .rotationPlanned: return planned(event)
    case .connectionsClosed:
      return [
        KlogMessage(
          "transport.go:147",
          "Certificate rotation detected, shutting down client connections to start using new "
            + "credentials")
      ]
    case .kubeletExited:
      isOver = true
      return exits(event)
    default: return []
    }
  }

  private func fetched(_ event: TraceEvent) -> [KlogMessage] {
    [
      csr("csr.go:272", "Certificate signing request is issued", event),
      KlogMessage(
        "reflector.go:434", "Stopping reflector",
        [
          "logger": Self.clientLogger, "type": Self.csrType, "resyncPeriod": "0s",
          "reflector": Self.informer,
        ]),
    ]
  }

  /// MODE-B goes on, MODE-F's process ends with the same error.
  private func ended(_ error: String, _ source: String, _ text: String) -> KlogMessage {
    isBackground
      ? KlogMessage(source, text, ["err": error, "logger": Self.unhandledLogger], severity: .error)
      : Self.failed(error)
  }

  private mutating func attemptFailed(_ event: TraceEvent) -> [KlogMessage] {
    defer {
      refusal = nil
      isEndWritten = false
    }
    if isEndWritten { return [] }
    if let own = history.world.message(of: event) { return [Self.failed(own)] }
    guard let refusal else { return [] }
    return [
      ended(
        "cannot create certificate signing request: \(refusal)", "certificate_manager.go:596",
        "Failed while requesting a signed certificate from the control plane")
    ]
  }

  private mutating func backedOff(_ event: TraceEvent) -> [KlogMessage] {
    guard event.value == 32_000_000_000, !hasReachedLimit else { return [] }
    hasReachedLimit = true
    return [
      KlogMessage(
        "certificate_manager.go:461",
        "Reached backoff limit, still unable to rotate certs",
        ["err": "timed out waiting for the condition", "logger": Self.unhandledLogger],
        severity: .error)
    ]
  }

  private func planned(_ event: TraceEvent) -> [KlogMessage] {
    let now = history.clock(at: event).reading(at: event.time)
    let sleep = Duration(nanoseconds: event.value)
    let deadline = GoText.time(now + event.value)
    let wait = KlogMessage(
      "certificate_manager.go:431", "Waiting for next certificate rotation",
      ["logger": Self.clientLogger, "sleep": GoText.duration(sleep)])
    guard let notAfter else { return [wait] }
    return [
      KlogMessage(
        "certificate_manager.go:715", "Certificate rotation deadline determined",
        ["logger": Self.clientLogger, "expiration": GoText.time(notAfter), "deadline": deadline]),
      wait,
    ]
  }

  /// B.6: the last check, every 10 s, that found a certificate; else when the checks began.
  private var lastAvailable: Instant? {
    guard let began = checksBegan?.time else { return nil }
    guard let expired else { return began }
    let period = Duration.seconds(10)
    return began + period * ((expired.time - began).nanoseconds / period.nanoseconds)
  }

  private func exits(_ event: TraceEvent) -> [KlogMessage] {
    guard event.value > 0, let began, let seen = lastAvailable else { return [] }
    // The next event of the node may be of a clock that was stepped meanwhile.
    let before = history.events.last { $0.time <= seen } ?? event
    let available = history.clock(at: before).reading(at: seen)
    let elapsed = GoText.seconds(seen - began.time)
    return [
      KlogMessage(
        "transport.go:120", message(event),
        [
          "lastCertificateAvailabilityTime": "\(GoText.time(available)) m=+\(elapsed)",
          "shutdownThreshold": "5m0s",
        ], severity: .error)
    ]
  }
}

/// What the kubelet logs of a wait without a certificate, and of its own end (protocol.md A.7, B.4, B.6).
extension World {
  /// The error of the wait, by the checks of a watch event in their order.
  func waitMessage(of event: TraceEvent) -> String {
    let request = request(at: Int(event.request))
    let stored = server.requests[Int(event.request)]
    let watch = "cannot watch on the certificate signing request: "
    if stored.conditions.contains(.deleted), stored.lastDelivery == event.time {
      return watch + "csr \"\(request.name)\" "
        + (stored.conditions.contains(.replaced) ? "changed UIDs" : "was deleted")
    }
    let isDenied = request.denied.map { $0 <= event.time } ?? false
    let isFailed = request.failed.map { $0 <= event.time } ?? false
    let verdict = conditions(ofRequest: Int(event.request)).first {
      $0.type == "Denied" && isDenied || $0.type == "Failed" && isFailed
    }
    guard let verdict else { return "timed out waiting for the condition" }
    return watch + "certificate signing request "
      + (verdict.type == "Denied" ? "is denied" : "failed")
      + ", reason: \(verdict.reason), message: \(verdict.message)"
  }

  /// A.6: MODE-F met its own CSR again, and it is no use; nil: the answer has been told before.
  func attemptMessage(of event: TraceEvent) -> String? {
    let node = NodeID(Int(event.node))
    guard event.request != TraceEvent.none, !turn.facts.kubeletSettings(of: node).rotateCertificates
    else { return nil }
    let certificate = turn.certificateOfRequest[Int(event.request)]
    guard certificate != TraceEvent.none else { return nil }
    return "retrieved csr is not compatible: one of the certificates for the CSR has expired: "
      + Timestamp.goText(turn.notAfter(of: certificate))
  }

  /// nil: what ended it has been told before.
  func exitMessage(of event: TraceEvent) -> String? {
    event.value == 0
      ? nil : "No valid client certificate is found and the server is responsive, exiting."
  }
}

/// The API server's CSRs, as `kubectl` reads them.
struct RequestList: Sendable {
  let requests: [CertificateSigningRequest]

  /// Pending CSRs, oldest first.
  func pending(
    matching: ApproverSettings.Matching, limit: Int?, _ facts: Facts
  ) -> [UInt32] {
    var found: [UInt32] = []
    for (index, request) in requests.enumerated() where request.conditions.isEmpty {
      if let limit, found.count >= limit { break }
      if matching.matches(request, facts) { found.append(UInt32(index)) }
    }
    return found
  }

  func isUndecided(_ request: UInt32) -> Bool {
    requests[Int(request)].conditions.isDisjoint(with: [.approved, .denied])
  }

  /// Neither decided nor gone.
  func isOpen(_ request: UInt32) -> Bool {
    isUndecided(request) && !requests[Int(request)].conditions.contains(.deleted)
  }

  func resourceVersion(of request: UInt32) -> UInt32 {
    requests[Int(request)].resourceVersion
  }
}

extension ApproverSettings.Matching {
  func matches(_ request: CertificateSigningRequest, _ facts: Facts) -> Bool {
    if let signerName, signerName != request.signerName { return false }
    // A CSR of another client is for no node.
    let node = request.shape == 0 ? facts.name(of: request.node) : ""
    if let nodeName, !Pattern(nodeName).matches(node) { return false }
    guard let requestor else { return true }
    return Pattern(requestor).matches(
      facts.authorizer.user(request.requestor, node: node).name)
  }
}

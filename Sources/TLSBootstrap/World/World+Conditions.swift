/// The conditions of a CSR in the words of whoever set them (protocol.md E.2, E.5, F.2, H.2).
extension World {
  /// In the order in which they were set.
  public func conditions(ofRequest index: Int) -> [RequestCondition] {
    let request = server.requests[index]
    let failure = server.failures[UInt32(index)]
    var conditions: [RequestCondition] = []
    if let type = request.conditions.decision {
      conditions.append(
        RequestCondition(
          type, decisionWords(of: request), seconds: failure?.decisionDate ?? request.date))
    }
    if let failure {
      let isFirst = failure.decisionDate == nil
      conditions.insert(
        RequestCondition("Failed", words(of: failure, request), seconds: failure.date),
        at: isFirst ? 0 : conditions.count)
    }
    conditions += server.otherConditions[UInt32(index)] ?? []
    // A client's list stays as it was put; what others set later comes after it.
    guard let order = server.conditionOrders[UInt32(index)] else { return conditions }
    let put = order.compactMap { type in conditions.first { $0.type == type } }
    return put + conditions.filter { !order.contains($0.type) }
  }

  /// Of the condition that says most of a CSR: of Failed where it has that, else of its decision.
  func conditionWords(ofRequest index: Int) -> (reason: String, message: String) {
    let request = server.requests[index]
    guard let failure = server.failures[UInt32(index)] else { return decisionWords(of: request) }
    return words(of: failure, request)
  }

  private func words(
    of failure: RequestFailure, _ request: CertificateSigningRequest
  ) -> (reason: String, message: String) {
    if let entry = failure.entry { return words(ofEntry: entry, "Failed") }
    let problem =
      request.shape == 0 ? nil : turn.facts.clients.shape(request.shape).signerProblem
    return ("SignerValidationFailure", problem ?? "")
  }

  private func decisionWords(
    of request: CertificateSigningRequest
  ) -> (reason: String, message: String) {
    if let decider = request.decider {
      let approvers = turn.facts.scenario.approvers
      guard Int(decider) < approvers.count else {
        return words(
          ofEntry: Int(decider) - approvers.count, request.conditions.decision ?? "")
      }
      return (approvers[Int(decider)].reason, approvers[Int(decider)].message)
    }
    guard request.conditions.contains(.approved) else { return ("", "") }
    let owner = request.isSelfApproved ? "self kubelet" : "kubelet"
    return (
      "AutoApproved",
      "Auto approving \(owner) client certificate after SubjectAccessReview."
    )
  }

  private func words(ofEntry entry: Int, _ type: String) -> (reason: String, message: String) {
    switch turn.facts.scenario.requests[entry].act {
    case .update(_, let change): change.words(of: type)
    case .decide(_, .approve):
      ("KubectlApprove", "This CSR was approved by kubectl certificate approve.")
    case .decide(_, .deny): ("KubectlDeny", "This CSR was denied by kubectl certificate deny.")
    case .create, .delete, .replace, .ask: ("", "")
    }
  }
}

extension RequestChange {
  fileprivate func words(of type: String) -> (reason: String, message: String) {
    guard case .conditions(let list) = change else { return (reason, message) }
    let written = list.first { $0.type == type }
    return (written?.reason ?? "", written?.message ?? "")
  }
}

extension RequestCondition {
  fileprivate init(_ type: String, _ words: (reason: String, message: String), seconds: Int64) {
    self.type = type
    reason = words.reason
    message = words.message
    date = seconds * 1_000_000_000
  }
}

extension RequestConditions {
  /// Which of the two that exclude each other it has.
  fileprivate var decision: String? {
    contains(.denied) ? "Denied" : contains(.approved) ? "Approved" : nil
  }
}

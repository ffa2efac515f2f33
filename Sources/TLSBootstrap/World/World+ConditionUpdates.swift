import SimulationKernel

/// What a PUT of a CSR's conditions is checked for, and does (protocol.md E.2, E.3).
extension World {
  /// All conditions of the object that is put.
  func sentConditions(_ change: RequestChange, _ request: UInt32) -> [WrittenCondition] {
    let stored = conditions(ofRequest: Int(request)).map(\.written)
    switch change.change {
    case .certificate, .badCertificate: return stored
    case .add(let condition):
      let added = WrittenCondition(
        condition.rawValue, reason: change.reason, message: change.message)
      return stored + [added]
    case .remove(let condition): return stored.filter { $0.type != condition.rawValue }
    case .conditions(let list):
      return change.subresource == .status ? Self.preserving(stored, in: list) : list
    }
  }

  /// Of /status an approval or denial stays as it is, whatever is written of it.
  ///
  /// Source: pkg/registry/certificates/certificates/strategy.go, `preserveConditionInstances`.
  private static func preserving(
    _ stored: [WrittenCondition], in list: [WrittenCondition]
  ) -> [WrittenCondition] {
    list.map { written in
      guard ["Approved", "Denied"].contains(written.type),
        list.count(where: { $0.type == written.type }) == 1
      else { return written }
      return stored.first { $0.type == written.type } ?? written
    }
  }

  /// First what is wrong with the object that there would be, then with the change.
  ///
  /// Source: pkg/apis/certificates/validation/validation.go, `validateCertificateSigningRequestUpdate`.
  func errors(
    of change: RequestChange, _ sent: [WrittenCondition], _ stored: CertificateSigningRequest
  ) -> [String] {
    var errors = WrittenCondition.errors(of: sent)
    let forbidden = "status.conditions: Forbidden: updates may not"
    for condition in RequestChange.Condition.allCases
    where stored.conditions.contains(condition.bit) && !sent.contains(condition) {
      errors.append("\(forbidden) remove a condition of type \"\(condition.rawValue)\"")
    }
    if change.subresource == .status {
      for condition in [RequestChange.Condition.approved, .denied] {
        let count = stored.conditions.contains(condition.bit) ? 1 : 0
        if sent.count(where: { $0.type == condition.rawValue }) > count {
          errors.append("\(forbidden) add a condition of type \"\(condition.rawValue)\"")
        }
      }
    }
    if case .badCertificate(let problem) = change.change {
      errors.append("status.certificate: Invalid value: \"<certificate data>\": \(problem)")
    }
    if change.isCertificate, stored.conditions.contains(.issued) {
      errors.append(
        "status.certificate: Forbidden: updates may not modify existing certificate content")
    }
    return errors
  }

  /// Of /status an approval and a denial that were there stay as they are.
  mutating func store(
    _ sent: [WrittenCondition], _ subresource: RequestChange.Subresource, _ clock: Clock,
    _ call: inout PendingCall
  ) {
    let index = Int(call.request)
    for condition in sent {
      switch RequestChange.Condition(rawValue: condition.type) {
      case .failed:
        if isNew(condition, index) {
          call.flag = true
          server.fail(
            call.request, RequestFailure(at: turn.now, clock, entry: Int(call.owner)))
        }
      case .approved: decide(.approved, condition, subresource, clock, &call)
      case .denied: decide(.denied, condition, subresource, clock, &call)
      case nil: break
      }
    }
    server.conditionOrders[call.request] = sent.map(\.type)
    let others = sent.filter { RequestChange.Condition(rawValue: $0.type) == nil }
    storeOthers(others, clock, index)
  }

  private mutating func decide(
    _ bit: RequestConditions, _ condition: WrittenCondition,
    _ subresource: RequestChange.Subresource, _ clock: Clock, _ call: inout PendingCall
  ) {
    let index = Int(call.request)
    guard subresource == .approval, isNew(condition, index) else { return }
    call.flag = bit == .denied
    if !server.requests[index].conditions.contains(bit) {
      server.requests[index].decided = turn.now
    }
    server.requests[index].conditions.insert(bit)
    server.requests[index].date = clock.seconds(at: turn.now)
    server.requests[index].decider = UInt16(turn.facts.scenario.approvers.count + Int(call.owner))
  }

  private func isNew(_ condition: WrittenCondition, _ index: Int) -> Bool {
    !conditions(ofRequest: index).contains { $0.written == condition }
  }

  private mutating func storeOthers(_ others: [WrittenCondition], _ clock: Clock, _ index: Int) {
    let before = server.otherConditions[UInt32(index)] ?? []
    guard others != before.map(\.written) else { return }
    server.otherConditions[UInt32(index)] = others.map { written in
      before.first { $0.written == written }
        ?? RequestCondition(written, date: clock.seconds(at: turn.now) * 1_000_000_000)
    }
    if others.isEmpty {
      server.requests[index].conditions.remove(.other)
    } else {
      server.requests[index].conditions.insert(.other)
    }
  }
}

extension WrittenCondition {
  /// What no object may have.
  ///
  /// Source: validation.go, `validateConditions`.
  fileprivate static func errors(of list: [WrittenCondition]) -> [String] {
    var errors: [String] = []
    for (place, condition) in list.enumerated() {
      let field = "status.conditions[\(place)]"
      let types = list[..<place].map(\.type)
      if condition.type.isEmpty { errors.append("\(field).type: Required value") }
      errors += condition.statusError.map { ["\(field).status: \($0)"] } ?? []
      let opposite = ["Approved": "Denied", "Denied": "Approved"][condition.type]
      if let opposite, types.contains(opposite) {
        errors.append(StatusText.exclusive(condition.type))
      }
      if types.contains(condition.type) {
        errors.append("\(field).type: Duplicate value: \(GoString.json(condition.type))")
      }
    }
    return errors
  }

  private var statusError: String? {
    let isKnown = RequestChange.Condition(rawValue: type) != nil
    let allowed = isKnown ? ["True"] : ["False", "True", "Unknown"]
    if status.isEmpty { return "Required value" }
    if allowed.contains(status) { return nil }
    return "Unsupported value: \(GoString.json(status)): supported values: "
      + allowed.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}

extension [WrittenCondition] {
  fileprivate func contains(_ condition: RequestChange.Condition) -> Bool {
    contains { $0.type == condition.rawValue }
  }
}

extension RequestChange {
  var isCertificate: Bool {
    switch change {
    case .certificate, .badCertificate: true
    case .add, .remove, .conditions: false
    }
  }
}

extension RequestChange.Condition {
  fileprivate var bit: RequestConditions {
    switch self {
    case .approved: .approved
    case .denied: .denied
    case .failed: .failed
    }
  }
}

extension RequestCondition {
  /// Without its date.
  var written: WrittenCondition {
    var written = WrittenCondition(type, reason: reason, message: message)
    written.status = status
    return written
  }

  fileprivate init(_ written: WrittenCondition, date: Int64) {
    self.init(
      type: written.type, status: written.status, reason: written.reason,
      message: written.message, date: date)
  }
}

import TLSBootstrap

/// `audit.k8s.io/v1` Event.
struct AuditEventObject: Encodable {
  let kind = "Event"
  let apiVersion = "audit.k8s.io/v1"
  let level = "Metadata"
  let auditID: String
  let stage: String
  let requestURI: String
  let verb: String
  let user: User
  /// The model has no addresses.
  let sourceIPs = ["127.0.0.1"]
  let userAgent: String
  let objectRef: ObjectReference?
  let responseStatus: Status
  let requestReceivedTimestamp: String
  let stageTimestamp: String
  let annotations: [String: String]?

  struct User: Encodable {
    var username: String?
    var groups: [String]?
  }

  struct ObjectReference: Encodable {
    let resource: String
    let namespace: String?
    let name: String?
    let apiGroup: String?
    let apiVersion = "v1"
    let subresource: String?

    /// nil: a path that is no resource.
    init?(_ request: AuditedRequest) {
      let shape = request.call.shape
      guard !shape.resource.isEmpty else { return nil }
      resource = shape.resource
      namespace = shape.namespace.unlessEmpty
      name = request.objectName.unlessEmpty
      apiGroup = shape.group.unlessEmpty
      subresource = shape.subresource.unlessEmpty
    }
  }

  struct Status: Encodable {
    let metadata: [String: String] = [:]
    let status: String?
    let message: String?
    let reason: String?
    let details: Details?
    let code: Int

    struct Details: Encodable {
      let name: String?
      let group: String?
      let kind: String
    }

    init(_ request: AuditedRequest) {
      let shape = request.call.shape
      let isFailure = !request.answer.isSuccess
      code = Int(request.answer.code)
      status = isFailure ? "Failure" : nil
      message = isFailure ? request.message : nil
      reason = isFailure ? request.answer.reason.unlessEmpty : nil
      let hasDetails =
        [403, 404, 409].contains(request.answer.code) && !shape.resource.isEmpty
      details =
        hasDetails
        ? Details(
          name: request.objectName.unlessEmpty, group: shape.group.unlessEmpty,
          kind: shape.resource) : nil
    }
  }
}

extension String {
  /// nil where it is empty: such fields are not written.
  fileprivate var unlessEmpty: String? { isEmpty ? nil : self }
}

import TLSBootstrap

extension AuditEventObject {
  /// What is left of the answer's `metav1.Status`.
  struct Status {
    let code: Int
    var status: String?
    var message: String?
    var reason: String?
    var details: Details?

    struct Details {
      var name: String?
      var group: String?
      var kind: String
      var uid: String?
      var causes: [Cause] = []
    }

    /// A field that is not valid.
    struct Cause {
      let field: String
      let message: String
      let reason: String
    }

    /// - Parameter deleted: the UID of the object that the request deleted.
    init(_ request: AuditedRequest, deleted: String?) {
      code = request.isInternalError ? 500 : Int(request.answer.code)
      if let deleted {
        status = "Success"
        details = Details(request, name: request.objectName, uid: deleted)
      }
      // K.3: without a seat the answer is plain text, and its client has words of its own.
      guard !request.answer.isSuccess, request.answer != .tooManyRequests else { return }
      status = "Failure"
      message = request.message
      reason = request.isInternalError ? nil : request.answer.reason.unlessEmpty
      let hasDetails = [403, 404, 409].contains(code) && !request.shape.resource.isEmpty
      if hasDetails { details = Details(request, name: Self.name(request)) }
      if code == 422, let message { details = Details(invalid: message, request) }
    }

    /// Of the object; of one that the server was to name the name that admission saw, which the message has:
    /// `resource.group "name" is forbidden: …`.
    ///
    /// Source: apiserver `pkg/admission/errors.go`, `NewForbidden`; audit/fail-n-signer-apiserver-client-masters.
    private static func name(_ request: AuditedRequest) -> String {
      guard request.objectName.isEmpty, request.isDecoded else { return request.objectName }
      let match = request.message?.firstMatch(of: /^\S+ "([^"]*)" is forbidden:/)
      return match.map { String($0.1) } ?? ""
    }

    func write(to json: inout JSONWriter) {
      json.member("code", code)
      json.member("details", json: details?.object.compactJSON)
      json.member("message", message)
      json.object("metadata") { _ in }
      json.member("reason", reason)
      json.member("status", status)
    }
  }
}

extension AuditEventObject.Status.Details {
  init(_ request: AuditedRequest, name: String, uid: String? = nil) {
    let shape = request.shape
    self.init(
      name: name.unlessEmpty, group: shape.group.unlessEmpty, kind: shape.resource, uid: uid)
  }

  /// Of `Kind.group "name" is invalid: field: problem`; of several fields `[field: problem, …]`.
  init?(invalid message: String, _ request: AuditedRequest) {
    guard
      let match = message.firstMatch(of: /^([A-Za-z]+)\.\S+ "([^"]*)" is invalid: (\[)?(.*?)\]?$/)
    else { return nil }
    let problems =
      match.3 == nil ? [match.4] : match.4.split(separator: /, (?=(?:metadata|spec|status)\.\S+: )/)
    self.init(
      name: String(match.2).unlessEmpty, group: request.shape.group.unlessEmpty,
      kind: String(match.1), uid: nil, causes: problems.map(AuditEventObject.Status.Cause.init))
  }
}

extension AuditEventObject.Status.Cause {
  /// Source: apimachinery `field.Error.Type`, and what `NewInvalid` makes of it.
  private static let reasons = [
    "Invalid value": "FieldValueInvalid", "Required value": "FieldValueRequired",
    "Unsupported value": "FieldValueNotSupported", "Duplicate value": "FieldValueDuplicate",
    "Forbidden": "FieldValueForbidden",
  ]

  init(_ problem: Substring) {
    let parts = problem.split(separator: ": ", maxSplits: 1)
    field = String(parts[0])
    message = parts.count > 1 ? String(parts[1]) : ""
    let type = message.prefix { $0 != ":" }
    reason = Self.reasons[String(type)] ?? "FieldValueInvalid"
  }
}

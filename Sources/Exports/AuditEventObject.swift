import Inspection
import TLSBootstrap

/// `audit.k8s.io/v1` Event; members are written in the order of the alphabet.
struct AuditEventObject {
  let auditID: String
  let stage: String
  let requestURI: String
  let verb: String
  let user: JSONWriter
  /// As whom the user acts, and by which constrained permission; nil: as itself.
  let impersonated: (user: JSONWriter, constraint: String?)?
  let userAgent: String
  let objectRef: ObjectReference?
  let responseStatus: Status
  let requestReceivedTimestamp: String
  let stageTimestamp: String
  let annotations: Annotations?
  /// nil: the event is of level Metadata.
  let bodies: AuditBodies.Bodies?

  func write(to event: inout JSONWriter) {
    if let annotations { event.object("annotations", annotations.write) }
    event.member("apiVersion", "audit.k8s.io/v1")
    event.member("auditID", auditID)
    if let constraint = impersonated?.constraint {
      event.object("authenticationMetadata") { $0.member("impersonationConstraint", constraint) }
    }
    if let impersonated { event.member("impersonatedUser", impersonated.user) }
    event.member("kind", "Event")
    event.member("level", bodies == nil ? "Metadata" : "RequestResponse")
    if let objectRef { event.object("objectRef", objectRef.write) }
    event.member("requestObject", json: bodies?.request?.compactJSON)
    event.member("requestReceivedTimestamp", requestReceivedTimestamp)
    event.member("requestURI", requestURI)
    event.member("responseObject", json: bodies?.response?.compactJSON)
    event.object("responseStatus", responseStatus.write)
    // The model has no addresses.
    event.list("sourceIPs") { $0.item("127.0.0.1") }
    event.member("stage", stage)
    event.member("stageTimestamp", stageTimestamp)
    event.member("user", user)
    event.member("userAgent", userAgent)
    event.member("verb", verb)
  }

  struct Annotations {
    /// Of the token that the request issued.
    let issuedCredential: String?
    let decision: String
    let reason: String

    func write(to annotations: inout JSONWriter) {
      annotations.member(CredentialIDs.issuedKey, issuedCredential)
      annotations.member("authorization.k8s.io/decision", decision)
      annotations.member("authorization.k8s.io/reason", reason)
    }
  }

  struct ObjectReference {
    let resource: String
    let namespace: String?
    let name: String?
    let apiGroup: String?
    let apiVersion: String
    let subresource: String?
    /// Of the object in the request's body.
    let uid: String?
    let resourceVersion: String?

    /// nil: a path that is no resource.
    init?(_ request: AuditedRequest, sent: (uid: String, version: Int64?)?) {
      let shape = request.shape
      guard !shape.resource.isEmpty else { return nil }
      resource = shape.resource
      namespace = shape.namespace.unlessEmpty
      name = request.objectName.unlessEmpty
      apiGroup = shape.group.unlessEmpty
      apiVersion = request.apiVersion
      subresource = shape.subresource.unlessEmpty
      uid = sent?.uid
      resourceVersion = sent?.version.map { "\($0)" }
    }

    func write(to reference: inout JSONWriter) {
      reference.member("apiGroup", apiGroup)
      reference.member("apiVersion", apiVersion)
      reference.member("name", name)
      reference.member("namespace", namespace)
      reference.member("resource", resource)
      reference.member("resourceVersion", resourceVersion)
      reference.member("subresource", subresource)
      reference.member("uid", uid)
    }
  }
}

extension String {
  /// nil where it is empty: such fields are not written.
  var unlessEmpty: String? { isEmpty ? nil : self }
}

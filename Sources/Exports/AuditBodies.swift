import Inspection
import SimulationKernel
import TLSBootstrap
import TraceStore

/// The objects that requests about CSRs, nodes, access reviews and refusals carry: what the model has all parts
/// of.
struct AuditBodies {
  private let world: World
  private let run: TraceFile.Run
  private var credentials: CredentialIDs
  /// By CSR, as it is by now.
  private var states: [UInt32: State] = [:]
  /// Access reviews that were allowed, and those that asked for nodeclient after selfnodeclient was refused.
  var objects: WrittenObjects
  /// What nodes said of themselves, by the request that did.
  let reports: [UInt32: TraceEvent]
  /// The number of the request that wrote to the storage last.
  private(set) var latestWrite: UInt32 = 0
  private let allowed: Set<Int64>
  private let seconds: Set<Int64>

  private struct State {
    var version: UInt32
    var conditions: [RequestCondition] = []
    var hasCertificate = false
    /// Whether somebody wrote it whose words the trace has not.
    var isUnknown = false
  }

  /// nil: the request has none, or none was read.
  typealias Bodies = (request: KubernetesDocument?, response: KubernetesDocument?)

  init(_ world: World, _ trace: TraceFile, _ run: TraceFile.Run, _ credentials: CredentialIDs)
    throws
  {
    self.world = world
    self.run = run
    self.credentials = credentials
    objects = WrittenObjects(world, of: run, inputs: try trace.inputs().map(\.text))
    reports = try NodeEvents.reports(trace)
    allowed = Set(try trace.rows(Self.allowedReviews) { $0[0] as Int64 })
    let call = Int(Call.createSubjectAccessReview.rawValue)
    seconds = Set(try trace.rows(Self.secondReviews, [call]) { $0[0] as Int64 })
  }

  /// To be asked in the order of stages, also of writes after a 504.
  ///
  /// - Returns: nil where the model has not all of it.
  mutating func bodies(of request: AuditedRequest, _ status: AuditEventObject.Status) -> Bodies? {
    guard request.answer.isSuccess || request.isLateWrite else { return refusal(request, status) }
    // What there would be, the trace does not say.
    if request.isDryRun, request.call != .deleteRequest { return nil }
    if request.writesToStorage { latestWrite = UInt32(request.id) }
    if request.call == .createSubjectAccessReview { return review(request) }
    guard let number = request.csrNumber else { return nodeBodies(request) }
    switch request.call {
    case .createRequest:
      states[number] = State(version: UInt32(request.id))
      return (document(number).sent, stored(number))
    case .getRequest, .approverRead: return stored(number).map { (nil, $0) }
    case .updateApproval: return decide(request, number)
    case .updateStatus: return sign(request, number)
    case .listRequest: return list(number)
    case .deleteRequest:
      if !request.isDryRun { states[number] = nil }
      return (nil, status.object)
    default: return nil
    }
  }

  /// An event of a node that no request tells of, in the order of time.
  mutating func note(_ event: TraceEvent) { objects.note(event) }

  /// Without a seat the answer is plain text (K.3).
  private func refusal(
    _ request: AuditedRequest, _ status: AuditEventObject.Status
  ) -> Bodies? {
    guard request.answer != .tooManyRequests, !request.shape.resource.isEmpty else {
      return nil
    }
    return (nil, status.object)
  }
}

// MARK: CSRs

extension AuditBodies {
  private mutating func document(_ number: UInt32) -> RequestDocument {
    let record = world.request(at: Int(number))
    return RequestDocument(
      ofRequest: Int(number), of: world, seed: run.seed,
      credential: credentials.identifier(of: record.requestor, at: record.created))
  }

  private mutating func stored(_ number: UInt32) -> KubernetesDocument? {
    guard let state = states[number], !state.isUnknown else { return nil }
    return document(number).stored(
      version: state.version, conditions: state.conditions, hasCertificate: state.hasCertificate)
  }

  /// By its name: of one that is deleted there is none.
  private mutating func list(_ number: UInt32) -> Bodies? {
    let object = stored(number)
    guard object != nil || states[number] == nil else { return nil }
    return (
      nil,
      .list(
        "CertificateSigningRequestList", "certificates.k8s.io/v1", [object].compactMap { $0 },
        version: latestWrite)
    )
  }

  /// csrapproving leaves the date of its condition to the server (F.2); kubectl dates it itself.
  private mutating func decide(_ request: AuditedRequest, _ number: UInt32) -> Bodies? {
    let conditions = world.conditions(ofRequest: Int(number))
    let decisions = conditions.filter { ["Approved", "Denied"].contains($0.type) }
    let areKnown = conditions.allSatisfy { ["Approved", "Denied", "Failed"].contains($0.type) }
    guard let state = states[number], !state.isUnknown, areKnown,
      decisions.indices.contains(state.conditions.count),
      let clock = world.datingClock(of: request.identity, at: UInt32(request.id))
    else {
      states[number]?.isUnknown = true
      return nil
    }
    let date = clock.reading(at: Instant(nanoseconds: request.time))
    var condition = decisions[state.conditions.count]
    condition.date = request.identity.kind == .approver ? date : nil
    let sent = document(number).stored(
      version: state.version, conditions: state.conditions + [condition], hasCertificate: false)
    condition.date = date
    states[number]?.conditions.append(condition)
    states[number]?.version = UInt32(request.id)
    return (sent, stored(number))
  }

  private mutating func sign(_ request: AuditedRequest, _ number: UInt32) -> Bodies? {
    guard let state = states[number], !state.isUnknown, request.identity.kind != .client,
      world.request(at: Int(number)).failed == nil
    else {
      states[number]?.isUnknown = true
      return nil
    }
    states[number]?.hasCertificate = true
    let sent = document(number).stored(
      version: state.version, conditions: state.conditions, hasCertificate: true)
    states[number]?.version = UInt32(request.id)
    return (sent, stored(number))
  }
}

// MARK: Access reviews (F.2)

extension AuditBodies {
  private mutating func review(_ request: AuditedRequest) -> Bodies? {
    guard let number = request.csrNumber else { return nil }
    let record = world.request(at: Int(number))
    let username = world.username(of: record.requestor)
    // Of a CSR for its own creator csrapproving asks for selfnodeclient first (F.1).
    let subject = world.shape(ofRequest: Int(number)).request?.commonName
    let isSelf = subject == username && !seconds.contains(request.id)
    let isAllowed = allowed.contains(request.id)
    let uid = DrawnIdentifiers(seed: run.seed).uid(ofUser: username)
    let credential = credentials.identifier(of: record.requestor, at: record.created)
    let spec = KubernetesDocument.fields([
      "extra": credential.map { .object([CredentialIDs.key: .list([.string($0)])]) },
      "groups": .list(world.groups(of: record.requestor).map { .string($0) }),
      "resourceAttributes": .object([
        "group": "certificates.k8s.io", "resource": "certificatesigningrequests",
        "subresource": isSelf ? "selfnodeclient" : "nodeclient", "verb": "create", "version": "*",
      ]), "uid": uid.map { .string($0) }, "user": .string(username),
    ])
    let reason = world.reviewReason(ofRequest: Int(number), isSelf: isSelf, isAllowed: isAllowed)
    let status = KubernetesDocument.fields([
      "allowed": .boolean(isAllowed), "reason": reason.map { .string($0) },
    ])
    return (
      Self.review(spec, .object(["allowed": .boolean(false)])), Self.review(spec, status)
    )
  }

  private static func review(
    _ spec: KubernetesDocument, _ status: KubernetesDocument
  ) -> KubernetesDocument {
    .object([
      "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
      "metadata": .object([:]), "spec": spec, "status": status,
    ])
  }

  private static let allowedReviews = """
    SELECT e.cause FROM event e JOIN kind k ON k.id = e.kind WHERE k.name = 'reviewAllowed'
    """

  /// A refused review led to it, at once or after a wait for a token or a seat.
  private static let secondReviews = """
    WITH refusal(kind) AS (SELECT id FROM kind WHERE name = 'reviewRefused'),
    wait(kind) AS (SELECT id FROM kind WHERE name IN ('limiterWaited', 'seatAwaited'))
    SELECT e.id FROM event e
    JOIN kind k ON k.id = e.kind
    JOIN event p ON p.id = e.cause
    LEFT JOIN event q ON q.id = p.cause AND p.kind IN (SELECT kind FROM wait)
    LEFT JOIN event r ON r.id = q.cause AND q.kind IN (SELECT kind FROM wait)
    WHERE k.name = 'requestAnswered' AND e.call = ?
      AND EXISTS (SELECT 1 FROM refusal WHERE kind IN (p.kind, q.kind, r.kind))
    """
}

extension AuditEventObject.Status {
  /// `metav1.Status` as the client gets it.
  var object: KubernetesDocument {
    .fields([
      "apiVersion": "v1", "code": status == "Success" ? nil : .integer(Int64(code)),
      "details": details.map(\.object), "kind": "Status", "message": message.map { .string($0) },
      "metadata": .object([:]), "reason": reason.map { .string($0) },
      "status": status.map { .string($0) },
    ])
  }
}

extension AuditEventObject.Status.Details {
  var object: KubernetesDocument {
    let causes = causes.map { cause -> KubernetesDocument in
      .object([
        "field": .string(cause.field), "message": .string(cause.message),
        "reason": .string(cause.reason),
      ])
    }
    return .fields([
      "causes": causes.isEmpty ? nil : .list(causes), "group": group.map { .string($0) },
      "kind": .string(kind), "name": name.map { .string($0) }, "uid": uid.map { .string($0) },
    ])
  }
}

import GRDB
import Inspection
import SimulationKernel
import TLSBootstrap
import TraceStore

/// What the API server's audit log would have: an `audit.k8s.io/v1` Event a line.
struct AuditExport {
  private let trace: TraceFile
  private let run: TraceFile.Run
  private let world: World
  private var credentials: CredentialIDs
  private var versions: ObjectVersions
  /// nil: the level is Metadata.
  private var bodies: AuditBodies?
  private let identifiers: DrawnIdentifiers
  private var times = MicroTimes()
  private var line = JSONWriter()
  /// Of the run: each event's begins with it.
  private var digest = Digest()
  /// By `Identity`, with the credential of then.
  private var users: [UInt32: (credential: String?, text: JSONWriter)] = [:]

  /// - Throws: `TraceError` where this build of bootsim plays the run otherwise: groups and bindings are
  ///   not in the trace.
  init(_ export: Export, level: Export.AuditLevel) throws {
    trace = export.trace
    run = export.recorded.run
    world = try export.world { $0.listsBrokenRequests = true }
    identifiers = DrawnIdentifiers(seed: run.seed)
    credentials = CredentialIDs(world, seed: run.seed)
    versions = ObjectVersions(identifiers)
    digest.absorb(run.digest.utf8)
    try noteCredentials()
    if level == .requestResponse {
      bodies = try AuditBodies(world, trace, run, credentials)
    }
  }

  /// In the order in which an API server writes: of the stages.
  mutating func write(to output: ExportOutput) throws {
    try trace.reading { database in
      let rows = try Row.fetchCursor(database, sql: AuditedRequest.query)
      var others = bodies == nil ? nil : try NodeEvents(database)
      var broken = world.brokenRequests.enumerated().map {
        AuditedRequest($1, number: $0, in: world)
      }[...]
      while let row = try rows.next() {
        guard let request = AuditedRequest(row, in: world) else { continue }
        while let first = broken.first, first.time <= request.time {
          try write(broken: first, to: output)
          broken.removeFirst()
        }
        while let event = try others?.next(before: request) { bodies?.note(event) }
        let status = AuditEventObject.Status(request, deleted: versions.deleted(by: request))
        let carried = bodies?.bodies(of: request, status)
        if !request.isLateWrite { try write(request, status, carried, to: output) }
        versions.note(request)
      }
      for request in broken { try write(broken: request, to: output) }
    }
  }

  /// Whose client had closed the connection: nothing of what it wrote is known here.
  private mutating func write(broken request: AuditedRequest, to output: ExportOutput) throws {
    let status = AuditEventObject.Status(request, deleted: nil)
    let carried = request.answer.isSuccess ? nil : bodies?.bodies(of: request, status)
    try write(request, status, carried, to: output)
  }

  private mutating func write(
    _ request: AuditedRequest, _ status: AuditEventObject.Status, _ bodies: AuditBodies.Bodies?,
    to output: ExportOutput
  ) throws {
    for stage in stages(of: request) {
      try write(event(request, stage, status, bodies), to: output)
    }
  }

  /// Who is refused at the door gets no further stage than the first. A watch goes on, and nothing says when it
  /// ends; one that is refused ends with its answer.
  ///
  /// Source: apiserver `pkg/endpoints/filters/audit.go` and `authn_audit.go`.
  private func stages(of request: AuditedRequest) -> [String] {
    if request.answer == .unauthorized { return ["ResponseStarted"] }
    guard request.shape.verb == "watch" else { return ["ResponseComplete"] }
    let goesOn = request.answer.isSuccess && !request.isBroken
    return ["ResponseStarted"] + (goesOn ? [] : ["ResponseComplete"])
  }

  private mutating func write(_ event: AuditEventObject, to output: ExportOutput) throws {
    line.clear()
    line.object { event.write(to: &$0) }
    line.endLine()
    try output.write(line.utf8)
  }

  private mutating func event(
    _ request: AuditedRequest, _ stage: String, _ status: AuditEventObject.Status,
    _ bodies: AuditBodies.Bodies?
  ) -> AuditEventObject {
    AuditEventObject(
      auditID: identifier(request.id), stage: stage,
      requestURI: RequestURI(request, seed: digest(request.id)).text, verb: request.shape.verb,
      user: request.answer == .unauthorized ? JSONWriter.object { _ in } : user(request),
      impersonated: impersonated(request),
      userAgent: request.userAgent,
      objectRef: AuditEventObject.ObjectReference(request, sent: versions.sent(by: request)),
      responseStatus: status,
      requestReceivedTimestamp: times.text(run.start + request.time - request.duration),
      stageTimestamp: times.text(run.start + request.time), annotations: annotations(request),
      bodies: bodies)
  }

  /// Source: apiserver pkg/audit/request.go, `LogImpersonatedUser`.
  private func impersonated(
    _ request: AuditedRequest
  ) -> (user: JSONWriter, constraint: String?)? {
    guard let found = world.impersonation(of: request.identity) else { return nil }
    let text = JSONWriter.object { user in
      user.list("groups") { list in world.groups(of: request.identity).forEach { list.item($0) } }
      user.member("uid", found.wanted.uid.unlessEmpty)
      user.member("username", found.wanted.name)
    }
    return (text, found.constraint)
  }

  private mutating func user(_ request: AuditedRequest) -> JSONWriter {
    let identity = world.impersonation(of: request.identity)?.requestor ?? request.identity
    let received = Instant(nanoseconds: request.time - request.duration)
    let credential = credentials.identifier(of: identity, at: received)
    if let known = users[identity.packed], known.credential == credential { return known.text }
    let name = world.username(of: identity)
    let text = JSONWriter.object { user in
      if let credential {
        user.object("extra") { extra in extra.list(CredentialIDs.key) { $0.item(credential) } }
      }
      user.list("groups") { list in world.groups(of: identity).forEach { list.item($0) } }
      user.member("uid", identifiers.uid(ofUser: name))
      user.member("username", name)
    }
    users[identity.packed] = (credential, text)
    return text
  }

  /// nil: who is refused at the door, or queued for too long, is never looked at by an authorizer (C.1).
  private func annotations(_ request: AuditedRequest) -> AuditEventObject.Annotations? {
    if [.unauthorized, .tooManyRequests].contains(request.answer) { return nil }
    // Who may not act as another, or says it wrong, gets no further either.
    if request.identity.kind == .client || request.identity.kind == .anonymous,
      [.forbidden, .badRequest].contains(request.answer), isRefusedImpersonation(request)
    {
      return nil
    }
    let issuesToken = request.call == .createServiceAccountToken && request.answer.isSuccess
    return AuditEventObject.Annotations(
      issuedCredential: issuesToken
        ? credentials.identifier(ofTokenIssuedBy: UInt32(request.id)) : nil,
      decision: request.answer == .forbidden ? "forbid" : "allow",
      reason: request.asked.map { world.authorizationReason(of: $0, by: request.identity) }
        ?? world.authorizationReason(
          of: request.call, by: request.identity, node: request.node, request: request.csr))
  }

  private func isRefusedImpersonation(_ request: AuditedRequest) -> Bool {
    world.entry(ofClient: request.identity)?.credentials.impersonated != nil
      && world.impersonation(of: request.identity) == nil
  }

  private func digest(_ event: Int64) -> Digest {
    var digest = digest
    digest.absorb(UInt64(bitPattern: event))
    return digest
  }

  /// A UUID of version 8 (RFC 9562): made from the run's digest, the same on every machine.
  private func identifier(_ event: Int64) -> String {
    var digits = Array(digest(event).text.utf8)
    digits[12] = UInt8(ascii: "8")
    digits[16] = UInt8(ascii: "8")
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
      .map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-")
  }
}

/// RFC 3339 with microseconds, as `metav1.MicroTime`, of instants most of which are in the second of the one
/// before.
private struct MicroTimes {
  private var second = Int64.min
  /// All but the microseconds.
  private var head = ""

  mutating func text(_ nanoseconds: Int64) -> String {
    // Instants before 1970 are spelled one by one.
    guard nanoseconds >= 0 else { return Timestamp.microText(nanoseconds) }
    if nanoseconds / 1_000_000_000 != second {
      second = nanoseconds / 1_000_000_000
      head = Timestamp.text(nanoseconds).dropLast() + "."
    }
    let micros = nanoseconds % 1_000_000_000 / 1_000
    return head + String(1_000_000 + micros).dropFirst() + "Z"
  }
}

// MARK: Credentials

extension AuditExport {
  private mutating func noteCredentials() throws {
    for stored in try trace.rows(Self.stored, [], Self.change) {
      if let node = stored.node, let csr = stored.csr {
        credentials.noteStored(node: node, request: csr, at: stored.time)
      }
    }
    let create = Int(Call.createServiceAccountToken.rawValue)
    for issued in try trace.rows(Self.issued, [create], Self.change) {
      credentials.noteToken(issuedBy: issued.id, at: issued.time)
    }
  }

  private static let stored = """
    SELECT e.id, e.time_ns, e.node, e.csr FROM event e JOIN kind k ON k.id = e.kind
    WHERE k.name = 'certificateStored' ORDER BY e.id
    """
  private static let issued = """
    SELECT e.id, e.time_ns, e.node, e.csr FROM event e JOIN kind k ON k.id = e.kind
    JOIN answer a ON a.id = e.answer
    WHERE k.name = 'requestAnswered' AND e.call = ? AND a.code = 201 ORDER BY e.id
    """

  private static func change(
    _ row: Row
  ) -> (id: UInt32, time: Instant, node: UInt32?, csr: UInt32?) {
    (row[0], Instant(nanoseconds: row[1]), row[2], row[3])
  }
}

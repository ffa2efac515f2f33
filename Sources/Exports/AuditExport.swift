import Foundation
import GRDB
import SimulationKernel
import TLSBootstrap
import TraceStore

/// What the API server's audit log would have: an `audit.k8s.io/v1` Event a line, of level Metadata.
struct AuditExport {
  private let trace: TraceFile
  private let run: TraceFile.Run
  private let world: World

  /// - Throws: `TraceError` where this build of bootsim plays the run otherwise: groups and bindings are
  ///   not in the trace.
  init(_ export: Export) throws {
    trace = export.trace
    run = export.recorded.run
    world = try export.recorded.world()
  }

  /// In the order in which an API server writes: of the stages.
  func write(to output: ExportOutput) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try trace.reading { database in
      let rows = try Row.fetchCursor(database, sql: Self.query)
      while let row = try rows.next() {
        guard let request = AuditedRequest(row) else { continue }
        try output.write(encoder.encode(event(request)))
        try output.write("\n")
      }
    }
  }

  private static let query = """
    SELECT e.id, e.time_ns, e.value, e.call, e.answer, e.user, v.node, v.csr, v.message, g.text
    FROM event e
    JOIN events v ON v.id = e.id
    LEFT JOIN user u ON u.id = e.user
    LEFT JOIN user_call x ON x.user = e.user AND x.call = e.call
    LEFT JOIN user_agent g ON g.id = coalesce(x.user_agent, u.user_agent)
    WHERE v.kind = 'requestAnswered' AND v.code > 0 AND v.verb <> ''
    ORDER BY e.time_ns, e.id
    """

  private func event(_ request: AuditedRequest) -> AuditEventObject {
    let shape = request.call.shape
    let isRefused = request.answer == .unauthorized
    // A watch goes on, and nothing says when it ends; who is refused at the door gets no further stage.
    let isStarted = isRefused || shape.verb == "watch"
    return AuditEventObject(
      auditID: identifier(request.id),
      stage: isStarted ? "ResponseStarted" : "ResponseComplete",
      requestURI: RequestURI(request, seed: digest(request.id)).text, verb: shape.verb,
      user: isRefused ? AuditEventObject.User() : user(request.identity),
      userAgent: request.userAgent, objectRef: AuditEventObject.ObjectReference(request),
      responseStatus: AuditEventObject.Status(request),
      requestReceivedTimestamp: timestamp(request.time - request.duration),
      stageTimestamp: timestamp(request.time),
      annotations: isRefused ? nil : annotations(request))
  }

  private func user(_ identity: Identity) -> AuditEventObject.User {
    AuditEventObject.User(
      username: world.username(of: identity), groups: world.groups(of: identity))
  }

  private func annotations(_ request: AuditedRequest) -> [String: String] {
    [
      "authorization.k8s.io/decision": request.answer == .forbidden ? "forbid" : "allow",
      "authorization.k8s.io/reason": world.authorizationReason(
        of: request.call, by: request.identity, node: request.node, request: request.csr),
    ]
  }

  private func digest(_ event: Int64) -> Digest {
    var digest = Digest()
    digest.absorb(run.digest.utf8)
    digest.absorb(UInt64(bitPattern: event))
    return digest
  }

  /// A UUID of version 8 (RFC 9562): made from the run's digest, the same on every machine.
  private func identifier(_ event: Int64) -> String {
    var digits = Array(digest(event).text)
    digits[12] = "8"
    digits[16] = "8"
    for place in [20, 16, 12, 8] { digits.insert("-", at: place) }
    return String(digits)
  }

  /// RFC 3339 with microseconds, as `metav1.MicroTime`.
  private func timestamp(_ nanoseconds: Int64) -> String {
    Timestamp.microText(run.start + nanoseconds)
  }
}

/// A request that the API server answered.
struct AuditedRequest {
  let id: Int64
  let time: Int64
  let duration: Int64
  let call: Call
  let answer: Answer
  let identity: Identity
  /// Empty: none is concerned.
  let node: String
  let csr: String
  let message: String?
  let userAgent: String

  init?(_ row: Row) {
    guard let call = Call(rawValue: row[3]), let answer = Answer(rawValue: row[4]) else {
      return nil
    }
    id = row[0]
    time = row[1]
    duration = row[2]
    self.call = call
    self.answer = answer
    identity = (row[5] as Int64?).flatMap(Identity.init(rowID:)) ?? .nobody
    node = row[6] ?? ""
    csr = row[7] ?? ""
    message = row[8]
    userAgent = row[9] ?? ""
  }

  /// Of the object that it is about; empty for a collection, or where the server makes the name.
  var objectName: String {
    switch call {
    case .createNode, .createCSINode, .createLease: node
    case .createLeaderLease: "kube-controller-manager"
    // A kubelet of MODE-F names its CSR by its key; else the server makes the name.
    case .createRequest: csr.hasPrefix("node-csr-") ? csr : ""
    default:
      switch call.shape.object {
      case .none: ""
      case .node: node
      case .request: csr
      case .serviceAccount, .leaderLease, .configMap: call.shape.name
      }
    }
  }
}

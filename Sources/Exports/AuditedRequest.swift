import GRDB
import SimulationKernel
import TLSBootstrap

/// A request that the API server answered, or a write that it did after it had answered.
struct AuditedRequest {
  let id: Int64
  let time: Int64
  let duration: Int64
  let call: Call
  let answer: Answer
  let identity: Identity
  /// By their places; nil: none is concerned.
  let nodeNumber: UInt32?
  let csrNumber: UInt32?
  /// Empty: none is concerned.
  let node: String
  let csr: String
  let message: String?
  let userAgent: String
  /// Whether it was done after its client was told 504, or had closed its connection.
  let isLateWrite: Bool

  /// Events in the order of stages; failures with their message. A late write has no answer, and went well.
  static let query = """
    SELECT e.id, e.time_ns, e.value, e.call, coalesce(e.answer, 0), e.user, e.node, e.csr, n.name,
      r.name, CASE WHEN a.code >= 400 THEN (SELECT message FROM events v WHERE v.id = e.id) END, g.text,
      k.name = 'writeCommitted'
    FROM event e
    JOIN kind k ON k.id = e.kind
    JOIN call c ON c.id = e.call
    LEFT JOIN answer a ON a.id = e.answer
    LEFT JOIN node n ON n.id = e.node
    LEFT JOIN csr r ON r.id = e.csr
    LEFT JOIN user u ON u.id = e.user
    LEFT JOIN user_call x ON x.user = e.user AND x.call = e.call
    LEFT JOIN user_agent g ON g.id = coalesce(x.user_agent, u.user_agent)
    WHERE k.name = 'requestAnswered' AND a.code > 0 OR k.name = 'writeCommitted'
    ORDER BY e.time_ns, e.id
    """

  /// Whether its client closed the connection while the server had it.
  var isBroken: Bool { id < 0 }
  /// Whether the server answered 500, which the model does not.
  var isInternalError = false
  /// Whether it is of an entry of `spec.requests`.
  let isOtherClients: Bool
  /// `dryRun=All`.
  let isDryRun: Bool
  /// Of a CSR whose name its creator chose: a kubelet of MODE-F, which names it by its key, and others.
  private let chosenName: String?
  /// Of tokencleaner's request.
  private let secret: String?
  /// What an entry of `spec.requests` asks for, where its call does not say it; nil: the call says it.
  let asked: ForeignRequest?

  /// nil: of a build that knows other calls or answers.
  init?(_ row: Row, in world: World) {
    guard let call = Call(rawValue: row[3]), let answer = Answer(rawValue: row[4]) else {
      return nil
    }
    id = row[0]
    time = row[1]
    duration = row[2]
    self.call = call
    self.answer = answer
    identity = (row[5] as Int64?).flatMap(Identity.init(rowID:)) ?? .nobody
    nodeNumber = row[6]
    csrNumber = row[7]
    node = row[8] ?? ""
    csr = row[9] ?? ""
    message = row[10]
    userAgent = row[11] ?? ""
    isLateWrite = row[12]
    let entry = world.entry(ofClient: identity)
    isOtherClients = entry != nil
    isDryRun = entry?.isDryRun ?? false
    asked = call.shape.verb.isEmpty ? world.asked(by: identity) : nil
    // A URL of which the server can make no request ends before its audit. Source: apiserver
    // `pkg/endpoints/filters/requestinfo.go`, around all others in `pkg/server/config.go`.
    if answer == .internalError || call.shape.verb.isEmpty && asked == nil { return nil }
    secret = call == .deleteSecret ? world.secret(ofEvent: UInt32(id)) : nil
    chosenName = Self.chosenName(call, csrNumber, in: world)
  }

  /// What the server made of one whose client closed the connection.
  ///
  /// A write is answered 504 at once, whether or not it is done; a read from the storage fails with its context; one
  /// of the watch cache, and a watch, are answered already; one without a seat gets none.
  ///
  /// Source: apiserver `pkg/endpoints/handlers/finisher/finisher.go`, `handlers/responsewriters/status.go`,
  /// `pkg/server/filters/priority-and-fairness.go`; all within the audit filter (`pkg/server/config.go`). No
  /// recording has one.
  init(_ broken: BrokenRequest, number: Int, in world: World) {
    id = -Int64(number) - 1
    time = broken.time.nanoseconds
    duration = (broken.time - broken.received).nanoseconds
    call = broken.call
    identity = broken.identity
    nodeNumber = broken.node == TraceEvent.none ? nil : broken.node
    csrNumber = broken.request == TraceEvent.none ? nil : broken.request
    node = nodeNumber.map { world.node(at: Int($0)).name } ?? ""
    csr = csrNumber.map { world.request(at: Int($0)).name } ?? ""
    userAgent = world.userAgent(of: broken.call, by: broken.identity)
    isLateWrite = false
    isOtherClients = world.entry(ofClient: identity) != nil
    isDryRun = false
    asked = nil
    secret = nil
    chosenName = Self.chosenName(call, csrNumber, in: world)
    switch broken.call.shape.verb {
    case _ where broken.isQueued:
      (answer, message) = (.tooManyRequests, nil)
    case _ where !broken.answer.isSuccess:
      (answer, message) = (broken.answer, world.message(of: broken))
    case "watch": (answer, message) = (.ok, nil)
    case "list" where broken.call.isOfWatchCache: (answer, message) = (.ok, nil)
    case "get", "list":
      (answer, message) = (.timeout, "context canceled")
      isInternalError = true
    default:
      let problem = "request did not complete within requested timeout - context canceled"
      (answer, message) = (.timeout, "Timeout: \(problem)")
    }
  }

  private static func chosenName(_ call: Call, _ csr: UInt32?, in world: World) -> String? {
    call == .createRequest ? csr.flatMap { world.shape(ofRequest: Int($0)).name } : nil
  }

  /// What it asks for, in the words of RBAC.
  var shape: Call.Shape {
    guard let asked else { return call.shape }
    return Call.Shape(
      asked.verb, asked.group, asked.resource, asked.subresource, namespace: asked.namespace,
      path: asked.path)
  }

  /// `v1`.
  var apiVersion: String { asked?.version ?? call.apiVersion }

  /// Of the object that it is about; empty for a collection, where the server makes the name, and where a new
  /// object's name is in a body that was never read.
  ///
  /// Source: apiserver `pkg/audit/request.go`, `LogRequestObject`, which the handler calls.
  var objectName: String {
    let isInURL = asked?.isByURL == true
    if shape.verb == "create", shape.subresource.isEmpty, !isDecoded, !isInURL { return "" }
    if let asked { return asked.verb == "deletecollection" ? "" : asked.name }
    return switch call {
    case .createNode, .createCSINode, .createLease: node
    case .createLeaderLease: "kube-controller-manager"
    case .createRequest: chosenName ?? ""
    case .deleteSecret: secret ?? ""
    default:
      switch shape.object {
      case .none: ""
      case .node: node
      case .request: csr
      case .serviceAccount, .leaderLease, .configMap: shape.name
      }
    }
  }

  /// Reviews and tokens are not kept.
  var writesToStorage: Bool {
    !isDryRun && asked == nil
      && ["create", "update", "patch", "delete"].contains(call.shape.verb)
      && ![.createSubjectAccessReview, .createServiceAccountToken].contains(call)
  }

  /// Whether its body was read: a request passes priority and fairness, then authorization, first
  /// (protocol.md C.1).
  var isDecoded: Bool {
    ![.unauthorized, .tooManyRequests, .forbidden, .badRequest, .tooLarge, .unsupportedMediaType]
      .contains(answer)
  }
}

extension World {
  /// Of the refusal that the server had decided on.
  fileprivate func message(of broken: BrokenRequest) -> String? {
    var event = TraceEvent.beforeTheRun
    event.kind = .requestAnswered
    event.time = broken.time
    event.node = broken.node
    event.request = broken.request
    event.identity = broken.identity.packed
    event.call = broken.call
    event.answer = broken.answer
    return message(of: event)
  }
}

extension Call {
  /// Whether a reflector of a kubelet asks with `resourceVersion=0`.
  var isOfWatchCache: Bool {
    [.listNodes, .listServices, .listCSIDrivers, .listRuntimeClasses].contains(self)
  }
}

import GRDB
import Inspection
import SimulationKernel
import TLSBootstrap
import TraceStore

// MARK: Nodes, Leases, CSINodes (L.3 to L.5)

extension AuditBodies {
  /// - Returns: nil where the model has not all of it.
  mutating func nodeBodies(_ request: AuditedRequest) -> Bodies? {
    guard let number = request.nodeNumber else { return nil }
    let event = request.event(number)
    if request.isLateWrite {
      objects.noteUntold(node: number)
      return nil
    }
    switch request.call {
    case .createNode:
      objects.note(event)
      if let ready = reports[event.id] { objects.note(ready) }
      return objects.node(number, at: event).map { node in
        (node.sent.setting("spec", .object([:])), node)
      }
    case .patchNodeStatus: return patch(event)
    case .getNode: return objects.node(number, at: event).map { (nil, $0) }
    case .listNodes:
      return objects.node(number, at: event).map {
        (nil, .list("NodeList", "v1", [$0], version: latestWrite))
      }
    case .createLease:
      objects.note(event)
      return objects.lease(number, at: event).map { ($0.sent, $0) }
    case .updateLease: return renew(event)
    case .getLease:
      objects.note(event)
      return objects.lease(number, at: event).map { (nil, $0) }
    case .createCSINode:
      objects.note(event)
      return objects.csiNode(number, at: event).map { ($0.sent, $0) }
    case .getCSINode: return objects.csiNode(number, at: event).map { (nil, $0) }
    default: return nil
    }
  }

  private mutating func patch(_ event: TraceEvent) -> Bodies? {
    let before = objects.node(event.node, at: event)
    objects.note(event)
    if let report = reports[event.id] { objects.note(report) }
    guard let before, let after = objects.node(event.node, at: event) else { return nil }
    // Its taint is taken from it by node-lifecycle, later.
    return (.statusPatch(from: before, to: after), after.setting("spec", before["spec"]))
  }

  private mutating func renew(_ event: TraceEvent) -> Bodies? {
    let version = objects.lease(event.node, at: event)?["metadata"]?["resourceVersion"]
    objects.note(event)
    guard let version, let after = objects.lease(event.node, at: event),
      let metadata = after["metadata"]
    else { return nil }
    return (after.setting("metadata", metadata.setting("resourceVersion", version)), after)
  }
}

extension AuditedRequest {
  fileprivate func event(_ node: UInt32) -> TraceEvent {
    var event = TraceEvent.of(.requestAnswered, id, time, node)
    event.call = call
    event.answer = answer
    return event
  }
}

extension TraceEvent {
  /// One of the trace, as far as objects of nodes are concerned.
  fileprivate static func of(
    _ kind: Kind, _ id: Int64, _ time: Int64, _ node: UInt32
  ) -> TraceEvent {
    var event = TraceEvent.beforeTheRun
    event.kind = kind
    event.id = UInt32(id)
    event.time = Instant(nanoseconds: time)
    event.node = node
    return event
  }
}

/// What happens to nodes besides answers and says how their objects look then, in the order of stages.
struct NodeEvents {
  private let rows: RowCursor
  private var pending: TraceEvent?

  init(_ database: Database) throws {
    let kinds: [TraceEvent.Kind] = [
      .kubeletStarted, .networkReady, .csiNodeCreated, .runtimeLost, .runtimeRegained,
      .nodeUnknown, .nodeKnown,
    ]
    rows = try Row.fetchCursor(database, sql: Self.query(kinds, "e.time_ns, e.id"))
  }

  /// The next one before this request was answered.
  mutating func next(before request: AuditedRequest) throws -> TraceEvent? {
    if pending == nil { pending = try rows.next().flatMap(Self.event) }
    guard let event = pending,
      (event.time.nanoseconds, Int64(event.id)) < (request.time, request.id)
    else { return nil }
    pending = nil
    return event
  }

  /// What each report of a status comes to, by the request; of the creation of a Node a network that was ready
  /// in its instant.
  static func reports(_ trace: TraceFile) throws -> [UInt32: TraceEvent] {
    let atOnce = """
      SELECT e.id, e.time_ns, e.node, k.name, p.cause, e.value FROM event e JOIN kind k ON k.id = e.kind
      JOIN event p ON p.id = e.cause JOIN kind r ON r.id = p.kind
      WHERE k.name = 'networkReady' AND r.name = 'nodeRegistered' AND e.time_ns = p.time_ns
        AND e.node IS NOT NULL
      """
    var reports: [UInt32: TraceEvent] = [:]
    for sql in [query([.statusPatched, .nodeReady], "e.id"), atOnce] {
      for (cause, event) in try trace.rows(sql, [], { ($0[4] as UInt32?, Self.event($0)) }) {
        if let cause, let event { reports[cause] = event }
      }
    }
    return reports
  }

  private static func query(_ kinds: [TraceEvent.Kind], _ order: String) -> String {
    let names = kinds.map { "'\($0.text)'" }.joined(separator: ", ")
    return """
      SELECT e.id, e.time_ns, e.node, k.name, e.cause, e.value FROM event e JOIN kind k ON k.id = e.kind
      WHERE e.node IS NOT NULL AND k.name IN (\(names)) ORDER BY \(order)
      """
  }

  private static let kinds = Dictionary(
    TraceEvent.Kind.allCases.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })

  private static func event(_ row: Row) -> TraceEvent? {
    kinds[row[3]].map { kind in
      var event = TraceEvent.of(kind, row[0], row[1], row[2])
      event.value = row[5]
      return event
    }
  }
}

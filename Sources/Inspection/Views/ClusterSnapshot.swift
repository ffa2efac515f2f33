import SimulationKernel
import TLSBootstrap

/// The objects of the cluster at one instant of a run.
public struct ClusterSnapshot: Sendable {
  let world: World
  let instant: Instant
  let seed: UInt64
  /// True time at the start of the run, in nanoseconds since 1970.
  let start: Int64
  /// By node: what the API server was told of it.
  let nodes: [NodeDiary]

  /// - Parameter instant: nil: the end of the run.
  /// - Throws: `TraceError` where the run comes out otherwise.
  public init(_ run: RecordedRun, at instant: Instant?) throws {
    let diary = ObjectDiary()
    world = try run.world(at: instant, into: diary)
    let end = Instant(nanoseconds: run.run.end)
    self.instant = min(instant ?? end, end)
    seed = run.run.seed
    start = run.run.start
    nodes = (0..<world.nodeCount).map { $0 < diary.nodes.count ? diary.nodes[$0] : NodeDiary() }
  }

  /// What kubectl's host takes for the time: the true one.
  var now: Int64 { start + instant.nanoseconds }

  /// Kubernetes writes times in whole seconds.
  func age(of created: Int64) -> String {
    let rest = ((created % 1_000_000_000) + 1_000_000_000) % 1_000_000_000
    return HumanDuration.text(Duration(nanoseconds: now - (created - rest)))
  }

  /// What the API server's clock showed when this happened.
  func serverTime(_ event: TraceEvent) -> Int64 {
    world.apiServerClock(at: event).reading(at: event.time)
  }

  /// Of the model, which has none: the same for the same object in every view of the run.
  func uid(_ kind: String, _ name: String) -> String {
    let text = "\(seed)/\(kind)/\(name)"
    var digits = Array(SHA256.hexadecimal(of: Array(text.utf8)).prefix(32))
    // Version 4, variant 1 (RFC 9562).
    digits[12] = "4"
    digits[16] = ["8", "9", "a", "b"][(digits[16].hexDigitValue ?? 0) % 4]
    for place in [20, 16, 12, 8] { digits.insert("-", at: place) }
    return String(digits)
  }

  /// Of the model: the event that wrote it last, from 1.
  func metadata(
    _ kind: String, _ name: String, namespace: String? = nil, created: Int64, version: UInt32,
    _ more: [String: KubernetesDocument] = [:]
  ) -> KubernetesDocument {
    var fields: [String: KubernetesDocument] = [
      "creationTimestamp": .string(Timestamp.text(created)), "name": .string(name),
      "resourceVersion": .string("\(max(1, version))"),
      "uid": .string(uid(kind, "\(namespace ?? "")/\(name)")),
    ]
    if let namespace { fields["namespace"] = .string(namespace) }
    return .object(fields.merging(more) { $1 })
  }
}

/// What the API server was told of a node, in order.
struct NodeDiary: Sendable {
  var created: TraceEvent?
  var leaseCreated: TraceEvent?
  var leaseUpdated: TraceEvent?
  /// Changes of the conditions: sent for the first time, Ready, Unknown, Ready again.
  var changes: [TraceEvent] = []
  /// Starts of kubelets whose events the API server takes.
  var starts: [TraceEvent] = []
  var ready: [TraceEvent] = []
  var latest: TraceEvent?
}

private final class ObjectDiary: TraceSink {
  var nodes: [NodeDiary] = []

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    for event in events where event.node != TraceEvent.none {
      while nodes.count <= Int(event.node) { nodes.append(NodeDiary()) }
      note(event, &nodes[Int(event.node)])
    }
  }

  private func note(_ event: TraceEvent, _ node: inout NodeDiary) {
    switch event.kind {
    case .kubeletStarted: node.starts.append(event)
    case .statusPatched: if node.changes.isEmpty { node.changes.append(event) }
    case .nodeReady:
      node.changes.append(event)
      node.ready.append(event)
    case .nodeUnknown, .nodeKnown: node.changes.append(event)
    case .requestAnswered where event.answer.isSuccess:
      switch event.call {
      case .createNode: node.created = event
      case .createLease: node.leaseCreated = event
      case .updateLease: node.leaseUpdated = event
      case .patchNodeStatus: break
      default: return
      }
    default: return
    }
    node.latest = event
  }

  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}
}

import SimulationKernel
import TLSBootstrap
import TraceStore

/// The objects of the cluster at one instant of a run.
package struct ClusterSnapshot: Sendable {
  let world: World
  var instant: Instant
  let seed: UInt64
  /// True time at the start of the run, in nanoseconds since 1970.
  let start: Int64
  /// By node: what the API server was told of it.
  var nodes: [NodeDiary]
  let identifiers: DrawnIdentifiers
  let silences: Silences
  /// By name, Nodes of the input files.
  let givenNodes: [String: KubernetesDocument]
  /// By CSR: `CredentialIDs` of its requestor, where it has one.
  let credentials: [UInt32: String]

  /// - Parameter instant: nil: the end of the run.
  /// - Throws: `TraceError` where the run comes out otherwise.
  package init(_ run: RecordedRun, at instant: Instant?) throws {
    let diary = ObjectDiary()
    world = try run.world(at: instant, into: diary)
    let end = Instant(nanoseconds: run.run.end)
    self.instant = min(instant ?? end, end)
    seed = run.run.seed
    start = run.run.start
    nodes = (0..<world.nodeCount).map { $0 < diary.nodes.count ? diary.nodes[$0] : NodeDiary() }
    identifiers = DrawnIdentifiers(seed: seed)
    silences = Silences(world.scenario)
    credentials = diary.credentials(in: world, seed: seed)
    givenNodes =
      world.scenario.existingNodes.isEmpty
      ? [:] : GivenNodes.all(in: run.loaded.inputs.map(\.text))
  }

  /// Before anything has happened.
  ///
  /// - Parameters:
  ///   - world: of any time of the run.
  ///   - inputs: the texts that the run read.
  init(_ world: World, of run: TraceFile.Run, inputs: [String]) {
    self.world = world
    instant = .zero
    seed = run.seed
    start = run.start
    nodes = Array(repeating: NodeDiary(), count: world.nodeCount)
    identifiers = DrawnIdentifiers(seed: seed)
    silences = Silences(world.scenario)
    credentials = [:]
    givenNodes = world.scenario.existingNodes.isEmpty ? [:] : GivenNodes.all(in: inputs)
  }

  /// What kubectl's host takes for the time: the true one.
  var now: Int64 { start + instant.nanoseconds }

  /// Kubernetes writes times in whole seconds.
  func age(of created: Int64) -> String {
    HumanDuration.text(Duration(nanoseconds: now - Timestamp.wholeSeconds(created)))
  }

  /// What the API server's clock showed when this happened.
  func serverTime(_ event: TraceEvent) -> Int64 {
    world.apiServerClock(at: event).reading(at: event.time)
  }

  /// Of the model: the event that wrote it last, from 1.
  func metadata(
    _ kind: String, _ name: String, namespace: String? = nil, uid: String? = nil, created: Int64,
    version: UInt32,
    _ more: [String: KubernetesDocument] = [:]
  ) -> KubernetesDocument {
    var fields: [String: KubernetesDocument] = [
      "creationTimestamp": .string(Timestamp.text(created)), "name": .string(name),
      "resourceVersion": .string("\(max(1, version))"),
      "uid": .string(uid ?? identifiers.uid(kind, name, namespace: namespace ?? "")),
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
  /// A Lease that was there before the run, as its kubelet found it first.
  var leaseFound: TraceEvent?
  /// Changes of the conditions: sent before it is Ready, Ready, Unknown, Ready again.
  var changes: [TraceEvent] = []
  /// What kept the node from being Ready when it said so last.
  var blockers = Blocker.ofFreshNode
  /// What still keeps its kubelet from being Ready.
  private var missing = Blocker.ofFreshNode
  /// Starts of kubelets whose events the API server takes.
  var starts: [TraceEvent] = []
  var ready: [TraceEvent] = []
  /// What wrote the Node last.
  var latest: TraceEvent?

  /// What a fresh Node's Ready condition names, in the order of its message (L.4).
  enum Blocker: String, CaseIterable {
    case runtime = "container runtime is down"
    /// UNVERIFIED: the text is the container runtime's.
    case network = """
      container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady \
      message:Network plugin returns error: cni plugin not initialized
      """
    case csiNode = "CSINode is not yet initialized"

    static let ofFreshNode: [Blocker] = [.network, .csiNode]
  }

  /// After how long the condition says that the kubelet could not list them. 3 min. Source: pkg/kubelet/kubelet.go
  /// `genericPlegRelistThreshold`; no recording has it.
  static let relistThreshold = Duration.minutes(3)
  /// When the kubelet last listed its containers, where the runtime does not answer.
  private(set) var relisted: Instant?
  /// The first status of each time that it was Ready, and its container runtime is down.
  private(set) var losses: [TraceEvent] = []
  /// Whether its kubelet said so last.
  var isDown: Bool { losses.last.map { $0.id > ready.last?.id ?? 0 } ?? false }

  /// What ended each time that its conditions were Unknown.
  var returns: [TraceEvent] {
    zip(changes, changes.dropFirst()).filter { $0.kind == .nodeUnknown && $1.kind != .nodeUnknown }
      .map(\.1)
  }

  /// Whether its kubelet had last said that it is Ready when this happened.
  func wasReady(at event: TraceEvent) -> Bool {
    let last = { (events: [TraceEvent]) in events.last { $0.id < event.id }?.id ?? 0 }
    return last(ready) > last(losses)
  }

  private mutating func loseRuntime(_ event: TraceEvent) {
    missing.insert(.runtime, at: 0)
    relisted = event.time - Duration(nanoseconds: event.value)
  }

  /// - Parameter event: one of the node's, in their order.
  mutating func note(_ event: TraceEvent) {
    switch event.kind {
    case .kubeletStarted: begin(event)
    case .networkReady: gain(.network, at: event.time)
    case .runtimeLost: loseRuntime(event)
    case .runtimeRegained: gain(.runtime, at: event.time)
    case .csiNodeCreated: gain(.csiNode, at: event.time)
    case .statusPatched: report(event)
    case .nodeReady:
      changes.append(event)
      ready.append(event)
    case .nodeUnknown, .nodeKnown:
      changes.append(event)
      latest = event
    case .requestAnswered where event.answer.isSuccess: noteWrite(event)
    // Its client was gone, or was told 504; the object is there all the same (O43).
    case .writeCommitted: noteWrite(event)
    default: break
    }
  }

  private mutating func noteWrite(_ event: TraceEvent) {
    switch event.call {
    case .createNode:
      created = event
      latest = event
    case .patchNodeStatus: latest = event
    case .createLease: leaseCreated = event
    case .updateLease: leaseUpdated = event
    case .getLease: leaseFound = leaseFound ?? event
    default: break
    }
  }

  private mutating func begin(_ event: TraceEvent) {
    starts.append(event)
    missing = Blocker.ofFreshNode
  }

  private mutating func gain(_ blocker: Blocker, at time: Instant) {
    missing.removeAll { $0 == blocker }
    // What is there in the instant of the registration was there before it.
    if changes.isEmpty, created?.time == time { blockers = missing }
  }

  /// A status that does not say Ready.
  private mutating func report(_ event: TraceEvent) {
    guard missing.contains(.runtime) || changes.last.map({ $0.kind == .statusPatched }) ?? true
    else { return }
    if !ready.isEmpty, !isDown { losses.append(event) }
    changes.append(event)
    if !missing.isEmpty { blockers = missing }
  }
}

private final class ObjectDiary: TraceSink {
  var nodes: [NodeDiary] = []
  private var stored: [TraceEvent] = []
  private var tokens: [TraceEvent] = []

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    for event in events {
      if event.kind == .certificateStored { stored.append(event) }
      if event.issuesToken { tokens.append(event) }
      guard event.node != TraceEvent.none else { continue }
      while nodes.count <= Int(event.node) { nodes.append(NodeDiary()) }
      nodes[Int(event.node)].note(event)
    }
  }

  /// By CSR, of who created it.
  func credentials(in world: World, seed: UInt64) -> [UInt32: String] {
    var identifiers = CredentialIDs(world, seed: seed)
    for event in stored {
      identifiers.noteStored(node: event.node, request: event.request, at: event.time)
    }
    for event in tokens { identifiers.noteToken(issuedBy: event.id, at: event.time) }
    var credentials: [UInt32: String] = [:]
    for index in 0..<world.requestCount {
      let record = world.request(at: index)
      credentials[UInt32(index)] = identifiers.identifier(of: record.requestor, at: record.created)
    }
    return credentials
  }

  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}
}

extension TraceEvent {
  /// Whether the controllers' token (J.2) was issued by this request.
  fileprivate var issuesToken: Bool {
    kind == .requestAnswered && call == .createServiceAccountToken && answer.isSuccess
  }
}

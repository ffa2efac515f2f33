import SimulationKernel
import TLSBootstrap

/// Nodes that are registered, or were there before, as their latest status says.
extension ClusterSnapshot {
  var nodeObjects: [ClusterObject] {
    let registered = nodes.indices.compactMap { index -> ClusterObject? in
      guard let created = nodes[index].created, isFirst(index, \.created) else { return nil }
      let owner = Owner(self, index)
      return node(owner, document(owner, created, readiness(owner, created)))
    }
    let known = Set(registered.map(\.name))
    return registered
      + existing(world.scenario.existingNodes).filter { !known.contains($0.name) }.map { owner in
        node(owner, existingNode(owner))
      }
  }

  /// The objects of these names that were there before the run, each once.
  func existing(_ names: [String]) -> [Owner] {
    if names.isEmpty { return [] }
    let places = Dictionary(
      nodes.indices.map { (world.node(at: $0).name, $0) }, uniquingKeysWith: { first, _ in first })
    return Set(names).sorted().map { name in
      places[name].map { Owner(self, $0) }
        ?? Owner(name: name, diary: NodeDiary(), index: nil, stopped: nil)
    }
  }

  /// Whose Node and Lease it is.
  struct Owner {
    let name: String
    let diary: NodeDiary
    /// nil: none of the scenario's nodes.
    let index: Int?
    /// When its heartbeats stopped; nil: they did not.
    let stopped: Instant?

    init(name: String, diary: NodeDiary, index: Int?, stopped: Instant?) {
      (self.name, self.diary, self.index, self.stopped) = (name, diary, index, stopped)
    }

    init(_ snapshot: ClusterSnapshot, _ index: Int) {
      self.init(
        name: snapshot.world.node(at: index).name, diary: snapshot.nodes[index], index: index,
        stopped: snapshot.world.heartbeatsStopped(ofNode: index))
    }
  }

  /// What node-lifecycle or the kubelet wrote last (L.4, L.6).
  enum Readiness {
    case starting(TraceEvent), ready(TraceEvent), unknown(TraceEvent)
    /// It was Ready, and its container runtime is down.
    case notReady(TraceEvent)
  }

  /// As the object says, until its kubelet or node-lifecycle writes to it.
  private func readiness(ofExisting owner: Owner) -> Readiness {
    guard owner.diary.changes.isEmpty else { return readiness(owner, .beforeTheRun) }
    return world.scenario.existingReadyNodes.contains(owner.name)
      ? .ready(.beforeTheRun) : .unknown(.beforeTheRun)
  }

  func readiness(_ owner: Owner, _ created: TraceEvent) -> Readiness {
    guard let last = owner.diary.changes.last else { return .starting(created) }
    switch last.kind {
    case .nodeReady: return .ready(last)
    case .nodeKnown where owner.diary.isDown: return .notReady(last)
    case .nodeKnown: return owner.diary.ready.isEmpty ? .starting(last) : .ready(last)
    case .nodeUnknown: return .unknown(last)
    default: return owner.diary.isDown ? .notReady(last) : .starting(last)
    }
  }

  /// One that was there before the run: until its kubelet or node-lifecycle writes to it, as its file says.
  func existingNode(_ owner: Owner) -> KubernetesDocument {
    let made = document(owner, .beforeTheRun, readiness(ofExisting: owner))
    guard owner.diary.changes.isEmpty, let given = givenNodes[owner.name] else { return made }
    return node(given: given, made: made)
  }

  private func node(_ owner: Owner, _ document: KubernetesDocument) -> ClusterObject {
    let cells = cells(ofNode: document, owner.name)
    return ClusterObject(
      resource: .nodes, name: owner.name, namespace: nil, document: document,
      cells: Array(cells.prefix(5)), wideCells: cells)
  }

  func document(
    _ owner: Owner, _ created: TraceEvent, _ state: Readiness
  ) -> KubernetesDocument {
    .object([
      "apiVersion": "v1", "kind": "Node",
      "metadata": metadata(
        "Node", owner.name, created: serverTime(created),
        version: (owner.diary.latest ?? created).id, Self.labels(owner.name)),
      "spec": spec(state), "status": status(owner, created, state),
    ])
  }

  /// What its kubelet gives a Node of this name, too.
  static func labels(_ name: String) -> [String: KubernetesDocument] {
    [
      "annotations": .object(["volumes.kubernetes.io/controller-managed-attach-detach": "true"]),
      "labels": .object([
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": .string(name),
        "kubernetes.io/os": "linux",
      ]),
    ]
  }

  /// L.3, L.6.
  private func spec(_ state: Readiness) -> KubernetesDocument {
    let taint = { (key: String, effect: String) -> KubernetesDocument in
      .object(["effect": .string(effect), "key": .string("node.kubernetes.io/\(key)")])
    }
    switch state {
    case .ready: return .object([:])
    case .starting: return .object(["taints": .list([taint("not-ready", "NoSchedule")])])
    case .notReady:
      return .object([
        "taints": .list([taint("not-ready", "NoSchedule"), taint("not-ready", "NoExecute")])
      ])
    case .unknown:
      return .object([
        "taints": .list([
          taint("unreachable", "NoSchedule"), taint("unreachable", "NoExecute"),
        ])
      ])
    }
  }

  private func status(
    _ owner: Owner, _ created: TraceEvent, _ state: Readiness
  ) -> KubernetesDocument {
    .object([
      "addresses": .list([.object(["address": .string(owner.name), "type": "Hostname"])]),
      "conditions": .list(conditions(owner, created, state)),
      "nodeInfo": .object([
        "architecture": "amd64", "bootID": "", "containerRuntimeVersion": "",
        "kernelVersion": "", "kubeProxyVersion": "",
        "kubeletVersion": .string(ModelledKubernetes.version), "machineID": "",
        "operatingSystem": "linux", "osImage": "", "systemUUID": "",
      ]),
    ])
  }

  /// The kubelet dates by its own clock, node-lifecycle by the controller-manager's.
  private func conditions(
    _ owner: Owner, _ created: TraceEvent, _ state: Readiness
  ) -> [KubernetesDocument] {
    let first = reading(owner, created)
    let pressures = [
      ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ]
    switch state {
    case .unknown(let event):
      let since = world.managerClock(at: event).reading(at: event.time)
      let beat = lastBeat(of: owner).map { reading(owner, at: $0) } ?? first
      return (pressures.map(\.0) + ["Ready"]).map {
        Self.condition(
          $0, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", beat: beat,
          since: since)
      }
    case .starting(let event), .ready(let event), .notReady(let event):
      let beat = reading(owner, event)
      let isReady = if case .ready = state { true } else { false }
      let returned = owner.diary.returns.last
      let lost = [owner.diary.losses.last, returned].compactMap { $0 }.max { $0.id < $1.id }
      return pressures.map {
        Self.condition(
          $0.0, "False", $0.1, $0.2, beat: beat,
          since: returned.map { reading(owner, $0) } ?? first)
      } + [
        isReady
          ? Self.condition(
            "Ready", "True", "KubeletReady", "kubelet is posting ready status", beat: beat,
            since: beat)
          : Self.condition(
            "Ready", "False", "KubeletNotReady", message(of: owner.diary), beat: beat,
            since: lost.map { reading(owner, $0) } ?? first)
      ]
    }
  }

  /// What its kubelet's clock said when this happened, whatever became of that clock afterwards.
  func reading(_ owner: Owner, _ event: TraceEvent) -> Int64 {
    let clock = owner.index.map { world.clock(ofNode: $0, at: event) } ?? world.apiServerClock
    return clock.reading(at: event.time)
  }

  func reading(_ owner: Owner, at instant: Instant) -> Int64 {
    let clock = owner.index.map { world.clock(ofNode: $0, at: instant) } ?? world.apiServerClock
    return clock.reading(at: instant)
  }

  /// The last heartbeat that an API server took; nil: they go on, or never began.
  private func lastBeat(of owner: Owner) -> Instant? {
    let isPlayed = owner.diary.leaseUpdated != nil
    return owner.stopped.map { isPlayed ? $0 : silences.lastAnswer(before: $0) }
  }

  /// As apimachinery's `Aggregate` prints errors: several in brackets.
  private func message(of diary: NodeDiary) -> String {
    var texts = diary.blockers.map(\.rawValue)
    if diary.isDown, let relisted = diary.relisted, instant - relisted > NodeDiary.relistThreshold {
      texts.insert(
        "PLEG is not healthy: pleg was last seen active \(GoText.duration(instant - relisted)) ago; "
          + "threshold is 3m0s", at: 1)
    }
    let text = texts.joined(separator: ", ")
    return texts.count > 1 ? "[\(text)]" : text
  }

  private static func condition(
    _ type: String, _ status: String, _ reason: String, _ message: String, beat: Int64, since: Int64
  ) -> KubernetesDocument {
    .object([
      "lastHeartbeatTime": .string(Timestamp.text(beat)),
      "lastTransitionTime": .string(Timestamp.text(since)), "message": .string(message),
      "reason": .string(reason), "status": .string(status), "type": .string(type),
    ])
  }
}

// MARK: Events

extension ClusterSnapshot {
  /// How long the API server keeps an Event. 1 h. Source: kube-apiserver `--event-ttl`.
  private static let eventTTL = Duration.hours(1)

  /// Those of a node that joins and is lost, as long as they are kept; each is there once.
  var events: [ClusterObject] { nodes.indices.flatMap(events) }

  private func events(ofNode index: Int) -> [ClusterObject] {
    guard let created = nodes[index].created else { return [] }
    let name = world.node(at: index).name
    let kubelet = { (reason: String, event: TraceEvent) in
      self.event(
        name, reason, reason == "Starting" ? "Starting kubelet." : Self.now(name, reason), event,
        by: "kubelet", reading: reading(Owner(self, index), event))
    }
    let controller = { (reason: String, message: String, event: TraceEvent) in
      self.event(
        name, reason, message, event, by: "node-controller",
        reading: world.managerClock(at: event).reading(at: event.time))
    }
    // Source: pkg/kubelet/nodestatus/setters.go: where the condition was another.
    let healthy = ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"]
    let returns = nodes[index].returns
    let joins =
      (["Starting"] + healthy).compactMap { kubelet($0, created) }
      + returns.flatMap { event in healthy.compactMap { kubelet($0, event) } }
    let registered =
      world.scenario.controllerManager.nodelifecycle
      ? nodes[index].changes.prefix(1).compactMap {
        controller(
          "RegisteredNode", "Node \(name) event: Registered Node \(name) in Controller", $0)
      } : []
    let known = returns.filter { $0.kind == .nodeKnown && nodes[index].wasReady(at: $0) }
    let ready = (nodes[index].ready + known).compactMap { kubelet("NodeReady", $0) }
    let down = nodes[index].losses.compactMap { kubelet("NodeNotReady", $0) }
    let lost = nodes[index].changes.filter { $0.kind == .nodeUnknown }.compactMap {
      controller("NodeNotReady", Self.now(name, "NodeNotReady"), $0)
    }
    return joins + registered + ready + down + lost
  }

  private static func now(_ node: String, _ reason: String) -> String {
    "Node \(node) status is now: \(reason)"
  }

  private func event(
    _ node: String, _ reason: String, _ message: String, _ cause: TraceEvent, by source: String,
    reading: Int64
  ) -> ClusterObject? {
    guard instant - cause.time < Self.eventTTL else { return nil }
    // Source: client-go `record.makeEvent`, NAME.hexadecimal nanoseconds; here the reason keeps them apart.
    // Source: kubelet `nodeRef`, whose UID is the name, and `RecordNodeEvent` of node-lifecycle.
    let involved: KubernetesDocument =
      source == "kubelet"
      ? .object(["kind": "Node", "name": .string(node), "uid": .string(node)])
      : .object([
        "apiVersion": "v1", "kind": "Node", "name": .string(node),
        "uid": .string(identifiers.uid("Node", node)),
      ])
    let number = UInt64(bitPattern: reading) &+ UInt64(reason.utf8.reduce(0) { $0 + Int($1) })
    let name = "\(node).\(String(number, radix: 16))"
    let time = KubernetesDocument.string(Timestamp.text(reading))
    let seen = age(of: reading)
    let document = KubernetesDocument.object([
      "apiVersion": "v1", "count": .integer(1), "eventTime": .null, "firstTimestamp": time,
      "involvedObject": involved, "kind": "Event", "lastTimestamp": time,
      "message": .string(message),
      "metadata": metadata(
        "Event", name, namespace: "default", created: serverTime(cause), version: cause.id),
      "reason": .string(reason), "reportingComponent": .string(source),
      "reportingInstance": source == "kubelet" ? .string(node) : "",
      "source": source == "kubelet"
        ? .object(["component": .string(source), "host": .string(node)])
        : .object(["component": .string(source)]), "type": "Normal",
    ])
    let host = source == "kubelet" ? "\(source), \(node)" : source
    let cells = [seen, "Normal", reason, "node/\(node)", message]
    return ClusterObject(
      resource: .events, name: name, namespace: "default", document: document, cells: cells,
      wideCells: [
        seen, "Normal", reason, "node/\(node)", "", host, message, seen, "1", name,
      ])
  }
}

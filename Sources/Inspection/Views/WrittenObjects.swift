import SimulationKernel
import TLSBootstrap
import TraceStore

/// Nodes, their Leases and CSINodes as the API server has them after each event of a run, as
/// `ClusterSnapshot` has them at one instant.
package struct WrittenObjects {
  private var snapshot: ClusterSnapshot
  private var csiNodes: [UInt32: TraceEvent] = [:]
  /// Nodes to which somebody wrote of whom the events do not tell all.
  private var untold: Set<UInt32> = []
  /// Whether other clients write such objects.
  private let isUntold: Bool
  /// Names of several nodes, which share their objects.
  private let shared: Set<String>

  /// - Parameters:
  ///   - world: at the end of the run.
  ///   - inputs: the texts that the run read.
  package init(_ world: World, of run: TraceFile.Run, inputs: [String]) {
    snapshot = ClusterSnapshot(world, of: run, inputs: inputs)
    isUntold = world.scenario.requests.contains(where: \.writesToNodes)
    let names = world.scenario.groups.flatMap(\.nodeNames)
    shared =
      world.scenario.allowsDuplicateNodeNames
      ? Set(Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys) : []
  }

  /// - Parameter event: of a node; in the order of time.
  package mutating func note(_ event: TraceEvent) {
    snapshot.instant = event.time
    guard snapshot.nodes.indices.contains(Int(event.node)) else { return }
    snapshot.nodes[Int(event.node)].note(event)
    if event.kind == .requestAnswered, event.call == .createCSINode, event.answer.isSuccess {
      csiNodes[event.node] = event
    }
  }

  /// A write whose answer was another.
  package mutating func noteUntold(node: UInt32) { untold.insert(node) }

  /// nil: not all of it is known.
  package func node(_ number: UInt32, at event: TraceEvent) -> KubernetesDocument? {
    guard let owner = owner(number) else { return nil }
    if let created = owner.diary.created {
      return snapshot.document(owner, created, snapshot.readiness(owner, created))
    }
    let isThere = snapshot.world.scenario.existingNodes.contains(owner.name)
    return isThere ? snapshot.existingNode(owner) : nil
  }

  /// nil: not all of it is known, such as when one from before the run was renewed last.
  package func lease(_ number: UInt32, at event: TraceEvent) -> KubernetesDocument? {
    guard let owner = owner(number) else { return nil }
    if let created = owner.diary.leaseCreated {
      return snapshot.nodeLease(owner, created).document
    }
    let isThere = snapshot.world.scenario.existingLeases.contains(owner.name)
    guard isThere, owner.diary.leaseUpdated != nil else { return nil }
    return snapshot.nodeLease(owner, .beforeTheRun).document
  }

  /// Of a CSINode that the run made.
  ///
  /// Source: recorded, audit/first-node-*.jsonl.
  package func csiNode(_ number: UInt32, at event: TraceEvent) -> KubernetesDocument? {
    guard let owner = owner(number), let created = csiNodes[number] else { return nil }
    let reference = KubernetesDocument.object([
      "apiVersion": "v1", "kind": "Node", "name": .string(owner.name),
      "uid": .string(snapshot.identifiers.uid("Node", owner.name)),
    ])
    let plugins = Self.migratedPlugins.map { "kubernetes.io/\($0)" }.joined(separator: ",")
    return .object([
      "apiVersion": "storage.k8s.io/v1", "kind": "CSINode",
      "metadata": snapshot.metadata(
        "CSINode", owner.name, created: snapshot.serverTime(created), version: created.id,
        [
          "annotations": .object([
            "storage.alpha.kubernetes.io/migrated-plugins": .string(plugins)
          ]), "ownerReferences": .list([reference]),
        ]), "spec": .object(["drivers": .null]),
    ])
  }

  private static let migratedPlugins = [
    "aws-ebs", "azure-disk", "azure-file", "cinder", "gce-pd", "portworx-volume",
    "vsphere-volume",
  ]

  private func owner(_ number: UInt32) -> ClusterSnapshot.Owner? {
    let index = Int(number)
    guard !isUntold, !untold.contains(number), snapshot.nodes.indices.contains(index) else {
      return nil
    }
    let name = snapshot.world.node(at: index).name
    if shared.contains(name) { return nil }
    let diary = snapshot.nodes[index]
    let unknown = diary.changes.last.flatMap { $0.kind == .nodeUnknown ? $0 : nil }
    return ClusterSnapshot.Owner(
      name: name, diary: diary, index: index,
      stopped: unknown.map { $0.time - Duration(nanoseconds: $0.value) })
  }
}

// MARK: What requests send

extension KubernetesDocument {
  /// As its creator sends it: without what the server gives it.
  package var sent: KubernetesDocument {
    var metadata = self["metadata"] ?? .object([:])
    for given in ["creationTimestamp", "resourceVersion", "uid"] {
      metadata = metadata.setting(given, nil)
    }
    return setting("metadata", metadata)
  }

  /// As an item of a typed list, which says once what they are.
  package var item: KubernetesDocument { setting("apiVersion", nil).setting("kind", nil) }

  /// A typed list: `NodeList` of `v1`.
  package static func list(
    _ kind: String, _ apiVersion: String, _ items: [KubernetesDocument], version: UInt32
  ) -> KubernetesDocument {
    .object([
      "apiVersion": .string(apiVersion), "items": .list(items.map(\.item)), "kind": .string(kind),
      "metadata": .object(["resourceVersion": .string("\(max(1, version))")]),
    ])
  }

  package func setting(_ key: String, _ value: KubernetesDocument?) -> KubernetesDocument {
    guard case .object(var fields) = self else { return self }
    fields[key] = value
    return .object(fields)
  }

  /// The strategic merge patch from one Node to another whose conditions alone differ: of each that differs
  /// what does, by its type.
  ///
  /// Source: recorded, audit/first-node-rotate-true.jsonl; kubelet `nodeutil.PatchNodeStatus`.
  package static func statusPatch(
    from old: KubernetesDocument, to new: KubernetesDocument
  ) -> KubernetesDocument {
    guard case .list(let before)? = old["status"]?["conditions"],
      case .list(let after)? = new["status"]?["conditions"]
    else { return .object([:]) }
    let known = Dictionary(
      before.map { ($0["type"], $0) }, uniquingKeysWith: { first, _ in first })
    let changed = after.compactMap { condition -> KubernetesDocument? in
      guard case .object(let fields) = condition else { return nil }
      let earlier = known[condition["type"]]
      let differing = fields.filter { $0.key != "type" && earlier?[$0.key] != $0.value }
      return differing.isEmpty
        ? nil : .object(differing).setting("type", condition["type"])
    }
    if changed.isEmpty { return .object([:]) }
    let order = after.map { KubernetesDocument.object([:]).setting("type", $0["type"]) }
    return .object([
      "status": .object([
        "$setElementOrder/conditions": .list(order), "conditions": .list(changed),
      ])
    ])
  }
}

extension ClientRequest {
  /// Whether it may change a Node or what belongs to one.
  fileprivate var writesToNodes: Bool {
    guard case .ask(let request) = act, request.isWrite, !isDryRun else { return false }
    return ["nodes", "leases", "csinodes"].contains(request.resolved.resource)
  }
}

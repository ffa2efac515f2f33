import Foundation
import SimulationKernel
import TLSBootstrap

extension ClusterSnapshot {
  /// In the order of their keys in etcd: by namespace, then by name.
  package func objects(_ resource: Resource) -> [ClusterObject] {
    let objects: [ClusterObject] =
      switch resource {
      case .requests: requests
      case .nodes: nodeObjects
      case .secrets: secrets
      case .events: events
      case .leases: leases
      }
    return objects.sorted { ($0.namespace ?? "", $0.name) < ($1.namespace ?? "", $1.name) }
  }
}

// MARK: Secrets

extension ClusterSnapshot {
  private var secrets: [ClusterObject] {
    world.scenarioInForce.secrets.map { secret in
      let data = secret.data
      let cells = [secret.name, secret.type, "\(data.count)", age(of: start)]
      let document = KubernetesDocument.object([
        "apiVersion": "v1", "kind": "Secret",
        "data": .object(data.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
        "metadata": metadata(
          "Secret", secret.name, namespace: secret.namespace, created: start, version: 1),
        "type": .string(secret.type),
      ])
      return ClusterObject(
        resource: .secrets, name: secret.name, namespace: secret.namespace, document: document,
        cells: cells, wideCells: cells)
    }
  }
}

extension BootstrapTokenSecret {
  /// What `data` of the Secret holds, decoded.
  var data: [String: String] {
    let fields: [String: String?] = [
      "token-id": tokenID, "token-secret": tokenSecret, "auth-extra-groups": authExtraGroups,
      "usage-bootstrap-authentication": usageBootstrapAuthentication,
      "usage-bootstrap-signing": usageBootstrapSigning, "expiration": expirationText,
    ]
    return fields.compactMapValues { $0 }
  }

  private var expirationText: String? {
    switch expiration {
    case .never: nil
    case .at(let time): Timestamp.text(time)
    case .unparsable(let text): text
    }
  }
}

// MARK: Leases

extension ClusterSnapshot {
  /// L.5.
  static let leaseDuration = 40
  static let leaseRenewal = Duration.seconds(10)

  private var leases: [ClusterObject] {
    let made = nodes.indices.compactMap { index in
      nodes[index].leaseCreated.flatMap { created in
        isFirst(index, \.leaseCreated) ? nodeLease(Owner(self, index), created) : nil
      }
    }
    let known = Set(made.map(\.name))
    return made
      + existing(world.scenario.existingLeases).filter { !known.contains($0.name) }.map {
        nodeLease($0, .beforeTheRun)
      } + [leaderLease].compactMap { $0 }
  }

  func nodeLease(_ owner: Owner, _ created: TraceEvent) -> ClusterObject {
    let name = owner.name
    let reference = KubernetesDocument.object([
      "apiVersion": "v1", "kind": "Node", "name": .string(name),
      "uid": .string(identifiers.uid("Node", name)),
    ])
    let version = (owner.diary.leaseUpdated ?? created).id
    return lease(
      name, namespace: "kube-node-lease", holder: name, created: serverTime(created),
      version: version, seconds: Self.leaseDuration, renewed: renewal(of: owner, since: created),
      more: ["ownerReferences": .list([reference])])
  }

  /// Renewals that are not played are every ten seconds since its kubelet has made the Lease, or found it, while an
  /// API server answers.
  private func renewal(of owner: Owner, since created: TraceEvent) -> Int64 {
    if let played = owner.diary.leaseUpdated { return reading(owner, played) }
    guard let first = owner.diary.leaseCreated ?? owner.diary.leaseFound else {
      return reading(owner, created)
    }
    let end = silences.lastAnswer(before: min(instant, owner.stopped ?? instant))
    let passed = max(0, (end - first.time).nanoseconds)
    let last =
      first.time + Duration(nanoseconds: passed - passed % Self.leaseRenewal.nanoseconds)
    return reading(owner, at: last)
  }

  private var leaderLease: ClusterObject? {
    guard let replica = world.leaderReplica else { return nil }
    let settings = world.scenario.controllerManager
    let lease = world.leaderLease
    let period = max(1, settings.retryPeriod.nanoseconds)
    let passed = max(0, (instant - lease.renewed).nanoseconds)
    let last =
      lease.isRenewed
      ? lease.renewed + Duration(nanoseconds: passed - passed % period) : lease.renewed
    let holder = "control-plane-\(replica + 1)_\(identifiers.uid("Process", "\(replica)"))"
    return self.lease(
      "kube-controller-manager", namespace: "kube-system", holder: holder, created: start,
      version: 1, seconds: Int(settings.leaseDuration.nanoseconds / 1_000_000_000),
      renewed: start + last.nanoseconds,
      more: [:], transitions: Int64(lease.changes) - 1)
  }

  private func lease(
    _ name: String, namespace: String, holder: String, created: Int64, version: UInt32,
    seconds: Int,
    renewed: Int64, more: [String: KubernetesDocument], transitions: Int64? = nil
  ) -> ClusterObject {
    let document = KubernetesDocument.object([
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "metadata": metadata(
        "Lease", name, namespace: namespace, created: created, version: version, more),
      "spec": .fields([
        "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(Int64(seconds)),
        "leaseTransitions": transitions.map { .integer($0) },
        "renewTime": .string(Timestamp.microText(renewed)),
      ]),
    ])
    let cells = [name, holder, age(of: created)]
    return ClusterObject(
      resource: .leases, name: name, namespace: namespace, document: document, cells: cells,
      wideCells: cells)
  }

  /// Of nodes of one name only one has made the object (O26).
  func isFirst(_ index: Int, _ creation: KeyPath<NodeDiary, TraceEvent?>) -> Bool {
    guard world.scenario.allowsDuplicateNodeNames else { return true }
    let name = world.node(at: index).name
    return !(0..<index).contains {
      world.node(at: $0).name == name && nodes[$0][keyPath: creation] != nil
    }
  }
}

import Scenarios
import TLSBootstrap
import Yams

/// The Nodes of a run's input files, as they were given.
enum GivenNodes {
  /// By name; none of a file that is no YAML.
  static func all(in texts: [String]) -> [String: KubernetesDocument] {
    let documents = texts.filter { $0.contains("Node") }.flatMap { text in
      (try? Array(Yams.compose_all(yaml: text))) ?? []
    }
    let objects = documents.map(KubernetesDocument.init).flatMap { document in
      if case .list(let items) = document["items"] { items } else { [document] }
    }
    let named = objects.filter { $0["kind"] == "Node" && $0["apiVersion"] == "v1" }
      .compactMap { object -> (String, KubernetesDocument)? in
        guard case .string(let name) = object["metadata"]?["name"] else { return nil }
        return (name, object)
      }
    return Dictionary(named, uniquingKeysWith: { first, _ in first })
  }
}

extension KubernetesDocument {
  fileprivate init(_ node: Node) {
    switch node {
    case .scalar(let scalar):
      self = Self.scalar(node, scalar.string)
    case .mapping(let mapping):
      let fields = mapping.compactMap { key, value in
        key.scalar.map { ($0.string, KubernetesDocument(value)) }
      }
      self = .object(Dictionary(fields, uniquingKeysWith: { $1 }))
    case .sequence(let sequence): self = .list(sequence.map { KubernetesDocument($0) })
    case .alias: self = .null
    }
  }

  /// A time is a text in Kubernetes.
  private static func scalar(_ node: Node, _ text: String) -> KubernetesDocument {
    if node.tag == Tag(.null) { return .null }
    if node.tag == Tag(.bool), let value = node.bool { return .boolean(value) }
    if node.tag == Tag(.int), let value = node.int { return .integer(Int64(value)) }
    return .string(text)
  }
}

// MARK: As the API server has them

extension ClusterSnapshot {
  /// What the file says, and of what it leaves out what the model makes. It was made before the run, whatever clock
  /// dated it.
  func node(given: KubernetesDocument, made: KubernetesDocument) -> KubernetesDocument {
    var metadata = Self.fields(made["metadata"])
    let start = metadata["creationTimestamp"]
    for key in ["annotations", "labels"] { metadata[key] = nil }
    metadata.merge(Self.fields(given["metadata"])) { $1 }
    // kubectl shows them only when it is asked to.
    metadata["managedFields"] = nil
    if createdAt(.object(metadata)).map({ $0 > self.start }) ?? true {
      metadata["creationTimestamp"] = start
    }
    return .object([
      "apiVersion": "v1", "kind": "Node", "metadata": .object(metadata),
      "spec": given["spec"] ?? .object([:]),
      "status": .object(
        Self.fields(made["status"]).merging(Self.fields(given["status"])) { $1 }),
    ])
  }

  /// `kubectl get nodes -o wide` of a document.
  ///
  /// Source: kubernetes pkg/printers/internalversion/printers.go, `printNode`, `findNodeRoles`.
  func cells(ofNode document: KubernetesDocument, _ name: String) -> [String] {
    let status = document["status"]
    let conditions = Self.items(status?["conditions"])
    let ready = conditions.first { $0["type"] == "Ready" }
    let states =
      [ready == nil ? "Unknown" : ready?["status"] == "True" ? "Ready" : "NotReady"]
      + (document["spec"]?["unschedulable"] == .boolean(true) ? ["SchedulingDisabled"] : [])
    let info = { (key: String) in Self.text(status?["nodeInfo"]?[key]) ?? "<unknown>" }
    let address = { (type: KubernetesDocument) in
      let found = Self.items(status?["addresses"]).first { $0["type"] == type }
      return Self.text(found?["address"]) ?? "<none>"
    }
    return [
      name, states.joined(separator: ","), Self.roles(document),
      createdAt(document["metadata"]).map(age) ?? "<unknown>",
      Self.text(status?["nodeInfo"]?["kubeletVersion"]) ?? "", address("InternalIP"),
      address("ExternalIP"), info("osImage"), info("kernelVersion"),
      info("containerRuntimeVersion"),
    ]
  }

  private static func roles(_ document: KubernetesDocument) -> String {
    let prefix = "node-role.kubernetes.io/"
    let roles = fields(document["metadata"]?["labels"]).compactMap { key, value in
      if key == "kubernetes.io/role" { return text(value) }
      return key.hasPrefix(prefix) && key != prefix ? String(key.dropFirst(prefix.count)) : nil
    }
    return roles.isEmpty ? "<none>" : Set(roles).sorted().joined(separator: ",")
  }

  private func createdAt(_ metadata: KubernetesDocument?) -> Int64? {
    guard let text = Self.text(metadata?["creationTimestamp"]),
      case .at(let time) = Timestamp.parse(text)
    else { return nil }
    return time
  }

  private static func fields(_ document: KubernetesDocument?) -> [String: KubernetesDocument] {
    if case .object(let fields) = document { fields } else { [:] }
  }

  private static func items(_ document: KubernetesDocument?) -> [KubernetesDocument] {
    if case .list(let items) = document { items } else { [] }
  }

  private static func text(_ document: KubernetesDocument?) -> String? {
    guard case .string(let text) = document, !text.isEmpty else { return nil }
    return text
  }
}

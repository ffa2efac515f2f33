import TLSBootstrap

/// Real objects of a cluster, as `kubectl get -o yaml` and the files of its control plane give them.
struct ClusterDump {
  private(set) var nodes: [String] = []
  private(set) var controlPlaneNodes: [String] = []
  private(set) var tokens: [Token] = []
  private(set) var hasRoles = false
  private(set) var hasKubeletConfiguration = false
  /// The text of ConfigMaps that hold objects, each with what it was taken from.
  private(set) var configurations: [(source: String, text: String)] = []
  private(set) var clusterConfigurations: [YAMLValue] = []
  private(set) var serverURL: String?
  private(set) var controllerManagers: [ProcessFlags] = []
  private(set) var apiServers: [ProcessFlags] = []
  /// Reasons of the conditions of CSRs, and how many have each.
  private(set) var decisions: [String: Int] = [:]
  /// Files of which something is followed, in their order.
  private(set) var usedFiles: [String] = []
  /// Kinds of which nothing is followed, and how many there are.
  private(set) var unused: [String: Int] = [:]
  /// Nodes and tokens that there are already.
  private var seen: Set<String> = []
  /// The latest time at which an object was created.
  private(set) var latest: Int64?

  struct Token {
    var id: String
    var authenticates: Bool
    var expiration: BootstrapTokenSecret.Expiration
  }

  /// - Throws: `ScenarioErrors` for what is no YAML.
  init(_ files: [(path: String, text: String)]) throws {
    let reading = Reading { _ in "" }
    var errors: [ScenarioError] = []
    for file in files {
      let (documents, error) = YAMLDocuments.parse(file.text, file: file.path)
      if let error { errors.append(error) }
      for document in documents { add(document, reading, file.path) }
    }
    guard errors.isEmpty else { throw ScenarioErrors(errors) }
  }

  private mutating func add(_ value: YAMLValue, _ reading: Reading, _ file: String) {
    guard let kind = value["kind"]?.text else {
      return unused["document without kind", default: 0] += 1
    }
    if kind.hasSuffix("List"), let items = value["items"]?.elements {
      for item in items { add(item, reading, file) }
      return
    }
    let metadata = value["metadata"]
    if let text = metadata?["creationTimestamp"]?.text, case .at(let time)? = Timestamp.parse(text)
    {
      latest = max(latest ?? time, time)
    }
    if take(value, kind, metadata?["name"]?.text ?? "", reading) {
      if !usedFiles.contains(file) { usedFiles.append(file) }
    }
  }

  /// - Returns: whether the object itself belongs to the scenario.
  private mutating func take(
    _ value: YAMLValue, _ kind: String, _ name: String, _ reading: Reading
  ) -> Bool {
    switch kind {
    case "Secret": return takeSecret(value, name, reading)
    case "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding":
      hasRoles = true
      return true
    case "Node":
      let labels = value["metadata"]?["labels"]
      let isControlPlane = labels?.entry("node-role.kubernetes.io/control-plane") != nil
      // A dump may have an object twice, as YAML and as JSON.
      guard seen.insert("Node/\(name)").inserted else { return true }
      if isControlPlane { controlPlaneNodes.append(name) } else { nodes.append(name) }
      return true
    case "Lease": return value["metadata"]?["namespace"]?.text == "kube-node-lease"
    case "KubeletConfiguration":
      hasKubeletConfiguration = true
      return true
    case "InitConfiguration":
      takeTokens(value)
      return true
    case "ClusterConfiguration":
      clusterConfigurations.append(value)
      return true
    case "ConfigMap": takeConfigMap(value, name)
    case "Pod": takePod(value)
    case "CertificateSigningRequest": takeRequest(value)
    default: unused[kind, default: 0] += 1
    }
    return false
  }

  private mutating func takeSecret(
    _ value: YAMLValue, _ name: String, _ reading: Reading
  ) -> Bool {
    guard let object = KubernetesObject(value, reading), object.isBootstrapToken(name),
      let secret = object.bootstrapToken(name), let id = secret.tokenID
    else {
      unused["Secret", default: 0] += 1
      return false
    }
    guard seen.insert("token/\(id)").inserted else { return true }
    tokens.append(
      Token(
        id: id, authenticates: secret.usageBootstrapAuthentication == "true",
        expiration: secret.expiration))
    return true
  }

  private mutating func takeTokens(_ value: YAMLValue) {
    for token in value["bootstrapTokens"]?.elements ?? [] {
      guard let text = token["token"]?.text, let (id, _) = TokenDefinition.parts(of: text) else {
        continue
      }
      guard seen.insert("token/\(id)").inserted else { continue }
      tokens.append(Token(id: id, authenticates: true, expiration: .never))
    }
  }

  private mutating func takeConfigMap(_ value: YAMLValue, _ name: String) {
    let data = value["data"]
    switch name {
    case "kubelet-config":
      if let text = data?["kubelet"]?.text {
        configurations.append(("ConfigMap kubelet-config", text))
      }
    case "kubeadm-config":
      if let text = data?["ClusterConfiguration"]?.text {
        configurations.append(("ConfigMap kubeadm-config", text))
        clusterConfigurations += YAMLDocuments.parse(text, file: name).documents
      }
    case "cluster-info":
      let config = data?["kubeconfig"]?.text.flatMap {
        YAMLDocuments.parse($0, file: name).documents.first
      }
      serverURL = config?["clusters"]?.elements?.first?["cluster"]?["server"]?.text ?? serverURL
    default: unused["ConfigMap", default: 0] += 1
    }
  }

  private mutating func takePod(_ value: YAMLValue) {
    let containers = value["spec"]?["containers"]?.elements ?? []
    let words = containers.first.map { container in
      ["command", "args"].flatMap { container[$0]?.elements ?? [] }.compactMap(\.text)
    }
    guard let words, let program = words.first?.split(separator: "/").last else {
      return unused["Pod", default: 0] += 1
    }
    switch program {
    case "kube-controller-manager": controllerManagers.append(ProcessFlags(words))
    case "kube-apiserver": apiServers.append(ProcessFlags(words))
    default: unused["Pod", default: 0] += 1
    }
  }

  private mutating func takeRequest(_ value: YAMLValue) {
    let conditions = value["status"]?["conditions"]?.elements ?? []
    decisions[conditions.first?["reason"]?.text ?? "pending", default: 0] += 1
  }
}

/// Flags of a process: `--name=value`, `--name value` in two words, or `--name` alone for true.
struct ProcessFlags {
  private(set) var values: [(name: String, value: String)] = []

  init(_ words: [String]) {
    values = words.indices.filter { words[$0].hasPrefix("--") }.map { place in
      let parts = words[place].dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let next = words[(place + 1)...].first.flatMap { $0.hasPrefix("-") ? nil : $0 }
      return (String(parts[0]), parts.count == 2 ? String(parts[1]) : next ?? "true")
    }
  }

  subscript(name: String) -> String? { values.last { $0.name == name }?.value }
}

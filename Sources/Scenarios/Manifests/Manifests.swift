import SimulationKernel
import TLSBootstrap

/// The Kubernetes objects of all files, as far as bootstrapping meets them.
///
/// A class, because objects come from many files and refer to each other.
final class Manifests {
  let reading: Reading
  let tokenClock: TokenClock
  private(set) var secrets: [Located<BootstrapTokenSecret>] = []
  private(set) var roles: [Located<RBAC.Role>] = []
  private(set) var bindings: [Located<RBAC.Binding>] = []
  private(set) var nodes: [String] = []
  private(set) var readyNodes: [String] = []
  private(set) var leases: [String] = []
  private(set) var kubeletConfigurations: [KubeletConfiguration] = []
  private(set) var kubeconfigs: [Kubeconfig] = []
  var cluster = ClusterSettings()
  /// The CA of the API server's serving certificate, when the scenario gives it.
  var authority: [UInt8]?
  /// Whether kubeadm's own configuration is among the objects.
  var hasKubeadm = false
  /// Files of which some object is followed.
  private(set) var usedFiles: Set<String> = []
  /// Place of the first object of each name, by `kind/namespace/name`.
  private var indices: [String: Int] = [:]
  /// Kinds that are not followed: where the first is, and how many there are.
  private var skipped: [String: (place: Place, count: Int)] = [:]

  init(reading: Reading, tokenClock: TokenClock) {
    self.reading = reading
    self.tokenClock = tokenClock
  }

  /// Takes over one object, or the objects of a List.
  func add(_ value: YAMLValue) {
    guard let object = KubernetesObject(value, reading) else { return }
    object.noteUnknownVersion()
    switch (object.kind, object.group) {
    case ("Scenario", _):
      reading.fail(
        object.place, "a second document of kind Scenario",
        cure: "name only files with Kubernetes objects in `spec.files`")
    case ("List", ""):
      for item in object.list("items") { add(item) }
    case ("Secret", ""):
      addSecret(object)
    case ("ClusterRole", "rbac.authorization.k8s.io"), ("Role", "rbac.authorization.k8s.io"):
      object.noteMisspeltFields()
      if let role = object.role() { add(role, object) }
    case ("ClusterRoleBinding", "rbac.authorization.k8s.io"),
      ("RoleBinding", "rbac.authorization.k8s.io"):
      object.noteMisspeltFields()
      if let binding = object.binding() { add(binding, object) }
    case ("Node", ""):
      addNode(object)
    case ("Lease", "coordination.k8s.io"):
      addLease(object)
    case ("KubeletConfiguration", "kubelet.config.k8s.io"):
      object.noteMisspeltFields()
      kubeletConfigurations.append(KubeletConfiguration(object))
    case ("Config", ""):
      object.noteMisspeltFields()
      kubeconfigs.append(Kubeconfig(object))
    case ("InitConfiguration", "kubeadm.k8s.io"):
      addInitConfiguration(object)
    case ("ClusterConfiguration", "kubeadm.k8s.io"):
      addClusterConfiguration(object)
    default:
      if object.isOfAnotherGroup { return }
      skipped[object.kind, default: (object.place, 0)].count += 1
      return
    }
    // A List is as useful as its items.
    if object.kind != "List" { usedFiles.insert(object.place.file) }
  }

  /// Says what was skipped, one note a kind.
  func finish() {
    for (kind, (place, count)) in skipped.sorted(by: { $0.key < $1.key }) {
      let more = count == 1 ? "" : " (and \(count - 1) more)"
      let meant = NearestKey.nearMiss(kind, of: KubernetesObject.kinds + ["Scenario"])
      reading.note(
        place,
        "\(kind) is skipped\(more): "
          + (meant.map { "did you mean \($0)?" } ?? "not part of bootstrapping"))
    }
  }

  func add(_ secret: Located<BootstrapTokenSecret>) {
    let name = "Secret/\(secret.value.namespace)/\(secret.value.name)"
    insert(secret, into: &secrets, name)
  }

  private func addSecret(_ object: KubernetesObject) {
    guard let name = object.name else { return }
    guard object.isBootstrapToken(name) else {
      return reading.note(object.place, "Secret \(name) is skipped: no bootstrap token")
    }
    object.noteMisspeltFields()
    guard let secret = object.bootstrapToken(name) else { return }
    if secret.namespace != "kube-system" {
      reading.note(
        object.value["metadata"]?["namespace"]?.place ?? object.place,
        "Secret \(name) is in namespace \(secret.namespace): the API server knows tokens of "
          + "kube-system only")
    }
    add(Located(secret, at: object.place))
  }

  private func add(_ role: RBAC.Role, _ object: KubernetesObject) {
    insert(
      Located(role, at: object.place), into: &roles,
      "\(object.kind)/\(role.namespace.map { "\($0)/" } ?? "")\(role.name)")
  }

  private func add(_ binding: RBAC.Binding, _ object: KubernetesObject) {
    insert(
      Located(binding, at: object.place), into: &bindings,
      "\(object.kind)/\(binding.namespace.map { "\($0)/" } ?? "")\(binding.name)")
  }

  private func addNode(_ object: KubernetesObject) {
    addName(object, to: &nodes)
    if object.isReady(), let name = object.value["metadata"]?["name"]?.text {
      readyNodes.append(name)
    }
  }

  private func addName(_ object: KubernetesObject, to names: inout [String]) {
    guard let name = object.name else { return }
    object.checkMetadata()
    object.checkName(name)
    guard indices["\(object.kind)/\(name)"] == nil else { return }
    indices["\(object.kind)/\(name)"] = names.count
    names.append(name)
  }

  private func addLease(_ object: KubernetesObject) {
    if object.namespace == "kube-node-lease" {
      addName(object, to: &leases)
    } else {
      reading.note(object.place, "Lease is skipped: not in kube-node-lease")
    }
  }

  /// Equal objects count once; different ones of one name are a mistake.
  private func insert<Value: Equatable>(
    _ new: Located<Value>, into list: inout [Located<Value>], _ name: String
  ) {
    guard let index = indices[name] else {
      indices[name] = list.count
      return list.append(new)
    }
    guard list[index].value != new.value else { return }
    reading.fail(
      new.place, "\(name) is defined here and, differently, at \(list[index].place.fileAndLine)",
      cure: "remove one of the two")
  }
}

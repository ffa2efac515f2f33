/// The API version of the kinds that are read.
///
/// Source: kubernetes v1.36; kubeadm v1.36 reads v1beta3 and v1beta4, earlier releases what is older.
extension KubernetesObject {
  /// By kind, the newest first.
  private static let versions: [String: [String]] = [
    "List": ["v1"], "Secret": ["v1"], "Node": ["v1"], "Config": ["v1"],
    "ClusterRole": rbac, "Role": rbac, "ClusterRoleBinding": rbac, "RoleBinding": rbac,
    "Lease": ["coordination.k8s.io/v1"],
    "KubeletConfiguration": ["kubelet.config.k8s.io/v1beta1"],
    "InitConfiguration": kubeadm, "ClusterConfiguration": kubeadm,
  ]
  private static let rbac = ["rbac.authorization.k8s.io/v1"]
  private static let kubeadm = (1...4).reversed().map { "kubeadm.k8s.io/v1beta\($0)" }

  /// Those that are read.
  static let kinds = versions.keys.sorted()

  private var known: [String] { Self.versions[kind] ?? [] }

  /// Whether another group has a kind of this name, or the group is a slip; a note says which is read.
  var isOfAnotherGroup: Bool { !known.isEmpty && !known.contains { group == Self.group(of: $0) } }

  /// An object that no API server or kubeadm of this release takes.
  func noteUnknownVersion() {
    guard !known.isEmpty, !known.contains(apiVersion) else { return }
    let place = value["apiVersion"]?.place ?? place
    let isMeant = NearestKey.nearMiss(apiVersion, of: known) != nil
    if isOfAnotherGroup {
      reading.note(
        place,
        "\(kind) of apiVersion “\(apiVersion.prefix(60))” is skipped: "
          + (isMeant ? "did you mean \(known[0])?" : "\(known[0]) is what bootstrapping needs"))
    } else {
      reading.note(
        place,
        "\(kind) has the unknown apiVersion “\(apiVersion.prefix(60))”; did you mean \(known[0])? It is "
          + "read as that")
    }
  }

  private static func group(of version: String) -> String {
    version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
  }
}

/// `metadata`, and what is read of a Node, as the API server decodes and validates them.
extension KubernetesObject {
  /// Reports what of `metadata` is no string.
  func checkMetadata() {
    guard let metadata = value["metadata"] else { return }
    _ = string("name", in: metadata)
    _ = string("namespace", in: metadata)
    for key in ["labels", "annotations"] {
      for entry in mapping(key, in: metadata) where !entry.value.isNull {
        _ = string(entry.value, entry.key)
      }
    }
  }

  /// Reports a name that the API server does not take for Nodes, Leases and Secrets.
  ///
  /// Source: kubernetes pkg/apis/core/validation, `ValidateNodeName`, `ValidateSecretName`.
  func checkName(_ name: String) {
    KubernetesName.check(
      Located(name, at: value["metadata"]?["name"]?.place ?? place), "name of a \(kind)", reading)
  }

  /// Whether the status of a Node has the condition Ready=True; reports what is no such status.
  func isReady() -> Bool {
    _ = mapping("status", in: value)
    guard let status = value["status"] else { return false }
    var isReady = false
    for condition in list("conditions", in: status) {
      if condition.entries == nil { refuse(condition, "conditions", "a list of mappings") }
      let type = string("type", in: condition)
      if string("status", in: condition) == "True", type == "Ready" { isReady = true }
    }
    return isReady
  }
}

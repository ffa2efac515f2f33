/// What the API server has at the URLs of the groups that the protocol meets, in version v1.
///
/// Source: kubernetes api/discovery/{api__v1,apis__*}.json; those of other groups may be anybody's.
enum ServedResources {
  /// By group: the resources, each with its subresources.
  static let byGroup: [String: [String: [String]]] = [
    "": core,
    "authentication.k8s.io": ["selfsubjectreviews": [], "tokenreviews": []],
    "authorization.k8s.io": [
      "localsubjectaccessreviews": [], "selfsubjectaccessreviews": [],
      "selfsubjectrulesreviews": [], "subjectaccessreviews": [],
    ],
    "certificates.k8s.io": [
      "certificatesigningrequests": ["approval", "status"],
      // Whether v1 has these in 1.36, and a cluster serves them, is not known (UNVERIFIED).
      "clustertrustbundles": [], "podcertificaterequests": ["status"],
    ],
    "coordination.k8s.io": ["leases": []],
    "node.k8s.io": ["runtimeclasses": []],
    "rbac.authorization.k8s.io": [
      "clusterrolebindings": [], "clusterroles": [], "rolebindings": [], "roles": [],
    ],
    "storage.k8s.io": [
      "csidrivers": [], "csinodes": [], "csistoragecapacities": [], "storageclasses": [],
      "volumeattachments": ["status"], "volumeattributesclasses": [],
    ],
  ]

  /// What may be done with a resource or subresource; nil: the group has none of that name.
  static func verbs(of resource: String, _ subresource: String, in group: String) -> [String]? {
    guard let subresources = byGroup[group]?[resource],
      subresource.isEmpty || subresources.contains(subresource)
    else { return nil }
    if !subresource.isEmpty {
      return verbsOfSubresource[subresource] ?? ["get", "patch", "update"]
    }
    if resource.hasSuffix("reviews") || resource == "bindings" { return ["create"] }
    if resource == "componentstatuses" { return ["get", "list"] }
    return all.filter { resource != "namespaces" || $0 != "deletecollection" }
  }

  /// Whether its objects are in namespaces.
  static func isNamespaced(_ resource: String, in group: String) -> Bool {
    switch group {
    case "": !["componentstatuses", "namespaces", "nodes", "persistentvolumes"].contains(resource)
    case "authorization.k8s.io": resource == "localsubjectaccessreviews"
    case "certificates.k8s.io": resource == "podcertificaterequests"
    case "coordination.k8s.io": resource == "leases"
    case "rbac.authorization.k8s.io": ["rolebindings", "roles"].contains(resource)
    case "storage.k8s.io": resource == "csistoragecapacities"
    default: false
    }
  }

  private static let all = [
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
  ]

  /// Of those that cannot only be read and written.
  private static let verbsOfSubresource: [String: [String]] = [
    "attach": ["create", "get"], "binding": ["create"], "eviction": ["create"],
    "exec": ["create", "get"], "finalize": ["update"], "log": ["get"],
    "portforward": ["create", "get"],
    "proxy": ["create", "delete", "get", "patch", "update"], "token": ["create"],
  ]

  private static let core: [String: [String]] = [
    "bindings": [], "componentstatuses": [], "configmaps": [], "endpoints": [], "events": [],
    "limitranges": [], "namespaces": ["finalize", "status"], "nodes": ["proxy", "status"],
    "persistentvolumeclaims": ["status"], "persistentvolumes": ["status"],
    "pods": [
      "attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward",
      "proxy", "resize", "status",
    ],
    "podtemplates": [], "replicationcontrollers": ["scale", "status"],
    "resourcequotas": ["status"], "secrets": [], "serviceaccounts": ["token"],
    "services": ["proxy", "status"],
  ]
}

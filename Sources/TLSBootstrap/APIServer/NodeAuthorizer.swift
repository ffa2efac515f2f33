/// The Node authorizer (protocol.md D.3): what a node may do, and why not.
///
/// Pods, and what they refer to, are not modelled: no object is related to a node.
/// Source: plugin/pkg/auth/authorizer/node/node_authorizer.go.
enum NodeAuthorizer {
  /// Whether it allows, and else the reason, if it gives one.
  enum Opinion: Hashable, Sendable {
    case allows
    case none(reason: String)

    static let silent = Opinion.none(reason: "")
  }

  static func opinion(on request: RequestAttributes, by user: User) -> Opinion {
    guard let node = user.nodeName else { return .silent }
    if node.isEmpty { return .none(reason: "unknown node for user \"\(user.name)\"") }
    guard request.path.isEmpty else { return .silent }
    switch (request.group, request.resource) {
    case ("", "secrets"), ("", "configmaps"): return related(request, node)
    case ("", "persistentvolumeclaims") where request.subresource == "status":
      return status(request, node)
    case ("", "persistentvolumeclaims"), ("", "persistentvolumes"),
      ("resource.k8s.io", "resourceclaims"), ("storage.k8s.io", "volumeattachments"):
      return relatedGet(request, node)
    case ("", "serviceaccounts"): return serviceAccount(request, node)
    case ("resource.k8s.io", "resourceslices"): return resourceSlice(request, node)
    case ("coordination.k8s.io", "leases"): return lease(request, node)
    case ("storage.k8s.io", "csinodes"): return csiNode(request, node)
    case ("", "nodes"): return ownNode(request, node)
    case ("", "pods"): return pods(request, node)
    default:
      return BuiltinRoles.nodeRules.contains { $0.allows(request) } ? .allows : .silent
    }
  }

  /// `authorizeReadNamespacedObject`.
  private static func related(_ request: RequestAttributes, _ node: String) -> Opinion {
    guard ["get", "list", "watch"].contains(request.verb) else {
      return .none(reason: "can only read resources of this type")
    }
    if !request.subresource.isEmpty { return .none(reason: "cannot read subresource") }
    if request.namespace.isEmpty {
      return .none(reason: "can only read namespaced object of this type")
    }
    return unrelated(request, node)
  }

  /// `authorizeGet`.
  private static func relatedGet(_ request: RequestAttributes, _ node: String) -> Opinion {
    if request.verb != "get" {
      return .none(reason: "can only get individual resources of this type")
    }
    if !request.subresource.isEmpty { return .none(reason: "cannot get subresource") }
    return unrelated(request, node)
  }

  /// `authorizeStatusUpdate`.
  private static func status(_ request: RequestAttributes, _ node: String) -> Opinion {
    ["update", "patch"].contains(request.verb)
      ? unrelated(request, node) : .none(reason: "can only get/update/patch this type")
  }

  private static func unrelated(_ request: RequestAttributes, _ node: String) -> Opinion {
    request.name.isEmpty
      ? .none(reason: "No Object name found")
      : .none(reason: "no relationship found between node '\(node)' and this object")
  }

  /// `authorizeServiceAccount`, and `authorizeCreateToken`.
  private static func serviceAccount(
    _ request: RequestAttributes, _ node: String
  ) -> Opinion {
    if request.verb == "get", request.subresource.isEmpty { return relatedGet(request, node) }
    if request.verb != "create" || request.name.isEmpty {
      return .none(reason: "can only create tokens for individual service accounts")
    }
    if request.subresource != "token" {
      return .none(reason: "can only create token subresource of serviceaccount")
    }
    return unrelated(request, node)
  }

  private static let ownVerbs = ["get", "create", "update", "patch", "delete"]

  private static func lease(_ request: RequestAttributes, _ node: String) -> Opinion {
    guard ownVerbs.contains(request.verb) else {
      return .none(reason: "can only get, create, update, patch, or delete a node lease")
    }
    if request.namespace != "kube-node-lease" {
      return .none(
        reason: "can only access leases in the \"kube-node-lease\" system namespace")
    }
    // The name is not known yet at a create; NodeRestriction asks for it.
    return request.verb == "create" || request.name == node
      ? .allows : .none(reason: NodeRestriction.otherLease)
  }

  private static func csiNode(_ request: RequestAttributes, _ node: String) -> Opinion {
    guard ownVerbs.contains(request.verb) else {
      return .none(reason: "can only get, create, update, patch, or delete a CSINode")
    }
    if !request.subresource.isEmpty {
      return .none(reason: "cannot authorize CSINode subresources")
    }
    return request.verb == "create" || request.name == node
      ? .allows : .none(reason: NodeRestriction.otherCSINode)
  }

  /// `authorizeResourceSlice`; whose one that is created is, NodeRestriction asks.
  private static func resourceSlice(_ request: RequestAttributes, _ node: String) -> Opinion {
    if !request.subresource.isEmpty {
      return .none(reason: "cannot authorize ResourceSlice subresources")
    }
    switch request.verb {
    case "create": return .allows
    case "get", "update", "patch", "delete": return unrelated(request, node)
    case "watch", "list", "deletecollection":
      return FieldSelector(request.fieldSelector).requires("spec.nodeName", node)
        ? .allows
        : .none(
          reason: "can only list/watch/deletecollection resourceslices with nodeName field "
            + "selector")
    default:
      return .none(
        reason: "only the following verbs are allowed for a ResourceSlice: get, watch, list, "
          + "create, update, patch, delete, deletecollection")
    }
  }

  private static func ownNode(_ request: RequestAttributes, _ node: String) -> Opinion {
    switch (request.subresource, request.verb) {
    case ("", "create"), ("", "update"), ("", "patch"), ("status", "update"), ("status", "patch"):
      return .allows
    case ("", "get"), ("", "list"), ("", "watch"):
      if request.name == node { return .allows }
      return request.name.isEmpty
        ? .none(reason: "node '\(node)' cannot read all nodes, only its own Node object")
        : .none(
          reason: "node '\(node)' cannot read '\(request.name)', only its own Node object")
    default: return .silent
    }
  }

  private static func pods(_ request: RequestAttributes, _ node: String) -> Opinion {
    switch (request.subresource, request.verb) {
    case ("", "get"): return relatedGet(request, node)
    case ("", "list"), ("", "watch"):
      if FieldSelector(request.fieldSelector).requires("spec.nodeName", node) { return .allows }
      return request.name.isEmpty
        ? .none(reason: "can only list/watch pods with spec.nodeName field selector")
        : unrelated(request, node)
    case ("", "create"), ("", "delete"), ("status", "update"), ("status", "patch"),
      ("eviction", "create"):
      return .allows
    default: return .silent
    }
  }
}

extension User {
  /// The node that this user is: prefix of the name and group (D.3); nil: it is none.
  var nodeName: String? {
    let prefix = "system:node:"
    guard name.hasPrefix(prefix), groups.contains("system:nodes") else { return nil }
    return String(name.dropFirst(prefix.count))
  }
}

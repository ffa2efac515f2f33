extension ForeignRequest {
  /// What the API server makes of a path: a request for a resource, or for the path itself with the HTTP
  /// method as its verb. A request for a resource stays as it is.
  ///
  /// Source: apiserver pkg/endpoints/request/requestinfo.go, `NewRequestInfo`.
  package var resolved: ForeignRequest {
    if path.isEmpty { return self }
    var request = self
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    while parts.first == "" { parts.removeFirst() }
    while parts.last == "" { parts.removeLast() }
    let isNamed = parts.first == "apis"
    guard isNamed || parts.first == "api", parts.count >= (isNamed ? 4 : 3), !isUnreadable else {
      request.verb = method
      return request
    }
    request.path = ""
    request.isByURL = true
    request.group = isNamed ? parts[1] : ""
    request.version = parts[isNamed ? 2 : 1]
    var object = Array(parts.dropFirst(isNamed ? 3 : 2))
    if ["watch", "proxy"].contains(object[0]) {
      // The old way to say a verb, which takes no selectors.
      request.verb = object.removeFirst()
      request.fieldSelector = ""
      request.readObject(from: object)
      if request.verb == "proxy" { request.subresource = "" }
      return request
    }
    request.readObject(from: object)
    if request.name.isEmpty {
      request.verb = ["get": "list", "delete": "deletecollection"][request.verb] ?? request.verb
    } else {
      request.verb =
        ["list": "get", "watch": "get", "deletecollection": "delete"][request.verb]
        ?? request.verb
    }
    return request
  }

  /// Why nothing of the API server takes the request, as far as the model knows the group; nil: something does.
  ///
  /// Source: go-restful `CurlyRouter.SelectRoute`: 404 without a route, 405 with one for another method.
  var routingProblem: Answer? {
    if !path.isEmpty {
      switch ServedPaths.handler(of: path) {
      case .plain: return nil
      case .route: return verb == "get" ? nil : .methodNotAllowed
      case nil: return .notFound
      }
    }
    if verb == "proxy" { return .notFound }
    guard ServedResources.byGroup[group] != nil else { return nil }
    guard version == "v1",
      let verbs = ServedResources.verbs(of: resource, subresource, in: group)?.filter(isOfURL)
    else { return .notFound }
    if verbs.contains(verb) { return nil }
    return verbs.isEmpty ? .notFound : .methodNotAllowed
  }

  /// Whether its URL takes a verb that the resource has: the collection of one namespace, that of all and the objects
  /// have URLs of their own.
  ///
  /// Source: apiserver pkg/endpoints/installer.go, `registerResourceHandlers`.
  private func isOfURL(_ verb: String) -> Bool {
    let isAtCollection = isByURL ? name.isEmpty : isOfCollection || self.verb == "create"
    if !ServedResources.isNamespaced(resource, in: group) {
      // Of the URL of a namespace its name counts as the namespace, too.
      guard namespace.isEmpty || resource == "namespaces" && namespace == name else { return false }
    } else if namespace.isEmpty {
      return isAtCollection && subresource.isEmpty && ["list", "watch"].contains(verb)
    }
    if !subresource.isEmpty { return true }
    return isAtCollection
      ? ["list", "watch", "create", "deletecollection"].contains(verb)
      : ["get", "watch", "update", "patch", "delete"].contains(verb)
  }

  /// Whether the API server can make no request of the URL: after `watch` or `proxy` it wants a resource.
  ///
  /// Source: apiserver pkg/endpoints/request/requestinfo.go, `NewRequestInfo`.
  var isUnreadable: Bool {
    let parts = path.split(separator: "/")
    let version = parts.first == "apis" ? 2 : 1
    return ["api", "apis"].contains(parts.first) && parts.count == version + 2
      && ["watch", "proxy"].contains(parts[version + 1])
  }

  /// - Parameter parts: of the path, from the resource or `namespaces` on.
  private mutating func readObject(from parts: [String]) {
    var parts = parts
    if parts[0] == "namespaces", parts.count > 1 {
      namespace = parts[1]
      if parts.count > 2, !["status", "finalize"].contains(parts[2]) { parts.removeFirst(2) }
    }
    resource = parts[0]
    if parts.count > 1 { name = parts[1] }
    if parts.count > 2 { subresource = parts[2] }
  }

  /// Of HTTP.
  private var method: String {
    switch verb {
    case "list", "watch": "get"
    case "create": "post"
    case "update": "put"
    case "deletecollection": "delete"
    default: verb
    }
  }
}

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
    guard isNamed || parts.first == "api", parts.count >= (isNamed ? 4 : 3) else {
      request.verb = method
      return request
    }
    request.path = ""
    request.group = isNamed ? parts[1] : ""
    request.version = parts[isNamed ? 2 : 1]
    var object = Array(parts.dropFirst(isNamed ? 3 : 2))
    if ["watch", "proxy"].contains(object[0]), object.count > 1 {
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

  /// Whether the API server has something at the request's URL, as far as the model knows the group.
  var isServed: Bool {
    if !path.isEmpty { return true }
    if verb == "proxy" { return false }
    guard let resources = ServedResources.byGroup[group] else { return true }
    guard version == "v1", let subresources = resources[resource] else { return false }
    return subresource.isEmpty || subresources.contains(subresource)
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

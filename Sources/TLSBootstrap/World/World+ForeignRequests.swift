import SimulationKernel

/// Requests of other clients for resources and paths besides CSRs, and what any of them reads like.
extension World {
  mutating func ask(
    _ request: ForeignRequest, _ call: inout PendingCall, _ words: inout String?
  ) {
    let resource =
      request.group.isEmpty ? request.resource : "\(request.resource).\(request.group)"
    let object = "\(resource) \(GoString.quoted(request.name))"
    if let problem = request.routingProblem {
      call.answer = problem
      words = problem == .notFound ? StatusText.resourceNotFound : StatusText.methodNotAllowed
      return
    }
    if request.isOfCollection {
      let selector = FieldSelector(request.fieldSelector)
      // Source: apiserver pkg/endpoints/handlers/get.go, `ListResource`.
      if let problem = selector.problem
        ?? selector.unsupported(of: request.group, request.resource)
      {
        (call.answer, words) = (.badRequest, problem)
      }
      return
    }
    // An object is looked for before it is admitted, but for one that a PUT may create.
    let isMissing = request.verb != "create" && exists(request) == false
    if isMissing, request.resource != "leases" {
      (call.answer, words) = (.notFound, "\(object) not found")
      return
    }
    if turn.facts.scenario.apiServer.nodeRestriction,
      let problem = NodeRestriction.problem(writing: request, by: clientUser(call.identity))
    {
      call.answer = .forbiddenByAdmission
      words = "\(object) is forbidden: \(problem)"
      return
    }
    if request.verb == "create" {
      create(request, object, &call, &words)
    } else if isMissing {
      (call.answer, words) = (.notFound, "\(object) not found")
    }
  }

  private mutating func create(
    _ request: ForeignRequest, _ object: String, _ call: inout PendingCall, _ words: inout String?
  ) {
    call.answer = .created
    if let problem = request.nameProblem {
      (call.answer, words) = (.invalid, problem)
    } else if entry(of: call).isDryRun ? exists(request) == true : insert(request) == true {
      call.answer = .alreadyExists
      words = "\(object) already exists"
    }
  }

  /// Whether the object is there; nil: the model does not know such objects.
  private func exists(_ request: ForeignRequest) -> Bool? {
    switch (request.group, request.resource) {
    case ("certificates.k8s.io", "certificatesigningrequests"):
      server.requests.indices.contains { requestName($0) == request.name && !isDeleted($0) }
    case ("", "secrets"):
      turn.facts.scenario.secrets.contains {
        $0.name == request.name && $0.namespace == request.namespace
      }
    default:
      node(of: request).map { node, object in
        node.map { server.objects[Int($0.index)].contains(object) }
          ?? (object == .node && turn.facts.scenario.existingNodes.contains(request.name))
      }
    }
  }

  /// The node whose object is asked for, and which; nil: another kind of object.
  private func node(of request: ForeignRequest) -> (NodeID?, APIServer.NodeObjects)? {
    switch (request.group, request.resource, request.namespace) {
    case ("", "nodes", _): (nodeID(request.name), .node)
    case ("coordination.k8s.io", "leases", "kube-node-lease"): (nodeID(request.name), .lease)
    case ("storage.k8s.io", "csinodes", _): (nodeID(request.name), .csiNode)
    default: nil
    }
  }

  /// - Returns: whether it was there already; nil: the model does not know it.
  private mutating func insert(_ request: ForeignRequest) -> Bool? {
    guard request.subresource.isEmpty, let (found, object) = node(of: request), let found else {
      return nil
    }
    // L.3: one that does not register may find it.
    if object == .node { reopen(found) }
    return !server.objects[Int(found.index)].insert(object).inserted
  }
}

// MARK: In words

extension World {
  /// C.1: a URL of which the server can make no request, it refuses before anything else; nil: it can.
  ///
  /// Source: apiserver pkg/endpoints/filters/requestinfo.go, handlers/responsewriters/errors.go
  /// `InternalError`, as plain text; apimachinery pkg/api/errors `NewGenericServerResponse`.
  func unreadableURL(of entry: UInt32) -> String? {
    guard case .ask(let request) = turn.facts.scenario.requests[Int(entry)].act,
      request.isUnreadable
    else { return nil }
    let text =
      "Internal Server Error: \(GoString.quoted(request.path)): failed to create RequestInfo: unable to "
      + "determine kind and namespace from url, \(request.path)"
    return
      "an error on the server (\(GoString.quoted(text))) has prevented the request from succeeding"
  }

  /// `POST /apis/certificates.k8s.io/v1/certificatesigningrequests`.
  func clientLine(_ number: Int, _ call: Call, about request: UInt32) -> String {
    var pending = PendingCall(
      call: call, client: .client, owner: UInt32(number), node: TraceEvent.none,
      credential: .none)
    pending.request = request
    let attributes = attributes(of: pending)
    var version = call.apiVersion
    if case .ask(let request) = turn.facts.scenario.requests[number].act {
      version = request.version
    }
    let path = attributes.path.isEmpty ? Self.path(attributes, version) : attributes.path
    let query = Self.query(attributes, .none)
    guard turn.facts.scenario.requests[number].isDryRun else {
      return "\(attributes.verb) \(path)\(query)"
    }
    return "\(attributes.verb) \(path)\(query.isEmpty ? "?" : query + "&")dryRun=All"
  }
}

import SimulationKernel

/// What failed, in Kubernetes' own words (protocol.md C.3, D.4, E; groundtruth/failure-answers.jsonl).
extension World {
  public func message(of event: TraceEvent) -> String? {
    if let words = clients.words(of: event.id) { return words }
    switch event.kind {
    case .shapeRefused:
      return turn.facts.clients.shape(server.requests[Int(event.request)].shape).signerProblem
    case .authenticationFailed:
      return authenticationMessage(of: event)
    case .tokenUnavailable:
      return "failed to get token for kube-system/certificate-controller: "
        + "timed out waiting for the condition"
    case .signingFailed:
      return signingMessage(of: event)
    case .joinFailed: return joinMessage(of: event)
    case .deletionSeen, .replacementSeen:
      return "cannot watch on the certificate signing request: csr "
        + "\"\(requestName(Int(event.request)))\" "
        + (event.kind == .deletionSeen ? "was deleted" : "changed UIDs")
    case .storeFailed:
      return "Unable to store the new cert/key pair"
    case .waitEnded:
      return waitMessage(of: event)
    case .attemptFailed:
      return attemptMessage(of: event)
    case .kubeletExited:
      return exitMessage(of: event)
    case .faultBegan, .faultEnded:
      return acts.base.faults[Int(event.value)].name
    case .settled:
      return Settlement(rawValue: UInt8(truncatingIfNeeded: event.value))?.text
    case .bootstrapKubeconfigUnusable:
      return bootstrapMessage(of: NodeID(Int(event.node)))
    case .kubeconfigUnusable, .kubeconfigExpired, .storedPairUnusable, .temporaryKeyUnusable,
      .containerRuntimeMissing:
      return diskMessage(of: event)
    case .runtimeLost: return "container runtime is down"
    case .requestAnswered, .authorizationFailed, .connectionFailed:
      if event.answer.isSuccess { return nil }
      return message(
        event.answer, event.call, event.actor, node: event.node,
        request: event.request, at: event.time, event: event.id)
    default: return nil
    }
  }

  public func message(of requests: WaitingRequests) -> String? {
    message(
      requests.answer, requests.call, .anonymous, node: requests.node, request: TraceEvent.none,
      at: requests.first)
  }

  public func message(of request: WaitingRequest) -> String? {
    message(
      request.answer, request.call, .anonymous, node: request.node, request: TraceEvent.none,
      at: request.time)
  }

  func message(
    _ answer: Answer, _ call: Call, _ identity: Identity, node: UInt32, request: UInt32,
    at instant: Instant, event: UInt32? = nil
  ) -> String? {
    let nodeName = node == TraceEvent.none ? "" : turn.facts.name(of: NodeID(Int(node)))
    let requestText = request == TraceEvent.none ? "" : requestName(Int(request))
    var attributes = turn.facts.authorizer.attributes(
      of: call, node: nodeName, request: requestText)
    if call == .deleteSecret { attributes.name = event.flatMap(clients.secret) ?? "" }
    switch answer {
    case .ok, .created: return nil
    case .unauthorized: return "Unauthorized"
    case .forbidden:
      let user = turn.facts.authorizer.user(identity, node: turn.facts.callerName(identity))
      return forbidden(attributes, user)
    case .forbiddenToApprove, .forbiddenToSign:
      return StatusText.notPermitted(
        to: answer == .forbiddenToApprove ? .approve : .sign, object(attributes),
        signer: turn.facts.signerText(of: server.requests[Int(request)]))
    case .forbiddenCommonName:
      return StatusText.request(named: "csr-") + " is forbidden: "
        + "can only create a node CSR with CN=system:node:\(nodeName)"
    case .notFound where call == .listBetaRequest:
      return "the server could not find the requested resource"
    case .notFound: return named(attributes, nodeName, requestText) + " not found"
    case .alreadyExists: return named(attributes, nodeName, requestText) + " already exists"
    case .conflict:
      return StatusText.modified(object(attributes))
    case .replaced: return replacedMessage(of: request, at: instant)
    case .exclusiveConditions:
      return StatusText.invalid(requestText, StatusText.exclusive("Approved"))
    // Told where they are met, because only the entry of `spec.requests` knows what was asked for.
    case .badRequest, .tooLarge, .unsupportedMediaType, .unknownError, .invalid,
      .forbiddenByAdmission, .internalError:
      return nil
    case .methodNotAllowed: return StatusText.methodNotAllowed
    case .gone: return "too old resource version"
    case .tooManyRequests: return tooManyRequests(attributes)
    case .timeout: return "Timeout: request did not complete within the allotted timeout"
    case .connectionRefused, .unknownAuthority, .servingCertificateExpired,
      .servingCertificateNotYetValid, .connectionLost, .dialTimeout, .handshakeTimeout,
      .deadlineExceeded, .connectionClosed:
      return connectionMessage(
        answer, call, attributes, node: node, at: instant, event: event)
    }
  }

  /// A.11: the server's answer is plain text, which client-go replaces by its own words.
  func tooManyRequests(_ attributes: RequestAttributes) -> String {
    let verbs = [
      "create": "post", "update": "put", "patch": "patch", "delete": "delete",
      "deletecollection": "delete", "post": "post", "put": "put",
    ]
    let words = "the server has received too many requests and has asked us to try again later"
    if attributes.resource.isEmpty { return words }
    let resource =
      attributes.group.isEmpty
      ? attributes.resource : "\(attributes.resource).\(attributes.group)"
    let name = attributes.name.isEmpty || attributes.isOfCollection ? "" : " \(attributes.name)"
    return words + " (\(verbs[attributes.verb] ?? "get") \(resource)\(name))"
  }

  /// D.4. What looks like HTML is escaped in the sentence, but neither in the object before it nor in the reasons.
  ///
  /// Source: apiserver pkg/endpoints/handlers/responsewriters/errors.go, `Forbidden`.
  ///
  /// - Parameter reasons: nil: the authorizers'.
  func forbidden(
    _ attributes: RequestAttributes, _ user: User, because reasons: [String]? = nil
  ) -> String {
    let reasons = reasons ?? turn.facts.authorizer.decide(attributes, by: user).reasons
    let because = reasons.isEmpty ? "" : ": " + reasons.joined(separator: "\n")
    var sentence = "User \(GoString.quoted(user.name)) cannot \(attributes.verb) "
    if !attributes.path.isEmpty {
      sentence += "path \(GoString.quoted(attributes.path))"
      return "forbidden: " + Self.sanitized(sentence) + because
    }
    let scope =
      attributes.namespace.isEmpty
      ? "at the cluster scope" : "in the namespace \(GoString.quoted(attributes.namespace))"
    sentence +=
      "resource \(GoString.quoted(attributes.fullResource)) in API group "
      + "\(GoString.quoted(attributes.group)) \(scope)"
    return object(attributes) + " is forbidden: " + Self.sanitized(sentence) + because
  }

  private static func sanitized(_ text: String) -> String {
    guard text.utf8.contains(where: { "&<>".utf8.contains($0) }) else { return text }
    return text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }

  /// `certificatesigningrequests.certificates.k8s.io "csr-x"`; a create names nothing.
  func object(_ attributes: RequestAttributes) -> String {
    let resource =
      attributes.group.isEmpty
      ? attributes.resource : "\(attributes.resource).\(attributes.group)"
    return attributes.name.isEmpty
      ? resource : "\(resource) \(GoString.quoted(attributes.name))"
  }

  /// The same with the name of the object that a create made or met.
  private func named(
    _ attributes: RequestAttributes, _ node: String, _ request: String
  ) -> String {
    let name = attributes.resource == "certificatesigningrequests" ? request : node
    var attributes = attributes
    if !name.isEmpty { attributes.name = name }
    return object(attributes)
  }

  /// What the server logs; the client only ever reads `Unauthorized` (C.6).
  private func authenticationMessage(of event: TraceEvent) -> String {
    if [.createSubjectAccessReview, .updateApproval, .updateStatus, .deleteRequest].contains(
      event.call)
    {
      return "[invalid bearer token, service account token has expired]"
    }
    let disk = Int(event.node) < kubelets.count ? kubelets[Int(event.node)].disk : Kubelet.Disk()
    // L.2, N.2: without a certificate its loops present nothing, nor does kubeadm when it discovers the cluster;
    // it looks at the Node with the token.
    let presentsNothing =
      event.call == .getClusterInfo
      || WaitingLoops.calls.contains(event.call)
        && event.actor != Identity(.nobody, sentBy: .kubeadm)
    if event.step == BootstrapStep.authenticates.rawValue
      || disk.certificateOfKubeconfig == TraceEvent.none && !presentsNothing,
      let token = turn.facts.token(of: NodeID(Int(event.node)))
    {
      return tokenMessage(token, of: event)
    }
    let number = disk.certificateOfKubeconfig
    guard number != TraceEvent.none else { return "anonymous requests are disabled" }
    // By the clock of the server that had it: of those that refuse it, where they differ.
    for clock in spelling(of: event).apiServerClocks {
      let now = clock.reading(at: event.time)
      if let validity = refusedValidity(number, event, now) {
        return Self.validityText(now, validity)
      }
    }
    return "x509: certificate signed by unknown authority"
  }

  /// Of the client certificate that the API server refused then for its times, as it does before it looks
  /// who signed it; nil: it did not.
  ///
  /// - Parameter latest: the node's certificate at the end, which may be a later one.
  private func refusedValidity(
    _ latest: UInt32, _ event: TraceEvent, _ now: Int64
  ) -> ClosedRange<Int64>? {
    let chainEnd = spelling(of: event).clientCANotAfter
    let refused = { (certificate: Certificate) -> ClosedRange<Int64>? in
      let end = max(certificate.notBefore, min(certificate.notAfter, chainEnd))
      let validity = certificate.notBefore...end
      return validity.contains(now) ? nil : validity
    }
    let certificate = turn.certificates[Int(latest)]
    if certificate.signed <= event.time { return refused(certificate) }
    let earlier = turn.certificates.filter { certificate in
      guard certificate.node == NodeID(Int(event.node)), certificate.signed <= event.time else {
        return false
      }
      let signer = certificate.request.map { server.requests[Int($0.index)].signerName }
      return signer == nil || signer == .kubeAPIServerClientKubelet
    }
    // One of another CA is refused for that, whatever became of those before it.
    if let last = earlier.last, !last.isTrusted { return refused(last) }
    return earlier.reversed().lazy.compactMap(refused).first
  }

  private func tokenMessage(_ token: Int, of event: TraceEvent) -> String {
    let spelling = spelling(of: event)
    return message(
      of: spelling.tokens.tokens[token], at: spelling.apiServerClock.reading(at: event.time))
  }

  /// Why a token is refused when the API server's clock shows `now`, as it logs it.
  func message(of token: TokenTable.Token, at now: Int64) -> String {
    switch token.verdict {
    case .refused(let text): text
    case .refusedUnlessExpired(let text, let id, let expiration):
      expiration.hasPassed(at: now) ? expirationMessage(expiration, id) : text
    case .known(let id, _, let expiration): expirationMessage(expiration, id)
    }
  }

  private func expirationMessage(
    _ expiration: BootstrapTokenSecret.Expiration, _ id: String
  ) -> String {
    switch expiration {
    case .at(let time):
      "Expired bootstrap token in kube-system/bootstrap-token-\(id) Secret: "
        + Timestamp.text(time)
    case .unparsable(let text):
      "Unparseable expiration time (\(text)) in kube-system/bootstrap-token-\(id) Secret. "
        + "Treating as expired."
    case .never: "invalid bearer token"
    }
  }

  /// Go's x509 text.
  static func validityText(_ now: Int64, _ validity: ClosedRange<Int64>) -> String {
    let side =
      now < validity.lowerBound
      ? "is before \(Timestamp.text(validity.lowerBound))"
      : "is after \(Timestamp.text(validity.upperBound))"
    return "x509: certificate has expired or is not yet valid: current time "
      + "\(Timestamp.text(now)) \(side)"
  }

  private func signingMessage(of event: TraceEvent) -> String {
    let spelling = spelling(of: event)
    let notAfter = Timestamp.goText(spelling.signingCANotAfter)
    let backdated =
      spelling.managerClock.reading(at: event.time) - CertificateValidity.backdate.nanoseconds
    return "error auto signing csr: "
      + (backdated >= spelling.signingCANotAfter
        ? "the signer has expired: NotAfter=\(notAfter)"
        : "refusing to sign a certificate that expired in the past: NotAfter=\(notAfter)")
  }

  private func bootstrapMessage(of node: NodeID) -> String {
    let path = "/etc/kubernetes/bootstrap-kubelet.conf"
    let isUnreadable =
      turn.facts.group(of: node).bootstrapKubeconfig.state == .unreadable
      && !kubelets[Int(node.index)].disk.isBootstrapKubeconfigDeleted
    return isUnreadable
      ? "unable to load bootstrap kubeconfig: error loading config file \"\(path)\""
      : "unable to load bootstrap kubeconfig: stat \(path): no such file or directory"
  }

  /// Only the call knows which Secret it is about.
  mutating func noteSecret(of call: PendingCall) {
    clients.noteSecret(turn.facts.secretNames[Int(call.key)], of: call.cause)
  }

  func connectionMessage(
    _ answer: Answer, _ call: Call, _ attributes: RequestAttributes, node: UInt32,
    at instant: Instant, event: UInt32?
  ) -> String {
    let server = server(of: node)
    let methods = [
      "create": "Post", "update": "Put", "patch": "Patch", "delete": "Delete",
      "deletecollection": "Delete", "post": "Post", "put": "Put",
    ]
    let method = methods[attributes.verb] ?? "Get"
    let path = attributes.path.isEmpty ? Self.path(attributes, call.apiVersion) : attributes.path
    let head = "\(method) \"\(server)\(path)\(Self.query(attributes, call))\": "
    if answer == .deadlineExceeded { return head + "context deadline exceeded" }
    if answer == .connectionRefused {
      return head + "dial tcp \(Self.host(server)): connect: connection refused"
    }
    if answer == .dialTimeout { return head + "dial tcp \(Self.host(server)): i/o timeout" }
    if answer == .handshakeTimeout { return head + "net/http: TLS handshake timeout" }
    if answer == .connectionLost { return head + "EOF" }
    if answer == .connectionClosed {
      return head + "read tcp …->\(Self.host(server)): use of closed network connection"
    }
    let trust = head + "tls: failed to verify certificate: "
    if answer == .unknownAuthority {
      return trust + "x509: certificate signed by unknown authority"
    }
    let now = clock(of: node, at: instant, event: event).reading(at: instant)
    return trust + Self.validityText(now, servingValidity(instant, event: event))
  }

  /// The URL that a node's kubeconfig names; the control plane's clients have the API server's own.
  private func server(of node: UInt32) -> String {
    guard node != TraceEvent.none else { return turn.facts.scenario.apiServer.url }
    let group = turn.facts.group(of: NodeID(Int(node)))
    let given =
      usesGivenKubeconfig(node)
      ? group.disk.kubeconfig.server : group.bootstrapKubeconfig.server
    return given ?? turn.facts.scenario.apiServer.url
  }

  private static func host(_ server: String) -> String {
    server.hasPrefix("https://") ? String(server.dropFirst(8)) : server
  }

  static func path(_ attributes: RequestAttributes, _ version: String = "v1") -> String {
    let root = attributes.group.isEmpty ? "/api" : "/apis/\(attributes.group)"
    let namespace = attributes.namespace.isEmpty ? "" : "/namespaces/\(attributes.namespace)"
    let name = attributes.name.isEmpty || attributes.isOfCollection ? "" : "/\(attributes.name)"
    let subresource = attributes.subresource.isEmpty ? "" : "/\(attributes.subresource)"
    return "\(root)/\(version)\(namespace)/\(attributes.resource)\(name)\(subresource)"
  }

  /// What the client asks with, in client-go's order, without what it draws or remembers: the timeouts of a
  /// watch and its resource version.
  static func query(_ attributes: RequestAttributes, _ call: Call) -> String {
    var query: [String] = []
    if attributes.isOfCollection {
      let selector =
        attributes.fieldSelector.isEmpty && !attributes.name.isEmpty
        ? "metadata.name=\(attributes.name)" : attributes.fieldSelector
      if attributes.verb == "watch" { query.append("allowWatchBookmarks=true") }
      if !selector.isEmpty {
        query.append(
          "fieldSelector="
            + selector.replacing("!", with: "%21").replacing("=", with: "%3D")
            .replacing(",", with: "%2C"))
      }
      if attributes.verb == "watch" { query.append("watch=true") }
    }
    if let timeout = call.timeoutParameter { query.append("timeout=\(timeout)") }
    return query.isEmpty ? "" : "?" + query.joined(separator: "&")
  }
}

extension RequestAttributes {
  /// Whether it is about a collection, from which a selector may choose.
  fileprivate var isOfCollection: Bool { ["list", "watch", "deletecollection"].contains(verb) }
}

extension Call {
  /// The deadline that the client tells the server: of heartbeats (L.1), MODE-F's /healthz, and kubeadm.
  ///
  /// 10 s and 1 s. Source: recorded, audit/first-node-*.jsonl and kubelet-logs; kubeadm
  /// util/kubeconfig/kubeconfig.go, `ToClientSet`.
  fileprivate var timeoutParameter: String? {
    switch self {
    case .getHealthz: "1s"
    case .getLease, .createLease, .updateLease, .patchNodeStatus, .getClusterInfo,
      .getKubeadmConfig, .getKubeProxyConfig, .getKubeletConfig:
      "10s"
    case _: nil
    }
  }
}

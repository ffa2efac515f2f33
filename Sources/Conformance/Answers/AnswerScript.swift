import Foundation

/// What a scenario must say to play a line of the recorded answers.
struct AnswerScript {
  /// `spec.requests`; the request whose answer is compared is called `it`, kubectl's `kubectl`.
  var requests: String
  var tokens = "- {token: tokok1.0123456789abcdef}"
  var rest = ""
  var documents = ""
  /// Whether the token's group may create CSRs and have them approved.
  var isBound = true

  /// The scenario file.
  var text: String {
    let list = tokens.isEmpty ? "" : "  tokens:\n  \(tokens)\n"
    return """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata:
        name: answers
      spec:

      """ + (isBound ? "  preset: kubeadm\n" : "")
        // Somebody must be there; it starts after everything is over.
        + "  nodes:\n  - {name: idle, start: {at: 1h}, bootstrapKubeconfig: {token: none}}\n" + list
        + rest + "  requests:\n" + requests.split(separator: "\n").map { "  \($0)\n" }.joined()
        + "  stopWhen: Never\n  duration: 30s\n" + documents
  }
}

// MARK: The cases

extension AnswerScript {
  /// nil: the line says nothing about an API server's answer to a client.
  init?(_ line: RecordedAnswer, _ recordings: Recordings) throws(RecordingError) {
    let script: AnswerScript? =
      switch line.group {
      case "a": Self.missing(line.step)
      case "b": Self.expired(line.step)
      case "c": Self.create("{token: tokok1.aaaaaaaaaaaaaaaa}")
      case "d": Self.usage(line.name)
      case "g": Self.unbound(line.step)
      case "h": Self.unapproved(line.step)
      case "i": Self.denied(line.step)
      case "n": Self.handmade(try line.createdObject(recordings))
      case "o": Self.certificate(line.step)
      case "r": Self.signed(line.expirationSeconds)
      default: nil
      }
    guard let script else { return nil }
    self = script
  }

  private static func handmade(_ object: String) -> AnswerScript {
    AnswerScript(
      requests: """
        - {name: it, at: 1s, as: {tokenID: tokok1}, create: \(object)}
        - {name: approve, at: 4s, approve: {of: request/it}}
        """)
  }

  private static func signed(_ expirationSeconds: Int?) -> AnswerScript {
    let seconds = expirationSeconds.map { ", expirationSeconds: \($0)" } ?? ""
    return AnswerScript(
      requests: "- {name: it, at: 1s, as: {tokenID: tokok1}, create: \(own(seconds))}",
      rest: "  controllerManager: {clusterSigningDuration: 2m}\n")
  }

  private static func own(_ more: String = "") -> String {
    """
    {spec: {signerName: kubernetes.io/kube-apiserver-client-kubelet, \
    usages: [digital signature, client auth]\(more)}, \
    subject: {commonName: "system:node:n1", organizations: ["system:nodes"]}}
    """
  }

  private static func request(_ credentials: String, _ act: String, more: String = "") -> String {
    "- {name: it, at: 1s, \(more)as: \(credentials), \(act)}"
  }

  private static func create(_ credentials: String) -> AnswerScript {
    AnswerScript(requests: request(credentials, "create: \(own())"))
  }

  private static func healthz(_ credentials: String) -> AnswerScript {
    AnswerScript(requests: request(credentials, "ask: {path: /healthz}"))
  }

  private static func missing(_ step: String) -> AnswerScript? {
    let unknown = "{token: tokxyz.0123456789abcdef}"
    switch step {
    case "create csr": return create(unknown)
    case "GET /healthz": return healthz(unknown)
    case "anonymous create csr": return create("{anonymous: true}")
    case "anonymous GET /healthz": return healthz("{anonymous: true}")
    case "malformed token (not id.secret)": return create("{token: nonsense}")
    case "uppercase token": return create("{token: TOKOK1.0123456789ABCDEF}")
    case _ where step.hasPrefix("401 first, then the secret is created"):
      var script = healthz("{tokenID: tokok1}")
      script.requests = script.requests.replacing(
        "at: 1s, ", with: "at: 1990ms, every: 20ms, count: 2, ")
      script.rest = "  faults: [{at: 0s, for: 2s, action: token-delete, tokenID: tokok1}]\n"
      return script
    default: return nil
    }
  }

  private static func expired(_ step: String) -> AnswerScript? {
    var script = create("{token: tokok1.0123456789abcdef}")
    script.tokens = "- {token: tokok1.0123456789abcdef, ttl: 4600ms}"
    if step.hasPrefix("create csr, expiration 60 s in the past") {
      script.tokens = "- {token: tokok1.0123456789abcdef, expires: 2025-12-31T23:59:00Z}"
    } else if step.hasPrefix("first 401 after expiry") {
      script.requests = request(
        "{tokenID: tokok1}", "create: \(own())", more: "every: 10420ms, count: 2, ")
    } else if step.hasPrefix("GET secret") || step.hasPrefix("secret gone") {
      script.requests =
        "- {name: it, at: 5s, ask: {resource: secrets, namespace: kube-system, "
        + "name: bootstrap-token-tokok1}}"
    } else if step.hasPrefix("unparseable expiration") {
      script.tokens = ""
      script.documents = secret("usage-bootstrap-authentication: \"true\"", "expiration: soon")
    } else if step.hasPrefix("token expiring 4 s after creation") {
      script.requests =
        "- {name: it, at: 410ms, every: 50ms, count: 220, as: {tokenID: tokok1}, "
        + "ask: {path: /healthz}}"
    } else if !step.hasPrefix("create csr 3.6 s before expiry") {
      return nil
    }
    return script
  }

  private static func usage(_ name: String) -> AnswerScript? {
    var script = create("{token: tokok1.0123456789abcdef}")
    script.tokens = ""
    switch name {
    case "d-usage-missing": script.documents = secret()
    case "d-usage-false":
      script.documents = secret("usage-bootstrap-authentication: \"false\"")
    case "d-usage-True-capital":
      script.documents = secret("usage-bootstrap-authentication: \"True\"")
    default: return nil
    }
    return script
  }

  private static func secret(_ more: String...) -> String {
    let lines = more.map { "  \($0)\n" }.joined()
    return """
      ---
      apiVersion: v1
      kind: Secret
      type: bootstrap.kubernetes.io/token
      metadata: {name: bootstrap-token-tokok1, namespace: kube-system}
      stringData:
        token-id: tokok1
        token-secret: 0123456789abcdef
        auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
      \(lines)
      """
  }

  private static func unbound(_ step: String) -> AnswerScript? {
    let token = "{tokenID: tokok1}"
    var script: AnswerScript
    switch step {
    case "create csr": script = create(token)
    case "list csr by name":
      script = AnswerScript(
        requests: request(
          token,
          "ask: {verb: list, group: certificates.k8s.io, resource: certificatesigningrequests, "
            + "fieldSelector: metadata.name=csr-abc}"))
    case "GET /healthz": script = healthz(token)
    case "whoami":
      script = AnswerScript(
        requests: request(
          token, "ask: {verb: create, group: authentication.k8s.io, resource: selfsubjectreviews}"))
    default: return nil
    }
    script.isBound = false
    return script
  }

  private static let bootstrapper = """
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: create}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:node-bootstrapper"}
    subjects: [{kind: Group, name: "system:bootstrappers"}]
    """

  private static func unapproved(_ step: String) -> AnswerScript? {
    var script = create("{tokenID: tokok1}")
    script.isBound = false
    script.documents = bootstrapper
    switch step {
    case "create csr", "after 5 s": break
    case "kubectl certificate approve", "after manual approve":
      script.requests += "\n- {name: kubectl, at: 6s, approve: {of: request/it}}"
    default: return nil
    }
    return script
  }

  private static func denied(_ step: String) -> AnswerScript? {
    guard var script = unapproved("create csr") else { return nil }
    if step == "create csr" { return script }
    script.requests = script.requests.replacing("name: it", with: "name: made")
    if step == "kubectl certificate deny" {
      script.requests += "\n- {name: kubectl, at: 2s, deny: {of: request/made}}"
      return script
    }
    script.requests += "\n- {name: deny, at: 2s, deny: {of: request/made}}"
    switch step {
    case "after deny, binding restored, 4 s": break
    case "kubectl approve after deny":
      script.requests += "\n- {name: kubectl, at: 6s, approve: {of: request/made}}"
    case "raw PUT approval adding Approved to a Denied CSR":
      script.requests += "\n- {name: it, at: 6s, update: {of: request/made, add: Approved}}"
    case "raw PUT approval removing Denied":
      script.requests += "\n- {name: it, at: 6s, update: {of: request/made, remove: Denied}}"
    default: return nil
    }
    return script
  }

  private static func certificate(_ step: String) -> AnswerScript? {
    let own = "commonName: \"system:node:nodea\", organizations: [\"system:nodes\"]"
    let fields: [(String, String)] = [
      ("client cert valid", own), ("client cert expired 60 s ago", "\(own), notAfter: -59s"),
      ("client cert expired 1 s ago", "\(own), notAfter: 0s"),
      ("client cert not yet valid: notBefore +60 s", "\(own), notBefore: 61s"),
      ("client cert not yet valid by 2 s", "\(own), notBefore: 3s"),
      ("client cert of other CA (same CA name)", "\(own), issuer: Other"),
      ("client cert with EKU serverAuth only", "\(own), extendedKeyUsage: ServerAuth"),
      ("valid cert, expired bearer too", own),
      ("expired cert + valid bootstrap token", "\(own), notAfter: -60s"),
      ("cert without O=system:nodes", "commonName: \"system:node:nodea\""),
      ("cert with O=system:nodes, CN=foo", "commonName: foo, organizations: [\"system:nodes\"]"),
      ("keep-alive connection, cert with 4 s left", "\(own), notAfter: 3500ms"),
    ]
    guard let field = fields.first(where: { step.hasPrefix($0.0) })?.1 else { return nil }
    let token =
      step.contains("expired bearer")
      ? ", token: tokok1.aaaaaaaaaaaaaaaa" : step.contains("+ valid") ? ", tokenID: tokok1" : ""
    let credentials = "{certificate: {\(field)}\(token)}"
    var script = AnswerScript(
      requests: request(
        credentials, "ask: {resource: nodes, name: nodea}",
        more: step.hasPrefix("keep-alive") ? "count: 8, " : ""),
      documents: "---\n{apiVersion: v1, kind: Node, metadata: {name: nodea}}\n")
    if step.contains("+ valid") { script.requests = create(credentials).requests }
    return script
  }
}

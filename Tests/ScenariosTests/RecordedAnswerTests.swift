import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap
import Testing

/// Each line of the recorded answers of a real API server (v1.36.2), played by `spec.requests`.
///
/// The recordings are beside the repository, not in it: without them these tests are skipped.
@Suite(.enabled(if: Recording.isThere, "the recordings are not beside the repository"))
struct RecordedAnswerTests {
  /// Lines that say nothing about an API server's answer to a client.
  private static let others: [(String, String)] = [
    // tokencleaner deletes expired tokens; it is not modelled.
    ("b-token-expired", "GET secret 0.5 s later"),
    ("b-token-expired", "secret gone (tokencleaner)"),
    // The connection fails before any request.
    ("m-untrusted-serving-cert", "client trusts another CA"),
    // A Secret that is created during the run.
    (
      "a-token-created-after-401",
      "401 first, then the secret is created: time until accepted (informer lag; failures are not "
        + "cached)"
    ),
  ]

  @Test func `every line is played, or is said not to be`() throws {
    let known = Set(Recording.lines.filter { Self.plays($0) }.map(\.number))
    let others = Recording.lines.filter { line in
      Self.others.contains { $0 == (line.name, line.step) }
    }
    #expect(others.count == Self.others.count)
    #expect(known.isDisjoint(with: others.map(\.number)))
    let forgotten = Recording.lines.filter { line in
      !known.contains(line.number) && !others.contains { $0.number == line.number }
    }
    #expect(forgotten.map(\.step) == [])
  }

  private static func plays(_ line: Recording.Line) -> Bool {
    line.name.hasPrefix("n-") || line.name == "r-signing-duration" || scripted(line) != nil
  }

  // MARK: (n): hand-made CSRs

  @Test(arguments: Recording.names(prefix: "n-"))
  func `E.3 (n) a hand-made CSR meets what the recorded one met`(name: String) throws {
    let object = try Recording.createdObject(name)
    let play = try Play(
      requests: """
        - {name: it, at: 1s, as: {tokenID: tokok1}, create: \(object)}
        - {name: approve, at: 4s, approve: {of: request/it}}
        """)
    for line in Recording.lines where line.name == name {
      if line.step.contains("after 2.5 s") {
        #expect(play.conditions(at: 3) == line.conditions, "\(line.step)")
      } else if line.step.contains("MANUAL") {
        #expect(play.conditions(at: nil) == line.conditions, "\(line.step)")
        #expect(play.isIssued == line.isIssued, "\(line.step)")
      } else {
        try compare(play.answers("it").first, line)
      }
    }
  }

  // MARK: (r): validity

  @Test func `H.3 (r) the recorded lives`() throws {
    let lines = Recording.lines.filter { $0.name == "r-signing-duration" }
    #expect(lines.count == 2)
    for line in lines {
      let seconds = line.expirationSeconds.map { ", expirationSeconds: \($0)" } ?? ""
      let play = try Play(
        requests: "- {name: it, at: 1s, as: {tokenID: tokok1}, create: \(Self.own(seconds))}",
        rest: "  controllerManager: {clusterSigningDuration: 2m}\n")
      #expect(play.conditions(at: nil) == line.conditions)
      let certificate = play.world.certificate(at: 0)
      let life = (certificate.notAfter - certificate.notBefore) / 1_000_000_000
      #expect(life == line.lifetime, "\(line.step)")
    }
  }

  // MARK: All others: tokens, bindings, denial, certificates

  @Test(arguments: Recording.lines.filter { RecordedAnswerTests.scripted($0) != nil })
  func `(a) to (o): code, reason and message are those of the recording`(
    line: Recording.Line
  ) throws {
    let script = try #require(Self.scripted(line))
    let play = try Play(
      requests: script.requests, tokens: script.tokens, rest: script.rest,
      documents: script.documents, isBound: script.isBound)
    if let sequence = line.sequence {
      #expect(play.changes("it") == sequence, "\(line.step)")
    } else if let conditions = line.conditions {
      #expect(play.conditions(at: nil) == conditions, "\(line.step)")
      #expect(play.isIssued == line.isIssued, "\(line.step)")
    } else if let output = line.output {
      #expect(
        Recording.plain(play.kubectlOutput) == Recording.plain(output), "\(line.step)")
    } else {
      try compare(play.answers("it").last, line)
    }
  }

  private func compare(_ answer: Play.Answer?, _ line: Recording.Line) throws {
    let answer = try #require(answer, "\(line.step)")
    #expect(answer.code == line.code, "\(line.step)")
    if line.isFailure {
      #expect(answer.reason == line.reason, "\(line.step)")
      #expect(Recording.plain(answer.message) == Recording.plain(line.message), "\(line.step)")
    }
  }
}

// MARK: The scripts

extension RecordedAnswerTests {
  /// What a scenario must say to play a line.
  struct Script {
    var requests: String
    var tokens = "- {token: tokok1.0123456789abcdef}"
    var rest = ""
    var documents = ""
    /// Whether the token's group may create CSRs and have them approved.
    var isBound = true
  }

  static func own(_ more: String = "") -> String {
    """
    {spec: {signerName: kubernetes.io/kube-apiserver-client-kubelet, \
    usages: [digital signature, client auth]\(more)}, \
    subject: {commonName: "system:node:n1", organizations: ["system:nodes"]}}
    """
  }

  private static func request(_ credentials: String, _ act: String, more: String = "") -> String {
    "- {name: it, at: 1s, \(more)as: \(credentials), \(act)}"
  }

  private static func create(_ credentials: String) -> Script {
    Script(requests: request(credentials, "create: \(own())"))
  }

  private static func healthz(_ credentials: String) -> Script {
    Script(requests: request(credentials, "ask: {path: /healthz}"))
  }

  static func scripted(_ line: Recording.Line) -> Script? {
    switch line.name.prefix(1) {
    case "a": missing(line.step)
    case "b": expired(line.step)
    case "c": create("{token: tokok1.aaaaaaaaaaaaaaaa}")
    case "d": usage(line.name)
    case "g": unbound(line.step)
    case "h": unapproved(line.step)
    case "i": denied(line.step)
    case "o": certificate(line.step)
    default: nil
    }
  }

  private static func missing(_ step: String) -> Script? {
    let unknown = "{token: tokxyz.0123456789abcdef}"
    switch step {
    case "create csr": return create(unknown)
    case "GET /healthz": return healthz(unknown)
    case "anonymous create csr": return create("{anonymous: true}")
    case "anonymous GET /healthz": return healthz("{anonymous: true}")
    case "malformed token (not id.secret)": return create("{token: nonsense}")
    case "uppercase token": return create("{token: TOKOK1.0123456789ABCDEF}")
    default: return nil
    }
  }

  private static func expired(_ step: String) -> Script? {
    var script = create("{token: tokok1.0123456789abcdef}")
    script.tokens = "- {token: tokok1.0123456789abcdef, ttl: 4600ms}"
    if step.hasPrefix("create csr, expiration 60 s in the past") {
      script.tokens = "- {token: tokok1.0123456789abcdef, expires: 2025-12-31T23:59:00Z}"
    } else if step.hasPrefix("first 401 after expiry") {
      script.requests = request(
        "{tokenID: tokok1}", "create: \(own())", more: "every: 10420ms, count: 2, ")
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

  private static func usage(_ name: String) -> Script? {
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

  private static func unbound(_ step: String) -> Script? {
    let token = "{tokenID: tokok1}"
    var script: Script
    switch step {
    case "create csr": script = create(token)
    case "list csr by name":
      script = Script(
        requests: request(
          token,
          "ask: {verb: list, group: certificates.k8s.io, resource: certificatesigningrequests, "
            + "fieldSelector: metadata.name=csr-abc}"))
    case "GET /healthz": script = healthz(token)
    case "whoami":
      script = Script(
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

  private static func unapproved(_ step: String) -> Script? {
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

  private static func denied(_ step: String) -> Script? {
    guard var script = unapproved("create csr") else { return nil }
    if step == "create csr" { return script }
    script.requests = script.requests.replacingOccurrences(of: "name: it", with: "name: made")
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

  private static func certificate(_ step: String) -> Script? {
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
    var script = Script(
      requests: request(
        credentials, "ask: {resource: nodes, name: nodea}",
        more: step.hasPrefix("keep-alive") ? "count: 8, " : ""),
      documents: "---\n{apiVersion: v1, kind: Node, metadata: {name: nodea}}\n")
    if step.contains("+ valid") { script.requests = create(credentials).requests }
    return script
  }
}

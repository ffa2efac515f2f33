import Exports
import Foundation
import Inspection
import SimulationKernel
import Testing
import TestSupport
import TLSBootstrap

/// What the audit log says of users and objects, beside what the views of the same run say.
struct AuditedObjectTests {
  @Test func `a Secret that tokencleaner deletes, or may not delete, has its name`() throws {
    let name = "bootstrap-token-abcdef"
    let run = try Exported(
      "first-node", overrides: ["spec.tokens[0].ttl=20s", "spec.duration=1m"])
    let deletion = try #require(
      try run.objects(.audit).first { $0["verb"] as? String == "delete" })
    #expect((deletion["objectRef"] as? [String: Any])?["name"] as? String == name)
    #expect(
      (deletion["requestURI"] as? String) == "/api/v1/namespaces/kube-system/secrets/\(name)")
    let details = try #require(
      (deletion["responseStatus"] as? [String: Any])?["details"] as? [String: Any])
    #expect(details["name"] as? String == name && details["kind"] as? String == "secrets")
    let refused = try Exported(
      "first-node",
      overrides: [
        "spec.tokens[0].ttl=20s", "spec.duration=1m",
        "spec.faults=[{name: gone, at: 0s, action: binding-absent, namespace: kube-system, "
          + "binding: 'system:controller:token-cleaner'}]",
      ])
    let messages = try refused.trace.completed().file.rows(
      "SELECT message FROM events WHERE verb = 'delete' AND code = 403"
    ) { $0[0] as String }
    #expect(messages.count == 2)
    #expect(
      messages.allSatisfy { $0.hasPrefix("secrets \"\(name)\" is forbidden: User ") })
  }

  private static let key = "authentication.kubernetes.io/credential-id"

  /// J.2: one that is asked for anew after four fifths of its hour.
  @Test func `controllers present the token that was issued to them last`() throws {
    var issued: String?
    var presented: Set<String> = []
    for event in try Exported("first-node", overrides: ["spec.duration=2h"]).objects(.audit) {
      issued =
        (event["annotations"] as? [String: String])?[
          "authentication.kubernetes.io/issued-credential-id"] ?? issued
      let name = "system:serviceaccount:kube-system:certificate-controller"
      guard Self.user(event)["username"] as? String == name else { continue }
      let credential = try #require(Self.credential(event))
      #expect(credential == issued)
      #expect(UUID(uuidString: Self.user(event)["uid"] as? String ?? "") != nil)
      presented.insert(credential)
    }
    #expect(presented.count >= 2)
  }

  @Test func `a kubelet presents the certificate that its CSR has`() throws {
    let run = try Exported("first-node")
    let requests = try ResourceView(ClusterSnapshot(run.trace, at: nil), .requests).objects
    let first = try #require(
      requests.first { $0.document["spec"]?["username"] == "system:bootstrap:abcdef" })
    let presented = try Self.presented(in: run)
    #expect(presented.count > 10)
    // Those of its start; after the renewal it watches again with the new one.
    #expect(try Set(presented.prefix(10)) == ["X509SHA256=" + Self.certificateHash(first.document)])
  }

  @Test func `after a renewal it presents the new one, and never an old one again`() throws {
    let presented = try Self.presented(in: Exported("first-node", overrides: ["spec.duration=4h"]))
    let changes = zip(presented, presented.dropFirst()).filter { $0 != $1 }
    #expect(changes.count >= 2)
    #expect(Set(presented).count == changes.count + 1)
  }

  @Test func `who has no credential of its own has no extra`() throws {
    var seen: Set<String> = []
    let nobody = "spec.requests=[{name: n, at: 1s, as: {anonymous: true}, ask: {path: /healthz}}]"
    for user in try Exported("first-node", overrides: [nobody]).objects(.audit).map(Self.user) {
      let name = user["username"] as? String ?? ""
      guard ["system:bootstrap:abcdef", "system:anonymous"].contains(name) else { continue }
      seen.insert(name)
      #expect(user["extra"] == nil)
      #expect(user["uid"] == nil)
    }
    #expect(seen.count == 2)
  }

  /// A kubelet asks with `?timeout=1s`, and a client of `spec.requests` as it says.
  @Test func `another client's URI has no timeout of a kubelet's`() throws {
    let request = "spec.requests=[{name: n, at: 1s, as: {anonymous: true}, ask: {path: /healthz}}]"
    let asked = try Exported("first-node", overrides: [request]).objects(.audit)
      .filter { $0["userAgent"] as? String == "n" }
    #expect(asked.map { $0["requestURI"] as? String } == ["/healthz"])
  }

  /// A stolen token that looks for Secrets, an administrator, and one as somebody else.
  @Test func `what other clients ask for is there, with the authorizers' words`() throws {
    let requests = """
      spec.requests=[
      {name: thief, at: 1s, as: {tokenID: abcdef}, ask: {verb: list, resource: secrets, namespace: kube-system}},
      {name: pods, at: 2s, ask: {verb: list, resource: pods, fieldSelector: spec.nodeName=node-1}},
      {name: scale, at: 3s, ask: {verb: get, group: apps, resource: deployments, subresource: scale, name: web, namespace: default}},
      {name: as-alice, at: 4s, as: {impersonate: {user: alice}}, ask: {verb: delete, resource: nodes, name: node-1}}]
      """.replacing("\n", with: "")
    let asked = try Exported("first-node", overrides: [requests]).objects(.audit)
      .filter { ["thief", "pods", "scale", "as-alice"].contains($0["userAgent"] as? String ?? "") }
    #expect(
      asked.map { $0["requestURI"] as? String } == [
        "/api/v1/namespaces/kube-system/secrets",
        "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1",
        "/apis/apps/v1/namespaces/default/deployments/web/scale", "/api/v1/nodes/node-1",
      ])
    #expect(asked.map { $0["verb"] as? String } == ["list", "list", "get", "delete"])
    let codes = asked.map { ($0["responseStatus"] as? [String: Any])?["code"] as? Int }
    #expect(codes == [403, 200, 200, 403])
    let thief = asked[0]
    #expect(
      thief["objectRef"] as? [String: String]
        == ["resource": "secrets", "namespace": "kube-system", "apiVersion": "v1"])
    #expect(
      (thief["annotations"] as? [String: String])?["authorization.k8s.io/decision"] == "forbid")
    #expect((thief["user"] as? [String: Any])?["username"] as? String == "system:bootstrap:abcdef")
    let reason = (asked[1]["annotations"] as? [String: String])?["authorization.k8s.io/reason"]
    #expect(reason?.contains("kubeadm:cluster-admins") == true, "\(reason ?? "")")
    #expect((asked[3]["impersonatedUser"] as? [String: Any])?["username"] as? String == "alice")
  }

  @Test func `a renewal's CSR says by which certificate it was asked for`() throws {
    let run = try Exported("first-node")
    let requests = try ResourceView(ClusterSnapshot(run.trace, at: nil), .requests).objects
    let byNode = try #require(
      requests.first { $0.document["spec"]?["username"] == "system:node:node-1" })
    let first = try #require(
      requests.first { $0.document["spec"]?["username"] == "system:bootstrap:abcdef" })
    let hash = try Self.certificateHash(first.document)
    #expect(
      byNode.document["spec"]?["extra"]?[Self.key] == .list([.string("X509SHA256=\(hash)")]))
    #expect(first.document["spec"]?["extra"] == nil)
  }

  @Test func `an update sends the version that was written before it`() throws {
    let run = try Exported("first-node")
    let updates = try run.objects(.audit).compactMap { event -> [String: String]? in
      let object = event["objectRef"] as? [String: String] ?? [:]
      return ["approval", "status"].contains(object["subresource"] ?? "")
        && object["resource"] == "certificatesigningrequests" ? object : nil
    }
    #expect(updates.count == 4)
    for update in updates {
      let name = try #require(update["name"])
      let before = try run.count(
        """
        SELECT max(e.id) FROM events e WHERE e.csr = '\(name)' AND e.kind = 'requestAnswered'
          AND e.verb IN ('create', 'update') AND e.resource = 'certificatesigningrequests'
          AND e.subresource \(update["subresource"] == "approval" ? "= ''" : "= 'approval'")
        """)
      #expect(update["resourceVersion"] == "\(before)")
    }
    let requests = try ResourceView(ClusterSnapshot(run.trace, at: nil), .requests).objects
    let uids = requests.map { $0.document["metadata"]?["uid"] }
    for update in updates { #expect(uids.contains(.string(update["uid"] ?? ""))) }
  }

  /// O29: one that is made again under its name.
  @Test func `two CSRs of one name are two objects`() {
    let identifiers = DrawnIdentifiers(seed: 1)
    #expect(identifiers.uid(ofRequest: 0) != identifiers.uid(ofRequest: 1))
    #expect(
      identifiers.uid(ofUser: "system:serviceaccount:kube-system:token-cleaner")
        != identifiers.uid(ofUser: "system:serviceaccount:kube-system:bootstrap-signer"))
    #expect(identifiers.uid(ofUser: "system:kube-controller-manager") == nil)
  }

  /// Of its only node, in order.
  private static func presented(in run: Exported) throws -> [String] {
    try run.objects(.audit).filter {
      (user($0)["username"] as? String)?.hasPrefix("system:node:") == true
    }.compactMap(credential)
  }

  private static func user(_ event: [String: Any]) -> [String: Any] {
    event["user"] as? [String: Any] ?? [:]
  }

  private static func credential(_ event: [String: Any]) -> String? {
    (user(event)["extra"] as? [String: [String]])?[key]?.first
  }

  private static func certificateHash(_ object: KubernetesDocument) throws -> String {
    guard case .string(let text) = object["status"]?["certificate"],
      let pem = Data(base64Encoded: text)
    else { throw CocoaError(.formatting) }
    let lines = String(decoding: pem, as: UTF8.self).split(separator: "\n")
    let bytes = try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined()))
    return SHA256.hexadecimal(of: Array(bytes))
  }
}

import Exports
import TestSupport
import Testing

/// What the audit log has of who acts as another, and of dry runs.
///
/// Source: apiserver pkg/audit/request.go, `LogImpersonatedUser`; pkg/apis/audit/v1/types.go.
struct AuditedImpersonationTests {
  private static func events(_ level: Export.AuditLevel = .metadata) throws -> [[String: Any]] {
    try Exported("look-before-acting").objects(.audit, level: level)
  }

  private static func users(_ event: [String: Any]) -> [String?] {
    let user = event["user"] as? [String: Any]
    let other = event["impersonatedUser"] as? [String: Any]
    return [user?["username"] as? String, other?["username"] as? String]
  }

  @Test func `both users are told, and the permission`() throws {
    let event = try #require(
      try Self.events().first { ($0["userAgent"] as? String) == "dry-csr" })
    #expect(Self.users(event) == ["kubernetes-admin", "system:bootstrap:abcdef"])
    let metadata = event["authenticationMetadata"] as? [String: String]
    #expect(metadata == ["impersonationConstraint": "impersonate:user-info"])
    let other = event["impersonatedUser"] as? [String: Any]
    #expect(
      other?["groups"] as? [String] == [
        "system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token",
        "system:authenticated",
      ])
    #expect((event["requestURI"] as? String)?.hasSuffix("?dryRun=All") == true)
    #expect((event["responseStatus"] as? [String: Any])?["code"] as? Int == 201)
  }

  /// No authorizer was asked whether it may do what it wants.
  @Test func `who may not act as another is told of alone`() throws {
    let event = try #require(
      try Self.events().first { ($0["userAgent"] as? String) == "helper" })
    #expect(Self.users(event) == ["helper", nil])
    #expect(event["annotations"] == nil)
    #expect((event["responseStatus"] as? [String: Any])?["code"] as? Int == 403)
  }

  @Test func `who is nobody else is only itself`() throws {
    let events = try Self.events().filter { $0["impersonatedUser"] == nil }
    #expect(events.contains { $0["userAgent"] as? String == "odd" })
    #expect(events.allSatisfy { $0["authenticationMetadata"] == nil })
  }

  @Test func `a dry run leaves the versions of objects as they are`() throws {
    let deletion = try #require(
      try Self.events(.requestResponse).last { $0["userAgent"] as? String == "deletion" })
    #expect((deletion["responseStatus"] as? [String: Any])?["code"] as? Int == 200)
    let dry = try Self.events(.requestResponse).filter {
      ($0["userAgent"] as? String)?.hasPrefix("dry-") == true
    }
    #expect(dry.count == 4)
  }

  /// O43: the deletion takes 40 s, its client is told 504 after 34.
  @Test func `a CSR that is deleted after a 504 is gone from the metrics`() throws {
    let run = try Exported(
      "first-node",
      overrides: [
        "spec.requests=[{name: tidy, at: 20s, delete: {of: node/node-1}}]",
        "spec.latency.write=40s", "spec.expect=[]", "spec.duration=3m",
      ])
    #expect(try run.count("SELECT count(*) FROM csrs WHERE condition LIKE '%(deleted)'") == 1)
    let lines = String(decoding: try run.bytes(.openmetrics, interval: 1), as: UTF8.self)
      .split(separator: "\n")
    let stored = lines.filter { $0.hasPrefix("apiserver_storage_objects") }
      .map { $0.split(separator: " ")[1] }
    // The kubelet makes another one.
    #expect(Set(stored) == ["0", "1"] && stored.count > 120, "\(stored.suffix(3))")
    let first = try #require(
      lines.first { $0.hasPrefix("kube_certificatesigningrequest_created{") })
    let labels = try #require(first.split(separator: " ").first)
    let seen = lines.filter { $0.hasPrefix(labels) }
    #expect((58...60).contains(seen.count), "\(seen.count)")
  }

  /// O43: what a late write leaves of a Node is not told, and who reads the CSR finds none.
  @Test func `what was written after a 504 is noted in the audit log's bodies`() throws {
    let events = try Exported(
      "first-node",
      overrides: [
        "spec.requests=[{name: tidy, at: 20s, delete: {of: node/node-1}}]",
        "spec.latency.write=40s", "spec.expect=[]", "spec.duration=3m",
      ]
    ).objects(.audit, level: .requestResponse)
    let lists = events.compactMap { event -> (String, Int)? in
      let answer = event["responseObject"] as? [String: Any]
      guard answer?["kind"] as? String == "CertificateSigningRequestList",
        let items = answer?["items"] as? [Any], let time = event["stageTimestamp"] as? String
      else { return nil }
      return (time, items.count)
    }
    #expect(lists.first?.1 == 1)
    #expect(
      !lists.contains { $0.0 > "2026-01-01T00:01:00" && $0.0 < "2026-01-01T00:01:02" && $0.1 > 0 })
    let codes = events.compactMap { ($0["responseStatus"] as? [String: Any])?["code"] as? Int }
    #expect(codes.filter { $0 == 504 }.count >= 1 && events.count == codes.count)
  }

  @Test func `a dry run deletes nothing in the metrics either`() throws {
    let bytes = try Exported("look-before-acting").bytes(.openmetrics, interval: 1)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    // Created at 4.002 s, deleted by a dry run at 6.003 s, and by the request at 7.003 s.
    let seen = lines.filter {
      $0.hasPrefix("kube_certificatesigningrequest_created{certificatesigningrequest=\"odd\"")
    }
    #expect(seen.count == 3, "\(seen)")
    let stored = lines.filter { $0.hasPrefix("apiserver_storage_objects") }.map {
      $0.split(separator: " ")[1]
    }
    #expect(Set(stored).isSubset(of: ["0", "1", "0.0", "1.0"]), "\(stored)")
  }
}

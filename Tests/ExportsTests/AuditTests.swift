import Exports
import Foundation
import Testing
import TestSupport

/// The audit log, field by field beside that of a real API server (Tests/ConformanceTests/Recordings).
struct AuditTests {
  /// What only a real server knows: bodies, the uid and version of objects, the certificate's hash.
  private static let unknown = [
    "requestObject", "responseObject", "user.extra", "user.uid", "objectRef.uid",
    "objectRef.resourceVersion",
  ]
  private static let scenarios = [
    ("first-node", "first-node-rotate-true"), ("first-node-foreground", "first-node-rotate-false"),
  ]

  @Test(arguments: scenarios)
  func `each kind of request has the fields and words that were recorded`(
    _ scenario: String, _ recording: String
  ) throws {
    let file = Repository.root.appending(
      path: "Tests/ConformanceTests/Recordings/audit/\(recording).jsonl")
    let recorded = Self.byKind(
      try Exported.objects(in: String(contentsOf: file, encoding: .utf8)))
    let exported = Self.byKind(try Exported(scenario).objects(.audit))
    var compared: Set<String> = []
    for (kind, events) in exported {
      guard let real = recorded[kind] else { continue }
      compared.insert(kind)
      for event in events {
        #expect(real.contains { Self.fields(of: $0) == Self.fields(of: event) }, "\(kind)")
        #expect(
          real.contains { Self.words(of: $0) == Self.words(of: event) },
          "\(kind): \(Self.words(of: event))")
      }
    }
    #expect(compared.count >= 14, "\(compared.sorted())")
  }

  @Test func `who is refused at the door has no name, and no decision`() throws {
    let events = try Exported("failures/o08-unknown-token").objects(.audit)
    let refused = events.filter { code(of: $0) == 401 }
    #expect(refused.count > 2)
    for event in refused {
      #expect((event["user"] as? [String: Any])?.isEmpty == true)
      #expect(event["annotations"] == nil)
      #expect(event["stage"] as? String == "ResponseStarted")
    }
  }

  @Test func `who is forbidden has the server's words`() throws {
    let events = try Exported("missing-create-binding").objects(.audit)
    let forbidden = try #require(events.first { code(of: $0) == 403 })
    let status = try #require(forbidden["responseStatus"] as? [String: Any])
    #expect(
      status["message"] as? String
        == "certificatesigningrequests.certificates.k8s.io is forbidden: "
        + "User \"system:bootstrap:abcdef\" cannot create resource \"certificatesigningrequests\" "
        + "in API group \"certificates.k8s.io\" at the cluster scope")
    let annotations = try #require(forbidden["annotations"] as? [String: String])
    #expect(annotations["authorization.k8s.io/decision"] == "forbid")
    #expect(annotations["authorization.k8s.io/reason"] == "")
  }

  @Test func `no two requests have one identifier, and stages are in order`() throws {
    let events = try Exported("short-certificates").objects(.audit)
    let identifiers = events.compactMap { $0["auditID"] as? String }
    #expect(Set(identifiers).count == events.count)
    #expect(identifiers.allSatisfy { UUID(uuidString: $0) != nil })
    let stages = events.compactMap { $0["stageTimestamp"] as? String }
    #expect(stages == stages.sorted())
  }

  @Test func `calibrate reads it`() throws {
    let run = try Exported("kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=200"])
    let log = try run.file(.audit)
    let calibrated = try Program.bootsim(["calibrate", log, "-o", "json"])
    #expect(calibrated.code == 0)
    let object =
      try JSONSerialization.jsonObject(with: Data(calibrated.output.utf8)) as? [String: Any]
    let answered = try run.count("SELECT count(*) FROM requests WHERE code > 0 AND verb <> ''")
    #expect(object?["events"] as? Int == answered)
    #expect(object?["used"] as? Int == answered)
  }

  private func code(of event: [String: Any]) -> Int? {
    (event["responseStatus"] as? [String: Any])?["code"] as? Int
  }

  /// By verb, what it is about, who asks, stage and code.
  private static func byKind(_ events: [[String: Any]]) -> [String: [[String: Any]]] {
    Dictionary(grouping: events) { event in
      let object = event["objectRef"] as? [String: Any] ?? [:]
      let status = event["responseStatus"] as? [String: Any] ?? [:]
      let user = (event["user"] as? [String: Any] ?? [:])["username"] as? String ?? ""
      return [
        user.split(separator: ":").prefix(2).joined(separator: ":"), event["verb"],
        object["apiGroup"], object["resource"], object["subresource"],
        event["stage"], status["code"],
      ].map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
    }
  }

  /// The names of all fields, one within the other, without those that only a real server knows.
  private static func fields(of event: [String: Any]) -> Set<String> {
    var names = Set(event.keys)
    for outer in ["user", "objectRef", "responseStatus", "annotations"] {
      names.formUnion((event[outer] as? [String: Any] ?? [:]).keys.map { "\(outer).\($0)" })
    }
    return names.subtracting(unknown)
  }

  /// Texts that are the same for every node, with names, tokens and drawn numbers taken out.
  private static func words(of event: [String: Any]) -> [String] {
    let user = event["user"] as? [String: Any] ?? [:]
    let annotations = event["annotations"] as? [String: String] ?? [:]
    let status = event["responseStatus"] as? [String: Any] ?? [:]
    let texts = [
      event["requestURI"] as? String ?? "", event["userAgent"] as? String ?? "",
      (user["groups"] as? [String] ?? []).joined(separator: ","),
      user["username"] as? String ?? "", status["message"] as? String ?? "",
      status["reason"] as? String ?? "",
    ]
    let reasons = annotations.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return (texts + reasons).map { text in
      text.replacing(/node-csr-[A-Za-z0-9_-]{43}/, with: "CSR")
        .replacing(/csr-[a-z0-9]{5}\b/, with: "CSR").replacing(/node-[a-z]?[0-9]+/, with: "NODE")
        .replacing(/system:bootstrap:[a-z0-9]{6}/, with: "system:bootstrap:TOKEN")
        .replacing(/resourceVersion=[1-9][0-9]*/, with: "resourceVersion=N")
        .replacing(/timeout=[0-9]+m[0-9]+s/, with: "timeout=T")
        .replacing(/timeoutSeconds=[0-9]+/, with: "timeoutSeconds=N")
    }
  }
}

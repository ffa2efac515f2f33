import Exports
import Foundation
import Testing
import TestSupport

/// The audit log, field by field beside that of a real API server (Tests/ConformanceTests/Recordings).
struct AuditTests {
  /// Of level RequestResponse; the export is of level Metadata.
  private static let bodies = ["requestObject", "responseObject"]
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

  /// protocol.md C.2: refused credentials are never taken for anonymous.
  @Test(arguments: [
    ("resource: secrets, namespace: kube-system, verb: list", "list secrets"),
    ("path: /metrics", "get /metrics"),
  ])
  func `an ask that is refused at the door says what it asked for`(
    ask: String, told: String
  ) throws {
    let request = "{name: thief, at: 1s, as: {token: abcdef.ffffffffffffffff}, ask: {\(ask)}}"
    let run = try Exported("first-node", overrides: ["spec.requests=[\(request)]"])
    let refused = try run.objects(.audit).filter { code(of: $0) == 401 }
    try #require(refused.count == 1)
    #expect(refused[0]["userAgent"] as? String == "thief")
    #expect((refused[0]["user"] as? [String: Any])?.isEmpty == true)
    let object = refused[0]["objectRef"] as? [String: String]
    let what = object?["resource"] ?? refused[0]["requestURI"] as? String ?? ""
    #expect("\(refused[0]["verb"] ?? "") \(what)" == told)
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

  @Test func `what is wrong with a CSR is told as recorded, field by field`() throws {
    let file = Repository.root.appending(
      path: "Tests/ConformanceTests/Recordings/audit/fail-n-exp-599.jsonl")
    let recorded = try Exported.objects(in: String(contentsOf: file, encoding: .utf8))
      .compactMap(details).first
    let events = try Exported("handmade-requests").objects(.audit).compactMap(details)
    let ours = try #require(events.first { ($0["causes"] as? [Any])?.count == 2 })
    #expect(Set((recorded ?? [:]).keys) == Set(ours.keys))
    #expect(ours["kind"] as? String == recorded?["kind"] as? String)
    let causes = try #require(ours["causes"] as? [[String: String]])
    #expect(causes.map { $0["field"] } == ["spec.usages[3]", "spec.expirationSeconds"])
    #expect(causes.map { $0["reason"] } == ["FieldValueNotSupported", "FieldValueInvalid"])
    var last = try #require((recorded?["causes"] as? [[String: String]])?.first)
    last["message"] = last["message"]?.replacing("599", with: "60")
    #expect(causes[1] == last)
  }

  @Test func `who gets no seat gets plain text, and is looked at by no authorizer`() throws {
    let events = try Exported("failures/o31-api-server-overloaded").objects(.audit)
    let refused = events.filter { code(of: $0) == 429 }
    #expect(refused.count > 2)
    for event in refused {
      #expect(Set((event["responseStatus"] as? [String: Any] ?? [:]).keys) == ["metadata", "code"])
      #expect(event["annotations"] == nil)
    }
  }

  private static let closing = [
    "spec.nodes=[{name: workers, count: 2, names: 'node-{1}', start: {times: [0s, 100s]}}]",
    "spec.expect=[]",
  ]

  /// B.6; apiserver `finisher.go`: nobody reads the answer, and the write is done nevertheless.
  @Test func `a write whose connection is closed is answered 504`() throws {
    let exported = try Exported(
      "kubeadm-5000-workers",
      overrides: Self.closing + ["spec.latency.write=2s", "spec.duration=130s"])
    for level in [Export.AuditLevel.metadata, .requestResponse] {
      let events = try exported.objects(.audit, level: level)
      let broken = events.filter { code(of: $0) == 504 }
      let create = try #require(
        broken.first { ($0["requestURI"] as? String)?.hasPrefix("/api/v1/nodes") == true })
      #expect(
        create["verb"] as? String == "create" && create["stage"] as? String == "ResponseComplete")
      #expect((create["objectRef"] as? [String: Any])?["name"] as? String == "node-2")
      let status = create["responseStatus"] as? [String: Any]
      #expect(
        status?["message"] as? String
          == "Timeout: request did not complete within requested timeout - context canceled")
      #expect(status?["reason"] as? String == "Timeout")
      #expect((create["responseObject"] == nil) == (level == .metadata))
      let times = events.compactMap { $0["stageTimestamp"] as? String }
      #expect(times == times.sorted())
      let identifiers = events.compactMap { $0["auditID"] as? String }
      #expect(Set(identifiers).count == identifiers.count)
    }
  }

  /// The storage's error is no status of its own: `ErrorToAPIStatus` makes it 500 without a reason.
  @Test func `a read whose connection is closed fails with its context, a watch is over`() throws {
    let exported = try Exported(
      "kubeadm-5000-workers",
      overrides: Self.closing + [
        "spec.latency.read=900ms", "spec.latency.network=50ms",
        "spec.latency.kubeletInitialization=1500ms", "spec.duration=130s",
      ])
    let events = try exported.objects(.audit)
    let failed = events.filter { code(of: $0) == 500 }
    #expect(!failed.isEmpty)
    for event in failed {
      #expect(event["verb"] as? String == "get")
      let status = event["responseStatus"] as? [String: Any]
      #expect(status?["message"] as? String == "context canceled" && status?["reason"] == nil)
    }
    let watches = Dictionary(grouping: events.filter { $0["verb"] as? String == "watch" }) {
      $0["auditID"] as? String
    }
    #expect(watches.values.contains { $0.count == 2 && $0.allSatisfy { code(of: $0) == 200 } })
  }

  /// apiserver `pkg/audit/request.go`, `LogRequestObject`: the handler takes the name from the body.
  ///
  /// A delay of the network lets the requests of nodes that wait be played.
  @Test(arguments: [
    (
      "first-node", 403,
      [
        "spec.faults=[{at: 0s, for: 30s, action: delay, latency: 1ms, on: {percent: 100}}]",
        "spec.controllerManager.controllers.csrapproving=false",
        "spec.approval=[{name: human, manual: {firstLook: 10s}}]",
      ]
    ), ("failures/o31-api-server-overloaded", 429, []),
  ])
  func `a create that is refused before its body is read has no name`(
    _ scenario: String, _ refusal: Int, _ overrides: [String]
  ) throws {
    let creates = try Exported(scenario, overrides: overrides).objects(.audit).filter {
      $0["verb"] as? String == "create"
        && ($0["objectRef"] as? [String: Any])?["resource"] as? String == "nodes"
    }
    let refused = creates.filter { code(of: $0) == refusal }
    #expect(!refused.isEmpty)
    for event in refused {
      #expect((event["objectRef"] as? [String: Any])?["name"] == nil)
      #expect(details(of: event)?["name"] == nil)
    }
    let created = try #require(creates.first { code(of: $0) == 201 })
    #expect((created["objectRef"] as? [String: Any])?["name"] != nil)
  }

  @Test func `a CSR that admission refuses has the details that were recorded`() throws {
    let file = Repository.root.appending(
      path: "Tests/ConformanceTests/Recordings/audit/fail-n-signer-apiserver-client-masters.jsonl")
    let isRefused = { (event: [String: Any]) in
      self.message(of: event).contains("with system:masters group is not allowed")
    }
    let recorded = try #require(
      try Exported.objects(in: String(contentsOf: file, encoding: .utf8)).first(where: isRefused))
    let ours = try #require(
      try Exported("handmade-requests").objects(.audit).first(where: isRefused))
    for event in [recorded, ours] {
      let name = try #require(details(of: event)?["name"] as? String)
      #expect(message(of: event).contains("\"\(name)\""))
      #expect(Set(details(of: event)?.keys ?? [:].keys) == ["group", "kind", "name"])
      #expect((event["objectRef"] as? [String: Any])?["name"] == nil)
    }
  }

  private func message(of event: [String: Any]) -> String {
    (event["responseStatus"] as? [String: Any])?["message"] as? String ?? ""
  }

  /// apiserver `pkg/endpoints/filters/audit.go`: the answer's header is the first stage, its end the second.
  @Test func `a watch that is refused begins and ends with its answer`() throws {
    let watches = try Exported("apiserver-outage").objects(.audit).filter {
      $0["verb"] as? String == "watch"
    }
    let stages = Dictionary(grouping: watches) { $0["auditID"] as? String ?? "" }.values
      .map { (code(of: $0[0]), $0.compactMap { $0["stage"] as? String }) }
    for (code, stages) in stages {
      #expect(
        stages == (code == 403 ? ["ResponseStarted", "ResponseComplete"] : ["ResponseStarted"]))
    }
    #expect(stages.contains { $0.0 == 403 } && stages.contains { $0.0 == 200 })
  }

  @Test func `what is deleted is named with its UID`() throws {
    let events = try Exported("failures/o28-request-deleted").objects(.audit)
    let deletions = events.filter { $0["verb"] as? String == "delete" }
    #expect(deletions.count == 2)
    for event in deletions {
      let deleted = try #require(details(of: event))
      #expect(Set(deleted.keys) == ["group", "kind", "name", "uid"])
      #expect((event["responseStatus"] as? [String: Any])?["status"] as? String == "Success")
    }
  }

  @Test func `a CSR has the name that its creator chose`() throws {
    let events = try Exported("handmade-requests").objects(.audit)
    let names = events.filter { $0["verb"] as? String == "create" }
      .compactMap { ($0["objectRef"] as? [String: Any])?["name"] as? String }
    #expect(names.contains("innocent"))
  }

  private func details(of event: [String: Any]) -> [String: Any]? {
    (event["responseStatus"] as? [String: Any])?["details"] as? [String: Any]
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

  /// The names of all fields, one within the other, without bodies.
  private static func fields(of event: [String: Any]) -> Set<String> {
    var names: Set<String> = []
    for (name, value) in event where !bodies.contains(name) {
      names.insert(name)
      let inner = (value as? [String: Any]).map(fields) ?? []
      names.formUnion(inner.map { "\(name).\($0)" })
    }
    return names
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

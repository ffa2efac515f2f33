import Exports
import Foundation
import Testing
import TestSupport

/// What requests and answers carry, beside the recorded bodies (Tests/ConformanceTests/Recordings).
struct AuditBodyTests {
  private static let scenarios = [
    ("first-node", "first-node-rotate-true"), ("first-node-foreground", "first-node-rotate-false"),
  ]

  @Test(arguments: scenarios)
  func `CSRs, access reviews and refusals have the fields and words that were recorded`(
    _ scenario: String, _ recording: String
  ) throws {
    let file = Repository.root.appending(
      path: "Tests/ConformanceTests/Recordings/audit/\(recording).jsonl")
    let recorded = try Exported.objects(in: String(contentsOf: file, encoding: .utf8))
    // Renewals were not recorded so.
    let exported = try Exported(scenario).objects(.audit, level: .requestResponse)
      .prefix { Self.kind(of: $0) != "system:node create certificatesigningrequests - 201" }
    #expect(exported.count > 20)
    var compared: Set<String> = []
    for event in exported where event["level"] as? String == "RequestResponse" {
      let kind = Self.kind(of: event)
      let real = recorded.filter {
        Self.kind(of: $0) == kind && $0["level"] as? String == "RequestResponse"
      }
      guard !real.isEmpty else { continue }
      compared.insert(kind)
      for body in ["requestObject", "responseObject"] {
        let ours = Self.leaves(of: event[body])
        #expect(
          real.contains { Self.leaves(of: $0[body]) == ours },
          "\(kind) \(body): \(ours.sorted()) is none of \(real.map { Self.leaves(of: $0[body]).sorted() })"
        )
      }
    }
    #expect(compared.count >= 7, "\(compared.sorted())")
  }

  @Test func `an update's answer is what the next one sends`() throws {
    var latest: [String: NSDictionary] = [:]
    var updates = 0
    for event in try Exported("first-node").objects(.audit, level: .requestResponse) {
      let object = event["objectRef"] as? [String: String] ?? [:]
      guard object["resource"] == "certificatesigningrequests",
        let answer = event["responseObject"] as? [String: Any],
        let metadata = answer["metadata"] as? [String: Any], let name = metadata["name"] as? String
      else { continue }
      if event["verb"] as? String == "update" {
        updates += 1
        let sent = try #require(event["requestObject"] as? [String: Any])
        #expect(latest[name] == sent["metadata"] as? NSDictionary)
        #expect(
          (sent["metadata"] as? [String: Any])?["resourceVersion"] as? String
            == object["resourceVersion"])
      }
      latest[name] = metadata as NSDictionary
    }
    #expect(updates == 4)
  }

  /// `kubectl certificate approve` of the handmade requests: who sets the condition has a host of their own.
  @Test func `what others write of a CSR is not made up`() throws {
    let events = try Exported("handmade-requests").objects(.audit, level: .requestResponse)
    let byHand = events.filter {
      ($0["objectRef"] as? [String: Any])?["subresource"] as? String == "approval"
        && ($0["user"] as? [String: Any])?["username"] as? String == "kubernetes-admin"
    }
    #expect(byHand.count > 2)
    for event in byHand where (event["responseStatus"] as? [String: Any])?["code"] as? Int == 200 {
      #expect(event["level"] as? String == "Metadata")
      #expect(event["requestObject"] == nil && event["responseObject"] == nil)
    }
  }

  @Test func `what is dated by one of several clocks is not made up`() throws {
    let events = try Exported(
      "first-node",
      overrides: [
        "spec.apiServer.replicas=2",
        "spec.faults=[{action: time-offset, on: kube-apiserver, replica: 1, timeOffset: 1m}]",
        "spec.expect=[]",
      ]
    ).objects(.audit, level: .requestResponse)
    let approvals = events.filter {
      ($0["objectRef"] as? [String: Any])?["subresource"] as? String == "approval"
    }
    #expect(!approvals.isEmpty)
    #expect(approvals.allSatisfy { $0["level"] as? String == "Metadata" })
    let creations = events.filter { ($0["requestObject"] as? [String: Any])?["spec"] != nil }
    #expect(!creations.isEmpty)
  }

  /// F.1: of a renewal selfnodeclient is asked for first, and nodeclient where that is refused.
  @Test func `a renewal is reviewed for itself first`() throws {
    let asked = { (overrides: [String]) in
      try Exported("first-node", overrides: overrides).objects(.audit, level: .requestResponse)
        .compactMap { event -> String? in
          let object = event["responseObject"] as? [String: Any] ?? [:]
          guard object["kind"] as? String == "SubjectAccessReview",
            let spec = object["spec"] as? [String: Any],
            let attributes = spec["resourceAttributes"] as? [String: String],
            let status = object["status"] as? [String: Any]
          else { return nil }
          let isAllowed = status["allowed"] as? Bool == true
          return "\(attributes["subresource"] ?? "") \(isAllowed ? "allowed" : "refused")"
        }
    }
    #expect(try asked([]) == ["nodeclient allowed", "selfnodeclient allowed"])
    let binding = "kubeadm:node-autoapprove-certificate-rotation"
    let refused = try asked(["spec.faults=[{action: binding-absent, binding: '\(binding)'}]"])
    #expect(
      refused.prefix(3) == ["nodeclient allowed", "selfnodeclient refused", "nodeclient refused"])
  }

  /// F.2: the review is of who created the CSR, with all that is known of them.
  @Test func `a review of a renewal names the certificate that asked for it`() throws {
    let key = "authentication.kubernetes.io/credential-id"
    let events = try Exported("first-node").objects(.audit, level: .requestResponse)
    let specs = events.compactMap {
      ($0["requestObject"] as? [String: Any])?["spec"] as? [String: Any]
    }.filter { $0["resourceAttributes"] != nil }
    let extras = specs.map { ($0["extra"] as? [String: [String]])?[key]?.first }
    try #require(extras.count == 2)
    #expect(extras[0] == nil)
    let asked = try #require(
      events.first { Self.kind(of: $0).hasPrefix("system:node create certificatesigning") })
    let extra = (asked["user"] as? [String: Any])?["extra"] as? [String: [String]]
    #expect(extras[1] == extra?[key]?.first && extras[1] != nil)
  }

  private static func kind(of event: [String: Any]) -> String {
    let object = event["objectRef"] as? [String: Any] ?? [:]
    let status = event["responseStatus"] as? [String: Any] ?? [:]
    let user = (event["user"] as? [String: Any] ?? [:])["username"] as? String ?? ""
    return [
      user.split(separator: ":").prefix(2).joined(separator: ":"), event["verb"],
      object["resource"], object["subresource"], status["code"],
    ].map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
  }

  /// Paths of all values, with those values that are the same for every node.
  private static func leaves(of value: Any?, at path: String = "") -> Set<String> {
    switch value {
    case let object as [String: Any]:
      Set(object.flatMap { leaves(of: $1, at: "\(path).\($0)") } + (object.isEmpty ? [path] : []))
    case let list as [Any]: Set(list.flatMap { leaves(of: $0, at: "\(path)[]") })
    case let text as String: ["\(path) \(isFixed(path) ? Self.withoutNames(text) : "…")"]
    case let other?: ["\(path) \(other)"]
    case nil: []
    }
  }

  private static func isFixed(_ path: String) -> Bool {
    let drawn = [
      "name", "uid", "resourceVersion", "creationTimestamp", "request", "certificate",
      "lastUpdateTime", "lastTransitionTime",
    ]
    return !drawn.contains { path.hasSuffix(".\($0)") } && !path.contains(".extra.")
  }

  private static func withoutNames(_ text: String) -> String {
    text.replacing(/system:bootstrap:[a-z0-9]{6}/, with: "system:bootstrap:TOKEN")
      .replacing(/node-[a-z]?[0-9]+/, with: "NODE").replacing(/csr-[a-z0-9]{5}\b/, with: "CSR")
  }
}

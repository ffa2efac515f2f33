import Exports
import Foundation
import Inspection
import SimulationKernel
import TestSupport
import Testing

/// What requests and answers carry, beside the recorded bodies (Tests/ConformanceTests/Recordings).
struct AuditBodyTests {
  private static let scenarios = [
    ("first-node", "first-node-rotate-true"), ("first-node-foreground", "first-node-rotate-false"),
  ]

  @Test(arguments: scenarios)
  func `bodies have the fields and words that were recorded`(
    _ scenario: String, _ recording: String
  ) throws {
    let recorded = try Self.recorded(recording)
    // Which times a patch of a status has depends on where in a second it falls.
    let patches = try Self.scenarios.flatMap { try Self.recorded($1) }
    // Renewals were not recorded so.
    let exported = try Exported(scenario).objects(.audit, level: .requestResponse)
      .prefix { Self.kind(of: $0) != "system:node create certificatesigningrequests - 201" }
    #expect(exported.count > 20)
    var compared: Set<String> = []
    for event in exported where event["level"] as? String == "RequestResponse" {
      let kind = Self.kind(of: event)
      let real = (event["verb"] as? String == "patch" ? patches : recorded).filter {
        Self.kind(of: $0) == kind && $0["level"] as? String == "RequestResponse"
      }
      // No Node was read once it was Ready, and had lost its taint.
      let spec = (event["responseObject"] as? [String: Any])?["spec"] as? [String: Any]
      guard !real.isEmpty, event["verb"] as? String != "get" || spec?.isEmpty != true else {
        continue
      }
      compared.insert(kind)
      for body in ["requestObject", "responseObject"] {
        let ours = Self.leaves(of: Self.recordable(event[body]))
        let theirs = real.map { Self.leaves(of: Self.recordable($0[body])) }
        #expect(theirs.contains(ours), "\(kind) \(body): \(ours.sorted()) is none of \(theirs)")
      }
    }
    #expect(compared.count >= 12, "\(compared.sorted())")
  }

  private static func recorded(_ name: String) throws -> [[String: Any]] {
    let file = Repository.root.appending(
      path: "Tests/ConformanceTests/Recordings/audit/\(name).jsonl")
    return try Exported.objects(in: String(contentsOf: file, encoding: .utf8))
  }

  /// Of Nodes the recordings have no status, and an annotation of a controller that is not modelled.
  private static func recordable(_ body: Any?) -> Any? {
    guard var object = body as? [String: Any], object["kind"] as? String == "Node",
      var metadata = object["metadata"] as? [String: Any]
    else { return body }
    var annotations = metadata["annotations"] as? [String: Any]
    annotations?["node.alpha.kubernetes.io/ttl"] = nil
    metadata["annotations"] = annotations
    object["metadata"] = metadata
    object["status"] = nil
    return object
  }

  /// Also of a Node that was Unknown, and where others may share names (L.6, O26).
  @Test(arguments: [
    ("first-node", []), ("first-node-foreground", []),
    (
      "first-node",
      [
        "spec.faults=[{at: 30s, for: 5m, action: kubelet-stop}]", "spec.duration=10m",
        "spec.expect=[]", "spec.allowDuplicateNodeNames=true",
      ]
    ),
  ])
  func `Nodes and Leases are what get prints at that instant`(
    scenario: String, overrides: [String]
  ) throws {
    let run = try Exported(scenario, overrides: overrides)
    let isWrite = "verb IN ('create', 'patch') AND resource IN ('nodes', 'leases') AND code < 300"
    let times = try run.trace.completed().file.rows(
      """
      SELECT time_ns FROM events WHERE kind = 'requestAnswered' AND node IS NOT NULL AND \(isWrite)
      ORDER BY time_ns, id
      """
    ) { Instant(nanoseconds: $0[0]) }
    let written = try run.objects(.audit, level: .requestResponse).filter { event in
      ["Node", "Lease"].contains((event["responseObject"] as? [String: Any])?["kind"] as? String)
        && ["create", "patch"].contains(event["verb"] as? String)
    }
    try #require(written.count == times.count && times.count >= 3)
    for (time, event) in zip(times, written) {
      var answer = try #require(event["responseObject"] as? [String: Any])
      let objects = try ClusterSnapshot(run.trace, at: time)
        .objects(answer["kind"] as? String == "Node" ? .nodes : .leases)
        .filter { $0.namespace != "kube-system" }
      try #require(objects.count == 1)
      let json = Data(objects[0].document.json.utf8)
      var printed = try JSONSerialization.jsonObject(with: json) as? [String: Any]
      if event["verb"] as? String == "patch" {
        // It becomes Ready with its taint; one that was Ready before has none.
        #expect((answer["spec"] as? [String: Any])?["taints"] != nil || !overrides.isEmpty)
        answer["spec"] = nil
        printed?["spec"] = nil
      }
      #expect(printed.map { $0 as NSDictionary } == answer as NSDictionary)
    }
  }

  /// L.6: who reads a Node that node-lifecycle has set to Unknown sees since when.
  @Test func `a Node that is Unknown has the time of its last heartbeat`() throws {
    let events = try Exported(
      "first-node",
      overrides: [
        "spec.faults=[{at: 30s, for: 5m, action: kubelet-stop}]", "spec.duration=10m",
        "spec.expect=[]",
      ]
    ).objects(.audit, level: .requestResponse)
    let seen = events.filter { $0["verb"] as? String == "get" }.compactMap { event in
      Self.conditions(of: event["responseObject"]).first { $0["type"] == "Ready" }
    }.filter { $0["status"] == "Unknown" }
    try #require(!seen.isEmpty)
    for ready in seen {
      #expect(ready["reason"] == "NodeStatusUnknown")
      #expect(ready["lastHeartbeatTime"] == "2026-01-01T00:00:30Z")
      #expect(ready["lastTransitionTime"].map { $0 > "2026-01-01T00:01:14Z" } == true)
    }
  }

  private static func conditions(of body: Any?) -> [[String: String]] {
    let object = body as? [String: Any]
    guard object?["kind"] as? String == "Node" else { return [] }
    return (object?["status"] as? [String: Any])?["conditions"] as? [[String: String]] ?? []
  }

  @Test func `a Node from before the run is its file until its kubelet writes to it`() throws {
    let run = try Exported(
      text: """
        apiVersion: bootsim.dev/v1alpha1
        kind: Scenario
        metadata: {name: test}
        spec:
          preset: kubeadm
          duration: 5m
          tokens: [{token: abcdef.0123456789abcdef}]
          nodes: [{name: w, names: [w-1]}]
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: w-1, labels: {zone: a}}
        status: {capacity: {cpu: "4"}}

        """)
    let nodes = try run.objects(.audit, level: .requestResponse).filter { event in
      (event["responseObject"] as? [String: Any])?["kind"] as? String == "Node"
    }
    let read = try #require(nodes.first?["responseObject"] as? [String: Any])
    #expect(nodes.first?["verb"] as? String == "get")
    #expect((read["metadata"] as? [String: Any])?["labels"] as? [String: String] == ["zone": "a"])
    let status = read["status"] as? [String: Any]
    #expect(status?["capacity"] as? [String: String] == ["cpu": "4"])
    #expect(nodes.contains { $0["verb"] as? String == "patch" })
    let ready = nodes.last.map { Self.conditions(of: $0["responseObject"]) }?.last
    #expect(ready?["type"] == "Ready" && ready?["status"] == "True")
  }

  @Test func `a renewal of a Lease sends what the one before was answered`() throws {
    let events = try Exported(
      "first-node",
      overrides: ["spec.nodes.workers.kubelet.heartbeats=Played", "spec.duration=90s"]
    ).objects(.audit, level: .requestResponse).filter {
      ($0["objectRef"] as? [String: Any])?["namespace"] as? String == "kube-node-lease"
        && ["create", "update"].contains($0["verb"] as? String)
    }
    try #require(events.count > 5)
    var version: String?
    var renewed = ""
    for event in events {
      let sent = try #require(event["requestObject"] as? [String: Any])
      let answer = try #require(event["responseObject"] as? [String: Any])
      let metadata = try #require(answer["metadata"] as? [String: Any])
      #expect((sent["metadata"] as? [String: Any])?["resourceVersion"] as? String == version)
      #expect(
        (event["objectRef"] as? [String: Any])?["resourceVersion"] as? String == version)
      let time = try #require((answer["spec"] as? [String: Any])?["renewTime"] as? String)
      #expect((sent["spec"] as? [String: Any])?["renewTime"] as? String == time)
      #expect(time > renewed)
      (version, renewed) = (metadata["resourceVersion"] as? String, time)
    }
  }

  @Test func `Nodes to which other clients write are not made up`() throws {
    let events = try Exported(
      "first-node",
      overrides: [
        "spec.requests=[{name: tidy, at: 20s, ask: {verb: delete, resource: nodes, name: node-1}}]"
      ]
    ).objects(.audit, level: .requestResponse)
    let kinds = events.compactMap { ($0["responseObject"] as? [String: Any])?["kind"] as? String }
    #expect(kinds.contains("CertificateSigningRequest") && !kinds.contains("Node"))
  }

  @Test(arguments: [
    "verb: list, resource: secrets", "verb: get, resource: nodes, name: node-1",
    "verb: delete, resource: pods, namespace: default, name: web", "path: /healthz",
  ])
  func `Nodes are told beside clients that do not write to them`(ask: String) throws {
    let events = try Exported(
      "first-node", overrides: ["spec.requests=[{name: other, at: 1s, ask: {\(ask)}}]"]
    ).objects(.audit, level: .requestResponse)
    let kinds = events.compactMap { ($0["responseObject"] as? [String: Any])?["kind"] as? String }
    #expect(kinds.contains("Node") && kinds.contains("Lease"))
  }

  /// O28: a list after the deletion has nothing of the CSR.
  @Test func `the list of a deleted CSR is empty`() throws {
    let events = try Exported(
      "first-node",
      overrides: [
        "spec.requests=[{name: tidy, at: 300ms, delete: {of: node/node-1}}]",
        "spec.controllerManager.controllers={csrapproving: false}", "spec.expect=[]",
        "spec.duration=1m",
      ]
    ).objects(.audit, level: .requestResponse)
    let lists = events.compactMap { event -> [Any]? in
      let answer = event["responseObject"] as? [String: Any]
      return answer?["kind"] as? String == "CertificateSigningRequestList"
        ? answer?["items"] as? [Any] : nil
    }
    #expect(lists.first?.count == 1)
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

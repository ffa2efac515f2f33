import Foundation
import SimulationKernel
import TLSBootstrap

/// The requests around the first node of a cluster, recorded and simulated: within each client loop in
/// the same order, across loops the same.
struct NodeRequests {
  let rotateCertificates: Bool
  let node: String
  let tokenID: String

  static let all = [
    NodeRequests(rotateCertificates: true, node: "node-r4", tokenID: "happy4"),
    NodeRequests(rotateCertificates: false, node: "node-r5", tokenID: "happy5"),
  ]

  private var name: String { "first-node-rotate-\(rotateCertificates)" }
  var file: String { "audit/\(name).jsonl" }

  func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let events = try AuditEvent.all(file, of: recordings)
    let recorded = events.compactMap(LoopRequest.init)
    let simulated = try play()
    var checks = Set(recorded.map(\.loop)).union(simulated.map(\.loop)).sorted().map { loop in
      check(
        loop, name, recorded.filter { $0.loop == loop }, simulated.filter { $0.loop == loop })
    }
    let optional = events.filter { LoopRequest.isOptional($0) }
    let counts = Dictionary(grouping: optional) { "\($0.verb) \($0.objectRef?.resource ?? "")" }
    for (what, requests) in counts.sorted(by: { $0.key < $1.key }) {
      checks.append(
        ConformanceCheck(
          .requests, name, what, recorded: "\(requests.count)", simulated: "0",
          reason: "optional load (L.7), which is not played"))
    }
    return checks
  }

  private func check(
    _ loop: String, _ name: String, _ recorded: [LoopRequest], _ simulated: [LoopRequest]
  ) -> ConformanceCheck {
    var recorded = recorded
    var reason = ""
    if loop == LoopRequest.readsOfNode, recorded.count > simulated.count {
      // The status loop's further reads.
      recorded = Self.without(surplus: recorded, over: simulated)
      reason = "extra reads of the node are optional"
    }
    return ConformanceCheck(
      .requests, name, loop, recorded: Self.text(recorded), simulated: Self.text(simulated),
      bound: "same", holds: recorded == simulated, reason: reason)
  }

  /// Drops reads that the other side does not have, latest first, code by code.
  private static func without(
    surplus requests: [LoopRequest], over others: [LoopRequest]
  ) -> [LoopRequest] {
    var rest = requests
    for code in Set(requests.map(\.code)).sorted() {
      var surplus = rest.count { $0.code == code } - others.count { $0.code == code }
      while surplus > 0, let last = rest.lastIndex(where: { $0.code == code }) {
        rest.remove(at: last)
        surplus -= 1
      }
    }
    return rest
  }

  private static func text(_ requests: [LoopRequest]) -> String {
    requests.isEmpty ? "none" : requests.map(\.text).joined(separator: ", ")
  }

  private func play() throws -> [LoopRequest] {
    let played = try PlayedText(
      """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata:
        name: first-node
      spec:
        preset: kubeadm
        # The recordings end about so long after the kubelet's start.
        duration: 2s
        stopWhen: Never
        nodes:
        - name: nodes
          names: [\(node)]
          kubelet: {rotateCertificates: \(rotateCertificates)}
        tokens:
        - token: \(tokenID).0123456789abcdef
        controllerManager:
          clusterSigningDuration: 10m
      """)
    return played.events.compactMap { LoopRequest($0, played.world) }
  }
}

/// A request, and the client loop that makes it.
struct LoopRequest: Hashable {
  static let readsOfNode = "reads of the node"
  static func reflector(of resource: String) -> String { "reflector of \(resource)" }

  let verb: String
  /// `certificatesigningrequests/approval`, or a path.
  let resource: String
  let user: String
  let groups: [String]
  let code: Int

  var text: String { "\(verb) \(resource) \(code)" }

  /// Events and resourceslices.
  static func isOptional(_ event: AuditEvent) -> Bool {
    ["events", "resourceslices"].contains(event.objectRef?.resource ?? "")
  }

  /// nil: no request of its own, as the end of a watch, or optional load.
  init?(_ event: AuditEvent) {
    guard !Self.isOptional(event), event.verb != "watch" || event.stage == "ResponseStarted",
      let code = event.responseStatus?.code
    else { return nil }
    verb = event.verb
    let path = String(event.requestURI.prefix { $0 != "?" })
    resource = Self.name(
      event.objectRef?.resource ?? "", event.objectRef?.subresource ?? "", path: path)
    user = event.user.username ?? ""
    groups = event.user.groups ?? []
    self.code = code
  }

  /// nil: no answer, or one to the controller-manager's own client, which had its token before.
  init?(_ event: TraceEvent, _ world: World) {
    guard event.kind == .requestAnswered, event.actor.kind != .controllerManager else { return nil }
    let shape = event.call.shape
    verb = shape.verb
    resource = Self.name(shape.resource, shape.subresource, path: shape.path)
    user = world.username(of: event.actor)
    groups = world.groups(of: event.actor)
    code = Int(event.answer.code)
  }

  private static func name(_ resource: String, _ subresource: String, path: String) -> String {
    guard !resource.isEmpty else { return path }
    return subresource.isEmpty ? resource : "\(resource)/\(subresource)"
  }

  var loop: String {
    switch (resource, verb) {
    case ("subjectaccessreviews", _), ("certificatesigningrequests/approval", _): "csrapproving"
    case ("certificatesigningrequests/status", _): "csrsigning"
    case ("certificatesigningrequests", _), ("/healthz", _): "bootstrap"
    case ("leases", _): "Lease"
    case ("csinodes", _): "CSINode"
    case ("nodes", "get"): Self.readsOfNode
    case ("nodes", "create"), ("nodes/status", _): "registration and status"
    default: Self.reflector(of: resource)
    }
  }
}

/// An event of audit.k8s.io/v1, as far as conformance asks.
struct AuditEvent: Decodable {
  let stage: String
  let verb: String
  let requestURI: String
  let user: User
  let objectRef: Reference?
  let responseStatus: Status?

  struct User: Decodable {
    let username: String?
    let groups: [String]?
  }
  struct Reference: Decodable {
    let resource: String?
    let subresource: String?
  }
  struct Status: Decodable { let code: Int? }

  /// One event a line.
  static func all(_ name: String, of recordings: Recordings) throws(RecordingError) -> [AuditEvent]
  {
    let decoder = JSONDecoder()
    var events: [AuditEvent] = []
    for (index, line) in try recordings.text(name).split(whereSeparator: \.isNewline).enumerated() {
      guard let event = try? decoder.decode(AuditEvent.self, from: Data(line.utf8)) else {
        throw RecordingError(
          path: "\(recordings.folder)/\(name)", problem: "has no audit event in line \(index + 1)")
      }
      events.append(event)
    }
    return events
  }
}

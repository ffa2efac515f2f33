import Scenarios
import SimulationKernel
import TLSBootstrap

/// A scenario with requests of others, played with all its events kept.
struct Play {
  struct Answer {
    var time: Instant
    var code: Int
    var reason: String
    var message: String
  }

  let world: World
  private let events: [TraceEvent]
  private let spec: String

  init(
    requests: String, tokens: String = "- {token: tokok1.0123456789abcdef}", rest: String = "",
    documents: String = "", isBound: Bool = true
  ) throws {
    let list = tokens.isEmpty ? "" : "  tokens:\n  \(tokens)\n"
    spec =
      (isBound ? "  preset: kubeadm\n" : "")
      // Somebody must be there; it starts after everything is over.
      + "  nodes:\n  - {name: idle, start: {at: 1h}, bootstrapKubeconfig: {token: none}}\n" + list
      + rest + "  requests:\n" + requests.split(separator: "\n").map { "  \($0)\n" }.joined()
      + "  stopWhen: Never\n  duration: 30s\n" + documents
    var world = World(try load(spec).scenario, level: .full)
    var sink: (any TraceSink)? = EventList()
    _ = try world.run(into: &sink)
    events = (sink as? EventList)?.events ?? []
    self.world = world
  }

  func answers(_ name: String) -> [Answer] {
    events.filter { $0.kind == .requestAnswered && sender(of: $0) == name }.map {
      Answer(
        time: $0.time, code: Int($0.answer.code), reason: $0.answer.reason,
        message: world.message(of: $0) ?? "")
    }
  }

  /// The entry of `spec.requests` whose request was answered.
  private func sender(of event: TraceEvent) -> String? {
    guard event.cause != 0 else { return nil }
    let cause = events[Int(event.cause) - 1]
    switch cause.kind {
    case .requestSent:
      return world.message(of: cause)?.prefix { $0 != ":" }.description
    case .authenticationFailed, .authorizationFailed: return sender(of: cause)
    default: return nil
    }
  }

  /// When the code changed, in whole seconds from the first answer, and to what.
  func changes(_ name: String) -> [[Int]] {
    let answers = answers(name)
    var changes: [[Int]] = []
    for answer in answers where changes.last?.last != answer.code {
      let passed = (answer.time - answers[0].time).nanoseconds
      changes.append([Int((passed + 500_000_000) / 1_000_000_000), answer.code])
    }
    return changes
  }

  /// `Approved(AutoApproved: …)`, as the recording has it; of the only CSR.
  ///
  /// - Parameter second: then; nil: at the end.
  func conditions(at second: Int?) -> [String] {
    guard world.requestCount > 0 else { return [] }
    let request = world.request(at: 0)
    let limit = second.map { Instant.zero + .seconds(Int64($0)) } ?? .never
    var found: [String] = []
    // The record has the newest condition's; of those that fail, kubectl approved all.
    let text =
      request.failed == nil
      ? "(\(request.reason): \(request.message))"
      : "(KubectlApprove: This CSR was approved by kubectl certificate approve.)"
    if let time = request.approved, time <= limit { found.append("Approved\(text)") }
    if let time = request.denied, time <= limit { found.append("Denied\(text)") }
    if let time = request.failed, time <= limit {
      found.append("Failed(\(request.reason): \(request.message))")
    }
    return found.isEmpty ? ["Pending"] : found
  }

  var isIssued: Bool { world.requestCount > 0 && world.request(at: 0).issued != nil }

  /// What kubectl prints, without its line end.
  var kubectlOutput: String {
    if let stopped = events.first(where: { $0.kind == .requestNotSent }) {
      return String(world.message(of: stopped)?.dropFirst("kubectl: ".count) ?? "")
    }
    let name = world.request(at: 0).name
    let verb = world.request(at: 0).denied == nil ? "approved" : "denied"
    return "certificatesigningrequest.certificates.k8s.io/\(name) \(verb)"
  }

  private struct EventList: TraceSink {
    var events: [TraceEvent] = []

    mutating func record(_ events: UnsafeBufferPointer<TraceEvent>) {
      self.events.append(contentsOf: events)
    }
    mutating func record(_ requests: WaitingRequests) {}
    mutating func record(_ requests: [WaitingRequest]) {}
  }
}

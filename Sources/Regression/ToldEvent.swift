import GRDB
import Reporting
import SimulationKernel
import TLSBootstrap
import TraceStore

/// An event with its words, as a trace and a world tell it.
struct ToldEvent: Codable, Hashable, Sendable {
  let id: Int64
  /// The event that led to it; nil for a beginning.
  let cause: Int64?
  let nanoseconds: Int64
  let component: String
  let node: String?
  let attempt: Int?
  let step: Int?
  let kind: String
  /// `update certificatesigningrequests/approval`.
  let request: String?
  let code: Int?
  let reason: String?
  let user: String?
  let csr: String?
  let value: Int64
  /// Of `value`; empty where it is always 0.
  let unit: String
  let message: String?
}

extension ToldEvent {
  /// - Parameter row: of `ToldEvent.query`.
  init(_ row: Row) {
    id = row["id"]
    cause = row["cause"]
    nanoseconds = row["time_ns"]
    component = row["component"]
    node = row["node"]
    attempt = row["attempt"]
    step = row["step"]
    kind = row["kind"]
    request = Self.request(row["verb"], row["resource"], row["subresource"])
    code = row["code"]
    reason = row["reason"]
    user = row["username"]
    csr = row["csr"]
    value = row["value"]
    unit = row["unit"]
    message = row["message"]
  }

  static let query = "SELECT v.*, k.unit FROM events v JOIN kind k ON k.name = v.kind"

  init(_ event: TraceEvent, _ directory: some TraceDirectory) {
    let isAnswer = event.kind == .requestAnswered || !event.answer.isSuccess
    let shape = event.call.shape
    let isCall = event.call != .none
    id = Int64(event.id)
    cause = event.cause == 0 ? nil : Int64(event.cause)
    nanoseconds = event.time.nanoseconds
    component = event.component.text
    node = event.node == TraceEvent.none ? nil : directory.node(at: Int(event.node)).name
    attempt = event.attempt == 0 ? nil : Int(event.attempt)
    step = event.step == 0 ? nil : Int(event.step)
    kind = event.kind.text
    request = isCall ? Self.request(shape.verb, shape.resource, shape.subresource) : nil
    code = isAnswer ? Int(event.answer.code) : nil
    reason = isAnswer ? event.answer.reason : nil
    user = isCall && event.actor.kind != .nobody ? directory.username(of: event.actor) : nil
    csr =
      event.request == TraceEvent.none ? nil : directory.request(at: Int(event.request)).name
    value = event.value
    unit = event.kind.unit
    message = directory.message(of: event)
  }

  private static func request(
    _ verb: String?, _ resource: String?, _ subresource: String?
  ) -> String? {
    guard let verb, let resource, !verb.isEmpty else { return nil }
    let object = [resource, subresource ?? ""].filter { !$0.isEmpty }.joined(separator: "/")
    return object.isEmpty ? verb : "\(verb) \(object)"
  }
}

// MARK: For people

extension ToldEvent {
  /// `#12  00:00:00.843175680  node-1  kubelet  13 nodeIsReady  nodeReady  843.175 ms`.
  var line: String {
    let step = self.step.flatMap { BootstrapStep(rawValue: UInt8($0)) }
    let stepText = step.map { "\($0.rawValue) \($0)" } ?? ""
    let words: [String?] = [
      kind, request, code.map(answer), user.map { "as \($0)" }, csr, valueText,
      message.map { "“\($0)”" },
    ]
    let cells: [String] = [
      Text.left("#\(id)", 8), Self.clock(nanoseconds), Text.left(node ?? "-", 14),
      Text.left(component, 18), Text.left(stepText, 30),
      words.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " "),
    ]
    return cells.joined(separator: " ")
  }

  private func answer(_ code: Int) -> String {
    let reason = reason ?? ""
    if code == 0 { return "no answer" }
    return reason.isEmpty ? "\(code)" : "\(code) \(reason)"
  }

  private var valueText: String {
    switch unit {
    case "ns" where value != 0: "(\(Self.length(value)))"
    case "unix ns": "(until \(Timestamp.text(value)))"
    case "count", "replica", "fault": "(\(unit) \(value))"
    default: ""
    }
  }

  private static func length(_ nanoseconds: Int64) -> String {
    nanoseconds < 1_000_000_000
      ? "\(nanoseconds / 1_000_000).\(Text.pad(nanoseconds % 1_000_000, 6)) ms"
      : Text.length(Duration(nanoseconds: nanoseconds))
  }

  /// To the nanosecond, because that may be all that differs.
  static func clock(_ nanoseconds: Int64) -> String {
    Text.clock(Instant(nanoseconds: nanoseconds)) + Text.pad(nanoseconds % 1_000_000, 6)
  }
}

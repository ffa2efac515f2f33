import Scenarios
import SimulationKernel
import TLSBootstrap

/// What clients of `spec.requests` were answered in a scenario that was played.
struct PlayedAnswers {
  struct Answer {
    var time: Instant
    var code: Int
    var reason: String
    var message: String
  }

  let world: World
  private let events: [TraceEvent]

  init(_ script: AnswerScript) throws {
    let played = try PlayedText(script.text)
    world = played.world
    events = played.events
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

  /// When the code changed, and to what.
  func changes(_ name: String) -> [RecordedAnswer.Change] {
    let answers = answers(name)
    var changes: [RecordedAnswer.Change] = []
    for answer in answers where changes.last?.code != answer.code {
      let passed = (answer.time - answers[0].time).seconds
      changes.append(RecordedAnswer.Change(seconds: passed, code: answer.code))
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
    let times = [
      "Approved": request.approved, "Denied": request.denied, "Failed": request.failed,
    ]
    let found = world.conditions(ofRequest: 0).filter { (times[$0.type] ?? nil) ?? .never <= limit }
      .map { "\($0.type)(\($0.reason): \($0.message))" }
    return found.isEmpty ? ["Pending"] : found
  }

  /// Of the first certificate, in seconds; 0: there is none.
  var lifetime: Int64 {
    guard world.certificateCount > 0 else { return 0 }
    let certificate = world.certificate(at: 0)
    return (certificate.notAfter - certificate.notBefore) / 1_000_000_000
  }

  var isIssued: Bool { world.requestCount > 0 && world.request(at: 0).issued != nil }

  /// What kubectl prints, without its line end.
  var kubectlOutput: String {
    if let stopped = events.first(where: { $0.kind == .requestNotSent }) {
      return String(world.message(of: stopped)?.dropFirst("kubectl: ".count) ?? "")
    }
    guard world.requestCount > 0 else { return "" }
    let name = world.request(at: 0).name
    let verb = world.request(at: 0).denied == nil ? "approved" : "denied"
    return "certificatesigningrequest.certificates.k8s.io/\(name) \(verb)"
  }
}

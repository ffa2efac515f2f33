import SimulationKernel
import TLSBootstrap
import Testing

/// An answer of the API server, or the connection's failure, as the client reads it.
struct Told: Hashable, CustomStringConvertible {
  var code: Int
  var reason: String
  var message: String?

  var description: String { "\(code) \(reason) \(message ?? "")" }

  static let created = Told(code: 201, reason: "", message: nil)
  static let ok = Told(code: 200, reason: "", message: nil)
  static let unauthorized = Told(code: 401, reason: "Unauthorized", message: "Unauthorized")

  static func forbidden(_ message: String) -> Told {
    Told(code: 403, reason: "Forbidden", message: message)
  }

  /// No HTTP answer at all.
  static func noAnswer(_ message: String) -> Told { Told(code: 0, reason: "", message: message) }
}

/// What a played scenario's events say of one node.
extension PlayedScenario {
  func events(
    _ kinds: Set<TraceEvent.Kind>, _ call: Call? = nil, node: Int? = 0
  ) -> [TraceEvent] {
    events.filter { event in
      kinds.contains(event.kind) && (node == nil || event.node == node.map { UInt32($0) })
        && (call == nil || event.call == call)
    }
  }

  /// Of all nodes with `node: nil`.
  func events(_ kind: TraceEvent.Kind, _ call: Call? = nil, node: Int? = 0) -> [TraceEvent] {
    events([kind], call, node: node)
  }

  func seconds(_ kind: TraceEvent.Kind, _ call: Call? = nil, node: Int? = 0) -> [Double] {
    events(kind, call, node: node).map(Self.seconds)
  }

  static func seconds(_ event: TraceEvent) -> Double { Double(event.time.nanoseconds) / 1e9 }

  /// What all events of a kind say, each text once, in order.
  func messages(_ kind: TraceEvent.Kind, _ call: Call? = nil, node: Int? = 0) -> [String] {
    var texts: [String] = []
    for event in events(kind, call, node: node) {
      guard let text = world.message(of: event), !texts.contains(text) else { continue }
      texts.append(text)
    }
    return texts
  }

  /// The answers to a call, each once, in order.
  func answers(_ call: Call, node: Int? = 0) -> [Told] {
    var answers: [Told] = []
    for event in events([.requestAnswered, .connectionFailed], call, node: node) {
      let told = Told(
        code: Int(event.answer.code), reason: event.answer.reason,
        message: world.message(of: event))
      if !answers.contains(told) { answers.append(told) }
    }
    return answers
  }

  func settlement(node: Int = 0) -> Settlement { world.node(at: node).settlement }
  func restarts(node: Int = 0) -> Int { world.node(at: node).restarts }
}

/// Times that draws leave some room to.
func expectTimes(
  _ times: [Double], _ expected: [ClosedRange<Double>],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard times.count >= expected.count else {
    Issue.record("\(times) are too few", sourceLocation: sourceLocation)
    return
  }
  for (time, range) in zip(times, expected) {
    #expect(range.contains(time), "of \(times)", sourceLocation: sourceLocation)
  }
}

/// B.2: attempts of one process, from the first: 2, 4, 8 and 16 s × U[1, 1.1) apart, then every 32 s.
/// Recorded: 0, 2.05, 6.3, 14.8, 31.2 s.
func expectLadder(
  _ times: [Double], tries: Int = 7, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let first = times.first else {
    Issue.record("no attempt", sourceLocation: sourceLocation)
    return
  }
  // Each attempt ends a refusal's time after it began.
  let room = 0.1
  let ladder = [
    0...0, 2...2.2 + room, 6...6.6 + room, 14...15.4 + room, 30...33 + room, 62...65 + room,
    94...97 + room,
  ]
  expectTimes(
    times.map { $0 - first }, Array(ladder.prefix(tries)), sourceLocation: sourceLocation)
}

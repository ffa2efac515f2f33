import Foundation
import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// What a scenario comes to, kept in a file: a later run must come to the same.
struct Golden: Codable, Hashable, Sendable {
  /// Its path, from the innermost folder that has both it and the golden files.
  var scenario: String
  var seed: UInt64
  /// Over all inputs, the seed and every event.
  var digest: String
  var ending: String
  var virtualSeconds: Double
  var figures: RunFigures
  var events: Events
  /// What it was played from; nil: more than `mostInputs`.
  var inputs: [Input]?

  /// A text that the run read, line by line, so that a change is seen in a review.
  struct Input: Codable, Hashable, Sendable {
    /// From the folder of the scenario, so that it is the same from wherever the check is run.
    var path: String
    var lines: [String]

    /// The very text, however its lines end.
    var text: String { lines.joined(separator: "\n") }

    init(_ input: InputText, in folder: some StringProtocol) {
      path = String(
        input.path.hasPrefix(folder) ? input.path.dropFirst(folder.count) : input.path[...])
      lines = input.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        .map { String($0) }
    }
  }

  /// The most that is kept of a scenario's texts, in bytes.
  static let mostInputs = 262_144

  /// Enough of the events to find the first that differs.
  struct Events: Codable, Hashable, Sendable {
    var count: Int
    /// Over all events, without inputs.
    var digest: String
    /// Over the sums of requests of nodes that wait, which are no events.
    var waitingDigest: String
    var trail: EventTrail
    /// Each event of a small run, after the number of the one that led to it; else nil.
    var lines: [String]?
  }

  init(
    scenario: String, _ inputs: [InputText], _ report: RunReport, _ events: Events
  ) {
    self.scenario = scenario
    let isShort = inputs.reduce(0) { $0 + $1.text.utf8.count } <= Self.mostInputs
    let main = inputs.first?.path ?? ""
    let folder = main.lastIndex(of: "/").map { main[...$0] } ?? ""
    self.inputs = isShort ? inputs.map { Input($0, in: folder) } : nil
    seed = report.seed
    digest = report.digest
    ending = report.ending.rawValue
    virtualSeconds = report.length.seconds
    figures = RunFigures(report)
    self.events = events
  }
}

extension Golden {
  /// The texts as they were, and as they are now; nil where they are the same, or were too long to be kept.
  func changedInputs(_ now: Golden) -> (then: [InputText], now: [InputText])? {
    guard let inputs, let others = now.inputs, inputs != others else { return nil }
    let texts = { (inputs: [Input]) in
      inputs.map { InputText(path: $0.path, text: $0.text) }
    }
    return (texts(inputs), texts(others))
  }
}

// MARK: The file

extension Golden {
  /// One value a line, keys sorted, so that a change is seen in a review.
  func text() throws -> String {
    try JSONText.pretty(self) + "\n"
  }

  init(text: String) throws {
    self = try JSONDecoder().decode(Golden.self, from: Data(text.utf8))
  }
}

extension Golden.Events {
  /// What led to an event, from the beginning on; nil where the lines of this run are not kept.
  func chain(to event: Int) -> [String]? {
    guard let lines, lines.indices.contains(event - 1) else { return nil }
    var chain: [String] = []
    var next = event
    while lines.indices.contains(next - 1) {
      let parts = lines[next - 1].split(separator: " ", maxSplits: 1)
      chain.append(String(parts.last ?? ""))
      // What leads to an event comes before it.
      next = min(Int(parts.first ?? "") ?? 0, next - 1)
    }
    return CausalChain.shortened(chain.reversed())
  }
}

import Inspection
import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// A run as a report shows it, gathered by playing it once more.
struct RunTimeline {
  /// Into how many equal parts the time of a run is cut.
  static let bins = 400

  let name: String
  let run: RecordedRun
  let report: RunReport
  let nodes: [Node]
  /// How many nodes had reached a step by the end of each part.
  let reached: [BootstrapStep: [Int]]
  let pending: Crowd
  let unsigned: Crowd
  let waitingForToken: Crowd
  /// Of the waits that ended in each part, in milliseconds.
  let longestWaitForToken: [Int]
  /// Requests answered in each part, by HTTP code, in ascending order; 0 where there was no answer.
  let answers: [(code: Int, counts: [Int])]
  let faults: [TimedFault]
  let expectations: [(expectation: Expectation, failure: String?)]

  struct Node {
    let name: String
    let group: String
    let settlement: Settlement
    let started: Instant
    let ready: Instant?
    let attempts: Int
    let restarts: Int
    /// When each of the fifteen steps was reached first; of one that was only tried in vain, the last try.
    let steps: [Instant?]
    /// Whether it is a CSR client, which is served where a node becomes Ready.
    var isClient = false

    var reached: [(step: BootstrapStep, at: Instant)] {
      zip(BootstrapStep.allCases, steps).compactMap { step, at in at.map { (step, $0) } }
        .sorted { ($0.at, $0.step.rawValue) < ($1.at, $1.step.rawValue) }
    }

    var timeToReady: Duration? { ready.map { $0 - started } }

    var outcome: String {
      let done = isClient ? "served" : "Ready"
      guard let timeToReady else { return "Not \(done): \(settlement.text)" }
      return "\(isClient ? "Served" : done) after \(Text.length(timeToReady))"
        + (settlement == .ready ? "" : ", and not any more: \(settlement.text)")
    }
  }

  /// - Parameter name: what sets it apart from the other run, or its scenario.
  /// - Throws: `TraceError` where the run does not come out again as it was recorded.
  init(_ run: RecordedRun, name: String) throws {
    let gathering = Gathering(end: run.run.end)
    let played = try run.played(into: gathering)
    let world = played.world
    self.name = name
    self.run = run
    report = RunReport(world, ending: played.ending)
    nodes = (0..<world.nodeCount).map { index in
      let record = world.node(at: index)
      return Node(
        name: record.name, group: record.group, settlement: record.settlement,
        started: record.started, ready: record.ready, attempts: record.attempts,
        restarts: record.restarts, steps: gathering.steps(of: index),
        isClient: record.kind != .kubelet)
    }
    gathering.noteRequests(of: world)
    reached = gathering.reached
    pending = gathering.crowd(gathering.pending)
    unsigned = gathering.crowd(gathering.unsigned)
    waitingForToken = gathering.crowd(gathering.tokens)
    longestWaitForToken = gathering.longestWait
    answers = gathering.answers.enumerated().filter { $0.element.contains { $0 > 0 } }
      .map { (code: $0.offset, counts: $0.element) }
    faults = world.scenario.faults
    let outcome = Outcome(world)
    expectations = run.loaded.expectations.map { ($0, $0.check(outcome)) }
  }

  /// Faults, and expectations that did not hold by their time.
  var marks: [Chart.Mark] {
    let end = Instant(nanoseconds: run.run.end)
    let acts = faults.filter { .zero + $0.at <= end }.map { fault in
      Chart.Mark(
        name: "fault \(fault.name)", from: .zero + fault.at,
        to: fault.length.map { min(end, .zero + fault.at + $0) })
    }
    let broken = expectations.compactMap { expectation, failure -> Chart.Mark? in
      guard let failure, case .ready(_, by: let limit?) = expectation.kind else { return nil }
      return Chart.Mark(name: failure, from: .zero + limit, to: nil, isBroken: true)
    }
    return acts + broken
  }
}

/// Takes the events of a run, and adds them up by time.
private final class Gathering: TraceSink {
  private let width: Int64
  private var steps: [Int64] = []
  /// Places of steps that were only tried in vain so far; asked, never walked.
  private var inVain: Set<Int> = []
  /// CSRs that wait for a decision, and those that are approved and wait for a certificate.
  private(set) var pending = Waits()
  private(set) var unsigned = Waits()
  /// When each CSR that is gone was deleted; a dry run is answered alike, and before that.
  private var deletions: [UInt32: Instant] = [:]
  private(set) var tokens = Waits()
  private(set) var longestWait = Array(repeating: 0, count: RunTimeline.bins)
  private(set) var answers = Array(
    repeating: Array(repeating: 0, count: RunTimeline.bins), count: 600)

  /// When each began and ended, in any order.
  struct Waits {
    var starts: [Instant] = []
    var ends: [Instant] = []
  }

  init(end: Int64) {
    width = max(1, end / Int64(RunTimeline.bins) + 1)
  }

  private func bin(_ instant: Instant) -> Int {
    min(RunTimeline.bins - 1, max(0, Int(instant.nanoseconds / width)))
  }

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    for event in events {
      if event.step != 0, event.node != TraceEvent.none, !event.kind.isEarly { noteStep(event) }
      switch event.kind {
      case .requestAnswered:
        answers[Int(event.answer.code)][bin(event.time)] += 1
        if event.answer.isSuccess { noteDeletion(event) }
      case .writeCommitted: noteDeletion(event)
      case .limiterWaited where event.value > 0 && event.component != .kubelet:
        // It is told when the token is there.
        tokens.starts.append(event.time - Duration(nanoseconds: event.value))
        tokens.ends.append(event.time)
        let milliseconds = Int(event.value / 1_000_000)
        longestWait[bin(event.time)] = max(longestWait[bin(event.time)], milliseconds)
      case .connectionFailed: answers[0][bin(event.time)] += 1
      default: break
      }
    }
  }

  func record(_ requests: WaitingRequests) {
    // Spread evenly: a wait's requests come at some two a second.
    let first = bin(requests.first)
    let last = max(first, bin(requests.last))
    let code = Int(requests.answer.code)
    let parts = last - first + 1
    for place in 0..<parts {
      let until = Int(requests.count) * (place + 1) / parts
      answers[code][first + place] += until - Int(requests.count) * place / parts
    }
  }

  func record(_ requests: [WaitingRequest]) {}

  private func noteStep(_ event: TraceEvent) {
    let place = Int(event.node) * 16 + Int(event.step)
    if place >= steps.count {
      steps.append(
        contentsOf: repeatElement(-1, count: (Int(event.node) + 1) * 16 - steps.count))
    }
    let isInVain = [.authenticationFailed, .authorizationFailed].contains(event.kind)
    guard steps[place] < 0 || inVain.contains(place) else { return }
    steps[place] = event.time.nanoseconds
    if isInVain { inVain.insert(place) } else { inVain.remove(place) }
  }

  private func noteDeletion(_ event: TraceEvent) {
    if event.call == .deleteRequest { deletions[event.request] = event.time }
  }

  /// After all events: what the CSRs themselves say holds for those, too, whose writer was told 504.
  func noteRequests(of world: World) {
    for index in 0..<world.requestCount {
      let record = world.request(at: index)
      let isGone = world.isDeleted(request: index)
      let ends = [record.failed, isGone ? deletions[UInt32(index)] : nil]
      note(record.created, to: [record.approved, record.denied] + ends, in: &pending)
      if let approved = record.approved {
        note(approved, to: [record.issued] + ends, in: &unsigned)
      }
    }
  }

  /// A wait that ends with the first of these, or not at all.
  private func note(_ start: Instant, to ends: [Instant?], in waits: inout Waits) {
    waits.starts.append(start)
    if let end = ends.compactMap(\.self).min() { waits.ends.append(max(start, end)) }
  }

  func crowd(_ waits: Waits) -> Crowd {
    Crowd(waits.starts, waits.ends, parts: RunTimeline.bins, part: bin)
  }

  func steps(of node: Int) -> [Instant?] {
    BootstrapStep.allCases.map { step in
      let place = node * 16 + Int(step.rawValue)
      guard place < steps.count, steps[place] >= 0 else { return nil }
      return Instant(nanoseconds: steps[place])
    }
  }

  var reached: [BootstrapStep: [Int]] {
    var counts = BootstrapStep.allCases.map { _ in Array(repeating: 0, count: RunTimeline.bins) }
    for (place, time) in steps.enumerated() where time >= 0 && place % 16 > 0 {
      counts[place % 16 - 1][bin(Instant(nanoseconds: time))] += 1
    }
    return Dictionary(
      uniqueKeysWithValues: zip(BootstrapStep.allCases, counts.map(sums)))
  }

  /// What changes add up to by the end of each part.
  private func sums(_ changes: [Int]) -> [Int] {
    var sum = 0
    return changes.prefix(RunTimeline.bins).map { change in
      sum += change
      return max(0, sum)
    }
  }
}

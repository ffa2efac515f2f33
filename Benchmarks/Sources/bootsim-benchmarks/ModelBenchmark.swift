import Scenarios
import SimulationKernel
import TLSBootstrap

/// The whole model without a trace, beside the event queue that does nothing but hold as many events.
struct ModelBenchmark {
  let scenario: String
  var overrides: [String] = []
  let runs: Int

  /// The main scenario, and larger and larger clusters.
  static let all = [
    ModelBenchmark(scenario: "scenarios/kubeadm-5000-workers.yaml", runs: 11),
    ModelBenchmark(
      scenario: "scenarios/scale.yaml", overrides: ["spec.nodes.workers.count=130000"], runs: 5),
    ModelBenchmark(
      scenario: "scenarios/scale.yaml", overrides: ["spec.nodes.workers.count=1000000"], runs: 3),
  ]

  struct Report: Encodable {
    let machine: Machine
    let rows: [Row]
  }

  struct Row: Encodable {
    let scenario: String
    let overrides: [String]
    let runs: Int
    /// Events taken from the queue in one run, and what they led to in a trace.
    let turns: Int
    let traceEvents: Int
    let pending: Pending
    /// Medians.
    let nanosecondsPerTurn: Double
    let nanosecondsPerTraceEvent: Double
    let nanosecondsPerHold: Double
    /// Of each pair: turns a second / holds a second.
    let ratio: Spread
  }

  /// Events that wait in the queue, looked at every 4,096 turns.
  struct Pending: Encodable {
    var mean = 0
    var most = 0
  }

  static func main(options: [String]) throws {
    let report = Report(machine: Machine(), rows: try all.map { try $0.measure() })
    try Results(options: options).write(report, markdown: markdown(report), name: "model")
  }

  private func measure() throws -> Row {
    let played = try ScenarioFile.load(path: scenario, overrides: overrides).scenario
    let (turns, traceEvents, pending) = watch(World(played))
    var perTurn: [Double] = []
    var perHold: [Double] = []
    for run in 0..<runs {
      perTurn.append(play(played) / Double(turns) * 1e9)
      let hold = Hold(
        pending: pending.mean, warmUp: max(1_000_000, 3 * pending.mean), steps: 1_000_000,
        seed: UInt64(run))
      perHold.append(hold.runEventQueue(Uniform.self).seconds / Double(hold.steps) * 1e9)
    }
    let perTurnMedian = Spread(perTurn).median
    return Row(
      scenario: scenario, overrides: overrides, runs: runs, turns: turns, traceEvents: traceEvents,
      pending: pending, nanosecondsPerTurn: perTurnMedian,
      nanosecondsPerTraceEvent: perTurnMedian * Double(turns) / Double(traceEvents),
      nanosecondsPerHold: Spread(perHold).median,
      ratio: Spread(zip(perHold, perTurn).map { $0 / $1 }))
  }

  /// The run that is not timed: how much happens in it, and how many events wait meanwhile.
  private func watch(_ start: World) -> (turns: Int, traceEvents: Int, pending: Pending) {
    var world = start
    var pending = Pending()
    var looks = 0
    var sum = 0
    var sink: (any TraceSink)?
    do {
      _ = try world.run(
        into: &sink,
        progress: {
          looks += 1
          sum += $0.pendingEvents
          pending.most = max(pending.most, $0.pendingEvents)
        })
    } catch {
      preconditionFailure("a run without a sink threw \(error)")
    }
    pending.mean = sum / max(1, looks)
    return (Int(world.turns), Int(world.eventCount), pending)
  }

  /// Seconds from the first event to the last.
  private func play(_ scenario: Scenario) -> Double {
    var world = World(scenario)
    let clock = ContinuousClock()
    let began = clock.now
    world.run()
    return (clock.now - began).seconds
  }

  private static func markdown(_ report: Report) -> String {
    """
    # The model beside its event queue

    `make bench` writes this file. One turn takes an event from the queue and lets everything follow
    from it: its component, the calls and timers that this starts, statistics and digest; no trace is
    kept. One hold pops an event and pushes one, with as many pending as the model has on average
    (uniform increments, entries of 32 bytes as the model's). Both play in the same process, in turn;
    medians of pairs (and the least and the greatest).

    \(report.machine.text)

    | | runs | turns | trace events | pending, mean and most | ns per turn | ns per trace event | ns per hold | turns/s ÷ holds/s |
    |---|--:|--:|--:|--:|--:|--:|--:|--:|
    \(report.rows.map(row).joined(separator: "\n"))

    What bounds the ratio is the protocol, not the queue: beside it, a turn numbers and digests trace
    events, works out the requests of nodes that wait, draws latencies, and goes through credentials,
    permissions, seats, storage, answers and the loops of kubelets and controllers.

    """
  }

  private static func row(_ row: Row) -> String {
    let cells = [
      (["`\(row.scenario)`"] + row.overrides.map { "`--set \($0)`" }).joined(separator: " "),
      "\(row.runs)", "\(row.turns)", "\(row.traceEvents)",
      "\(row.pending.mean), \(row.pending.most)", row.nanosecondsPerTurn.rounded(to: 1),
      row.nanosecondsPerTraceEvent.rounded(to: 1), row.nanosecondsPerHold.rounded(to: 1),
      row.ratio.text,
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }
}

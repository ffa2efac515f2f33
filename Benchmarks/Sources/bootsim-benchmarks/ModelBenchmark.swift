import Scenarios
import SimulationKernel
import TLSBootstrap

/// The whole model without a trace, beside the event queue that does nothing but hold as many events.
enum ModelBenchmark {
  static let runs = 11
  static let scenario = "scenarios/kubeadm-5000-workers.yaml"

  struct Report: Encodable {
    let machine: Machine
    let scenario: String
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
    let report = measure(try ScenarioFile.load(path: scenario).scenario)
    try Results(options: options).write(report, markdown: markdown(report), name: "model")
  }

  private static func measure(_ played: Scenario) -> Report {
    let (end, pending) = watch(World(played))
    var perTurn: [Double] = []
    var perHold: [Double] = []
    for run in 0..<runs {
      perTurn.append(play(played) / Double(end.turns) * 1e9)
      let hold = Hold(
        pending: pending.mean, warmUp: 1_000_000, steps: 1_000_000, seed: UInt64(run))
      perHold.append(hold.runEventQueue(Uniform.self).seconds / Double(hold.steps) * 1e9)
    }
    let perTurnMedian = Spread(perTurn).median
    return Report(
      machine: Machine(), scenario: scenario, runs: runs, turns: Int(end.turns),
      traceEvents: Int(end.eventCount), pending: pending, nanosecondsPerTurn: perTurnMedian,
      nanosecondsPerTraceEvent: perTurnMedian * Double(end.turns) / Double(end.eventCount),
      nanosecondsPerHold: Spread(perHold).median,
      ratio: Spread(zip(perHold, perTurn).map { $0 / $1 }))
  }

  /// The run that is not timed: where it ends, and how many events wait meanwhile.
  private static func watch(_ start: World) -> (end: World, pending: Pending) {
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
    return (world, pending)
  }

  /// Seconds from the first event to the last.
  private static func play(_ scenario: Scenario) -> Double {
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
    medians of \(report.runs) pairs (and the least and the greatest).

    \(report.machine.text)

    | `\(report.scenario)` | |
    |---|--:|
    | turns | \(report.turns) |
    | trace events that they led to | \(report.traceEvents) |
    | events pending, mean and most | \(report.pending.mean), \(report.pending.most) |
    | ns per turn | \(report.nanosecondsPerTurn.rounded(to: 1)) |
    | ns per trace event | \(report.nanosecondsPerTraceEvent.rounded(to: 1)) |
    | ns per hold | \(report.nanosecondsPerHold.rounded(to: 1)) |
    | turns per second / holds per second | \(report.ratio.text) |

    What bounds the ratio is the protocol, not the queue: beside it, a turn numbers and digests trace
    events, works out the requests of nodes that wait, draws latencies, and goes through credentials,
    permissions, seats, storage, answers and the loops of kubelets and controllers.

    """
  }
}

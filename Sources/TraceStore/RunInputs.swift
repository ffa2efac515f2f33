import SimulationKernel
import TLSBootstrap

/// What a run was made from: everything that is needed to repeat it.
///
/// No wall clock, no host, no process number, so that the same run writes the same bytes.
public struct RunInputs: Hashable, Sendable {
  /// The name of the scenario.
  public var scenario: String
  /// Every text that it was read from, in order.
  public var inputs: [InputText]
  public var seed: UInt64
  /// The version of bootsim.
  public var version: String
  /// The true time at the start of the run, in nanoseconds since 1970.
  public var start: Int64
  /// The command line that makes the run again.
  public var command: String

  public init(
    scenario: String, inputs: [InputText], seed: UInt64, version: String, start: Int64,
    command: String
  ) {
    self.scenario = scenario
    self.inputs = inputs
    self.seed = seed
    self.version = version
    self.start = start
    self.command = command
  }
}

/// How a run ended.
public struct RunOutcome: Hashable, Sendable {
  /// The virtual end, in nanoseconds since the start of the run.
  public var end: Int64
  /// How many events happened, whether or not the level records them.
  public var events: Int
  /// 32 hexadecimal digits.
  public var digest: String

  /// The status of a trace with an outcome; a file under construction says `incomplete`.
  public static let complete = "complete"

  public init(end: Int64, events: Int, digest: String) {
    self.end = end
    self.events = events
    self.digest = digest
  }
}

extension RunOutcome {
  /// That of a world that was played to its end.
  public init(_ world: World) {
    self.init(
      end: world.now.nanoseconds, events: Int(world.eventCount), digest: world.digest.text)
  }
}

/// Where the time of closing a trace went, in seconds of a monotonic clock; never in the trace.
public struct RecordingTimes: Hashable, Sendable {
  /// Waiting for the rows that were still queued.
  public var rows = 0.0
  /// Dictionaries, nodes, CSRs, certificates, messages.
  public var tables = 0.0
  /// The indexes of the tables.
  public var indexes = 0.0
  /// Commit, fsync and rename.
  public var rename = 0.0
  /// The size of the file.
  public var fileBytes = 0
}

import Scenarios
import TLSBootstrap

/// A run that somebody recorded on a cluster of their own: when its CSRs were created, approved and
/// issued, and beside that, under the same name, the scenario that plays its set-up.
struct OwnRun {
  let name: String

  var file: String { "throughput/\(name).csv" }
  private var scenario: String { "throughput/\(name).yaml" }

  /// Those of a folder, in alphabetical order, with and without a scenario.
  static func all(_ recordings: Recordings) -> [OwnRun] {
    let known = ThroughputRun.all.map(\.name)
    return recordings.names(in: "throughput", ending: ".csv").filter { !known.contains($0) }
      .map(OwnRun.init)
  }

  func hasScenario(_ recordings: Recordings) -> Bool { recordings.has(scenario) }

  /// - Throws: `RecordingError`; `ScenarioErrors` of its scenario.
  func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let real = try Curve(recordings.table(file))
    let loaded = try ScenarioFile.load(path: "\(recordings.folder)/\(scenario)")
    var world = World(loaded.scenario)
    world.run()
    let played = Curve(world)
    let issued = ConformanceCheck(
      .curves, name, "certificates", recorded: real.issuedCount, simulated: played.issuedCount,
      tolerance: 0)
    return [issued]
      + CurveComparison(subject: name, recorded: real, simulated: played, isBounded: true).checks
  }

  /// What is wrong where nothing says how to play it.
  func lacksScenario(_ recordings: Recordings) -> RecordingError {
    RecordingError(
      path: "\(recordings.folder)/\(file)", problem: "is not played",
      cure: "write its set-up as a scenario beside it, \(name).yaml, with clients of "
        + "`kind: csrClient` and `start: {csv: {file: \(name).csv, column: t_create}}`")
  }
}

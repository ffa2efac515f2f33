import Scenarios
import SimulationKernel
import TLSBootstrap

/// The recorded livelock: clients with a patience of 30 s, more of them than csrapproving can serve in
/// twice that (protocol.md 0.9).
struct CollapseRun {
  let clients: Int

  static let all = [CollapseRun(clients: 280), CollapseRun(clients: 750)]

  private var name: String { "k\(clients)_patience30" }
  var file: String { "collapse/\(name).csv" }

  func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let table = try recordings.table(file)
    let times = try table.numbers("t_s")
    let joined = try table.numbers("joined").map { Int($0) }
    let issued = try table.numbers("csrs_issued").map { Int($0) }
    let created = try table.numbers("csrs_created").map { Int($0) }
    guard let end = times.last, let last = joined.last, let certificates = issued.last,
      let requests = created.last, let spread = zip(times, created).first(where: { $1 >= clients })
    else {
      throw RecordingError(path: table.path, problem: "has no rows")
    }
    let world = try play(spread: min(spread.0, 0.75), duration: end)
    let served = (0..<world.nodeCount).compactMap { world.node(at: $0).ready?.seconds }
      .sorted()
    let lastJoined = zip(times, joined).first { $1 == last }?.0 ?? end
    let spreadReason =
      "429s spread the recording's first creates over 2.8 s, so some waited longer from t = 0"
    return [
      ConformanceCheck(
        .collapse, name, "joined", recorded: last, simulated: served.count,
        tolerance: last == clients ? 0 : last / 50,
        reason: last == served.count ? "" : spreadReason),
      ConformanceCheck(
        .collapse, name, "last joined at", recorded: lastJoined, simulated: served.last ?? 0,
        tolerance: max(0.03 * lastJoined, 0.06),
        reason: "the recording looked every two seconds"),
      ConformanceCheck(
        .collapse, name, "CSRs created", recorded: requests, simulated: world.requestCount,
        tolerance: requests / 50, reason: "each client that did not join posts ten more"),
      ConformanceCheck(
        .collapse, name, "certificates issued", recorded: certificates,
        simulated: world.statistics.issued.count, tolerance: certificates / 50),
      ConformanceCheck(
        .collapse, name, "certificates issued to nobody", recorded: certificates - last,
        simulated: world.statistics.abandonedIssued, tolerance: (certificates - last) / 50),
    ]
  }

  private func play(spread: Double, duration: Double) throws -> World {
    let scenario = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata:
        name: k\(clients)-patience30
      spec:
        preset: kubeadm
        duration: \(Int(duration * 1_000))ms
        stopWhen: Settled
        nodes:
        - name: clients
          kind: csrClient
          count: \(clients)
          start: {uniform: {from: 0s, to: \(Int(spread * 1_000))ms}}
          csrClient: {patience: 30s, gap: 2s}
        tokens:
        - token: abcdef.0123456789abcdef
      """
    let loaded = try ScenarioFile.load(
      text: scenario, path: "\(name).yaml", overrides: [], seed: nil
    ) { path in try String(contentsOfFile: path, encoding: .utf8) }
    var world = World(loaded.scenario)
    world.run()
    return world
  }
}

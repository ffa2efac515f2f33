import Inspection
import SimulationKernel
import TLSBootstrap
import TraceStore

/// Families of which the world knows more than the trace.
struct WorldMetrics {
  let families: [MetricFamily]

  /// - Throws: `TraceError`.
  init(_ recorded: RecordedRun, _ world: World, _ trace: TraceFile) throws {
    families = Self.requestedDurations(world) + [try Self.leader(recorded, trace)]
  }

  /// Of CSRs that ask for a duration and are issued.
  ///
  /// Source: kubernetes `pkg/registry/certificates/certificates/storage/metrics.go`.
  private static func requestedDurations(_ world: World) -> [MetricFamily] {
    var requested: [String] = []
    var honored: [String] = []
    for index in 0..<world.requestCount {
      let record = world.request(at: index)
      guard let seconds = world.shape(ofRequest: index).expirationSeconds,
        let issued = record.issued, let certificate = world.certificate(ofRequest: index)
      else { continue }
      let signer = record.signerName.hasPrefix("kubernetes.io/") ? record.signerName : "other"
      let row = "('\(signer.replacing("'", with: "''"))', \(issued.nanoseconds), 0)"
      requested.append(row)
      let validity = world.certificate(at: certificate)
      let length = Duration(nanoseconds: validity.notAfter - validity.notBefore)
      if isHonored(.seconds(Int64(seconds)), length) { honored.append(row) }
    }
    let families = [
      ("requested", "a requested duration", requested),
      ("honored", "a requested duration that was honored", honored),
    ]
    return families.map { name, what, rows in
      MetricFamily(
        name: "apiserver_certificates_registry_csr_\(name)_duration_total", type: .counter,
        help: "Total number of issued CSRs with \(what), sliced by signer (only kubernetes.io "
          + "signer names are specifically identified)",
        labels: ["signerName"], query: query(rows, columns: 3))
    }
  }

  /// Backdating and a twentieth of what was asked for may be missing.
  private static func isHonored(_ wanted: Duration, _ got: Duration) -> Bool {
    abs(wanted.nanoseconds - got.nanoseconds)
      < Duration.minutes(5).nanoseconds + wanted.nanoseconds / 20
  }

  /// Source: kubernetes `staging/src/k8s.io/component-base/metrics/prometheus/clientgo/leaderelection/metrics.go`.
  private static func leader(_ recorded: RecordedRun, _ trace: TraceFile) throws -> MetricFamily {
    var rows: [String] = []
    var leaders: Set<Int> = []
    let note = { (replica: Int, time: Int64, leads: Bool) in
      guard leaders.contains(replica) != leads else { return }
      if leads { leaders.insert(replica) } else { leaders.remove(replica) }
      rows.append(
        "('kube-controller-manager', 'control-plane-\(replica + 1)', \(time), \(leads ? 1 : -1))")
    }
    if let first = try recorded.world(at: .zero).leaderReplica { note(first, 0, true) }
    let changes = try trace.rows(
      """
      SELECT value, time_ns, kind = 'leaderElected' FROM events
      WHERE kind IN ('leaderElected', 'managerKilled', 'managerExited') ORDER BY id
      """
    ) { (replica: $0[0] as Int, time: $0[1] as Int64, leads: $0[2] as Bool) }
    for change in changes { note(change.replica, change.time, change.leads) }
    return MetricFamily(
      name: "leader_election_master_status", type: .gauge,
      help:
        "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 "
        + "indicates master.",
      labels: ["name", "node"], query: query(rows, columns: 4))
  }

  /// - Parameter rows: each of so many values.
  private static func query(_ rows: [String], columns: Int) -> String {
    if rows.isEmpty {
      return "SELECT " + Array(repeating: "0", count: columns).joined(separator: ", ") + " WHERE 0"
    }
    let order = (1..<columns).map(String.init).joined(separator: ", ")
    return "SELECT * FROM (VALUES \(rows.joined(separator: ", "))) ORDER BY \(order)"
  }
}

import GRDB
import TLSBootstrap
import TraceStore

/// `apiserver_flowcontrol_*`: the trace says when each request came, was executed and was done; which schema and
/// level it belongs to, the world says.
///
/// Source: kubernetes `staging/src/k8s.io/apiserver/pkg/util/flowcontrol/metrics/metrics.go`.
struct FlowControlMetrics {
  /// Empty without priority and fairness.
  let families: [MetricFamily]

  /// - Throws: what the database says.
  init(_ world: World, _ trace: TraceFile) throws {
    // Of most kinds of users all belong to the same schema: one stands for them.
    let requests = try trace.rows(Self.kindsOfRequests) { row in
      (user: row[0] as Int64, isOne: row[1] as Bool, call: row[2] as Int64)
    }
    let flows = requests.compactMap { user, isOne, number -> String? in
      guard let identity = Identity(rowID: user), let call = Call(rawValue: UInt8(number)),
        let flow = world.flow(of: call, by: identity)
      else { return nil }
      let queues = flow.hasQueues ? 1 : 0
      return "(\(isOne ? "\(user)" : "NULL"), \(user & 15), \(number), '\(flow.schema)', "
        + "'\(flow.level)', \(queues))"
    }
    let seats = world.nominalSeats
    families =
      flows.isEmpty
      ? [] : Self.families(flows.joined(separator: ", ")) + [Self.nominalLimit(seats)]
  }

  /// Policies and clients are who the scenario says.
  private static let kindsOfRequests = """
    SELECT min(e.user), e.user & 15 IN (\(Identity.Kind.approver.rawValue), \(Identity.Kind.client.rawValue))
      AS is_one, e.call
    FROM event e JOIN kind k ON k.id = e.kind JOIN call c ON c.id = e.call
    WHERE k.name = 'requestAnswered' AND e.user IS NOT NULL AND c.verb <> ''
    GROUP BY CASE WHEN is_one THEN e.user ELSE -1 - (e.user & 15) END, e.call
    ORDER BY 1, 3
    """

  private static let labels = ["flow_schema", "priority_level"]

  private static let bounds = [
    "0.0", "0.005", "0.02", "0.05", "0.1", "0.2", "0.5", "1.0", "2.0", "5.0", "10.0", "15.0",
    "30.0",
  ]

  private static func families(_ flows: String) -> [MetricFamily] {
    let prefix = "apiserver_flowcontrol"
    return [
      MetricFamily(
        name: "\(prefix)_dispatched_requests_total", type: .counter,
        help: "Number of requests executed by API Priority and Fairness subsystem.",
        labels: labels,
        query: requests(flows, "schema, level, dispatched_ns, 0", where: "code <> 429")),
      MetricFamily(
        name: "\(prefix)_rejected_requests_total", type: .counter,
        help: "Number of requests rejected by API Priority and Fairness subsystem.",
        labels: labels + ["reason"],
        query: requests(
          flows,
          """
          schema, level, CASE WHEN NOT queues THEN 'concurrency-limit' WHEN took_ns = 0
            THEN 'queue-full' ELSE 'time-out' END, done_ns, 0
          """, where: "code = 429")),
      MetricFamily(
        name: "\(prefix)_request_wait_duration_seconds", type: .histogram(bounds: bounds),
        help: "Length of time a request spent waiting in its queue.",
        labels: ["execute"] + labels,
        query: requests(
          flows,
          "CASE code WHEN 429 THEN 'false' ELSE 'true' END, schema, level, dispatched_ns, waited_ns",
          where: "queues")),
      MetricFamily(
        name: "\(prefix)_request_execution_duration_seconds", type: .histogram(bounds: bounds),
        help: "Duration of regular (non-watch) request execution in the API Priority and Fairness "
          + "subsystem.",
        labels: labels,
        query: requests(
          flows, "schema, level, done_ns, took_ns - waited_ns",
          where: "code <> 429 AND verb <> 'watch'")),
      MetricFamily(
        name: "\(prefix)_current_inqueue_requests", type: .gauge,
        help: "Number of requests currently pending in queues of the API Priority and Fairness "
          + "subsystem.",
        labels: labels,
        query: changes(flows, from: "received_ns", to: "dispatched_ns", where: "waited_ns > 0")),
      MetricFamily(
        name: "\(prefix)_current_executing_requests", type: .gauge,
        help: "Number of requests in regular execution phase in the API Priority and Fairness "
          + "subsystem.",
        labels: labels,
        query: changes(
          flows, from: "dispatched_ns", to: "done_ns", where: "code <> 429 AND verb <> 'watch'")),
    ]
  }

  private static func nominalLimit(_ seats: [(level: String, seats: Int)]) -> MetricFamily {
    MetricFamily(
      name: "apiserver_flowcontrol_nominal_limit_seats", type: .gauge,
      help: "Nominal number of execution seats configured for each priority level.",
      labels: ["priority_level"],
      query: "SELECT column1, 0, column2 FROM (VALUES "
        + seats.map { "('\($0.level)', \($0.seats))" }.joined(separator: ", ")
        + ") ORDER BY column1")
  }

  private static func requests(
    _ flows: String, _ columns: String, where condition: String
  ) -> String {
    "\(table(flows)) SELECT \(columns) FROM request WHERE \(condition) ORDER BY 1, 2, 3, 4"
  }

  private static func changes(
    _ flows: String, from: String, to: String, where condition: String
  ) -> String {
    """
    \(table(flows)) SELECT schema, level, at_ns, change FROM (
      SELECT schema, level, \(from) AS at_ns, 1 AS change FROM request WHERE \(condition)
      UNION ALL
      SELECT schema, level, \(to), -1 FROM request WHERE \(condition))
    ORDER BY schema, level, at_ns
    """
  }

  /// Each request with its schema and its times; who is answered 401 is not let so far.
  private static func table(_ flows: String) -> String {
    """
    WITH flow(user, kind, call, schema, level, queues) AS (VALUES \(flows)),
    request AS (
      SELECT schema, level, queues, code, verb, done_ns, took_ns, waited_ns,
        done_ns - took_ns AS received_ns, done_ns - took_ns + waited_ns AS dispatched_ns
      FROM (
        SELECT f.schema, f.level, f.queues, a.code, c.verb, e.time_ns AS done_ns, e.value AS took_ns,
          CASE a.code WHEN 429 THEN e.value ELSE \(MetricFamily.waited("seatAwaited")) END AS waited_ns
        FROM event e
        JOIN kind k ON k.id = e.kind
        JOIN call c ON c.id = e.call
        JOIN answer a ON a.id = e.answer
        JOIN flow f ON f.call = e.call AND f.kind = e.user & 15
          AND (f.user IS NULL OR f.user = e.user)
        WHERE k.name = 'requestAnswered' AND c.verb <> '' AND a.code NOT IN (0, 401)))
    """
  }
}

/// A family of metrics under the name that Kubernetes gives it, counted from the trace.
struct MetricFamily {
  let name: String
  let type: Kind
  let help: String
  let labels: [String]
  /// Rows of `labels…`, when, what is observed or how much it changes: in the order of the labels. Empty: it is
  /// counted elsewhere.
  let query: String

  enum Kind: Hashable {
    case counter
    /// A counter whose name does not end as OpenMetrics wants it; its values only grow.
    case unknown
    /// What `query` says is how much it changes.
    case gauge
    /// What `query` observes is in nanoseconds; the buckets' bounds in seconds.
    case histogram(bounds: [String])

    var text: String {
      switch self {
      case .counter: "counter"
      case .unknown: "unknown"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  /// Without the ending that OpenMetrics adds to a counter's samples.
  var familyName: String {
    type == .counter && name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
  }
}

extension MetricFamily {
  static let all = apiServer + WorkQueueMetrics.families + controllerManager + kubelet

  /// When each CSR that is gone was deleted: by the last such request, for a dry run is answered alike, or after its
  /// client was told 504.
  static let deletions = """
    SELECT e.csr, max(e.time_ns) AS at_ns FROM event e JOIN kind k ON k.id = e.kind
    JOIN call c ON c.id = e.call LEFT JOIN answer a ON a.id = e.answer
    JOIN csr r ON r.id = e.csr JOIN message m ON m.id = r.condition
    WHERE (k.name = 'requestAnswered' AND a.code = 200 OR k.name = 'writeCommitted') AND c.verb = 'delete'
      AND c.resource = 'certificatesigningrequests' AND m.text LIKE '%(deleted)'
    GROUP BY e.csr
    """

  /// Source: kubernetes `staging/src/k8s.io/apiserver/pkg/endpoints/metrics/metrics.go`.
  private static let apiServer = [
    MetricFamily(
      name: "apiserver_request_total", type: .counter,
      help: "Counter of apiserver requests.", labels: requestLabels + ["code"],
      query: requests(requestColumns + ["a.code"], where: "AND a.code > 0")),
    MetricFamily(
      name: "apiserver_request_duration_seconds",
      type: .histogram(bounds: [
        "0.005", "0.025", "0.05", "0.1", "0.2", "0.4", "0.6", "0.8", "1.0", "1.25", "1.5", "2.0",
        "3.0", "4.0", "5.0", "6.0", "8.0", "10.0", "15.0", "20.0", "30.0", "45.0", "60.0",
      ]),
      help: "Response latency distribution of requests that are not long-running.",
      labels: requestLabels,
      query: requests(requestColumns, where: "AND a.code > 0 AND c.verb <> 'watch'")),
    // A URL of which the server can make no request is answered 500 before.
    MetricFamily(
      name: "authentication_attempts", type: .unknown,
      help: "Counter of authenticated attempts.", labels: ["result"],
      query: requests(
        ["CASE a.code WHEN 401 THEN 'failure' ELSE 'success' END"], of: anything,
        where: "AND a.code NOT IN (0, 500)")),
    // Source: `pkg/endpoints/filters/metrics.go`, `compressUsername`.
    MetricFamily(
      name: "authenticated_user_requests", type: .unknown,
      help: "Counter of authenticated requests broken out by username.", labels: ["username"],
      query: requests(
        [
          """
          CASE WHEN u.name IN ('admin', 'client', 'kube_proxy', 'kubelet',
            'system:serviceaccount:kube-system:default') THEN u.name
            WHEN instr(u.name, '@') > 0 THEN 'email_id' ELSE 'other' END
          """
        ], of: anything, where: "AND a.code NOT IN (0, 401, 500)")),
    // Source: `pkg/authentication/request/x509/x509.go`.
    MetricFamily(
      name: "apiserver_client_certificate_expiration_seconds",
      type: .histogram(bounds: [
        "0.0", "1800.0", "3600.0", "7200.0", "21600.0", "43200.0", "86400.0", "172800.0",
        "345600.0", "604800.0", "2.592e+06", "7.776e+06", "1.5552e+07", "3.1104e+07",
      ]),
      help:
        "Distribution of the remaining lifetime on the certificate used to authenticate a request.",
      labels: [], query: certificatesInUse),
    MetricFamily(
      name: "apiserver_storage_objects", type: .gauge,
      help: "Number of stored objects at the time of last check split by kind.",
      labels: ["resource"],
      query: """
        SELECT 'certificatesigningrequests.certificates.k8s.io', at_ns, change FROM (
          SELECT created_ns AS at_ns, 1 AS change FROM csr
          UNION ALL
          SELECT at_ns, -1 FROM (\(deletions)))
        ORDER BY at_ns
        """),
  ]

  /// Source: kubernetes `staging/src/k8s.io/component-base/metrics/prometheus/restclient/metrics.go`.
  private static let controllerManager = [
    MetricFamily(
      name: "rest_client_requests_total", type: .counter,
      help: "Number of HTTP requests of kube-controller-manager, by status code and method.",
      labels: ["code", "method"],
      query: requests(
        ["CASE a.code WHEN 0 THEN '<error>' ELSE a.code END", method], where: ofManager)),
    MetricFamily(
      name: "rest_client_request_duration_seconds", type: .histogram(bounds: restClientBounds),
      help: "Request latency in seconds, broken down by verb.", labels: ["verb"],
      query: requests([method], where: ofManager)),
    MetricFamily(
      name: "rest_client_rate_limiter_duration_seconds",
      type: .histogram(bounds: restClientBounds),
      help: "Client side rate limiter latency in seconds, broken down by verb.", labels: ["verb"],
      query: requests(
        [method], where: ofManager, at: "e.time_ns - e.value", value: waited("limiterWaited"))),
  ]

  /// Also what `spec.requests` asks for, of which the trace has neither verb nor resource.
  private static let anything = "true"
  private static let ofManager = "AND g.text LIKE 'kube-controller-manager/%'"

  /// The table of nodes with a name for each kubelet: `n1`, `n1 (2)`, which no node can be called.
  static let instances = """
    (SELECT id, kind, started_ns,
      CASE row_number() OVER same WHEN 1 THEN name
        ELSE name || ' (' || row_number() OVER same || ')' END AS name
      FROM node WINDOW same AS (PARTITION BY name ORDER BY id))
    """

  /// Source: kubernetes `pkg/kubelet/certificate/kubelet.go`.
  private static let kubelet = [
    MetricFamily(
      name: "kubelet_certificate_manager_client_expiration_renew_errors", type: .unknown,
      help: "Counter of certificate renewal errors.", labels: ["node"],
      query: """
        SELECT n.name, e.time_ns, 0 FROM event e
        JOIN kind k ON k.id = e.kind JOIN \(instances) n ON n.id = e.node
        WHERE k.name = 'attemptFailed' ORDER BY n.id, e.time_ns
        """)
  ]

  private static let restClientBounds = [
    "0.005", "0.025", "0.1", "0.25", "0.5", "1.0", "2.0", "4.0", "8.0", "15.0", "30.0", "60.0",
  ]
}

// MARK: Queries

extension MetricFamily {
  /// How long a request waited before it was sent, or executed: what led to it says so, at once or before it was
  /// authorized or queued.
  static func waited(_ kind: String) -> String {
    let number = "(SELECT id FROM kind WHERE name = '\(kind)')"
    return """
      coalesce(
        (SELECT CASE WHEN p.kind = \(number) THEN p.value WHEN q.kind = \(number) THEN q.value END
          FROM event p LEFT JOIN event q ON q.id = p.cause
            AND p.kind IN (SELECT id FROM kind WHERE name IN ('authorized', 'seatAwaited'))
          WHERE p.id = e.cause), 0)
      """
  }

  private static let requestLabels = ["verb", "group", "version", "resource", "subresource"]

  private static let requestColumns = [
    "CASE c.verb WHEN 'list' THEN 'LIST' WHEN 'watch' THEN 'WATCH' ELSE \(method) END",
    "c.api_group", "CASE c.resource WHEN '' THEN '' ELSE 'v1' END", "c.resource", "c.subresource",
  ]

  /// Of HTTP.
  private static let method = """
    CASE c.verb WHEN 'create' THEN 'POST' WHEN 'update' THEN 'PUT' WHEN 'patch' THEN 'PATCH'
      WHEN 'delete' THEN 'DELETE' ELSE 'GET' END
    """

  private static func requests(
    _ columns: [String], of calls: String = "c.verb <> ''", where condition: String = "",
    at instant: String = "e.time_ns",
    value: String = "e.value"
  ) -> String {
    """
    SELECT \(columns.joined(separator: ", ")), \(instant) AS at_ns, \(value)
    FROM event e
    JOIN kind k ON k.id = e.kind
    JOIN call c ON c.id = e.call
    JOIN answer a ON a.id = e.answer
    LEFT JOIN user u ON u.id = e.user
    LEFT JOIN user_call x ON x.user = e.user AND x.call = e.call
    LEFT JOIN user_agent g ON g.id = coalesce(x.user_agent, u.user_agent)
    WHERE k.name = 'requestAnswered' AND \(calls) \(condition)
    ORDER BY \((1...columns.count).map(String.init).joined(separator: ", ")), at_ns
    """
  }

  /// Of requests of kubelets, by their own certificate: when it was presented, and how much longer it was valid.
  private static let certificatesInUse = """
    WITH stored AS MATERIALIZED (
      SELECT e.node, e.time_ns, c.not_after_unix_ns AS not_after, n.name
      FROM event e JOIN kind k ON k.id = e.kind JOIN certificate c ON c.csr = e.csr
      JOIN node n ON n.id = e.node
      WHERE k.name = 'certificateStored')
    SELECT at_ns, not_after - start_unix_ns - at_ns FROM (
      SELECT e.id, e.time_ns - e.value AS at_ns, s.not_after, max(s.time_ns)
      FROM event e
      JOIN kind k ON k.id = e.kind
      JOIN answer a ON a.id = e.answer
      JOIN user u ON u.id = e.user
      JOIN stored s ON s.node = e.node AND s.time_ns <= e.time_ns - e.value
      WHERE k.name = 'requestAnswered' AND a.code > 0 AND a.code <> 401
        AND u.name = 'system:node:' || s.name
      GROUP BY e.id), run
    ORDER BY at_ns
    """
}

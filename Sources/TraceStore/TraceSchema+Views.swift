import TLSBootstrap

/// The views: the same rows with real text, in SQL that SQLite and DuckDB both read.
extension TraceSchema {
  static let views = [events, steps, requests, waitingRequests, nodes, csrs, certificates]
    .joined(separator: "\n")

  /// A message with the names of its node and CSR (`MessageTable`).
  private static let message =
    "replace(replace(m.text, '{node}', coalesce(n.name, '')), '{csr}', coalesce(r.name, ''))"

  /// The message of an event `e` of a user `u`: its own, or that of all failures of its sort.
  private static let failure = """
    LEFT JOIN event_message t ON t.event = e.id
    LEFT JOIN failure f ON f.kind = e.kind AND f.call = e.call AND f.answer = e.answer
      AND f.client = u.client
    LEFT JOIN message m ON m.id = coalesce(t.message, f.message)
    """

  /// What an `ask` of `spec.requests` asks for, which its call does not say.
  private static let asked = "LEFT JOIN asked q ON q.id = e.user AND c.verb = ''"

  private static let events = """
    CREATE VIEW events AS
    SELECT e.id, e.time_ns, e.time_ns / 1e9 AS seconds, o.name AS component, n.name AS node,
      e.attempt, e.step, k.name AS kind, e.cause, e.ended_by, r.name AS csr, coalesce(q.verb, c.verb) AS verb,
      coalesce(q.resource, c.resource) AS resource,
      coalesce(q.subresource, c.subresource) AS subresource, a.code, a.reason, u.name AS username, e.value,
      \(message) AS message
    FROM event e
    JOIN component o ON o.id = e.component
    JOIN kind k ON k.id = e.kind
    LEFT JOIN node n ON n.id = e.node
    LEFT JOIN csr r ON r.id = e.csr
    LEFT JOIN call c ON c.id = e.call
    LEFT JOIN answer a ON a.id = e.answer
    LEFT JOIN user u ON u.id = e.user
    \(asked)
    \(failure);
    """

  private static let steps = """
    CREATE VIEW steps AS
    SELECT n.name AS node, e.attempt, e.step, s.title AS name, e.time_ns, k.outcome,
      coalesce(\(message), a.reason, '') AS reason
    FROM event e
    JOIN step s ON s.id = e.step
    JOIN kind k ON k.id = e.kind
    LEFT JOIN node n ON n.id = e.node
    LEFT JOIN csr r ON r.id = e.csr
    LEFT JOIN answer a ON a.id = e.answer
    LEFT JOIN user u ON u.id = e.user
    \(failure)
    WHERE e.step IS NOT NULL;
    """

  /// A `requestAnswered` is stamped when it was done; its value is how long it took.
  private static let requests = """
    CREATE VIEW requests AS
    SELECT e.time_ns - e.value AS time_ns, e.value AS duration_ns, u.name AS username,
      coalesce(q.verb, c.verb) AS verb, coalesce(q.resource, c.resource) AS resource,
      coalesce(q.subresource, c.subresource) AS subresource,
      coalesce(q.name, CASE c.object WHEN 'node' THEN coalesce(n.name, '')
        WHEN 'csr' THEN coalesce(r.name, '') ELSE c.object END) AS name,
      a.code, a.reason, g.text AS user_agent
    FROM event e
    JOIN call c ON c.id = e.call
    JOIN answer a ON a.id = e.answer
    LEFT JOIN user u ON u.id = e.user
    \(asked)
    LEFT JOIN node n ON n.id = e.node
    LEFT JOIN csr r ON r.id = e.csr
    LEFT JOIN user_call x ON x.user = e.user AND x.call = e.call
    LEFT JOIN user_agent g ON g.id = coalesce(x.user_agent, u.user_agent)
    WHERE e.kind = \(TraceEvent.Kind.requestAnswered.rawValue);
    """

  private static let waitingRequests = """
    CREATE VIEW waiting_requests AS
    SELECT n.name AS node, w.attempt, c.verb, c.resource, c.subresource, c.path, a.code, a.reason,
      w.count, w.first_ns, w.last_ns, w.cause, coalesce(replace(m.text, '{node}', coalesce(n.name, '')), '') AS message
    FROM waiting_request w
    JOIN call c ON c.id = w.call
    JOIN answer a ON a.id = w.answer
    LEFT JOIN node n ON n.id = w.node
    LEFT JOIN failure f ON f.kind = \(TraceEvent.Kind.requestAnswered.rawValue)
      AND f.call = w.call AND f.answer = w.answer AND f.client = \(Identity.anonymous.rowID)
    LEFT JOIN message m ON m.id = coalesce(w.message, f.message);
    """

  private static let nodes = """
    CREATE VIEW nodes AS
    SELECT n.name, n.node_group, CASE n.rotate_certificates WHEN 1 THEN 'background'
        ELSE 'foreground' END AS mode,
      n.started_ns, n.ready_ns, (n.ready_ns - n.started_ns) / 1e9 AS seconds_to_ready,
      s.text AS settlement, n.attempts, n.restarts, n.kind
    FROM node n JOIN settlement s ON s.id = n.settlement;
    """

  private static let csrs = """
    CREATE VIEW csrs AS
    SELECT r.name, n.name AS node, s.name AS signer, u.name AS requestor, r.created_ns,
      r.approved_ns, r.denied_ns, r.failed_ns, r.issued_ns, c.text AS condition, b.text AS reason,
      m.text AS message
    FROM csr r
    LEFT JOIN node n ON n.id = r.node
    JOIN signer s ON s.id = r.signer
    JOIN user u ON u.id = r.requestor
    LEFT JOIN message c ON c.id = r.condition
    LEFT JOIN message b ON b.id = r.reason
    LEFT JOIN message m ON m.id = r.message;
    """

  private static let certificates = """
    CREATE VIEW certificates AS
    SELECT c.serial, r.name AS csr, n.name AS node, s.name AS signer, c.signed_ns,
      c.not_before_unix_ns, c.not_after_unix_ns,
      (c.not_after_unix_ns - c.not_before_unix_ns) / 1e9 AS lifetime_seconds
    FROM certificate c
    JOIN csr r ON r.id = c.csr
    JOIN signer s ON s.id = r.signer
    LEFT JOIN node n ON n.id = c.node;
    """
}

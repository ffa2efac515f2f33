import TLSBootstrap

/// Families of the work queues of kube-controller-manager.
///
/// The controllers of CSRs tell of each key; their queues all have the name `certificate`. tokencleaner and
/// bootstrapsigner tell only of keys that led to a request (protocol.md I.2, I.3): they have one worker each.
///
/// Source: kubernetes `staging/src/k8s.io/component-base/metrics/prometheus/workqueue/metrics.go`; names
/// `pkg/controller/bootstrap/tokencleaner.go`, `bootstrapsigner.go`, `pkg/controller/certificates`.
enum WorkQueueMetrics {
  static let families = [
    MetricFamily(
      name: "workqueue_adds_total", type: .counter,
      help: "Total number of adds handled by workqueue.", labels: ["name"],
      query: "\(keys) SELECT queue, added_ns, 0 FROM taken ORDER BY queue, added_ns"),
    MetricFamily(
      name: "workqueue_depth", type: .gauge, help: "Current depth of workqueue.",
      labels: ["name"],
      query: """
        \(keys)
        SELECT queue, at_ns, change FROM (
          SELECT queue, added_ns AS at_ns, 1 AS change FROM taken
          UNION ALL SELECT queue, taken_ns, -1 FROM taken)
        ORDER BY queue, at_ns
        """),
    MetricFamily(
      name: "workqueue_queue_duration_seconds", type: .histogram(bounds: bounds),
      help: "How long in seconds an item stays in workqueue before being requested.",
      labels: ["name"],
      query: """
        \(keys) SELECT queue, taken_ns, taken_ns - added_ns FROM taken ORDER BY queue, taken_ns
        """),
    MetricFamily(
      name: "workqueue_work_duration_seconds", type: .histogram(bounds: bounds),
      help: "How long in seconds processing an item from workqueue takes.", labels: ["name"],
      query: "\(keys) SELECT queue, to_ns, to_ns - from_ns FROM held ORDER BY queue, to_ns"),
    MetricFamily(
      name: "workqueue_retries_total", type: .counter,
      help: "Total number of retries handled by workqueue.", labels: ["name"],
      query: """
        SELECT 'certificate', e.time_ns AS at_ns, 0 \(certificates("retryScheduled"))
        ORDER BY at_ns
        """),
  ]

  /// From when to when each key was held that a worker was done with, by queue.
  static let heldKeys = """
    \(keys) SELECT queue, from_ns, to_ns FROM held ORDER BY queue, from_ns
    """

  private static let bounds = [
    "1e-08", "1e-07", "1e-06", "1e-05", "0.0001", "0.001", "0.01", "0.1", "1.0", "10.0", "100.0",
    "1000.0",
  ]

  /// Tables `taken` and `held`. tokencleaner's Secrets that expired together are queued together, and each is
  /// taken when the one before it, which is its cause, is done.
  private static let keys = """
    WITH RECURSIVE asked(id, cause, queue, from_ns, to_ns) AS MATERIALIZED (
      SELECT e.id, coalesce(e.cause, 0), CASE e.call WHEN \(Call.deleteSecret.rawValue)
        THEN 'token_cleaner' ELSE 'bootstrap_signer_queue' END, e.time_ns - e.value, e.time_ns
      FROM event e JOIN kind k ON k.id = e.kind
      WHERE k.name = 'requestAnswered'
        AND e.call IN (\(Call.deleteSecret.rawValue), \(Call.updateClusterInfo.rawValue))),
    token(id, queue, added_ns, from_ns, to_ns) AS (
      SELECT id, queue, from_ns, from_ns, to_ns FROM asked
      WHERE cause NOT IN (SELECT id FROM asked)
      UNION ALL
      SELECT a.id, a.queue, t.added_ns, t.to_ns, a.to_ns FROM token t JOIN asked a ON a.cause = t.id),
    taken(queue, added_ns, taken_ns) AS (
      SELECT 'certificate', e.time_ns - e.value, e.time_ns \(certificates("keyTaken"))
      UNION ALL SELECT queue, added_ns, from_ns FROM token),
    held(queue, from_ns, to_ns) AS (
      SELECT 'certificate', e.time_ns - e.value, e.time_ns \(certificates("keyDone"))
      UNION ALL SELECT queue, from_ns, to_ns FROM token)
    """

  private static func certificates(_ kind: String) -> String {
    """
    FROM event e JOIN kind k ON k.id = e.kind JOIN component o ON o.id = e.component
    WHERE k.name = '\(kind)' AND o.name IN ('csrapproving', 'csrsigning')
    """
  }
}

import GRDB
import Inspection
import TLSBootstrap
import TraceStore

/// OpenMetrics text with virtual timestamps, as if Prometheus had scraped the cluster: all samples of a
/// family together, each series in the order of time.
struct OpenMetricsExport {
  private let trace: TraceFile
  private let run: TraceFile.Run
  private let families: [MetricFamily]
  private let world: World
  /// Nanoseconds between two scrapes.
  private let interval: Int64
  /// The latest scrape is number `last`; the first is number 0, at the start.
  private let last: Int64

  /// The most scrapes of a run whose interval is not asked for.
  private static let most: Int64 = 1_000

  /// - Parameter interval: in seconds.
  /// - Throws: `TraceError` where this build of bootsim plays the run otherwise.
  init(_ export: Export, interval: Int64?) throws {
    trace = export.trace
    run = export.recorded.run
    world = try export.world { $0.listsTokenLookups = true }
    families =
      try MetricFamily.all + FlowControlMetrics(world, trace).families
      + WorldMetrics(export.recorded, world, trace).families
    let second: Int64 = 1_000_000_000
    let wide = (run.end + second * Self.most - 1) / (second * Self.most)
    self.interval = (interval ?? max(15, wide)) * second
    last = (run.end + self.interval - 1) / self.interval
  }

  func write(to output: ExportOutput) throws {
    try trace.reading { database in
      for family in families { try write(family, database, to: output) }
      try writeTokenCache(to: output)
      try writeWork(database, to: output)
      try writeTimesToLive(database, to: output)
      try writeRequestsAsObjects(database, to: output)
    }
    try output.write("# EOF\n")
  }

  private func write(
    _ family: MetricFamily, _ database: Database, to output: ExportOutput
  ) throws {
    try writeHead(family.familyName, family.type.text, family.help, to: output)
    let rows = try Row.fetchCursor(database, sql: family.query)
    var series: MetricSeries?
    var current: [String] = []
    while let row = try rows.next() {
      let values = family.labels.indices.map { (row[$0] as DatabaseValue).text }
      if series == nil || values != current {
        try series?.finish(through: last, sample, to: output)
        series = MetricSeries(
          family, labels: MetricSeries.spelled(Array(zip(family.labels, values))))
        current = values
      }
      let instant: Int64 = row[family.labels.count]
      let scrape = max(0, (instant + interval - 1) / interval)
      try series?.add(row[family.labels.count + 1], at: scrape, sample, to: output)
    }
    try series?.finish(through: last, sample, to: output)
  }

  private func writeHead(
    _ name: String, _ type: String, _ help: String, to output: ExportOutput
  ) throws {
    try output.write("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n")
  }

  /// A line: the virtual time of a scrape in seconds since 1970.
  private func sample(_ name: String, _ labels: String, _ value: String, _ scrape: Int64) -> String
  {
    let nanoseconds = run.start + scrape * interval
    let thousandths = String(nanoseconds / 1_000_000 % 1_000 + 1_000).dropFirst()
    let braces = labels.isEmpty ? "" : "{\(labels)}"
    return "\(name)\(braces) \(value) \(nanoseconds / 1_000_000_000).\(thousandths)\n"
  }
}

// MARK: Families that are no counts of events

extension OpenMetricsExport {
  private func writeTokenCache(to output: ExportOutput) throws {
    for counted in TokenCacheMetrics(world).families {
      try writeHead(
        counted.family.familyName, counted.family.type.text, counted.family.help, to: output)
      for (status, times) in counted.times where !times.isEmpty {
        var series = MetricSeries(
          counted.family, labels: MetricSeries.spelled([("status", status)]))
        for time in times {
          try series.add(
            0, at: (time.nanoseconds + interval - 1) / interval, sample, to: output)
        }
        try series.finish(through: last, sample, to: output)
      }
    }
  }

  /// Of the keys that workers hold at a scrape: since when together, and since when the first of them.
  private func writeWork(_ database: Database, to output: ExportOutput) throws {
    let held = try Row.fetchAll(database, sql: WorkQueueMetrics.heldKeys).map { row in
      HeldKey(queue: row[0], from: row[1], to: row[2])
    }
    try writeWork(
      held, "workqueue_unfinished_work_seconds",
      "How many seconds of work has been done that is in progress and hasn't been observed by "
        + "work_duration.", to: output
    ) { $0.reduce(0, +) }
    try writeWork(
      held, "workqueue_longest_running_processor_seconds",
      "How many seconds has the longest running processor for workqueue been running.",
      to: output
    ) { $0.max() ?? 0 }
  }

  private struct HeldKey {
    let queue: String
    let from: Int64
    let to: Int64
  }

  /// - Parameter held: by queue, in the order of their beginnings.
  private func writeWork(
    _ held: [HeldKey], _ name: String, _ help: String, to output: ExportOutput,
    _ value: ([Int64]) -> Int64
  ) throws {
    try writeHead(name, "gauge", help, to: output)
    var rest = held[...]
    while let queue = rest.first?.queue {
      let labels = MetricSeries.spelled([("name", queue)])
      var current: [HeldKey] = []
      for scrape in 0...last {
        let now = scrape * interval
        let begun = rest.prefix { $0.queue == queue && $0.from <= now }
        rest = rest.dropFirst(begun.count)
        current = (current + begun).filter { $0.to > now }
        let seconds = Double(value(current.map { now - $0.from })) / 1e9
        try output.write(sample(name, labels, "\(seconds)", scrape))
      }
      rest = rest.drop { $0.queue == queue }
    }
  }

  /// A kubelet without a certificate says `+Inf`.
  private func writeTimesToLive(_ database: Database, to output: ExportOutput) throws {
    let name = "kubelet_certificate_manager_client_ttl_seconds"
    try writeHead(
      name, "gauge", "Gauge of the TTL (time-to-live) of the Kubelet's client certificate.",
      to: output)
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT n.name, n.started_ns, e.time_ns, c.not_after_unix_ns
        FROM \(MetricFamily.instances) n
        LEFT JOIN event e ON e.node = n.id
          AND e.kind = (SELECT id FROM kind WHERE name = 'certificateStored')
        LEFT JOIN certificate c ON c.csr = e.csr
        WHERE n.kind = 'kubelet' ORDER BY n.id, e.time_ns
        """)
    var next = try rows.next().map { $0.copy() }
    while let first = next {
      var stored: [(from: Int64, end: Int64)] = []
      while let row = next, row[0] as String == first[0] {
        if let from: Int64 = row[2], let end: Int64 = row[3] { stored.append((from, end)) }
        next = try rows.next().map { $0.copy() }
      }
      let labels = MetricSeries.spelled([("node", first[0])])
      // One that was to start after the end has never started.
      guard let started: Int64 = first[1] else { continue }
      let start = (started + interval - 1) / interval
      guard start <= last else { continue }
      for scrape in start...last {
        let now = run.start + scrape * interval
        let current = stored.last { $0.from <= scrape * interval }
        let value = current.map { "\(($0.end - now) / 1_000_000_000)" } ?? "+Inf"
        try output.write(sample(name, labels, value, scrape))
      }
    }
  }

  /// As kube-state-metrics tells them.
  private func writeRequestsAsObjects(_ database: Database, to output: ExportOutput) throws {
    let created = "kube_certificatesigningrequest_created"
    try writeHead(created, "gauge", "Unix creation timestamp.", to: output)
    try forEachRequest(database) { request in
      let seconds = (run.start + request.created) / 1_000_000_000
      for scrape in request.scrapes {
        try output.write(sample(created, request.labels, "\(seconds)", scrape))
      }
    }
    let length = "kube_certificatesigningrequest_cert_length"
    try writeHead(length, "gauge", "Length of the issued cert", to: output)
    try forEachRequest(database) { request in
      let document = RequestDocument(
        ofRequest: request.index, of: world, seed: run.seed, credential: nil)
      let bytes = document.certificateLength.map { "\($0)" }
      for scrape in request.scrapes {
        let isIssued = request.issued.map { $0 <= scrape * interval } ?? false
        guard let value = isIssued ? bytes : "0" else { continue }
        try output.write(sample(length, request.labels, value, scrape))
      }
    }
    let condition = "kube_certificatesigningrequest_condition"
    try writeHead(
      condition, "gauge", "The number of each certificatesigningrequest condition.",
      to: output)
    try forEachRequest(database) { request in
      for (name, instant) in [("approved", request.approved), ("denied", request.denied)] {
        let labels = request.labels + ",condition=\"\(name)\""
        for scrape in request.scrapes {
          let holds = instant.map { $0 <= scrape * interval } ?? false
          try output.write(sample(condition, labels, holds ? "1" : "0", scrape))
        }
      }
    }
  }

  private struct RequestObject {
    let index: Int
    let labels: String
    let created: Int64
    let approved: Int64?
    let denied: Int64?
    let issued: Int64?
    let scrapes: ClosedRange<Int64>
  }

  /// While it is there: until a request deletes it, or to the end.
  private func forEachRequest(
    _ database: Database, _ body: (RequestObject) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT r.name, s.name, r.created_ns, r.approved_ns, r.denied_ns, d.at_ns, r.id, r.issued_ns
        FROM csr r
        JOIN signer s ON s.id = r.signer
        LEFT JOIN (\(MetricFamily.deletions)) d ON d.csr = r.id
        ORDER BY r.id
        """)
    while let row = try rows.next() {
      let created: Int64 = row[2]
      let first = (created + interval - 1) / interval
      let end = (row[5] as Int64?).map { ($0 - 1) / interval } ?? last
      guard first <= end else { continue }
      try body(
        RequestObject(
          index: row[6],
          labels: MetricSeries.spelled([
            ("certificatesigningrequest", row[0]), ("signer_name", row[1]),
          ]), created: created, approved: row[3], denied: row[4], issued: row[7],
          scrapes: first...end))
    }
  }
}

extension DatabaseValue {
  fileprivate var text: String { String.fromDatabaseValue(self) ?? "\(self)" }
}

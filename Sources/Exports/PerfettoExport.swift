import GRDB
import TLSBootstrap
import TraceStore

/// A trace for Perfetto, in its own protobuf format: a track for each component and node, a slice for each
/// step, request and piece of work, an instant for everything else, and an arrow from each cause.
///
/// Source: perfetto `protos/perfetto/trace/trace_packet.proto`, `track_event/track_event.proto`.
struct PerfettoExport {
  private let trace: TraceFile
  private let run: TraceFile.Run

  init(_ export: Export) {
    trace = export.trace
    run = export.recorded.run
  }

  func write(to output: ExportOutput) throws {
    let packets = PerfettoPackets(start: run.start, output)
    try trace.reading { database in
      try writeTracks(packets, database)
      try writeWork(packets, database)
      try writeEvents(packets, database)
    }
  }

  /// A track for each component, under it one for each node.
  private func writeTracks(_ packets: PerfettoPackets, _ database: Database) throws {
    let components = try Row.fetchCursor(
      database, sql: "SELECT id, name FROM component ORDER BY id")
    while let row = try components.next() {
      try packets.addProcess(.component(row[0]), name: row[1])
    }
    try packets.addProcess(.nodes, name: "nodes")
    let nodes = try Row.fetchCursor(database, sql: "SELECT id, name FROM node ORDER BY id")
    while let row = try nodes.next() {
      try packets.addTrack(.node(row[0]), name: row[1], parent: .nodes)
    }
  }

  /// What takes time at a component: requests, keys that a worker holds, waits for a limiter. Many go on at
  /// once, so that a component has as many lanes as it needs.
  private func writeWork(_ packets: PerfettoPackets, _ database: Database) throws {
    let rows = try Row.fetchCursor(
      database, sql: Self.query("WHERE \(Self.isWork)", order: "e.component, e.time_ns, e.id"))
    var lanes = Lanes()
    var component: Int64?
    while let row = try rows.next() {
      let event = PerfettoEvent(row)
      if component != event.component { lanes = Lanes() }
      component = event.component
      let lane = lanes.take(from: event.time - event.value, to: event.time)
      let track = PerfettoTrack.lane(component: event.component, lane)
      if lanes.isNew {
        try packets.addTrack(track, name: "work", parent: .component(event.component))
      }
      try packets.addSlice(event, on: track, from: event.time - event.value)
    }
  }

  /// Everything else: on its node's track, or where no node is concerned on its component's.
  private func writeEvents(_ packets: PerfettoPackets, _ database: Database) throws {
    let rows = try Row.fetchCursor(
      database, sql: Self.query("WHERE NOT (\(Self.isWork))", order: "e.id"))
    var lastStep: [Int64: Int64] = [:]
    while let row = try rows.next() {
      let event = PerfettoEvent(row)
      guard let node = event.node else {
        try packets.addInstant(event, on: .component(event.component))
        continue
      }
      guard event.step != nil else {
        try packets.addInstant(event, on: .node(node))
        continue
      }
      // A step takes from the node's step before it; the first of a start takes no time.
      let from = event.step == 1 ? event.time : min(lastStep[node] ?? event.time, event.time)
      lastStep[node] = max(lastStep[node] ?? event.time, event.time)
      try packets.addSlice(event, on: .node(node), from: from)
    }
  }

  /// Answers to requests that reach a step count as steps, at their node.
  private static let isWork = """
    k.unit = 'ns' AND k.name IN ('requestAnswered', 'keyDone', 'limiterWaited') AND e.step IS NULL
    """

  private static func query(_ condition: String, order: String) -> String {
    """
    SELECT e.id, e.time_ns, e.component, e.node, e.step, k.name, e.value, c.verb, c.resource,
      c.subresource, s.title, a.code, a.reason, r.name, u.name, e.cause, f.effects
    FROM event e
    JOIN kind k ON k.id = e.kind
    LEFT JOIN call c ON c.id = e.call
    LEFT JOIN step s ON s.id = e.step
    LEFT JOIN answer a ON a.id = e.answer
    LEFT JOIN csr r ON r.id = e.csr
    LEFT JOIN user u ON u.id = e.user
    LEFT JOIN (
      SELECT cause, group_concat(id, ' ') AS effects FROM event WHERE cause IS NOT NULL GROUP BY cause
    ) f ON f.cause = e.id
    \(condition)
    ORDER BY \(order)
    """
  }
}

/// Slices of one track may not overlap: those that do go to lanes side by side.
private struct Lanes {
  /// Lanes and when each is free again, in the order of these times.
  private var free: [(end: Int64, lane: Int)] = []
  private(set) var count = 0
  /// Whether the lane that was taken last is one that there was not before.
  private(set) var isNew = false

  /// - Parameter end: not before the end of any slice so far.
  mutating func take(from start: Int64, to end: Int64) -> Int {
    let freed = countFree(at: start)
    isNew = freed == 0
    let lane = isNew ? count : free.remove(at: freed - 1).lane
    if isNew { count += 1 }
    free.append((end, lane))
    return lane
  }

  private func countFree(at instant: Int64) -> Int {
    var (low, high) = (0, free.count)
    while low < high {
      let middle = (low + high) / 2
      if free[middle].end <= instant { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

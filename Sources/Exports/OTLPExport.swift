import Foundation
import GRDB
import SimulationKernel
import TLSBootstrap
import TraceStore

/// OTLP/JSON: an `ExportTraceServiceRequest` a line, each the trace of one node: a span for the node, in it
/// one for each attempt, in that one for each step.
///
/// Source: opentelemetry-proto, `opentelemetry/proto/collector/trace/v1`; OTLP File Exporter.
struct OTLPExport {
  private let trace: TraceFile
  private let run: TraceFile.Run

  init(_ export: Export) {
    trace = export.trace
    run = export.recorded.run
  }

  func write(to output: ExportOutput) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try trace.reading { database in
      let rows = try Row.fetchCursor(database, sql: Self.query)
      var steps: [Step] = []
      while let row = try rows.next() {
        let step = Step(row)
        if let first = steps.first, first.node != step.node {
          try write(steps, encoder, to: output)
          steps.removeAll(keepingCapacity: true)
        }
        steps.append(step)
      }
      if !steps.isEmpty { try write(steps, encoder, to: output) }
    }
  }

  private static let query = """
    SELECT e.id, e.node, n.name, n.node_group, n.started_ns, e.attempt, e.step, s.title, e.time_ns,
      k.outcome
    FROM event e
    JOIN step s ON s.id = e.step
    JOIN kind k ON k.id = e.kind
    JOIN node n ON n.id = e.node
    WHERE e.step IS NOT NULL
    ORDER BY e.node, e.attempt, e.time_ns, e.id
    """

  /// A step that a node reached.
  private struct Step {
    let event: Int64
    let node: Int64
    let name: String
    let group: String
    let started: Int64
    let attempt: Int64
    let number: Int64
    let title: String
    let time: Int64
    let outcome: String

    init(_ row: Row) {
      event = row[0]
      node = row[1]
      name = row[2]
      group = row[3]
      started = row[4] ?? row[8]
      attempt = row[5] ?? 0
      number = row[6]
      title = row[7]
      time = row[8]
      outcome = row[9]
    }
  }

  private func write(_ steps: [Step], _ encoder: JSONEncoder, to output: ExportOutput) throws {
    try output.write(encoder.encode(request(steps)))
    try output.write("\n")
  }
}

// MARK: Spans

extension OTLPExport {
  private func request(_ steps: [Step]) -> OTLPRequest {
    let node = steps[0]
    let traceID = identifier("node", node.node)
    let root = String(identifier("span of node", node.node).prefix(16))
    let end = steps.map(\.time).max() ?? node.started
    var spans = [
      OTLPRequest.Span(
        traceId: traceID, spanId: root, parentSpanId: nil, name: "bootstrap of \(node.name)",
        from: run.start + min(node.started, steps[0].time), to: run.start + end, attributes: [:])
    ]
    for attempt in Dictionary(grouping: steps, by: \.attempt).sorted(by: { $0.key < $1.key }) {
      spans += self.spans(of: attempt.key, attempt.value, traceID: traceID, parent: root)
    }
    return OTLPRequest(
      resource: [
        "service.name": .string("kubelet"), "k8s.node.name": .string(node.name),
        "bootsim.node_group": .string(node.group), "bootsim.scenario": .string(run.scenario),
        "bootsim.digest": .string(run.digest),
      ], version: run.version, spans: spans)
  }

  private func spans(
    of attempt: Int64, _ steps: [Step], traceID: String, parent: String
  ) -> [OTLPRequest.Span] {
    let id = String(identifier("attempt \(attempt)", steps[0].node).prefix(16))
    let first = steps[0].number == 1 ? steps[0].started : steps[0].time
    var spans = [
      OTLPRequest.Span(
        traceId: traceID, spanId: id, parentSpanId: parent, name: "attempt \(attempt)",
        from: run.start + min(first, steps[0].time), to: run.start + (steps.last?.time ?? first),
        attributes: ["bootsim.attempt": .int(attempt)])
    ]
    var from = min(first, steps[0].time)
    for step in steps {
      spans.append(
        OTLPRequest.Span(
          traceId: traceID, spanId: String(identifier("step", step.event).prefix(16)),
          parentSpanId: id, name: "\(step.number) \(step.title)", from: run.start + from,
          to: run.start + step.time,
          attributes: [
            "bootsim.step": .int(step.number), "bootsim.event": .int(step.event),
            "bootsim.outcome": .string(step.outcome),
          ],
          isError: step.outcome == "failed"))
      from = step.time
    }
    return spans
  }

  /// 32 hexadecimal digits, the same for the same run on every machine.
  private func identifier(_ kind: String, _ number: Int64) -> String {
    var digest = Digest()
    digest.absorb(run.digest.utf8)
    digest.absorb(kind.utf8)
    digest.absorb(UInt64(bitPattern: number))
    return digest.text
  }
}

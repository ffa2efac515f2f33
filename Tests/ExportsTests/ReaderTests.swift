import Exports
import Foundation
import Testing
import TestSupport

/// Exports, read by programs of others: Python's csv and json, prometheus_client, the messages of
/// OpenTelemetry and of Perfetto. The Python is that of BOOTSIM_PYTHON, or what `.ci/python` made; in CI it has
/// all of them, elsewhere what it has not is not checked.
struct ReaderTests {
  @Test(.enabled(if: Python.has("csv")))
  func `Python reads CSV, messages with quotes and commas in it`() throws {
    let run = try Exported("missing-create-binding")
    let script = """
      import csv, json, sys
      rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True))
      lines = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
      assert len(rows) == len(lines)
      for row, line in zip(rows, lines):
          for name, value in line.items():
              text = row[name]
              same = text == "" if value is None else (
                  text == value if isinstance(value, str) else float(text) == value)
              assert same, (name, text, value)
      print(len(rows))
      """
    for view in Export.View.allCases where view != .waitingRequests {
      let rows = try run.count("SELECT count(*) FROM \(view.rawValue)")
      let printed = try Python.run(
        script, [try run.file(.csv, view: view), try run.file(.ndjson, view: view)])
      #expect(printed == "\(rows)\n")
    }
  }

  @Test(.enabled(if: Python.has("prometheus_client")))
  func `prometheus_client reads the metrics`() throws {
    let run = try Exported("kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=50"])
    let script = """
      import collections, sys
      from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
      lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
      # This reader loses all but the first line of a histogram's second scrape (its set of what it has seen
      # of a group lives on), so that histograms are read scrape by scrape, and all else in one.
      histograms = {line.split()[2] for line in lines if line.startswith("# TYPE") and line.endswith("histogram")}
      def family(line):
          name = line.split()[2] if line.startswith("# T") or line.startswith("# H") else line.replace("{", " ").split()[0]
          return next((name for name in [name, *[name.removesuffix(end) for end in
              ("_bucket", "_count", "_sum")]] if name in histograms), None)
      rest = [line for line in lines if family(line) is None]
      families = list(read("\\n".join(rest) + "\\n"))
      samples = [sample for family in families for sample in family.samples]
      scrapes = collections.defaultdict(list)
      for line in lines:
          if family(line) and not line.startswith("#"):
              scrapes[line.split()[-1]].append(line)
      names = set()
      for scrape in scrapes.values():
          heads = {name: [] for name in histograms}
          for line in scrape:
              heads[family(line)].append(line)
          text = "".join(f"# TYPE {name} histogram\\n" + "".join(line + "\\n" for line in inner)
                         for name, inner in heads.items() if inner)
          for read_family in read(text + "# EOF\\n"):
              names.add(read_family.name)
              samples += read_family.samples
      families += names
      assert all(sample.timestamp is not None for sample in samples)
      print(len(families), len(samples))
      """
    let text = try run.text(.openmetrics)
    let lines = text.split(separator: "\n")
    let families = lines.count { $0.hasPrefix("# TYPE ") }
    let samples = lines.count { !$0.hasPrefix("#") }
    #expect(try Python.run(script, [run.file(.openmetrics)]) == "\(families) \(samples)\n")
  }

  @Test(.enabled(if: Python.has("opentelemetry.proto.collector.trace.v1.trace_service_pb2")))
  func `OpenTelemetry's messages hold the spans`() throws {
    let run = try Exported("short-certificates", overrides: ["spec.nodes[0].count=3"])
    let script = """
      import base64, json, sys
      from google.protobuf import json_format
      from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
      def spell(value):
          # OTLP has identifiers in hexadecimal where protobuf's own JSON has base64.
          if isinstance(value, dict):
              return {key: base64.b64encode(bytes.fromhex(inner)).decode()
                      if key in ("traceId", "spanId", "parentSpanId") else spell(inner)
                      for key, inner in value.items()}
          return [spell(inner) for inner in value] if isinstance(value, list) else value
      traces, spans = set(), 0
      for line in open(sys.argv[1], encoding="utf-8"):
          request = json_format.ParseDict(spell(json.loads(line)), ExportTraceServiceRequest())
          for resource in request.resource_spans:
              for scope in resource.scope_spans:
                  for span in scope.spans:
                      assert len(span.trace_id) == 16 and len(span.span_id) == 8
                      assert len(span.parent_span_id) in (0, 8)
                      assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
                      traces.add(span.trace_id)
                      spans += 1
      print(len(traces), spans)
      """
    let attempts = try run.count(
      "SELECT count(*) FROM (SELECT DISTINCT node, attempt FROM event WHERE step IS NOT NULL)")
    let steps = try run.count("SELECT count(*) FROM event WHERE step IS NOT NULL")
    let printed = try Python.run(script, [run.file(.otlp)])
    #expect(printed == "3 \(3 + attempts + steps)\n")
  }

  /// By the rules of an audit policy: who asked, for what, in which namespace, and what came of it.
  @Test(.enabled(if: Python.has("k8s_audit_filter")))
  func `a filter of audit logs finds what the trace has`() throws {
    let run = try Exported("kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=50"])
    let script = """
      import json, sys
      from k8s_audit_filter import AuditFilter
      def count(**rule):
          rules = [{"level": "Metadata", **rule}]
          policy = AuditFilter({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules})
          return sum(policy.filter(json.loads(line)) for line in open(sys.argv[1], encoding="utf-8"))
      csrs = {"group": "certificates.k8s.io", "resources": ["certificatesigningrequests"]}
      print(count(verbs=["create"], userGroups=["system:bootstrappers"], resources=[csrs]),
            count(userGroups=["system:nodes"], namespaces=["kube-node-lease"]), count(codes=[201]),
            count(users=["system:serviceaccount:kube-system:certificate-controller"]))
      """
    let conditions = [
      "verb = 'create' AND resource = 'certificatesigningrequests' AND username LIKE 'system:boot%'",
      "username LIKE 'system:node:%' AND resource = 'leases'", "code = 201",
      "username = 'system:serviceaccount:kube-system:certificate-controller'",
    ]
    let counts = try conditions.map {
      try run.count("SELECT count(*) FROM requests WHERE \($0)")
    }
    #expect(counts.allSatisfy { $0 >= 50 })
    let printed = try Python.run(script, [run.file(.audit)])
    #expect(printed == counts.map { "\($0)" }.joined(separator: " ") + "\n")
  }

  @Test(.enabled(if: Python.has("perfetto.protos.perfetto.trace.perfetto_trace_pb2")))
  func `Perfetto's messages hold the trace`() throws {
    let run = try Exported("kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=50"])
    let script = """
      import collections, sys
      from google.protobuf.unknown_fields import UnknownFieldSet
      from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as messages
      trace = messages.Trace()
      trace.ParseFromString(open(sys.argv[1], "rb").read())
      tracks, open_slices, counts = set(), collections.Counter(), collections.Counter()
      starts, ends, packets = set(), set(), []
      for packet in trace.packet:
          inner = packet.track_event if packet.HasField("track_event") else packet.track_descriptor
          assert len(UnknownFieldSet(packet)) == len(UnknownFieldSet(inner)) == 0
          if packet.HasField("track_descriptor"):
              assert packet.track_descriptor.uuid not in tracks
              assert not packet.track_descriptor.parent_uuid or packet.track_descriptor.parent_uuid in tracks
              tracks.add(packet.track_descriptor.uuid)
          else:
              packets.append(packet)
      for packet in sorted(packets, key=lambda packet: packet.timestamp):
          event = packet.track_event
          assert event.track_uuid in tracks
          counts[event.type] += 1
          open_slices[event.track_uuid] += {1: 1, 2: -1, 3: 0}[event.type]
          starts.update(event.flow_ids)
          ends.update(event.terminating_flow_ids)
      assert not any(open_slices.values())
      assert starts == ends, (len(starts), len(ends))
      print(counts[1] + counts[3], counts[1] == counts[2], len(ends))
      """
    let events = try run.count("SELECT count(*) FROM event")
    let caused = try run.count("SELECT count(*) FROM event WHERE cause IS NOT NULL")
    let printed = try Python.run(script, [run.file(.perfetto)])
    #expect(printed == "\(events) True \(caused)\n")
  }
}

/// The Python that has the readers.
enum Python {
  private static let program: String = {
    if let named = ProcessInfo.processInfo.environment["BOOTSIM_PYTHON"] { return named }
    let made = Repository.root.appending(path: ".build-portability/bin/python").path
    return FileManager.default.isExecutableFile(atPath: made) ? made : "python3"
  }()

  static func has(_ module: String) -> Bool { (try? run("import \(module)", [])) != nil }

  /// - Returns: what it prints; throws what it says where it fails.
  static func run(_ script: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program, "-c", script] + arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let told = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(text: String(decoding: told, as: UTF8.self))
    }
    return String(decoding: printed, as: UTF8.self)
  }

  struct Failure: Error { let text: String }
}

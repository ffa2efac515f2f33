import Exports
import Foundation
import Testing
import TestSupport
import TraceStore

struct ExportTests {
  @Test(arguments: Export.Format.allCases)
  func `the same run gives the same bytes, at each level of its trace`(
    _ format: Export.Format
  ) throws {
    let full = try Exported("manual-approval", overrides: ["spec.nodes[0].count=5"])
    let steps = try Exported(
      "manual-approval", overrides: ["spec.nodes[0].count=5"], level: .steps)
    let bytes = try full.bytes(format)
    #expect(!bytes.isEmpty)
    #expect(bytes == (try full.bytes(format)))
    #expect(bytes == (try steps.bytes(format)))
  }

  @Test(arguments: Export.View.allCases)
  func `a view has a line for each of its rows`(_ view: Export.View) throws {
    let run = try Exported("expired-token")
    let rows = try run.count("SELECT count(*) FROM \(view.rawValue)")
    #expect(try run.objects(.ndjson, view: view).count == rows)
    // No text of this run has a line end.
    #expect(try run.text(.csv, view: view).components(separatedBy: "\r\n").count == rows + 2)
  }

  @Test func `a span of each step is in the span of its attempt, in that of its node`() throws {
    let run = try Exported("short-certificates", overrides: ["spec.nodes[0].count=2"])
    var steps = 0
    for object in try run.objects(.otlp) {
      let spans = try spans(of: object)
      let byID = Dictionary(spans.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      #expect(byID.count == spans.count)
      #expect(spans.count { $0.parent == nil } == 1)
      for span in spans {
        #expect(span.from <= span.to)
        guard let parent = span.parent else { continue }
        let outer = try #require(byID[parent])
        #expect(outer.from <= span.from && span.to <= outer.to, "\(span.name)")
        if outer.parent != nil { steps += 1 }
      }
    }
    let reached = try run.count(
      "SELECT count(*) FROM event WHERE step IS NOT NULL AND node IS NOT NULL")
    #expect(steps == reached)
    #expect(steps > 20)
  }

  @Test func `a node that was to start after the end has no samples`() throws {
    let run = try Exported(
      "first-node", overrides: ["spec.nodes.workers.start={at: 2h}", "spec.duration=1h"])
    #expect(try run.text(.openmetrics).hasSuffix("# EOF\n"))
    #expect(try !run.text(.openmetrics).contains("kubelet_certificate_manager_client_ttl_seconds{"))
  }

  @Test func `O26 each kubelet of one name has series of its own`() throws {
    let run = try Exported(
      "failures/o26-duplicate-node-name",
      overrides: ["spec.nodes.workers.names=[worker-1, worker-2]"])
    let samples = try run.text(.openmetrics).split(separator: "\n").filter { !$0.hasPrefix("#") }
    let places = samples.map {
      $0.split(separator: " ").dropLast(2) + $0.split(separator: " ").suffix(1)
    }
    #expect(Set(places).count == places.count)
    let ttl = samples.filter { $0.hasPrefix("kubelet_certificate_manager_client_ttl_seconds{") }
    #expect(ttl.contains { $0.contains(" (2)\"}") })
  }

  @Test func `the last samples count what the trace has`() throws {
    let run = try Exported("manual-approval")
    let text = try run.text(.openmetrics)
    #expect(text.hasSuffix("# EOF\n"))
    let latest = Self.latest(text)
    let posts = try #require(
      latest.first {
        $0.key.hasPrefix("apiserver_request_total{verb=\"POST\",group=\"certificates")
      })
    let created = try run.count(
      "SELECT count(*) FROM requests WHERE verb = 'create' AND resource = 'certificatesigningrequests'"
    )
    #expect(posts.value == "\(created)")
    let taken = try run.count(
      """
      SELECT count(*) FROM events WHERE kind = 'keyTaken' AND component IN ('csrapproving', 'csrsigning')
      """)
    #expect(latest["workqueue_queue_duration_seconds_count{name=\"certificate\"}"] == "\(taken)")
    #expect(
      latest["workqueue_queue_duration_seconds_bucket{name=\"certificate\",le=\"+Inf\"}"]
        == "\(taken)")
    #expect(latest["workqueue_depth{name=\"certificate\"}"] == "0")
    let approved = latest.filter {
      $0.key.hasPrefix("kube_certificatesigningrequest_condition")
        && $0.key.contains("condition=\"approved\"") && $0.value == "1"
    }
    #expect(
      approved.count == (try run.count("SELECT count(*) FROM csr WHERE approved_ns IS NOT NULL")))
  }

  @Test func `priority and fairness, and clients' limiters, count what the trace has`() throws {
    let run = try Exported(
      "kubeadm-5000-workers",
      overrides: [
        "spec.nodes.workers.count=300", "spec.duration=10m", "spec.latency.createRequest=1s",
        "spec.apiServer.maxRequestsInFlight=5", "spec.apiServer.maxMutatingRequestsInFlight=5",
        "spec.controllerManager.kubeAPIQPS=5",
      ])
    let latest = try Self.latest(run.text(.openmetrics))
    let sum = { (name: String, label: String) in
      latest.filter { $0.key.hasPrefix("\(name){") && (label.isEmpty || $0.key.contains(label)) }
        .reduce(0.0) { $0 + (Double($1.value) ?? .nan) }
    }
    let count = { (condition: String) in
      Double(try run.count("SELECT count(*) FROM events WHERE \(condition)"))
    }
    let prefix = "apiserver_flowcontrol"
    let answered = "kind = 'requestAnswered' AND code NOT IN (0, 401, 429) AND verb <> ''"
    let refused = "kind = 'requestAnswered' AND code = 429"
    #expect(try count(refused) > 100)
    #expect(try sum("\(prefix)_dispatched_requests_total", "") == count(answered))
    #expect(try sum("\(prefix)_rejected_requests_total", "reason=\"time-out\"") == count(refused))
    #expect(
      try sum("\(prefix)_rejected_requests_total", "flow_schema=\"global-default\"")
        == count("\(refused) AND resource = 'certificatesigningrequests'"))
    let waited = Double(
      try run.count("SELECT sum(value) FROM events WHERE kind = 'seatAwaited'"))
    let told = sum("\(prefix)_request_wait_duration_seconds_sum", "execute=\"true\"")
    #expect(abs(told * 1e9 - waited) < 1e3)
    #expect(sum("\(prefix)_current_inqueue_requests", "") == 0)
    #expect(sum("\(prefix)_current_executing_requests", "") == 0)
    #expect(latest["\(prefix)_nominal_limit_seats{priority_level=\"node-high\"}"] == "2")
    let limited = Double(
      try run.count("SELECT sum(value) FROM events WHERE kind = 'limiterWaited'"))
    let limiter = sum("rest_client_rate_limiter_duration_seconds_sum", "")
    #expect(limited > 0 && abs(limiter * 1e9 - limited) < 1e3)
    #expect(
      sum("rest_client_request_duration_seconds_count", "")
        == sum("rest_client_requests_total", ""))
  }

  @Test func `who asked, with which certificate, and for how long, is counted`() throws {
    let run = try Exported("handmade-requests")
    let latest = try Self.latest(run.text(.openmetrics))
    let answered = "kind = 'requestAnswered' AND verb <> '' AND code NOT IN (0, 401)"
    // Whoever asks is authenticated, whatever for: also what `ask` says.
    let all = try run.count("SELECT count(*) FROM requests WHERE code NOT IN (0, 401)")
    let refused = try run.count("SELECT count(*) FROM requests WHERE code = 401")
    let asked = try run.count(
      "SELECT count(*) FROM event e JOIN asked q ON q.id = e.user JOIN answer a ON a.id = e.answer "
        + "WHERE a.code = 401")
    #expect(asked > 0)
    #expect(latest["authenticated_user_requests{username=\"other\"}"] == "\(all)")
    #expect(latest["authentication_attempts{result=\"success\"}"] == "\(all)")
    #expect(latest["authentication_attempts{result=\"failure\"}"] == "\(refused)")
    let ofNodes = try run.count(
      """
      SELECT count(*) FROM events e WHERE \(answered) AND username = 'system:node:' || node
        AND EXISTS (SELECT 1 FROM events s WHERE s.kind = 'certificateStored' AND s.node = e.node
          AND s.time_ns <= e.time_ns - e.value)
      """)
    let family = "apiserver_client_certificate_expiration_seconds"
    #expect(ofNodes > 5)
    #expect(latest["\(family)_count"] == "\(ofNodes)")
    #expect(latest["\(family)_bucket{le=\"+Inf\"}"] == "\(ofNodes)")
    let durations = "apiserver_certificates_registry_csr"
    let signer = "{signerName=\"kubernetes.io/kube-apiserver-client-kubelet\"}"
    #expect(latest["\(durations)_requested_duration_total\(signer)"] == "1")
    #expect(latest["\(durations)_honored_duration_total\(signer)"] == "1")
    let lengths = latest.filter { $0.key.contains("cert_length") && $0.value != "0" }
    let issued = try run.count("SELECT count(*) FROM csr WHERE issued_ns IS NOT NULL")
    #expect(lengths.count == issued)
  }

  @Test func `one controller-manager leads, then the other`() throws {
    let text = try Exported("controller-manager-failover").text(.openmetrics)
    let values = [1, 2].map { number in
      text.split(separator: "\n").filter {
        $0.hasPrefix("leader_election_master_status{") && $0.contains("control-plane-\(number)\"")
      }.map { $0.split(separator: " ")[1] }
    }
    #expect(values[0].first == "1" && values[0].last == "0")
    #expect(values[1].first == "0" && values[1].last == "1")
    // Nobody leads at 15 s: the Lease is taken 23 s after the start.
    #expect(values.allSatisfy { $0[1] == "0" })
  }

  @Test func `keys that are held at a scrape are unfinished work`() throws {
    let run = try Exported(
      "kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=200"])
    let text = try run.text(.openmetrics)
    let held = try run.count(
      """
      SELECT sum(15000000000 - (time_ns - value)) FROM events WHERE kind = 'keyDone'
        AND component IN ('csrapproving', 'csrsigning')
        AND time_ns - value <= 15000000000 AND time_ns > 15000000000
      """)
    let line = try #require(
      text.split(separator: "\n").filter {
        $0.hasPrefix("workqueue_unfinished_work_seconds{name=\"certificate\"}")
      }.dropFirst().first)
    let value = try #require(Double(line.split(separator: " ")[1]))
    #expect(held > 0)
    #expect(abs(value * 1e9 - Double(held)) < 1e3)
  }

  @Test func `without priority and fairness nothing is said of it`() throws {
    let text = try Exported("failures/o31-api-server-overloaded").text(.openmetrics)
    #expect(!text.contains("apiserver_flowcontrol"))
  }

  @Test func `a token is fetched once in ten seconds, and a wrong one each time`() throws {
    // Forty nodes with one token; each makes some requests with it, within some seconds.
    let run = try Exported(
      "kubeadm-5000-workers",
      overrides: ["spec.nodes.workers.count=40", "spec.nodes.workers.start={at: 1s}"])
    let latest = try Self.latest(run.text(.openmetrics))
    let value = { (family: String, status: String) in
      latest["authentication_token_cache_\(family)_total{status=\"\(status)\"}"].flatMap { Int($0) }
        ?? 0
    }
    let answered = try run.count(
      """
      SELECT count(*) FROM events WHERE kind = 'requestAnswered' AND code > 0
        AND (username LIKE 'system:bootstrap:%' OR username LIKE 'system:serviceaccount:%')
      """)
    #expect(answered > 100)
    #expect(value("request", "hit") + value("request", "miss") == answered)
    // The nodes' token, and that of the controllers.
    #expect(value("request", "miss") == 2)
    #expect(value("fetch", "ok") == 2)
    let refused = try Exported("failures/o08-unknown-token")
    let failures = try Self.latest(refused.text(.openmetrics))
    let unauthorized = try refused.count(
      "SELECT count(*) FROM events WHERE kind = 'authenticationFailed'")
    #expect(unauthorized > 3)
    #expect(
      failures["authentication_token_cache_fetch_total{status=\"error\"}"] == "\(unauthorized)")
    #expect(failures["authentication_token_cache_request_total{status=\"hit\"}"] == nil)
  }

  @Test func `Secrets that expire together are in tokencleaner's queue together`() throws {
    let run = try Exported(
      "first-node",
      overrides: [
        "spec.tokens=[{token: abcdef.0123456789abcdef, ttl: 20s}, {token: bbbbbb.0123456789abcdef, "
          + "ttl: 20s}, {token: cccccc.0123456789abcdef, ttl: 20s}]",
        "spec.nodes.workers.bootstrapKubeconfig={tokenID: abcdef}", "spec.duration=1m",
      ])
    let latest = try Self.latest(run.text(.openmetrics))
    let deletes = "kind = 'requestAnswered' AND verb = 'delete' AND resource = 'secrets'"
    let (first, third) = (
      try run.count("SELECT min(time_ns - value) FROM events WHERE \(deletes)"),
      try run.count("SELECT max(time_ns) FROM events WHERE \(deletes)")
    )
    let queue = "{name=\"token_cleaner\"}"
    #expect(latest["workqueue_adds_total\(queue)"] == "3")
    #expect(latest["workqueue_depth\(queue)"] == "0")
    #expect(latest["workqueue_work_duration_seconds_count\(queue)"] == "3")
    let sum = { (what: String) in
      latest["workqueue_\(what)_duration_seconds_sum\(queue)"].flatMap(Double.init)
    }
    let worked = try #require(sum("work"))
    #expect(abs(worked * 1e9 - Double(third - first)) < 1e3)
    let waited = try #require(sum("queue"))
    #expect(waited > 0 && waited < 2 * worked)
    let signed = try run.count(
      "SELECT count(*) FROM events WHERE verb = 'update' AND resource = 'configmaps'")
    #expect(signed > 0)
    #expect(latest["workqueue_adds_total{name=\"bootstrap_signer_queue\"}"] == "\(signed)")
    #expect(latest["workqueue_longest_running_processor_seconds\(queue)"] == "0.0")
  }

  /// The last value of each series.
  private static func latest(_ text: String) -> [String: String] {
    var latest: [String: String] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      latest[words.dropLast(2).joined(separator: " ")] = String(words[words.count - 2])
    }
    return latest
  }

  @Test func `the command writes a whole file, or none`() throws {
    let run = try Exported("first-node")
    let trace = run.trace.path
    let file = run.folder.file("out.csv")
    let export = { (arguments: [String]) in try Program.bootsim(["export"] + arguments) }
    #expect(try export([trace, "--format", "csv", "-o", file]).code == 0)
    let text = try run.text(.csv)
    #expect(FileManager.default.contents(atPath: file) == Data(text.utf8))
    #expect(try export([trace, "--format", "csv"]).output == text)
    #expect(try export([trace, "--format", "csv", "-o", "-"]).output == text)
    #expect(try export([trace, "--format", "csv", "-o", "\(file)/no/folder"]).code == 74)
    #expect(try export([trace, "--format", "audit", "--view", "nodes"]).code == 64)
    #expect(try export([trace, "--format", "otlp", "--interval", "5"]).code == 64)
    #expect(try export(["nowhere.sqlite", "--format", "csv"]).code == 74)
    let left = try FileManager.default.contentsOfDirectory(atPath: run.folder.url.path)
    #expect(left.sorted() == ["out.csv", "run.sqlite"])
  }

  private struct Span {
    let id: String
    let parent: String?
    let name: String
    let from: Int64
    let to: Int64
  }

  private func spans(of object: [String: Any]) throws -> [Span] {
    let resource = try #require((object["resourceSpans"] as? [[String: Any]])?.first)
    let scope = try #require((resource["scopeSpans"] as? [[String: Any]])?.first)
    return try #require(scope["spans"] as? [[String: Any]]).map { span in
      Span(
        id: try #require(span["spanId"] as? String), parent: span["parentSpanId"] as? String,
        name: try #require(span["name"] as? String),
        from: try #require((span["startTimeUnixNano"] as? String).flatMap(Int64.init)),
        to: try #require((span["endTimeUnixNano"] as? String).flatMap(Int64.init)))
    }
  }
}

import SimulationKernel
import TestSupport
import Testing

@testable import TLSBootstrap
@testable import TraceStore

/// What the rows say.
struct ContentTests {
  let folder = TemporaryFolder()
  let run = SyntheticRun(nodes: 3)

  @Test(arguments: TraceLevel.allCases)
  func `every foreign key has its row, and the file is sound`(level: TraceLevel) throws {
    try folder.record(run, level: level)
    let broken = try folder.rows("PRAGMA foreign_key_check").prefix(3)
    #expect(broken.isEmpty, "\(broken)")
    #expect(try folder.rows("PRAGMA integrity_check") == ["ok"])
    #expect(try folder.rows("PRAGMA application_id") == ["\(0x6274_6C73)"])
    #expect(try folder.rows("PRAGMA user_version") == ["1"])
  }

  @Test func `the run row repeats the run`() throws {
    try folder.record(run)
    let row = try TraceFile(path: folder.file()).run()
    #expect(row.scenario == "synthetic")
    #expect(row.seed == 7)
    #expect(row.level == .full)
    #expect(row.events == run.events.count)
    #expect(row.digest == "00ff")
    #expect(try folder.rows("SELECT virtual_start FROM run") == ["2026-01-01T00:00:00Z"])
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let input = try folder.rows("SELECT path, sha256, text FROM input")
    #expect(input == ["synthetic.yaml|\(hash)|abc"])
  }

  @Test func `every event comes back as it was recorded`() throws {
    let run = SyntheticRun(nodes: 150)
    try folder.record(run)
    let rows = try folder.rows(
      "SELECT id, time_ns, component, node, attempt, step, kind, cause, ended_by, csr, call, user,"
        + " value FROM event ORDER BY id")
    // Not in the expectation, which would print thousands of rows.
    let firstDifference = zip(rows, run.events.map(text)).first { $0 != $1 }
    #expect(firstDifference == nil)
    #expect(rows.count == run.events.count)
  }

  private func text(_ event: TraceEvent) -> String {
    func orNull(_ value: some BinaryInteger, _ isNull: Bool) -> String {
      isNull ? "NULL" : "\(value)"
    }
    return [
      "\(event.id)", "\(event.time.nanoseconds)", "\(event.component.rawValue)", "\(event.node)",
      "\(event.attempt)", orNull(event.step, event.step == 0), "\(event.kind.rawValue)",
      orNull(event.cause, event.cause == 0), orNull(event.endedBy, event.endedBy == 0),
      orNull(event.request, event.request == TraceEvent.none),
      orNull(event.call.rawValue, event.call == .none),
      orNull(event.actor.rowID, event.call == .none), "\(event.value)",
    ].joined(separator: "|")
  }

  @Test func `the chain of a Ready leads to the node's start`() throws {
    try folder.record(run)
    let chain = try folder.rows(
      """
      WITH RECURSIVE chain (id, cause, kind) AS (
        SELECT id, cause, kind FROM events WHERE kind = 'nodeReady' AND node = 'worker-1'
        UNION ALL
        SELECT e.id, e.cause, e.kind FROM events e JOIN chain c ON e.id = c.cause)
      SELECT kind FROM chain ORDER BY id
      """)
    #expect(chain.first == "kubeletStarted")
    #expect(chain.last == "nodeReady")
    #expect(chain.contains("certificateSigned"))
  }

  @Test func `level steps keeps the steps, each caused by the one before of its node`() throws {
    try folder.record(run, level: .steps)
    let steps = run.events.filter { $0.step != 0 }
    #expect(try folder.rows("SELECT count(*) FROM event") == ["\(steps.count)"])
    let causes = try folder.rows("SELECT cause FROM event WHERE node = 0 ORDER BY id")
    let ids = steps.filter { $0.node == 0 }.map { "\($0.id)" }
    #expect(causes == ["NULL"] + ids.dropLast())
    #expect(try folder.rows("SELECT events FROM run") == ["\(run.events.count)"])
  }

  @Test func `steps have names, outcomes and reasons`() throws {
    try folder.record(run)
    let steps = try folder.rows(
      "SELECT step, name, outcome FROM steps WHERE node = 'worker-1' ORDER BY time_ns")
    #expect(steps.count == 15)
    #expect(steps[8] == "9|certificate is made|done")
    let refused = try folder.rows("SELECT outcome, reason FROM steps WHERE outcome <> 'done'")
    #expect(refused == ["failed|nodes \"worker-3\" is forbidden"])
  }

  @Test func `requests are timed from their arrival and name their object`() throws {
    try folder.record(run)
    let answered = run.events.first { $0.kind == .requestAnswered && $0.node == 0 }
    let received = try #require(answered).time.nanoseconds - 1_000_003
    let requests = try folder.rows(
      "SELECT * FROM requests WHERE username = 'system:node:worker-1' ORDER BY time_ns")
    #expect(requests.count == 11)
    let certificates = "certificatesigningrequests"
    #expect(
      requests.first
        == "\(received)|1000003|system:node:worker-1|create|\(certificates)|||200||kubelet")
    let others = try folder.rows(
      "SELECT verb, name, user_agent FROM requests WHERE resource = 'subjectaccessreviews'"
        + " AND username = 'system:node:worker-1'")
    #expect(others == ["create||kube-controller-manager"])
    let named = try folder.rows("SELECT DISTINCT name FROM requests ORDER BY name")
    #expect(named == ["", "csr-0", "csr-1", "csr-2", "worker-1", "worker-2", "worker-3"])
  }

  @Test func `who is anonymous or refused is told by the User-Agent`() throws {
    let join = try RecordedScenario("kubeadm-join")
    let agent = "(linux/amd64) kubernetes/$Format"
    #expect(
      try join.rows(
        "SELECT DISTINCT username, user_agent FROM requests WHERE name = 'cluster-info' "
          + "AND verb = 'get'")
        == ["system:anonymous|kubeadm/v1.36.2 \(agent)"])
    #expect(
      try join.rows(
        "SELECT DISTINCT user_agent FROM requests WHERE username = 'system:bootstrap:abcdef' "
          + "AND name IN ('kubeadm-config', 'kubelet-config')") == ["kubeadm/v1.36.2 \(agent)"])
    let handmade = try RecordedScenario("handmade-requests")
    let unknown = try handmade.rows(
      "SELECT username, code, user_agent FROM requests WHERE username IN ('system:anonymous', '') "
        + "AND user_agent NOT LIKE 'kubelet%' ORDER BY time_ns")
    #expect(unknown == ["system:anonymous|200|nobody", "|401|forger"])
    let names = try handmade.rows("SELECT name FROM user WHERE id & 15 = 1")
    #expect(Set(names) == ["system:anonymous"])
  }

  /// Known, anonymous or refused, under the resource that its path resolves to.
  @Test(arguments: [
    ("ask: {verb: list, resource: secrets, namespace: a}", "list|secrets|||200"),
    ("ask: {path: /api/v1/nodes/n/status}", "get|nodes|status|n|404"),
    ("ask: {verb: create, path: /x}, as: {anonymous: true}", "post||||403"),
    ("ask: {resource: pods, name: p}, as: {token: abcdef.ffffffffffffffff}", "get|pods||p|401"),
  ])
  func `what another client asks for is in the views`(entry: String, row: String) throws {
    let trace = try RecordedScenario(
      "first-node", overrides: ["spec.requests=[{name: other, at: 5s, \(entry)}]"])
    let columns = "verb, resource, subresource"
    #expect(
      try trace.rows("SELECT \(columns), name, code FROM requests WHERE user_agent = 'other'")
        == [row])
    let told = try trace.rows(
      "SELECT DISTINCT \(columns) FROM events WHERE kind = 'requestAnswered' "
        + "AND time_ns BETWEEN 5000000000 AND 5020000000 AND node IS NULL")
    #expect(
      told == [
        row.split(separator: "|", omittingEmptySubsequences: false).prefix(3)
          .joined(separator: "|")
      ])
  }

  @Test func `D.4 each anonymous client is told what it asked for in vain itself`() throws {
    let trace = try RecordedScenario(
      "first-node",
      overrides: [
        "spec.requests=[{name: a, at: 5s, as: {anonymous: true}, ask: {verb: get, path: /metrics}},"
          + " {name: b, at: 6s, as: {anonymous: true}, ask: {verb: list, resource: nodes}}]"
      ])
    #expect(
      try trace.rows(
        "SELECT message FROM events WHERE kind = 'requestAnswered' AND code = 403 "
          + "AND time_ns > 5000000000 ORDER BY id") == [
          #"forbidden: User "system:anonymous" cannot get path "/metrics""#,
          #"nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" "#
            + "at the cluster scope",
        ])
  }

  @Test func `requests of waiting nodes are one row each, and listed on demand`() throws {
    let trace = try SQLiteTrace(
      path: folder.file(), run: SyntheticRun.inputs, level: .full, listsAnonymousRequests: true)
    try run.play(into: trace)
    try trace.record(
      (0..<7_000).map { second in
        WaitingRequest(
          time: .zero + .seconds(second), node: 2, call: .watchNodes, answer: .forbidden)
      })
    try trace.finish(directory: run, outcome: run.outcome)
    let waiting = try folder.rows("SELECT node, verb, code, count, message FROM waiting_requests")
    #expect(waiting == ["worker-3|watch|403|60|watch of worker-3 is forbidden"])
    let listed = try folder.rows("SELECT count(*), max(time_ns), min(node) FROM anonymous_request")
    #expect(listed == ["7000|6999000000000|2"])
  }

  @Test func `the views of objects have one row each`() throws {
    try folder.record(run)
    for view in ["nodes", "csrs", "certificates"] {
      #expect(try folder.rows("SELECT count(*) FROM \(view)") == ["3"])
    }
    #expect(
      try folder.rows("SELECT condition, reason, requestor FROM csrs WHERE node = 'worker-1'")
        == ["Approved,Issued|AutoApproved|system:bootstrap:abcdef"])
  }

  /// By the query of docs/TRACE.md.
  @Test func `the table of steps counts and times each step`() throws {
    try folder.record(run)
    let rows = try folder.rows(DocumentationTests.queries[2])
      .map { $0.components(separatedBy: "|") }
    #expect(rows.map { $0[0] } == (2...15).map(String.init))
    #expect(rows.map { $0[2] } == (Array(repeating: 3, count: 11) + [2, 3, 3]).map(String.init))
    let times = rows.map { $0[3...].compactMap(Double.init) }
    #expect(times.allSatisfy { $0.count == 3 && $0 == $0.sorted() })
  }

  @Test func `an event takes at most 60 bytes with its indexes`() throws {
    let run = SyntheticRun(nodes: 5_000)
    let times = try folder.record(run)
    let bytes = Double(times.fileBytes) / Double(run.events.count)
    #expect(bytes <= 60, "\(bytes) bytes for each of \(run.events.count) events")
    print("trace: \(bytes) bytes/event, \(run.events.count) events, \(times)")
  }
}

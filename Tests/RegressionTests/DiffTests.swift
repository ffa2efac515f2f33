import Foundation
import Reporting
import Scenarios
import TestSupport
import TLSBootstrap
import Testing
import TraceStore

@testable import Regression

struct DiffTests {
  private static let workers = "spec.nodes.workers.count=200"

  private func workers(qps: Int, level: TraceLevel = .full) throws -> Recording {
    try Recording(
      "kubeadm-5000-workers",
      overrides: [Self.workers, "spec.controllerManager.kubeAPIQPS=\(qps)"], level: level)
  }

  @Test func `the same run twice is equal`() throws {
    let (left, right) = (try workers(qps: 20), try workers(qps: 20, level: .steps))
    let diff = try RunDiff(left.opened(), right.opened())
    #expect(diff.areEqual)
    #expect(diff.text.hasPrefix("The runs are equal: digest \(left.end.digest.text)"))
  }

  @Test(arguments: [TraceLevel.steps, .full])
  func `the first event that differs is the first that differs`(_ level: TraceLevel) throws {
    let (left, right) = (try workers(qps: 20), try workers(qps: 100, level: level))
    let (events, others) = (try left.events(), try right.events())
    let same = zip(events, others).prefix { $0 == $1 }.count
    try #require(same < events.count)
    let diff = try RunDiff(left.opened(), right.opened())
    let divergence = try #require(diff.divergence)
    #expect(divergence.id == Int64(same + 1))
    let chains = [(divergence.left, left, events), (divergence.right, right, others)]
    for (chain, recording, events) in chains {
      let chain = try #require(chain)
      #expect(chain.events.last == ToldEvent(events[same], recording.end))
      #expect(chain.events.first?.cause == nil)
      #expect(chain.omitted == 0)
      for (earlier, later) in zip(chain.events, chain.events.dropFirst()) {
        #expect(later.cause == earlier.id)
      }
    }
    // With a slower limiter the same is asked later, after a wait that is its cause.
    let later = try #require(divergence.rightInLeft)
    let earlier = try #require(divergence.right?.events.last)
    #expect(later.kind == earlier.kind && later.node == earlier.node)
    #expect(later.request == earlier.request)
    #expect(later.nanoseconds > earlier.nanoseconds)
    #expect(diff.text.contains("B's event in A:\n    #\(later.id) "))
  }

  @Test func `what differs in the inputs is told line by line`() throws {
    let diff = try RunDiff(workers(qps: 20).opened(), workers(qps: 100).opened())
    #expect(diff.inputs.count == 1)
    #expect(
      diff.inputs.first?.lines == [
        "-2: spec.controllerManager.kubeAPIQPS=20", "+2: spec.controllerManager.kubeAPIQPS=100",
      ])
    #expect(diff.inputs.first?.path == "--set")
  }

  @Test func `what changed for the user has figures of both`() throws {
    let diff = try RunDiff(workers(qps: 20).opened(), workers(qps: 1).opened())
    let changed = diff.changes.rows.filter(\.differs).map(\.name)
    #expect(changed.contains("time to Ready p99"))
    #expect(changed.contains("approvals per second"))
    #expect(!changed.contains("Ready"))
  }

  @Test func `a comment is a difference of the inputs alone`() throws {
    let path = Repository.root.appending(path: "scenarios/first-node.yaml").path
    let text = try String(contentsOfFile: path, encoding: .utf8) + "# the end\n"
    let changed = try ScenarioFile.load(text: text, path: path) { _ in "" }
    let diff = try RunDiff(Recording("first-node").opened(), Recording(changed).opened())
    #expect(!diff.areEqual)
    #expect(diff.divergence == nil)
    #expect(diff.text.contains("the digests differ by the inputs alone"))
    #expect(diff.inputs.first?.lines.contains { $0.hasSuffix(": # the end") } == true)
  }

  @Test func `requests of waiting nodes that differ are told`() throws {
    let (left, right) = (try Recording("manual-approval"), try Recording("manual-approval"))
    try right.change("UPDATE waiting_request SET count = count + 1 WHERE id = 1")
    try right.change("UPDATE run SET digest = 'other'")
    let diff = try RunDiff(left.opened(), right.opened())
    #expect(diff.divergence == nil)
    #expect(diff.waitingDiffers)
    #expect(diff.text.contains("the requests of nodes that wait for a certificate differ"))
  }

  @Test func `words that another version numbers otherwise are the same words`() throws {
    let (left, right) = (try Recording("first-node"), try Recording("first-node"))
    for table in ["kind", "call", "answer", "component"] {
      try right.change("UPDATE \(table) SET id = id + 100 WHERE id > 2")
      let users = ["event", "failure", "user_call", "waiting_request", "anonymous_request"]
      for user in users where try right.has(table, in: user) {
        try right.change("UPDATE \(user) SET \(table) = \(table) + 100 WHERE \(table) > 2")
      }
    }
    #expect(try TraceDivergence(left.opened().trace, right.opened().trace) == nil)
    try right.change("UPDATE kind SET name = 'newName' WHERE name = 'nodeReady'")
    let divergence = try #require(
      try TraceDivergence(left.opened().trace, right.opened().trace))
    #expect(divergence.left?.events.last?.kind == "nodeReady")
    #expect(divergence.right?.events.last?.kind == "newName")
  }

  @Test func `O9 O11 an event that says something else is another`() throws {
    let names = ["failures/o09-wrong-token-secret", "failures/o11-token-without-authentication"]
    let (left, right) = (try Recording(names[0]), try Recording(names[1]))
    let diff = try RunDiff(left.opened(), right.opened())
    let messages = [diff.divergence?.left, diff.divergence?.right].map { $0?.events.last?.message }
    #expect(messages[0]?.contains("invalid value for key token-secret") ?? false)
    #expect(messages[1]?.contains("usage-bootstrap-authentication") ?? false)
  }

  @Test func `an event of a node of another name is another`() throws {
    let spec = "  tokens: [{token: abcdef.0123456789abcdef}]\n  nodes: "
    let (left, right) = (
      try Recording(kubeadm: spec + "[{name: a, names: [n-1]}, {name: b, names: [n-2]}]"),
      try Recording(kubeadm: spec + "[{name: a, names: [n-2]}, {name: b, names: [n-1]}]")
    )
    let divergence = try #require(try RunDiff(left.opened(), right.opened()).divergence)
    #expect(divergence.id == 1)
    #expect(divergence.left?.events.last?.node == "n-1")
    #expect(divergence.right?.events.last?.node == "n-2")
  }

  @Test func `a full trace of another build is compared as it is`() throws {
    let (left, right) = (try Recording("first-node"), try Recording("first-node"))
    try right.change("UPDATE run SET digest = 'other'")
    try right.change("UPDATE event SET value = 7 WHERE id = 20")
    let diff = try RunDiff(left.opened(), right.opened())
    #expect(diff.divergence?.id == 20)
    #expect(diff.right.figures.limitedBy == nil)
    let steps = try Recording("first-node", level: .steps)
    try steps.change("UPDATE run SET digest = 'other'")
    #expect(throws: TraceError.self) { try RunDiff(left.opened(), steps.opened()) }
  }

  @Test(arguments: [
    "first-node", "expired-token", "missing-create-binding", "short-certificates",
    "apiserver-outage", "handmade-requests", "failures/o19-denied", "failures/o28-request-deleted",
    "failures/o32-approver-saturated",
  ])
  func `a trace tells the figures of its run`(_ name: String) throws {
    let recording = try Recording(name)
    var figures = RunFigures(RunReport(recording.end, ending: recording.ending))
    figures.limitedBy = nil
    #expect(try RunFigures(recording.opened().trace) == figures)
  }

  @Test func `two events are too few for a rate`() throws {
    var figures = RunFigures()
    figures.approvals = RunFigures.Rate(count: 2, first: 0, last: 1_000_000_000)
    let rows = FigureChanges(figures, figures).rows
    #expect(rows.first { $0.name == "approvals per second" }?.left == "-")
  }

  @Test func `exit codes say whether runs are equal`() throws {
    let left = try Recording("first-node")
    let right = try Recording("first-node", overrides: ["spec.seed=9"])
    #expect(try Program.bootsim(["diff", left.path, left.path]).code == 0)
    let different = try Program.bootsim(["diff", left.path, right.path, "-o", "json"])
    #expect(different.code == 1)
    let object = try JSONSerialization.jsonObject(with: Data(different.output.utf8))
    let first = (object as? [String: Any])?["firstDifference"] as? [String: Any]
    #expect(first?["id"] as? Int ?? 0 > 0)
    let missing = try Program.bootsim(["diff", left.path, "nowhere.sqlite"])
    #expect(missing.code == 74)
    #expect(missing.errors.contains("nowhere.sqlite: no such file"))
  }

  @Test func `of a text forty lines that differ are told, and how many more there are`() {
    let lines = { (count: Int) in
      let texts = ["left", "right"].map { side in
        [
          InputText(
            path: "s.yaml", text: (1...count).map { "\(side) \($0)" }.joined(separator: "\n"))
        ]
      }
      return InputChange.all(texts[0], texts[1]).first?.lines ?? []
    }
    #expect(lines(20).count == 40)
    #expect(lines(20).last == "+20: right 20")
    #expect(lines(21).count == 41)
    #expect(lines(21).last == "… 2 more lines")
  }
}

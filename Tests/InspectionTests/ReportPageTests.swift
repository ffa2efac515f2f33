import Foundation
import Inspection
import Scenarios
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing
import TraceStore

@testable import HTMLReport

struct ReportPageTests {
  @Test func `one run is told in a paragraph, curves, causes and steps`() throws {
    let recording = try Recording("expired-token", level: .steps)
    let text = try ReportPage([recording.opened()]).text
    #expect(text.contains("became Ready"))
    #expect(text.contains("bootstrap token is refused: 401 (O7–O13)"))
    for title in ["Nodes by step", "Requests answered, by code", "Find a node", "Step by step"] {
      #expect(text.contains(title), "\(title)")
    }
    #expect(text.contains(recording.end.digest.text))
  }

  @Test(arguments: ["expired-token", "missing-create-binding", "kubeadm-5000-workers"])
  func `failures and what limited are explained as bootsim explain does`(name: String) throws {
    let recording = try Recording(name, level: .steps).opened()
    let text = try ReportPage([recording]).text
    let explanation = try RunExplanation(recording)
    for group in explanation.failures {
      let cause = try #require(
        try NodeExplanation(recording, node: group.example).causes.first)
      let told: [String] =
        [group.title, group.number, group.needed] + group.remedy.commands.map(\.text)
        + cause.observations.map(\.text) + [cause.clock.map(\.limit)].compactMap(\.self)
      for words in told { #expect(text.contains(HTML.escaped(words)), "\(words)") }
    }
    #expect(explanation.failures.isEmpty == text.contains("<p>None.</p>"))
    if let binding = explanation.throughput.binding {
      #expect(text.contains("\(HTML.escaped(binding.name)) bound from "))
      if binding.isLimiter {
        #expect(text.contains("How long a request waited for its token, at most"))
      }
    }
  }

  @Test func `the most frequent cause is the first of the list, with its count`() throws {
    let recording = try Recording("failures/o06-node-clock-wrong").opened()
    let group = try #require(try RunExplanation(recording).failures.first)
    let text = try ReportPage([recording]).text
    let nodes = group.nodes.count
    #expect(
      text.contains(
        "not Ready: \(HTML.escaped(group.title)), \(nodes) times."))
    #expect(text.contains("<span class=\"bad\">\(nodes) ×</span> \(HTML.escaped(group.title))"))
  }

  @Test func `a node that still waits has its steps, as one that failed`() throws {
    let recording = try Recording("failures/o06-node-clock-wrong")
    let settlements = (0..<2).map { recording.end.node(at: $0).settlement }
    #expect(settlements.contains(.waiting))
    let text = try ReportPage([recording.opened()]).text
    #expect(text.contains("<h3>Failed: "))
    #expect(text.contains("<h3>Still waiting: "))
  }

  /// A decision is not an approval, and what is deleted waits no longer.
  @Test func `a denied CSR waits for no certificate`() throws {
    let recording = try Recording("failures/o19-denied", level: .steps)
    let denied = (0..<recording.end.requestCount).filter {
      recording.end.request(at: $0).denied != nil
    }
    #expect(denied.count > 1)
    let timeline = try RunTimeline(recording.opened(), name: "run")
    #expect(timeline.unsigned.most.max() == 0)
    let waiting = (0..<recording.end.requestCount).filter {
      let request = recording.end.request(at: $0)
      return request.approved == nil && request.denied == nil
        && !recording.end.isDeleted(request: $0)
    }
    #expect(timeline.pending.last.last == waiting.count)
  }

  @Test func `each fault has a letter of its own in the charts and in their legends`() throws {
    let recording = try Recording(
      "apiserver-outage", overrides: ["spec.expect=[{ready: all, by: 1s}]"])
    let text = try ReportPage([recording.opened()]).text
    for letter in ["A", "B"] {
      #expect(text.contains(">\(letter)</text>"))
      #expect(text.contains("<b>\(letter)</b> "))
    }
  }

  @Test func `nothing in it is loaded from anywhere`() throws {
    let text = try ReportPage([Recording("first-node").opened()]).text
    for loads in ["http://", "https://", "src=", "@import", "url(", "<link"] {
      #expect(!text.contains(loads), "\(loads)")
    }
    #expect(text.contains("default-src 'none'"))
  }

  @Test func `5,000 nodes take less than 2 MB, with every node to be found`() throws {
    let recording = try Recording("kubeadm-5000-workers", level: .steps)
    let text = try ReportPage([recording.opened()]).text
    #expect(text.utf8.count < 2_000_000)
    let last = recording.end.node(at: recording.end.nodeCount - 1).name
    #expect(text.contains("\"\(last)\""))
  }

  @Test func `every node of a very large run can be found, the later ones in short`() throws {
    let nodes = (0..<NodeTable.most + 3).map { number -> RunTimeline.Node in
      let isReady = number != 20_001
      let ready: Instant? = isReady ? .zero + .milliseconds(Int64(number)) : nil
      return RunTimeline.Node(
        name: "worker-\(number)", group: number < 5 ? "first" : "second",
        settlement: isReady ? .ready : .waiting, started: .zero, ready: ready, attempts: 1,
        restarts: 0, steps: Array(repeating: nil, count: 15))
    }
    let table = try NodeTable(nodes)
    #expect(table.short == 3)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(table.json.utf8)) as? [String: Any])
    let full = try #require(object["nodes"] as? [[Any]])
    #expect(full.count == NodeTable.most)
    // Who is not Ready is among those with their steps.
    #expect(full[0][0] as? String == "worker-20001")
    let groups = try #require(object["groups"] as? [String])
    let second = try #require(groups.firstIndex(of: "second"))
    let ready = Settlement.ready.rawValue
    #expect(
      object["others"] as? [String]
        == [19_999, 20_000, 20_002].map {
          "\(second) \(ready) 0 \($0) worker-\($0)"
        })
  }

  @Test func `two runs stand side by side, on one axis`() throws {
    let slow = try Recording("kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=40"])
    let fast = try Recording(
      "kubeadm-5000-workers",
      overrides: ["spec.nodes.workers.count=40", "spec.controllerManager.kubeAPIQPS=100"])
    let text = try ReportPage([slow.opened(), fast.opened()]).text
    #expect(text.contains("Side by side"))
    #expect(text.contains("class=\"runs two\""))
    #expect(text.components(separatedBy: "<article>").count == 3)
  }

  @Test func `of runs of very different length each has an axis of its own`() throws {
    let seconds = { (times: [Int64]) in times.map { Instant.zero + .seconds($0) } }
    #expect(ReportPage.ends(seconds([400, 4_000])) == seconds([4_000, 4_000]))
    #expect(ReportPage.ends(seconds([399, 4_000])) == seconds([399, 4_000]))
    #expect(ReportPage.ends(seconds([7])) == seconds([7]))
    let short = try Recording("kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=40"])
    let long = try Recording("first-node")
    let note = "each has an axis of its own"
    let text = try ReportPage([short.opened(), long.opened()]).text
    #expect(text.components(separatedBy: note).count == 3)
    #expect(try !ReportPage([long.opened()]).text.contains(note))
  }

  @Test func `clients without a kubelet are served, not Ready`() throws {
    let text = try ReportPage([Recording("approval-collapse", level: .steps).opened()]).text
    for words in ["Clients by step", "p50 to served", "<h2>Time to served</h2>", "took how long"] {
      #expect(text.contains(words), "\(words)")
    }
    for words in ["Nodes by step", "p50 to Ready", "kubelet starts, most"] {
      #expect(!text.contains(words), "\(words)")
    }
  }

  @Test func `a report of two runs says how to make both, and itself, again`() throws {
    let runs = try ["first-node", "first-node-foreground"].map { try Recording($0) }
    let text = try ReportPage(runs.map { try $0.opened() }).text
    let commands = zip(["first-node", "first-node-foreground"], runs).map { name, run in
      "bootsim run scenarios/\(name).yaml --output \(run.path)"
    }
    let last = "bootsim report \(runs[0].path) \(runs[1].path)"
    #expect(text.contains((commands + [last]).joined(separator: "\n")))
  }

  @Test func `the same run gives the same bytes, from a trace of any level`() throws {
    let steps = try Recording("expired-token", level: .steps).opened()
    let full = try Recording("expired-token", level: .full).opened()
    #expect(try ReportPage([steps]).text == ReportPage([full]).text)
  }

  @Test func `faults and broken expectations are on the time axis`() throws {
    let recording = try Recording("apiserver-outage")
    let timeline = try RunTimeline(recording.opened(), name: "run")
    let fault = try #require(recording.loaded.scenario.faults.first)
    #expect(timeline.marks.contains { $0.name == "fault \(fault.name)" })
    let broken = try Recording(
      "apiserver-outage", overrides: ["spec.expect=[{ready: all, by: 1s}]"])
    let marks = try RunTimeline(broken.opened(), name: "run").marks
    #expect(marks.contains { $0.isBroken && $0.from == Instant.zero + .seconds(1) })
  }
}

import Foundation
import SimulationKernel
import TLSBootstrap
import Testing

@testable import HTMLReport

struct HTMLTests {
  @Test func `text from a run is never markup`() {
    let name = "<img src=x onerror=alert(1)>\"'&"
    let markup: HTML = "<td title=\"\(name)\">\(name)</td>"
    let escaped = "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"
    #expect(markup.text == "<td title=\"\(escaped)\">\(escaped)</td>")
  }

  @Test func `a node that never started has no time of its start, and one that was Ready says so`()
    throws
  {
    let unstarted = RunTimeline.Node(
      name: "a", group: "g", settlement: .waiting, started: .never, ready: nil, attempts: 0,
      restarts: 0, steps: [])
    let object =
      try JSONSerialization.jsonObject(with: Data(NodeTable([unstarted]).json.utf8))
      as? [String: Any]
    #expect((object?["nodes"] as? [[Any]])?.first?[3] as? Int == -1)
    let expired = RunTimeline.Node(
      name: "b", group: "g", settlement: .certificateExpired, started: .zero,
      ready: .zero + .seconds(1), attempts: 1, restarts: 0, steps: [])
    #expect(
      expired.outcome
        == "Ready after 1.000 s, and not any more: \(Settlement.certificateExpired.text)")
  }

  @Test func `a node's name cannot end the script element that holds it`() throws {
    let node = RunTimeline.Node(
      name: "</script><script>alert(1)</script>", group: "<b>", settlement: .ready,
      started: .zero, ready: nil, attempts: 1, restarts: 0, steps: [])
    let table = try NodeTable([node])
    #expect(!table.json.contains("<"))
    let object = try JSONSerialization.jsonObject(with: Data(table.json.utf8)) as? [String: Any]
    let rows = object?["nodes"] as? [[Any]]
    #expect(rows?.first?.first as? String == node.name)
  }
}

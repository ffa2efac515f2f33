import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// What a run cannot be played with is refused when the scenario is read.
struct BoundTests {
  private func faults(_ list: [String], _ spec: String = "") -> [String] {
    mistakes(nodesAndToken + spec + "  faults:\n" + list.map { "  - {\($0)}\n" }.joined())
  }

  // MARK: Clocks

  @Test(arguments: ["kube-apiserver", "kube-controller-manager"])
  func `drifts of one clock are bounded in sum`(component: String) {
    let one = "action: time-drift, drift: -100000ppm, on: \(component)"
    #expect(faults([one]).isEmpty)
    #expect(
      faults([one, one, one]) == [
        "s.yaml:12:33: with the other faults of that time and its own error the clock of \(component) "
          + "gains or loses more than 100000ppm; give smaller drifts, or let the faults end earlier with "
          + "`for`"
      ])
    let spell = one + ", for: 1h"
    #expect(faults([spell, spell + ", at: 1h", spell + ", at: 2h"]).isEmpty)
    #expect(faults([spell, spell + ", at: 59m"]).count == 1)
  }

  @Test(arguments: ["on: kube-apiserver", "on: kube-controller-manager", "on: {group: workers}"])
  func `offsets of one clock are bounded in sum, either way`(on: String) {
    for years in ["7300d", "-7300d"] {
      let one = "action: time-offset, timeOffset: \(years), \(on)"
      #expect(faults([one]).isEmpty)
      let found = faults(Array(repeating: one, count: 18))
      #expect(found.count == 1)
      #expect(found.first?.contains("is off by more than 20 years; give smaller offsets") == true)
    }
    let back = [
      "action: time-offset, timeOffset: 7300d, \(on)",
      "action: time-offset, timeOffset: -7300d, at: 1m, \(on)",
    ]
    #expect(faults(back).isEmpty)
  }

  @Test func `a clock's own error counts, and what a fault corrects does not`() {
    let server = "  apiServer: {clock: {offset: -7300d}}\n"
    let fault = { (by: String) in "action: time-offset, timeOffset: \(by), on: kube-apiserver" }
    #expect(faults([fault("-7300d")], server).count == 1)
    #expect(faults([fault("7300d")], server).isEmpty)
  }

  @Test func `faults on other nodes do not add up`() {
    let fault = { (node: String) in "action: time-offset, timeOffset: 7300d, on: {node: \(node)}" }
    let groups = { (count: Int) in
      "  nodes: [{name: w, count: \(count)}]\n  tokens: [{token: abcdef.0123456789abcdef}]\n"
    }
    let found = { (list: [String]) in
      mistakes(groups(3) + "  faults:\n" + list.map { "  - {\($0)}\n" }.joined())
    }
    #expect(found([fault("w-1"), fault("w-2"), fault("w-3")]).isEmpty)
    #expect(found([fault("w-1"), fault("w-2"), fault("w-1")]).count == 1)
    #expect(found([fault("w-1"), fault("'*'")]).first?.contains("the clock of w-1 is off") == true)
  }

  // MARK: Latencies

  @Test(arguments: [
    "26688d", "{uniform: {to: 49d}}", "{exponential: {mean: 25h}}",
    "{quantiles: {p50: 1s, p90: 2s, p99: 3s, max: 24h1s}}",
  ])
  func `a latency is at most a day`(length: String) {
    let keys = ["refusal", "network", "kubeletStart"]
    for key in keys {
      let found = mistakes(nodesAndToken + "  latency: {\(key): \(length)}\n")
      #expect(found.count == 1)
      #expect(found.first?.contains("`\(key)` is up to ") == true)
      #expect(found.first?.hasSuffix("; give at most 24h") == true)
    }
    #expect(faults(["action: delay, latency: \(length)"]).count == 1)
    #expect(mistakes(nodesAndToken + "  latency: {refusal: 24h}\n").isEmpty)
  }

  @Test(arguments: ["refusal: 24h", "network: 24h", "network: 24h, refusal: 24h"])
  func `the longest latencies can be played`(latencies: String) throws {
    let delay = "  - {action: delay, latency: 24h}\n"
    let loaded = try load(
      nodesAndToken + "  latency: {\(latencies)}\n  duration: 30d\n  faults:\n" + delay + delay
        + delay)
    var world = World(loaded.scenario)
    #expect(world.run() == .duration)
  }

  // MARK: Lists

  @Test(arguments: [
    ("faults", "{action: partition}"), ("nodes", "{name: w}"),
    ("approval", "{name: a, manual: {}}"),
    ("requests", "{name: a, ask: {verb: get}}"),
  ])
  func `a list that is numbered in 16 bits has at most 10,000 entries`(list: String, entry: String)
  {
    let token = "  tokens: [{token: abcdef.0123456789abcdef}]\n"
    let nodes = list == "nodes" ? "" : "  nodes: [{name: w}]\n"
    let entries = String(repeating: "  - \(entry)\n", count: 10_001)
    let found = mistakes(token + nodes + "  \(list):\n" + entries)
    #expect(
      found.first?.contains("`spec.\(list)` has 10001 entries; give at most 10000") == true,
      "\(found.prefix(2))")
  }

  // MARK: Messages

  @Test func `a mistake is one line, whatever the input holds`() {
    let found = mistakes("  preset: \"a\\a\\nb\\tc\\e[31m\"\n" + nodesAndToken)
    #expect(found.count == 1)
    #expect(found.first?.contains(#"“a\u{7}\nb\tc\u{1B}[31m”"#) == true, "\(found)")
    let hasControl = found.joined().unicodeScalars.contains { $0.value < 32 }
    #expect(!hasControl)
  }
}

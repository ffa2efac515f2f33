import Scenarios
import SimulationKernel
import Testing

struct ExpectationTests {
  /// Ten nodes: eight Ready after 1 s to 8 s, one failed, one waiting.
  private var outcome: Outcome {
    var nodes: [Outcome.Node] = []
    for number in 1...10 {
      let state: Scenarios.Expectation.NodeState =
        number <= 8 ? .ready : number == 9 ? .failed : .waiting
      let reason = number == 9 ? "bootstrap token is refused: 401" : ""
      let readyAt: Instant? = number <= 8 ? .zero + .seconds(Int64(number) + 1) : nil
      nodes.append(
        Outcome.Node(
          name: "workers-\(number)", state: state, reason: reason,
          startedAt: Instant(nanoseconds: 1_000_000_000), readyAt: readyAt))
    }
    return Outcome(nodes: nodes, approved: 9, issued: 8)
  }

  private func check(_ text: String) throws -> String? {
    let loaded = try load(
      "  expect: [{\(text)}]\n  nodes: [{name: workers, count: 10}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef}]\n")
    let expectation = try #require(loaded.expectations.first)
    #expect(expectation.place == Place(file: "s.yaml", line: 6, column: 12))
    return expectation.check(outcome)
  }

  @Test(arguments: [
    "ready: 8", "ready: '>= 8'", "ready: '<=8'", "ready: 4, by: 5s", "ready: 3, by: 5s",
    "failed: 1",
    "waiting: 1", "approved: 9", "issued: '>= 8'", "timeToReady: {p50: 4s, p90: 8s, max: 8s}",
    "node: workers-9, state: Failed, reason: '401'", "node: workers-1, state: Ready",
    "node: workers-10, state: Waiting",
  ])
  func `what holds is silent`(text: String) throws {
    #expect(try check(text) == nil)
  }

  @Test(arguments: [
    ("ready: all", "expected all 10 nodes Ready, got 8"),
    ("ready: 7", "expected 7 nodes Ready, got 8"),
    ("ready: 5, by: 5s", "expected at least 5 nodes Ready by 5s, got 4"),
    ("ready: all, by: 1m", "expected all 10 nodes Ready by 1m, got 8"),
    ("failed: 0", "expected 0 nodes failed, got 1"),
    ("waiting: '>= 2'", "expected at least 2 nodes waiting, got 1"),
    ("approved: 10", "expected 10 CSRs approved, got 9"),
    ("issued: '<= 7'", "expected at most 7 certificates issued, got 8"),
    (
      "timeToReady: {p50: 3s, p99: 7s, max: 9s}",
      "expected p50 of time to Ready at most 3s, got 4s; p99 of time to Ready at most 7s, got 8s"
    ),
    (
      "node: workers-9, state: Ready",
      "expected workers-9 to be Ready, it is Failed: bootstrap token is refused: 401"
    ),
    (
      "node: workers-9, state: Failed, reason: 403",
      "expected workers-9 to be Failed because of “403”, it is Failed: "
        + "bootstrap token is refused: 401"
    ),
  ])
  func `what does not hold is told with both figures`(text: String, sentence: String) throws {
    #expect(try check(text) == sentence)
  }

  @Test(
    arguments: [
      (1, 1, 1), (1, 100, 1), (2, 50, 1), (3, 50, 2), (49, 49, 25), (99, 99, 99), (100, 99, 99),
      (101, 99, 100), (101, 100, 101),
    ] as [(Int, Int, Int)])
  func `a percentile is the smallest value that so many do not exceed`(
    count: Int, percent: Int, value: Int
  ) {
    #expect(Array(1...count).percentile(percent) == value)
  }

  @Test func `an expectation keeps its text`() throws {
    let loaded = try load("  expect:\n  - ready: all\n    by: 10m\n" + nodesAndToken)
    #expect(loaded.expectations[0].text == "ready: all, by: 10m")
    #expect(loaded.expectations[0].place == Place(file: "s.yaml", line: 7, column: 5))
  }

  @Test func `a node that does not exist is a mistake, unless an override may have renamed it`()
    throws
  {
    let spec = "  expect: [{node: workers-2, state: Ready}]\n" + nodesAndToken
    #expect(
      mistakes(spec) == ["s.yaml:6:19: no node is called “workers-2”; did you mean `workers-1`?"])
    #expect(mistakes(spec, overrides: ["spec.seed=2"]) == [])
  }
}

import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

let expectationRules: [LintRule] = [
  LintRule(
    "expect-more-than-nodes", .error, "An expectation counts more nodes than the scenario has."
  ) { input in
    input.expecting { expectation in
      guard let (count, what) = expectation.nodes, count.least(of: 0) > input.nodeCount else {
        return nil
      }
      return (
        "expects \(LintInput.nodes(count.least(of: 0))) \(what), and there are \(Quantity.count(input.nodeCount))",
        "lower it, or write `all`"
      )
    }
  },
  LintRule(
    "expect-contradiction", .error,
    "Expectations of the end exclude each other: together they want more nodes than there are, or two "
      + "states of one."
  ) { input in
    let counts = input.expectations.compactMap { expectation in
      expectation.isOfEnd ? expectation.nodes : nil
    }
    let states = ["Ready", "failed", "waiting"].map { state in
      counts.filter { $0.what == state }.map { $0.count.least(of: input.nodeCount) }.max() ?? 0
    }
    let wanted = states.reduce(0, +)
    let last = input.expectations.lastIndex { $0.isOfEnd && $0.nodes != nil }
    var violations: [Violation] = []
    // One count alone that is too large is told by the rule above.
    if let last, wanted > input.nodeCount, states.allSatisfy({ $0 <= input.nodeCount }) {
      violations.append(
        Violation(
          at: input.place("spec.expect[\(last)]"),
          "the expectations together want \(LintInput.nodes(wanted)), and there are \(Quantity.count(input.nodeCount))",
          cure: "let their counts add up"))
    }
    return violations + input.contradictingStates
  },
  LintRule(
    "expect-after-end", .warning, "`by` is later than the end of the run."
  ) { input in
    input.expecting { expectation in
      guard case .ready(_, let by?) = expectation.kind, by > input.end else { return nil }
      return (
        "`by: \(Quantity.text(by))` is after the end of the run, at \(Quantity.text(input.end))",
        "lengthen `spec.duration`, or leave `by` out"
      )
    }
  },
  LintRule(
    "expect-too-early", .error,
    "More nodes are expected to be Ready by a time than have started, or have been approved, by then."
  ) { input in
    input.expecting { expectation in
      guard case .ready(let count, let by?) = expectation.kind else { return nil }
      let limit = by.seconds
      let possible = input.groups.reduce(0) { $0 + $1.ready(by: limit) }
      let wanted = count.least(of: input.nodeCount)
      guard possible < wanted, wanted <= input.nodeCount else { return nil }
      return (
        "expects \(LintInput.nodes(wanted)) Ready by \(Quantity.text(by)), and about \(Quantity.count(possible)) "
          + "can have been approved by then",
        "give a later time, or approve faster"
      )
    }
  },
  LintRule(
    "expect-faster-than-boot", .error,
    "A bound of the time to Ready is shorter than a kubelet needs to start and to be approved."
  ) { input in
    input.expecting { expectation in
      guard case .timeToReady(let bounds) = expectation.kind,
        let bound = [bounds.p50, bounds.p90, bounds.p99, bounds.max].compactMap({ $0 }).min(),
        bound.seconds < GroupOutlook.boot(input.scenario) / 2
      else { return nil }
      return (
        "\(Quantity.text(bound)) is less than half of what a kubelet needs to its first CSR",
        "give a longer time"
      )
    }
  },
]

extension Expectation {
  /// How many nodes in which state.
  fileprivate var nodes: (count: Count, what: String)? {
    switch kind {
    case .ready(let count, _): (count, "Ready")
    case .failed(let count): (count, "failed")
    case .waiting(let count): (count, "waiting")
    case .approved, .issued, .timeToReady, .node: nil
    }
  }

  /// Whether it is about the end of the run, not a time before.
  fileprivate var isOfEnd: Bool {
    if case .ready(_, .some) = kind { false } else { true }
  }
}

extension Expectation.Count {
  /// The least number that fulfils it, of so many.
  func least(of total: Int) -> Int {
    switch self {
    case .exactly(let count), .atLeast(let count): count
    case .atMost: 0
    case .all: total
    }
  }
}

extension GroupOutlook {
  /// At most so many of its nodes are Ready after so many seconds; estimates are given a tenth of slack.
  fileprivate func ready(by limit: Double) -> Int {
    guard waits.count == arrivals.count else { return arrivals.count { $0 < limit } }
    return zip(arrivals, waits).count { arrival, wait in arrival + wait * 0.9 < limit }
  }
}

extension LintInput {
  /// Expectations that break a rule: the problem and the cure.
  fileprivate func expecting(
    _ check: (Expectation) -> (problem: String, cure: String)?
  ) -> [Violation] {
    expectations.enumerated().compactMap { number, expectation in
      check(expectation).map {
        Violation(at: place("spec.expect[\(number)]"), $0.problem, cure: $0.cure)
      }
    }
  }

  fileprivate var contradictingStates: [Violation] {
    var states: [String: Expectation.NodeState] = [:]
    return expecting { expectation in
      guard case .node(let name, let state, _) = expectation.kind,
        let other = states.updateValue(state, forKey: name), other != state
      else { return nil }
      return ("expects \(name) to be \(state.rawValue), and \(other.rawValue)", "keep one of them")
    }
  }
}

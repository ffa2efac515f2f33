import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

let timeRules: [LintRule] = [
  LintRule(
    "starts-after-end", .error, "The run ends before the last node of a group starts, or just then."
  ) { input in
    let end = input.end.seconds
    return input.groups.compactMap { outlook in
      let late = outlook.arrivals.count { $0 >= end }
      guard late > 0 else { return nil }
      return Violation(
        at: input.place("spec.nodes[\(outlook.group.name)].start"),
        "\(LintInput.nodes(late)) of group \(outlook.group.name) would not start before the run "
          + "ends, at \(Quantity.text(input.end))",
        cure: "lengthen `spec.duration`, or let them start earlier")
    }
  },
  LintRule(
    "act-after-end", .warning,
    "The run ends before a fault begins or a request is sent, or just then."
  ) { input in
    let faults = input.scenario.faults.enumerated().filter { $1.at >= input.end }.map {
      ("spec.faults[\($0)]", $1.name)
    }
    let requests = input.scenario.requests.filter { $0.at >= input.end }.map {
      ("spec.requests[\($0.name)]", $0.name)
    }
    let late = (faults + requests).map { path, name in
      Violation(
        at: input.place("\(path).at"),
        "\(name) would not come before the run ends, at \(Quantity.text(input.end))",
        cure: "lengthen `spec.duration`, or let it come earlier")
    }
    return late + input.repeatsAfterEnd
  },
  LintRule(
    "fault-hits-nobody", .error, "A fault's `on` fits no node, or fewer than it counts."
  ) { input in
    input.scenario.faults.enumerated().compactMap { number, timed in
      timed.shortfall(in: input.scenario).map {
        Violation(
          at: input.place("spec.faults[\(number)].on"), $0,
          cure: "compare it with `spec.nodes[].names`")
      }
    }
  },
]

extension LintInput {
  /// Requests of which the first comes in time, and not the last.
  fileprivate var repeatsAfterEnd: [Violation] {
    let limit = end.seconds
    return scenario.requests.filter { $0.at < end && $0.last >= limit }.map { request in
      let every = request.every.seconds
      let sent = Int(((limit - request.at.seconds) / every).rounded(.up))
      return Violation(
        at: place("spec.requests[\(request.name)].count"),
        "\(Quantity.count(request.count - sent)) of the \(Quantity.count(request.count)) requests "
          + "of \(request.name) would not come before the run ends, at \(Quantity.text(end))",
        cure: "lower `count` to \(sent), or lengthen `spec.duration`")
    }
  }
}

import SimulationKernel

/// One line of `spec.expect`: what must hold at the end of a run.
public struct Expectation: Hashable, Sendable {
  /// Where it stands in its file.
  public var place: Place
  /// As written: `ready: all, by: 10m`.
  public var text: String
  public var kind: Kind

  /// What it is about.
  public enum Kind: Hashable, Sendable {
    /// Nodes that are Ready at the end, or that became Ready by a time.
    case ready(Count, by: Duration?)
    case failed(Count)
    case waiting(Count)
    case approved(Count)
    case issued(Count)
    case timeToReady(Bounds)
    case node(String, NodeState, reason: String?)
  }

  /// How many there must be.
  public enum Count: Hashable, Sendable {
    case exactly(Int)
    case atLeast(Int)
    case atMost(Int)
    /// Every node of the scenario.
    case all
  }

  /// Upper bounds of percentiles.
  public struct Bounds: Hashable, Sendable {
    public var p50: Duration?
    public var p90: Duration?
    public var p99: Duration?
    public var max: Duration?

    public init() {}
  }

  /// How a node ends, as people see it.
  public enum NodeState: String, Hashable, Sendable {
    case ready = "Ready"
    case failed = "Failed"
    case waiting = "Waiting"
  }
}

/// How a run ended, as far as expectations ask.
public struct Outcome: Hashable, Sendable {
  public var nodes: [Node]
  /// CSRs approved, certificates issued.
  public var approved: Int
  public var issued: Int

  public init(nodes: [Node], approved: Int, issued: Int) {
    self.nodes = nodes
    self.approved = approved
    self.issued = issued
  }

  /// How one node ended.
  public struct Node: Hashable, Sendable {
    public var name: String
    public var state: Expectation.NodeState
    /// Why it is in that state; one line for people.
    public var reason: String
    /// First start of its kubelet.
    public var startedAt: Instant
    /// When it first became Ready; nil: never.
    public var readyAt: Instant?

    public init(
      name: String, state: Expectation.NodeState, reason: String, startedAt: Instant,
      readyAt: Instant?
    ) {
      self.name = name
      self.state = state
      self.reason = reason
      self.startedAt = startedAt
      self.readyAt = readyAt
    }
  }
}

extension Expectation {
  /// nil when it holds, else what was written and the sentence of `check`.
  public func broken(by outcome: Outcome) -> String? {
    check(outcome).map { "`\(text)`: \($0)" }
  }

  /// nil when it holds, else a sentence with the figure that was expected and the one that came.
  public func check(_ outcome: Outcome) -> String? {
    let total = outcome.nodes.count
    switch kind {
    case .ready(let count, by: nil):
      return count.check(outcome.count(.ready), of: total, "nodes Ready")
    case .ready(let count, by: let limit?):
      let end = Instant.zero + limit
      let ready = outcome.nodes.count { $0.readyAt.map { $0 <= end } ?? false }
      return count.check(ready, of: total, "nodes Ready by \(Quantity.text(limit))")
    case .failed(let count):
      return count.check(outcome.count(.failed), of: total, "nodes failed")
    case .waiting(let count):
      return count.check(outcome.count(.waiting), of: total, "nodes waiting")
    case .approved(let count): return count.check(outcome.approved, of: total, "CSRs approved")
    case .issued(let count): return count.check(outcome.issued, of: total, "certificates issued")
    case .timeToReady(let bounds): return bounds.check(outcome.timesToReady)
    case .node(let name, let state, let reason):
      return check(outcome.nodes.filter { $0.name == name }, name, state, reason)
    }
  }

  private func check(
    _ nodes: [Outcome.Node], _ name: String, _ state: NodeState, _ reason: String?
  ) -> String? {
    guard !nodes.isEmpty else {
      return "expected \(name) to be \(state.rawValue), but it is no node"
    }
    let isMet = nodes.allSatisfy { node in
      node.state == state && (reason.map { node.reason.contains($0) } ?? true)
    }
    guard !isMet, let node = nodes.first(where: { $0.state != state }) ?? nodes.first else {
      return nil
    }
    let why = reason.map { " because of “\($0)”" } ?? ""
    let isPlain = node.reason.isEmpty || node.reason == node.state.rawValue
    let text = isPlain ? "" : ": \(node.reason)"
    return "expected \(name) to be \(state.rawValue)\(why), it is \(node.state.rawValue)\(text)"
  }
}

extension Expectation.Count {
  func check(_ actual: Int, of total: Int, _ what: String) -> String? {
    let (holds, expected): (Bool, String) =
      switch self {
      case .exactly(let count): (actual == count, Quantity.count(count))
      case .atLeast(let count): (actual >= count, "at least \(Quantity.count(count))")
      case .atMost(let count): (actual <= count, "at most \(Quantity.count(count))")
      case .all: (actual == total, "all \(Quantity.count(total))")
      }
    return holds ? nil : "expected \(expected) \(what), got \(Quantity.count(actual))"
  }
}

extension Expectation.Bounds {
  /// - Parameter times: sorted.
  func check(_ times: [Duration]) -> String? {
    let bounds = [("p50", p50, 50), ("p90", p90, 90), ("p99", p99, 99), ("max", self.max, 100)]
    guard !times.isEmpty else { return "expected times to Ready, but no node became Ready" }
    let broken = bounds.compactMap { name, bound, percent -> String? in
      guard let bound, let actual = times.percentile(percent), actual > bound else { return nil }
      return
        "\(name) of time to Ready at most \(Quantity.text(bound)), got \(Quantity.text(actual))"
    }
    return broken.isEmpty ? nil : "expected " + broken.joined(separator: "; ")
  }
}

extension Outcome {
  func count(_ state: Expectation.NodeState) -> Int { nodes.count { $0.state == state } }

  /// Of the nodes that became Ready, sorted.
  var timesToReady: [Duration] {
    nodes.compactMap { node in node.readyAt.map { $0 - node.startedAt } }.sorted()
  }
}

import Reporting
import Scenarios

/// The difference for people.
extension RunDiff {
  package var text: String {
    if areEqual {
      return "The runs are equal: digest \(left.digest), \(Quantity.count(left.events)) events."
    }
    return [
      ["The runs differ."], runLines, inputLines, eventLines,
      ["What changed"] + changes.lines(left: "A", right: "B").map { "  " + $0 },
    ].map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private var runLines: [String] {
    [("A", left), ("B", right)].map { name, side in
      "  \(name)  \(side.path): \(side.scenario), seed \(side.seed), bootsim \(side.version), "
        + "\(Quantity.count(side.events)) events, digest \(side.digest)"
    }
  }

  private var inputLines: [String] {
    var lines = inputs.flatMap { change in
      ["  \(change.path)"] + change.lines.map { "    " + $0 }
    }
    if left.seed != right.seed {
      lines += ["  seed", "    -\(left.seed)", "    +\(right.seed)"]
    }
    return lines.isEmpty ? ["Inputs and seed are the same."] : ["Inputs that differ"] + lines
  }

  private var eventLines: [String] {
    guard let divergence else {
      return [
        waitingDiffers
          ? "All events are the same; the requests of nodes that wait for a certificate differ."
          : "All events are the same: the digests differ by the inputs alone."
      ]
    }
    return divergence.lines(left: "A", right: "B")
  }
}

extension TraceDivergence {
  /// The event on both sides, and what led to it.
  func lines(left leftName: String, right rightName: String) -> [String] {
    ["The first event that differs is number \(Quantity.count(Int(id)))"]
      + lines(of: left, leftName) + lines(of: right, rightName)
      + lines(of: leftInRight, "\(leftName)'s event in \(rightName)", if: left != nil)
      + lines(of: rightInLeft, "\(rightName)'s event in \(leftName)", if: right != nil)
  }

  private func lines(of like: ToldEvent?, _ name: String, if exists: Bool) -> [String] {
    guard exists else { return [] }
    return ["  \(name):", "    \(like?.line ?? "there is none like it")"]
  }

  private func lines(of chain: CausalChain?, _ name: String) -> [String] {
    guard let chain else { return ["  \(name)  has ended before"] }
    return ["  in \(name), and what led to it:"] + chain.lines.map { "    " + $0 }
  }
}

// MARK: JSON

extension RunDiff: Encodable {
  private enum CodingKeys: String, CodingKey {
    case equal, left, right, inputs, firstDifference, waitingRequestsDiffer, changes
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(areEqual, forKey: .equal)
    try container.encode(left, forKey: .left)
    try container.encode(right, forKey: .right)
    try container.encode(inputs, forKey: .inputs)
    try container.encode(divergence, forKey: .firstDifference)
    try container.encode(waitingDiffers, forKey: .waitingRequestsDiffer)
    try container.encode(changes.rows.filter(\.differs), forKey: .changes)
  }

  /// One object; keys sorted, so that equal runs print equal bytes.
  package func json() throws -> String {
    try JSONText.pretty(self)
  }
}

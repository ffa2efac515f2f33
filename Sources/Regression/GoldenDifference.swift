import Reporting
import Scenarios
import SimulationKernel
import TraceStore

/// What is not as the golden file says.
struct GoldenDifference {
  let golden: Golden
  let now: Golden
  /// Between which numbers the first event that differs is; nil: all events are the same.
  let range: ClosedRange<Int>?

  /// What a golden file says that cannot be of the run whose digest it has: somebody merged or changed it by
  /// hand.
  let contradictions: [String]

  /// nil: nothing differs.
  init?(_ golden: Golden, _ now: Golden, _ range: ClosedRange<Int>?) {
    contradictions = golden.digest == now.digest ? Self.contradictions(golden, now) : []
    guard
      golden.digest != now.digest || golden.figures != now.figures
        || golden.ending != now.ending || !contradictions.isEmpty
    else { return nil }
    self.golden = golden
    self.now = now
    self.range = contradictions.isEmpty ? range : nil
  }

  /// The digest covers all inputs, the seed and each event, and decides how long the run was.
  private static func contradictions(_ golden: Golden, _ now: Golden) -> [String] {
    let (before, after) = (golden.events, now.events)
    let parts = [
      ("scenario", golden.scenario == now.scenario), ("seed", golden.seed == now.seed),
      ("virtualSeconds", golden.virtualSeconds == now.virtualSeconds),
      ("inputs", golden.inputs == nil || now.inputs == nil || golden.inputs == now.inputs),
      ("events.count", before.count == after.count),
      ("events.digest", before.digest == after.digest),
      ("events.waitingDigest", before.waitingDigest == after.waitingDigest),
      ("events.trail", before.trail == after.trail),
    ]
    return parts.filter { !$0.1 }.map(\.0)
  }

  /// One line.
  var title: String {
    if !contradictions.isEmpty {
      return
        "the golden file was changed by hand: its digest is this run's, but what it says under "
        + "\(contradictions.joined(separator: ", ")) is not"
    }
    if let range {
      return range.count == 1
        ? Self.title(event: range.lowerBound)
        : "the first event that differs from the golden file is among events "
          + "\(Quantity.count(range.lowerBound)) to \(Quantity.count(range.upperBound))"
    }
    if golden.events.waitingDigest != now.events.waitingDigest {
      return "the requests of nodes that wait for a certificate are others than in the golden file"
    }
    if golden.digest != now.digest {
      if let inputs = golden.inputs, inputs == now.inputs {
        return
          "the golden file was changed by hand: all events and inputs are as in it, but the digest is another"
      }
      return "all events are as in the golden file, but the digest is another: "
        + "a text of the scenario has changed, or a name or message that events have"
    }
    return "all events are as in the golden file, but the figures are others"
  }

  static func title(event: Int) -> String {
    "event \(Quantity.count(event)) is another than in the golden file"
  }

  /// What changed for the user, and the digests.
  var changeLines: [String] {
    var rows = FigureChanges(golden.figures, now.figures).rows.filter(\.differs)
    for (name, left, right) in [
      ("ending", golden.ending, now.ending),
      ("virtual time", Self.length(golden), Self.length(now)),
      ("events", Quantity.count(golden.events.count), Quantity.count(now.events.count)),
      ("seed", "\(golden.seed)", "\(now.seed)"), ("digest", golden.digest, now.digest),
    ] where left != right {
      rows.append(FigureChanges.Row(name: name, left: left, right: right, change: ""))
    }
    return rows.map { row in
      "\(row.name): \(row.left) → \(row.right)" + (row.change.isEmpty ? "" : " (\(row.change))")
    }
  }

  private static func length(_ golden: Golden) -> String {
    FigureChanges.length(golden.virtualSeconds)
  }
}

// MARK: The events

extension GoldenDifference {
  /// The most events of a range that are told.
  private static let most = 12

  /// What this run did between two marks, or, where it is one event, both sides of it.
  ///
  /// - Returns: whether the first event that differs is named on both sides.
  static func lines(
    in range: ClosedRange<Int>, _ golden: Golden, _ now: TraceFile
  ) throws -> (lines: [String], isExact: Bool) {
    guard range.count == 1 else { return (try lines(in: range, now), false) }
    let chain = try CausalChain(to: Int64(range.lowerBound), in: now)
    let before = golden.events.chain(to: range.lowerBound)
    let hadEnded = golden.events.count < range.lowerBound
    let wordless =
      hadEnded ? "has ended before" : "has another event there, of which it keeps no words"
    let goldenLines = before.map { side("golden", $0) } ?? ["  golden  \(wordless)"]
    let nowLines = chain.map { side("this run", $0.lines) } ?? ["  this run  has ended before"]
    return (goldenLines + nowLines, before != nil || hadEnded)
  }

  private static func side(_ name: String, _ chain: [String]) -> [String] {
    ["  in \(name), and what led to it:"] + chain.map { "    " + $0 }
  }

  private static func lines(in range: ClosedRange<Int>, _ now: TraceFile) throws -> [String] {
    let events = try now.rows(
      "\(ToldEvent.query) WHERE v.id BETWEEN ? AND ? ORDER BY v.id LIMIT \(most)",
      [range.lowerBound, range.upperBound], ToldEvent.init)
    let hidden = range.count - events.count
    let rest =
      events.count == most && hidden > 0 ? ["    … up to \(Quantity.count(hidden)) more"] : []
    return ["  this run has there:"] + events.map { "    " + $0.line } + rest
  }
}

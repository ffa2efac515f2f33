import TLSBootstrap

/// Comments such as `# bootsim-lint: disable=unused-token`: on a line of its own for the whole file, behind a
/// value for that line.
struct LintComments {
  private(set) var disables: [Disable] = []

  struct Disable: Hashable {
    var rule: String
    var place: Place
    /// Whether it is for its line only.
    var isForLine: Bool
  }

  private static let mark = "# bootsim-lint:"
  private static let order = "disable="

  /// - Parameter inputs: every file of a scenario; the first one's comments are for all of them.
  init(_ inputs: [InputText]) {
    for input in inputs where input.text.contains(Self.mark) {
      for (index, line) in input.text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        guard let mark = line.firstRange(of: Self.mark) else { continue }
        let column = line.distance(from: line.startIndex, to: mark.lowerBound) + 1
        let place = Place(file: input.path, line: index + 1, column: column)
        let isForLine = !line[..<mark.lowerBound].allSatisfy { $0 == " " }
        let words = line[mark.upperBound...].split { $0 == " " || $0 == "," }
        for word in words {
          let rule = word.hasPrefix(Self.order) ? word.dropFirst(Self.order.count) : word
          disables.append(Disable(rule: String(rule), place: place, isForLine: isForLine))
        }
      }
    }
    mainFile = inputs.first?.path ?? ""
  }

  private let mainFile: String

  func hides(_ finding: LintFinding) -> Bool {
    disables.contains { covers($0, finding) }
  }

  func covers(_ disable: Disable, _ finding: LintFinding) -> Bool {
    guard disable.rule == finding.rule else { return false }
    if disable.isForLine {
      return (disable.place.file, disable.place.line) == (finding.place.file, finding.place.line)
    }
    return [mainFile, finding.place.file].contains(disable.place.file)
  }
}

let commentRules: [LintRule] = [
  LintRule(
    "unknown-rule", .warning, "A comment disables a rule that does not exist."
  ) { input in
    let known = LintRule.all.map(\.id)
    return input.comments.disables.filter { !known.contains($0.rule) }.map { disable in
      let nearest = NearestKey.nearest(to: disable.rule, among: known)
      return .init(
        at: disable.place, "no rule is called “\(disable.rule.prefix(60))”",
        cure: nearest.map { "did you mean `\($0)`?" }
          ?? "see docs/LINT.md, or `bootsim lint --rules`")
    }
  },
  LintRule("unused-disable", .note, "A comment disables a rule that finds nothing.") { input in
    let known = Set(LintRule.all.map(\.id))
    return input.comments.disables.filter { disable in
      known.contains(disable.rule)
        && !input.found.contains { input.comments.covers(disable, $0) }
    }.map { .init(at: $0.place, "`\($0.rule)` finds nothing here", cure: "remove the comment") }
  },
]

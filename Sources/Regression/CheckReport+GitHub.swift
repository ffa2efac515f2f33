import Reporting

/// What GitHub Actions shows of a check.
extension CheckReport {
  /// A workflow command for each finding: it becomes an annotation at the line of the file.
  package var annotations: [String] {
    findings.map { finding in
      GitHubAnnotation(
        level: "error", file: finding.file, line: finding.line, column: finding.column,
        title: "bootsim \(finding.rule.rawValue)",
        text: ([finding.title] + finding.details).joined(separator: "\n")
      ).command
    }
  }

  /// Markdown for the step summary.
  package var markdown: String {
    var lines = [
      "### bootsim check: \(passed) passed, \(failed) failed", "",
    ]
    if failed > 0 { lines += ["| scenario | what does not hold |", "|---|---|"] }
    for scenario in scenarios {
      for finding in scenario.findings {
        lines.append("| \(Self.cell(scenario.path)) | \(Self.cell(finding.title)) |")
      }
    }
    var size = lines.reduce(0) { $0 + $1.utf8.count + 1 }
    var hidden = 0
    for finding in findings where !finding.details.isEmpty {
      let part = Self.part(finding)
      let length = part.reduce(0) { $0 + $1.utf8.count + 1 }
      if hidden > 0 || size + length > Self.mostBytes {
        hidden += 1
      } else {
        lines += part
        size += length
      }
    }
    if hidden > 0 { lines += ["", "The details of \(hidden) more are in the log of the step."] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The most that a summary has, in bytes, besides its table.
  ///
  /// GitHub shows nothing of a step whose summary is larger than 1 MiB; other commands of the step may write to
  /// it, too.
  private static let mostBytes = 900_000

  private static func part(_ finding: Finding) -> [String] {
    let fence = String(repeating: "`", count: Self.fence(finding.details))
    return ["", "**\(cell(finding.file))**", "", fence + "text"] + finding.details + [fence]
  }

  /// One line, in which nothing is markup.
  private static func cell(_ text: String) -> String {
    let escaped = text.map { character -> String in
      if character.isNewline { return " " }
      return "\\`*_{}[]<>#|&~".contains(character) ? "\\\(character)" : String(character)
    }
    return escaped.joined()
  }

  /// More backticks than any run of them in the text.
  private static func fence(_ lines: [String]) -> Int {
    let runs = lines.flatMap { $0.split { $0 != "`" }.map(\.count) }
    return max(3, (runs.max() ?? 0) + 1)
  }
}

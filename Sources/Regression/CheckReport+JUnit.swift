/// JUnit XML, as Jenkins, GitLab and Prow read it: a suite a scenario, a case for each thing that had to
/// hold.
extension CheckReport {
  /// - Parameter golden: the folder of golden files, for the command that repeats a check.
  package func junit(golden: String) -> String {
    let cases = scenarios.map(\.cases.count).reduce(0, +)
    let head =
      "<testsuites name=\"bootsim check\" tests=\"\(cases)\" failures=\"\(failures(in: scenarios))\" "
      + "errors=\"\(errors(in: scenarios))\">"
    let suites = scenarios.flatMap { suite($0, golden) }
    return (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", head] + suites + ["</testsuites>", ""])
      .joined(separator: "\n")
  }

  private func suite(_ scenario: CheckedScenario, _ golden: String) -> [String] {
    let path = XML.attribute(scenario.path)
    let cases = scenario.cases.flatMap { checked -> [String] in
      let start = "    <testcase classname=\"\(path)\" name=\"\(XML.attribute(checked.name))\""
      guard let finding = checked.finding else { return [start + "/>"] }
      let element = finding.rule.isBadInput ? "error" : "failure"
      let text = (["\(finding.place): \(finding.title)"] + finding.details).joined(separator: "\n")
      return [
        start + ">",
        "      <\(element) type=\"\(finding.rule.rawValue)\" "
          + "message=\"\(XML.attribute(finding.title))\">\(XML.text(text))</\(element)>",
        "    </testcase>",
      ]
    }
    let command = XML.text(Self.command(scenario.path, golden: golden))
    return [
      "  <testsuite name=\"\(path)\" tests=\"\(scenario.cases.count)\" "
        + "failures=\"\(failures(in: [scenario]))\" errors=\"\(errors(in: [scenario]))\">"
    ] + cases + ["    <system-out>\(command)</system-out>", "  </testsuite>"]
  }

  private func failures(in scenarios: [CheckedScenario]) -> Int {
    scenarios.flatMap(\.findings).count { !$0.rule.isBadInput }
  }

  private func errors(in scenarios: [CheckedScenario]) -> Int {
    scenarios.flatMap(\.findings).count { $0.rule.isBadInput }
  }
}

/// Text as XML 1.0 has it.
enum XML {
  /// Characters that XML cannot have at all become U+FFFD.
  static func text(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  static func attribute(_ text: String) -> String {
    var escaped = ""
    for scalar in self.text(text).unicodeScalars {
      switch scalar {
      case "\"": escaped += "&quot;"
      case "\t": escaped += "&#9;"
      case "\n": escaped += "&#10;"
      case "\r": escaped += "&#13;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

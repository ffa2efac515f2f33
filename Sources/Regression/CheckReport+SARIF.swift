/// SARIF 2.1.0, as GitHub's code scanning reads it.
extension CheckReport {
  public func sarif() throws -> String {
    try Self.json(SARIFLog(findings, version: version)) + "\n"
  }
}

/// The part of the format that findings need.
private struct SARIFLog: Encodable {
  let schema = "https://json.schemastore.org/sarif-2.1.0.json"
  let version = "2.1.0"
  let runs: [Run]

  private enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  struct Run: Encodable {
    let tool: Tool
    let results: [Result]
  }
  struct Tool: Encodable { let driver: Driver }
  struct Driver: Encodable {
    let name = "bootsim"
    let version: String
    let rules: [Rule]
  }
  struct Rule: Encodable {
    let id: String
    let shortDescription: Message
  }
  struct Message: Encodable { let text: String }
  struct Result: Encodable {
    let ruleId: String
    let ruleIndex: Int
    let level = "error"
    let message: Message
    let locations: [Location]
  }
  struct Location: Encodable { let physicalLocation: PhysicalLocation }
  struct PhysicalLocation: Encodable {
    let artifactLocation: ArtifactLocation
    let region: Region
  }
  struct ArtifactLocation: Encodable { let uri: String }
  struct Region: Encodable { let startLine: Int }

  init(_ findings: [Finding], version: String) {
    let rules = Finding.Rule.allCases.map { rule in
      Rule(id: rule.rawValue, shortDescription: Message(text: rule.summary))
    }
    let results = findings.map { finding in
      Result(
        ruleId: finding.rule.rawValue,
        ruleIndex: Finding.Rule.allCases.firstIndex(of: finding.rule) ?? 0,
        message: Message(text: ([finding.title] + finding.details).joined(separator: "\n")),
        locations: [
          Location(
            physicalLocation: PhysicalLocation(
              artifactLocation: ArtifactLocation(uri: Self.uri(finding.file)),
              region: Region(startLine: finding.line)))
        ])
    }
    runs = [Run(tool: Tool(driver: Driver(version: version, rules: rules)), results: results)]
  }

  /// A relative reference: what a path has and an URI cannot is spelled in per cent.
  private static func uri(_ path: String) -> String {
    path.utf8.map { byte in
      let character = Character(UnicodeScalar(byte))
      let isPlain =
        byte < 0x80 && (character.isLetter || character.isNumber || "/-._~".contains(character))
      let digits = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(character) : "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }
}

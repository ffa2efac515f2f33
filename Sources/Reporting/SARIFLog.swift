/// Findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS): its objects, as far as they are
/// used.
package struct SARIFLog: Encodable {
  private let version = "2.1.0"
  private let schema = "https://json.schemastore.org/sarif-2.1.0.json"
  private let runs: [Run]

  private enum CodingKeys: String, CodingKey {
    case version, runs
    case schema = "$schema"
  }

  /// Columns count code points, as YAML's do.
  package init(_ driver: Driver, _ results: [Result]) {
    var seen: [SARIFFingerprint: Int] = [:]
    let numbered = results.map { result in
      var result = result
      seen[result.fingerprint, default: 0] += 1
      result.partialFingerprints = [
        "bootsimFinding/v1": result.fingerprint.text(occurrence: seen[result.fingerprint] ?? 1)
      ]
      return result
    }
    runs = [
      Run(tool: Tool(driver: driver), results: numbered, columnKind: "unicodeCodePoints")
    ]
  }

  package func text() throws -> String { try JSONText.pretty(self) + "\n" }

  private struct Run: Encodable {
    let tool: Tool
    let results: [Result]
    let columnKind: String
  }

  private struct Tool: Encodable { let driver: Driver }

  /// The program that found something, with its rules.
  package struct Driver: Encodable {
    package var name: String
    package var version: String?
    package var semanticVersion: String?
    package var rules: [Rule]

    package init(
      name: String, version: String? = nil, semanticVersion: String? = nil, rules: [Rule]
    ) {
      self.name = name
      self.version = version
      self.semanticVersion = semanticVersion
      self.rules = rules
    }
  }

  package struct Rule: Encodable {
    package let id: String
    let shortDescription: Message
    let defaultConfiguration: Configuration?

    package init(_ id: String, _ text: String, level: String? = nil) {
      self.id = id
      shortDescription = Message(text: text)
      defaultConfiguration = level.map(Configuration.init)
    }
  }

  struct Configuration: Encodable { let level: String }
  struct Message: Encodable { let text: String }

  package struct Result: Encodable {
    let ruleId: String
    let ruleIndex: Int
    let level: String
    let message: Message
    let locations: [Location]
    var partialFingerprints: [String: String] = [:]
    let fingerprint: SARIFFingerprint

    private enum CodingKeys: String, CodingKey {
      case ruleId, ruleIndex, level, message, locations, partialFingerprints
    }

    /// - Parameters:
    ///   - rule: its place among the driver's.
    ///   - root: the folder of the sources.
    package init(
      _ rule: (id: String, index: Int), level: String, _ text: String, file: String,
      below root: String, line: Int?, column: Int? = nil
    ) {
      let location = SARIFLocation(file, below: root)
      fingerprint = SARIFFingerprint(rule: rule.id, uri: location.uri, message: text)
      ruleId = rule.id
      ruleIndex = rule.index
      self.level = level
      message = Message(text: text)
      let region = line.map { Region(startLine: $0, startColumn: column) }
      locations = [
        Location(
          physicalLocation: Physical(artifactLocation: location, region: region))
      ]
    }
  }

  struct Location: Encodable { let physicalLocation: Physical }
  struct Physical: Encodable {
    let artifactLocation: SARIFLocation
    let region: Region?
  }
  struct Region: Encodable {
    let startLine: Int
    let startColumn: Int?
  }
}

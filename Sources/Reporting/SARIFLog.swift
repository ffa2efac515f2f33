import Foundation
import Scenarios

/// Findings of `bootsim lint` in the Static Analysis Results Interchange Format 2.1.0 (OASIS).
public struct SARIFLog {
  private let log: Log

  public init(_ findings: [LintFinding], version: String) {
    let rules =
      LintRule.all.map { Rule($0.id, $0.text, $0.severity) }
      + [
        Rule(LintReport.readerRule, "A mistake for which the scenario cannot be played.", .error)
      ]
    let results = findings.map { finding in
      Result(
        ruleId: finding.rule, ruleIndex: rules.firstIndex { $0.id == finding.rule } ?? 0,
        level: finding.severity.rawValue, message: Message("\(finding.problem); \(finding.cure)"),
        locations: [Location(finding.place)])
    }
    let driver = Driver(name: "bootsim lint", semanticVersion: version, rules: rules)
    log = Log(runs: [Run(tool: Tool(driver: driver), results: results)])
  }

  public func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(log), as: UTF8.self) + "\n"
  }
}

// MARK: The format's objects, as far as they are used

extension SARIFLog {
  fileprivate struct Log: Encodable {
    let version = "2.1.0"
    let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
      case version, runs
      case schema = "$schema"
    }
  }

  fileprivate struct Run: Encodable {
    var tool: Tool
    var results: [Result]
    // Columns count code points, as YAML's do.
    let columnKind = "unicodeCodePoints"
  }

  fileprivate struct Tool: Encodable { var driver: Driver }

  fileprivate struct Driver: Encodable {
    var name: String
    var semanticVersion: String
    var rules: [Rule]
  }

  fileprivate struct Rule: Encodable {
    var id: String
    var shortDescription: Message
    var defaultConfiguration: Configuration

    init(_ id: String, _ text: String, _ severity: LintSeverity) {
      self.id = id
      shortDescription = Message(text)
      defaultConfiguration = Configuration(level: severity.rawValue)
    }
  }

  fileprivate struct Configuration: Encodable { var level: String }

  fileprivate struct Message: Encodable {
    var text: String
    init(_ text: String) { self.text = text }
  }

  fileprivate struct Result: Encodable {
    var ruleId: String
    var ruleIndex: Int
    var level: String
    var message: Message
    var locations: [Location]
  }

  fileprivate struct Location: Encodable {
    var physicalLocation: Physical

    init(_ place: Place) {
      let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: ":"))
      let uri = place.file.addingPercentEncoding(withAllowedCharacters: allowed) ?? place.file
      physicalLocation = Physical(
        artifactLocation: Artifact(uri: place.file.hasPrefix("/") ? "file://\(uri)" : uri),
        region: place.line > 0 ? Region(startLine: place.line, startColumn: place.column) : nil)
    }
  }

  fileprivate struct Physical: Encodable {
    var artifactLocation: Artifact
    var region: Region?
  }

  fileprivate struct Artifact: Encodable { var uri: String }

  fileprivate struct Region: Encodable {
    var startLine: Int
    var startColumn: Int
  }
}

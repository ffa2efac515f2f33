import Foundation
import Testing
import TestSupport

@testable import Scenarios

/// The JSON Schema, the table of keys and the reader agree.
struct SchemaTests {
  static let file = "docs/scenario.schema.json"

  @Test func `the schema of the repository is that of the program`() throws {
    let ended = try Program.bootsim(["schema"])
    #expect(ended.code == 0)
    #expect(
      try Repository.text(Self.file, writing: ended.output) == ended.output,
      "run once with UPDATE_DOCS=1")
  }

  @Test func `every key of the table is in the schema, with its meaning`() throws {
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(ScenarioFile.jsonSchema.utf8)) as? [String: Any])
    let definitions = try #require(schema["definitions"] as? [String: [String: Any]])
    for key in ScenarioFile.keys where !KeyTable.isType(key.path) {
      var steps = key.path.split(separator: ".").map(String.init)
      let type = key.path.first?.isUppercase == true ? steps.removeFirst() : "Scenario"
      var found = definitions[type]
      for (index, step) in steps.enumerated() {
        let name = step.hasSuffix("[]") ? String(step.dropLast(2)) : step
        found = Self.child(name, of: found)
        if step.hasSuffix("[]"), index < steps.count { found = found?["items"] as? [String: Any] }
      }
      let description = found?["description"] as? String
      #expect(description?.hasPrefix(key.text) == true, "\(key.path) is not in the schema")
    }
  }

  /// A property of a schema, or of one of its forms.
  private static func child(_ name: String, of schema: [String: Any]?) -> [String: Any]? {
    let forms = [schema] + ((schema?["anyOf"] as? [[String: Any]]) ?? [])
    return forms.lazy.compactMap {
      ($0?["properties"] as? [String: [String: Any]])?[name]
    }.first
  }

  @Test func `a default of the schema is a value that the schema allows`() throws {
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(ScenarioFile.jsonSchema.utf8)) as? [String: Any])
    var defaults = 0
    func look(_ value: Any) {
      if let list = value as? [Any] { list.forEach(look) }
      guard let object = value as? [String: Any] else { return }
      if let words = object["enum"] as? [String], let given = object["default"] as? String {
        defaults += 1
        #expect(words.contains(given))
      }
      object.values.forEach(look)
    }
    look(schema)
    #expect(defaults > 10)
  }

  @Test(arguments: [
    "a", "1", "a-b.c-1", "", "-a", "a-", "a..b", ".a", "a.", "A", "a_b", "ä", "a.-b",
  ])
  func `names look in the schema as the reader takes them`(name: String) throws {
    let pattern = try Regex(KubernetesName.pattern)
    #expect(name.contains(pattern) == KubernetesName.isSubdomain(name))
  }

  @Test func `text names every key`() throws {
    let ended = try Program.bootsim(["schema", "--format", "text"])
    #expect(ended.output == ScenarioFile.schemaText)
  }
}

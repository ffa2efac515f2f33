import ArgumentParser
import Scenarios

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints the JSON Schema of scenarios, for editors, or every key as text.",
    discussion: """
      An editor with yaml-language-server completes and checks a scenario that has a comment above \
      its first key: # yaml-language-server: $schema=scenario.schema.json, where that file is what \
      this command prints. The schema is draft 7, the latest that yaml-language-server reads.
      """)

  @Option(help: "What is printed: json, or text with every key, its type, unit and default.")
  var format = SchemaFormat.json

  enum SchemaFormat: String, ExpressibleByArgument, CaseIterable { case json, text }

  func run() {
    switch format {
    case .json: print(ScenarioFile.jsonSchema, terminator: "")
    case .text: print(ScenarioFile.schemaText, terminator: "")
    }
  }
}

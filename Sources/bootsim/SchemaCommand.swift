import ArgumentParser
import Scenarios

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints every key of a scenario, with type, unit and default.")

  func run() {
    print(ScenarioFile.schemaText, terminator: "")
  }
}

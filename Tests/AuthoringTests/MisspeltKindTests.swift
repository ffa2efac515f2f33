import Foundation
import TestSupport
import Testing

/// A file that was meant to be a scenario is never passed over.
struct MisspeltKindTests {
  private func folder(with kind: String) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    let text = try Repository.text("scenarios/first-node.yaml")
    try folder.write(text.replacing("kind: Scenario", with: kind), to: "all/first.yaml")
    try folder.write("apiVersion: v1\nkind: Secret\n", to: "all/secret.yaml")
    return folder
  }

  @Test(arguments: ["kind: scenario", "kind: Scenarios  # mine", "kind: 'Senario'"])
  func `a kind that is nearly Scenario is named`(kind: String) throws {
    let folder = try folder(with: kind)
    for words in [
      ["lint", "all"], ["check", "all"], ["list", "all"], ["run", "all/first.yaml"],
    ] {
      let ended = try Program.bootsim(words, in: folder.url)
      #expect(ended.code == 65, "\(words) \(ended.output)")
      let told = ended.output + ended.errors
      #expect(told.contains("is not known; write `kind: Scenario`"), "\(words) \(told)")
      #expect(!told.contains("secret.yaml"))
    }
  }

  @Test(arguments: ["kind: Cluster", "# kind: Scenario"])
  func `bootsim's apiVersion alone is enough to be looked at`(kind: String) throws {
    let folder = try folder(with: kind)
    let ended = try Program.bootsim(["lint", "all"], in: folder.url)
    #expect(ended.code == 65)
    #expect(ended.output.contains("no document of kind Scenario"))
  }

  @Test(arguments: ["kind: \"Scenario\"", "kind:   Scenario # one"])
  func `a kind may be in quotes`(kind: String) throws {
    let folder = try folder(with: kind)
    let ended = try Program.bootsim(["lint", "all"], in: folder.url)
    #expect(ended.code == 0)
    #expect(ended.output == "clean: 1 scenario\n")
  }
}

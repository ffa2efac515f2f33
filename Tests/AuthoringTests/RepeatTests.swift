import Foundation
import Testing
import TestSupport
import TraceStore

/// What a trace says repeats its run.
struct RepeatTests {
  @Test func `each of two runs side by side is repeated by its own command`() throws {
    try withTemporaryFolder { folder in
      let scenario = Repository.root.appendingPathComponent("scenarios/first-node.yaml").path
      let ended = try Program.bootsim(
        [
          "run", scenario, "--set", "spec.seed=1", "--set", "spec.seed=2", "--set",
          "spec.duration=1h", "--output", "r.sqlite",
        ], in: folder)
      #expect(ended.code == 0, "\(ended.errors)")
      for seed in 1...2 {
        let path = folder.appendingPathComponent("r-spec.seed_\(seed).sqlite").path
        #expect(
          try TraceFile(path: path).run().command
            == "bootsim run \(scenario) --set spec.seed=\(seed) --set spec.duration=1h")
      }
    }
  }

  /// `_` stands for whatever a file's name had better not have.
  @Test func `each of two runs side by side has a trace of its own, however alike their values`()
    throws
  {
    try withTemporaryFolder { folder in
      let scenario = Repository.root.appendingPathComponent("scenarios/first-node.yaml").path
      let ended = try Program.bootsim(
        [
          "run", scenario, "--set", "spec.nodes[0].names=['x-1']", "--set",
          "spec.nodes[0].names=[\"x-1\"]", "--output", "r.sqlite",
        ], in: folder)
      #expect(ended.code == 0, "\(ended.errors)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.count { $0.hasSuffix(".sqlite") } == 2, "\(names)")
    }
  }

  /// A file system takes no name of more than 255 bytes.
  @Test func `a long value shortens the name of its trace`() throws {
    try withTemporaryFolder { folder in
      let scenario = Repository.root.appendingPathComponent("scenarios/first-node.yaml").path
      let name = { (letter: String) in
        "spec.nodes[0].names=[\(String(repeating: letter, count: 240))]"
      }
      let ended = try Program.bootsim(
        ["run", scenario, "--set", name("a"), "--set", name("b"), "--output", "r.sqlite"],
        in: folder)
      #expect(ended.code == 0, "\(ended.errors)")
    }
  }
}

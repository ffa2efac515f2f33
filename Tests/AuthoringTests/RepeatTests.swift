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
}

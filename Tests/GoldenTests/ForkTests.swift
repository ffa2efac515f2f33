import Scenarios
import TLSBootstrap
import Testing

struct ForkTests {
  @Test(arguments: ["first-node", "manual-approval", "missing-approve-binding", "skewed-clocks"])
  func `a copied world goes on exactly like the original`(name: String) throws {
    let loaded = try ScenarioFile.load(path: Repository.path(ofScenario: name))
    var original = World(loaded.scenario)
    // Stops in the middle: after the first batch that the sink would get.
    var stops = 0
    var sink: (any TraceSink)?
    let paused = try original.run(
      into: &sink,
      isInterrupted: {
        stops += 1
        return stops == 1
      })
    var copy = original
    if paused == .interrupted {
      original.run()
      copy.run()
    }
    #expect(copy.digest == original.digest)
    #expect(copy.eventCount == original.eventCount)
    var replayed = World(loaded.scenario)
    replayed.run()
    #expect(replayed.digest == original.digest)
  }

  @Test func `the digest is the same at every trace level`() throws {
    let loaded = try ScenarioFile.load(path: Repository.path(ofScenario: "first-node"))
    let digests = TraceLevel.allCases.map { level in
      var world = World(loaded.scenario, level: level)
      world.run()
      return world.digest
    }
    #expect(Set(digests).count == 1)
  }

  @Test func `another seed and another input give another digest`() throws {
    var loaded = try ScenarioFile.load(path: Repository.path(ofScenario: "first-node"))
    var first = World(loaded.scenario)
    first.run()
    var sameWithInput = World(loaded.scenario, inputs: [1])
    sameWithInput.run()
    loaded.scenario.seed += 1
    var other = World(loaded.scenario)
    other.run()
    #expect(Set([first.digest, sameWithInput.digest, other.digest]).count == 3)
  }
}

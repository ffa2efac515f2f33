import Scenarios
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing

struct ForkTests {
  @Test(arguments: ["first-node", "manual-approval", "missing-approve-binding", "skewed-clocks"])
  func `a copied world goes on exactly like the original`(name: String) throws {
    let loaded = try ScenarioFile.load(path: Repository.path(ofScenario: name))
    var original = World(loaded.scenario)
    original.run()
    let middle = original.now - Instant.zero
    var paused = World(loaded.scenario)
    paused.advance(to: Instant.zero + middle.scaled(by: 1, over: 3))
    #expect(paused.eventCount < original.eventCount)
    var copy = paused
    copy.run()
    #expect(copy.digest == original.digest)
    #expect(copy.eventCount == original.eventCount)
    // The original of the copy is where it was, and goes on alike.
    #expect(paused.digest != original.digest)
    paused.run()
    #expect(paused.digest == original.digest)
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

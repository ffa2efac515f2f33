import Scenarios
import TLSBootstrap
import TraceStore

extension RunInputs {
  /// - Parameters:
  ///   - version: of bootsim.
  ///   - command: that repeats the run.
  package init(_ loaded: LoadedScenario, version: String, command: String) {
    self.init(
      scenario: loaded.scenario.name,
      inputs: loaded.inputs,
      seed: loaded.scenario.seed, version: version, start: loaded.scenario.start, command: command)
  }
}

import Scenarios
import TLSBootstrap

extension Latencies {
  /// Those of a scenario that names this profile.
  ///
  /// - Parameter beside: further keys of `spec.latency`, after a comma.
  static func read(profile: String, beside: String = "") throws -> Latencies {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: test}
      spec:
        nodes: [{name: a}]
        tokens: [{token: abcdef.0123456789abcdef}]
        latency: {profile: p.yaml\(beside)}
      """
    return try ScenarioFile.load(text: text, path: "s.yaml") { _ in profile }.scenario.latency
  }
}

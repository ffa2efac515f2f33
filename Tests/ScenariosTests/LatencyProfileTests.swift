import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// `spec.latency.profile`: a file of its own, as strict as the scenario.
struct LatencyProfileTests {
  private let spec = nodesAndToken + "  latency: {profile: p.yaml, write: 9ms}\n"
  private let profileHead = "apiVersion: bootsim.dev/v1alpha1\nkind: LatencyProfile\n"

  private func mistakes(of profile: String) -> [String] {
    ScenariosTests.mistakes(spec, files: ["p.yaml": profile])
  }

  @Test func `the profile's latencies hold, those beside it win, the others stay`() throws {
    let profile = profileHead + "latency: {read: 7ms, write: 8ms}\n"
    let loaded = try load(spec, files: ["p.yaml": profile])
    var expected = Latencies()
    expected.read = .constant(.milliseconds(7))
    expected.write = .constant(.milliseconds(9))
    #expect(loaded.scenario.latency == expected)
    #expect(loaded.inputs.map(\.path) == ["s.yaml", "p.yaml"])
  }

  @Test func `a profile without latencies changes nothing`() throws {
    let loaded = try load(
      nodesAndToken + "  latency: {profile: p.yaml}\n",
      files: ["p.yaml": profileHead + "latency: {}\n"])
    #expect(loaded.scenario.latency == Latencies())
  }

  @Test func `mistakes in the profile have their places in it`() {
    #expect(
      mistakes(of: profileHead + "latency:\n  raed: 1ms\n") == [
        "p.yaml:4:3: unknown key “raed” in `LatencyProfile.latency`; did you mean `read`?"
      ])
    #expect(
      mistakes(of: profileHead + "latency:\n  read: {quantiles: {p50: 2ms, p90: 1ms, p99: 3ms}}\n")
        == ["p.yaml:4:37: `p90` is less than `p50`; let min, p50, p90, p99, max grow"])
    #expect(
      mistakes(of: "apiVersion: v1\nkind: LatencyProfile\n") == [
        "p.yaml:1:13: the profile has another apiVersion, or none; write `apiVersion: "
          + "bootsim.dev/v1alpha1`, or make the profile anew"
      ])
    #expect(mistakes(of: "a: [").count == 1)
  }

  @Test func `another file, none, or two documents are no profile`() {
    let cure = "name a file that `bootsim calibrate` has written"
    #expect(
      mistakes(of: "kind: Scenario\n")
        == ["p.yaml:1:1: no document of kind LatencyProfile; \(cure)"])
    #expect(mistakes(of: "") == ["p.yaml: no document of kind LatencyProfile; \(cure)"])
    #expect(
      mistakes(of: profileHead + "---\nkind: LatencyProfile\n")
        == ["p.yaml:4:1: a second document; \(cure)"])
    #expect(
      ScenariosTests.mistakes(spec) == [
        "s.yaml:10:22: cannot read p.yaml; give a file relative to the scenario's folder"
      ])
  }
}

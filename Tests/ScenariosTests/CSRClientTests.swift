import Scenarios
import SimulationKernel
import TLSBootstrap
import Testing

/// `kind: csrClient` of a group of nodes.
struct CSRClientTests {
  @Test func `clients have client-go's limits and patience unless the file says otherwise`() throws
  {
    let groups = try load(Self.spec("kind: csrClient")).scenario.groups
    #expect(groups[0].csrClient == CSRClientSettings())
    let text =
      "kind: csrClient\n    csrClient: {patience: 30s, gap: 5s, kubeAPIQPS: 50, kubeAPIBurst: 7}"
    let settings = try #require(try load(Self.spec(text)).scenario.groups[0].csrClient)
    #expect(settings.patience == .seconds(30) && settings.gap == .seconds(5))
    #expect(settings.kubeAPIMilliQPS == 50_000 && settings.kubeAPIBurst == 7)
    #expect(try load(Self.spec("kind: kubelet")).scenario.groups[0].csrClient == nil)
  }

  @Test func `clients come after the nodes with kubelets, whatever the order of the file`() throws {
    let spec = """
        nodes:
        - name: clients
          kind: csrClient
        - name: workers
        tokens:
        - token: abcdef.0123456789abcdef

      """
    #expect(try load(spec).scenario.groups.map(\.name) == ["workers", "clients"])
  }

  @Test func `clients start as nodes do, also from a CSV file`() throws {
    let spec = Self.spec("kind: csrClient\n    start: {csv: {file: t.csv, column: t}}")
    let group = try load(spec, files: ["t.csv": "t\n0.5\n1.25\n"]).scenario.groups[0]
    #expect(group.arrivals == .times([.milliseconds(500), .milliseconds(1_250)]))
    #expect(group.nodeNames.count == 2)
  }

  @Test func `what only a kubelet has is a mistake for a client, and the other way round`() {
    #expect(
      mistakes(Self.spec("kind: csrClient\n    kubelet: {serverTLSBootstrap: true}")) == [
        "s.yaml:9:14: `kubelet` is of a kubelet, and a CSR client has none; remove it, or "
          + "`kind: csrClient`"
      ])
    #expect(
      mistakes(Self.spec("csrClient: {gap: 1s}")) == [
        "s.yaml:8:16: `csrClient` is for groups of that kind; set `kind: csrClient`, or remove it"
      ])
    #expect(
      mistakes(Self.spec("kind: csrclient")) == [
        "s.yaml:8:11: `kind` is “csrclient”; did you mean `csrClient`?"
      ])
    #expect(
      mistakes(Self.spec("kind: csrClient\n    csrClient: {patience: 0s}")) == [
        "s.yaml:9:27: `patience` is 0s; give a duration of at least 1ms"
      ])
  }

  private static func spec(_ keys: String) -> String {
    "  nodes:\n  - name: clients\n    \(keys)\n  tokens:\n  - token: abcdef.0123456789abcdef\n"
  }
}

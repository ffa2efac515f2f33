/// A commented scenario to start from; it plays as it is, and every node becomes Ready.
public struct NewScenario: Sendable {
  private let name: String
  private let nodes: Int

  /// The most nodes of a new scenario.
  public static let mostNodes = NodeGroupReader.mostNodes

  /// What a name is made of, to be told to who gave another.
  public static let namesHave = KubernetesName.alphabet

  /// Whether a scenario can have it as `metadata.name`.
  public static func isName(_ name: String) -> Bool { KubernetesName.isSubdomain(name) }

  /// - Precondition: `isName(name)`, and 1 to `mostNodes` nodes.
  public init(name: String, nodes: Int) {
    precondition(Self.isName(name) && (1...Self.mostNodes).contains(nodes))
    self.name = name
    self.nodes = nodes
  }

  /// Twenty requests a second are ten approvals a second: nodes come more slowly than that, and a large cluster
  /// has a faster approver.
  private var isLarge: Bool { nodes > 10_000 }

  /// Seconds in which the nodes start: eight a second, or eighty.
  private var seconds: Int { max(60, nodes / (isLarge ? 80 : 8)) }

  public var text: String {
    let width = String(nodes).count
    let first = String(repeating: "0", count: width - 1) + "1"
    let count = nodes == 1 ? "One kubeadm worker joins" : "\(nodes) kubeadm workers join"
    return """
      # \(count): what this scenario is about, in a sentence or two.
      # `bootsim run` plays it, `bootsim lint` looks at it, docs/SCENARIO.md has every key. For an editor that
      # completes keys: bootsim schema > scenario.schema.json
      # yaml-language-server: $schema=scenario.schema.json
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata:
        name: \(name)
      spec:
        seed: 1                      # every draw follows from it
        preset: kubeadm              # the roles and bindings that `kubeadm init` creates
        nodes:
        - name: workers
          count: \(nodes)
          names: worker-{\(first)}
          start:                     # or {at: 0s}, {poisson: {perSecond: 5}}, {times: […]}
            uniform: {from: 0s, to: \(seconds)s}
        tokens:
        - token: abcdef.0123456789abcdef
          ttl: 24h
        controllerManager:
          kubeAPIQPS: \(isLarge ? 200 : 20)             # two requests a CSR: half as many approvals a second
          kubeAPIBurst: \(isLarge ? 300 : 30)
          clusterSigningDuration: 8760h
        # What must hold at the end; it decides the exit code.
        expect:
        - {ready: all, by: \(seconds + 60)s}
        # Break it, and see what happens:
        # faults:
        # - {at: 10s, for: 30s, action: pod-failure, on: kube-apiserver}
        # - {at: 10s, action: token-expire}

      """
  }
}

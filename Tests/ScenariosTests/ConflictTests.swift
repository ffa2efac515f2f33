import Scenarios
import Testing

/// Two places that set the same thing, and overrides, which win over all of them.
struct ConflictTests {
  private let cluster = """
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    controllerManager:
      extraArgs:
      - {name: kube-api-qps, value: "100"}

    """

  @Test func `a key and an extraArg that differ are a mistake that names both lines`() {
    #expect(
      mistakes("  controllerManager: {kubeAPIQPS: 50}\n" + nodesAndToken + cluster) == [
        "s.yaml:6:35: kubeAPIQPS is 50 here and 100 at s.yaml:16; remove one of the two, or "
          + "make them equal"
      ])
    #expect(
      mistakes("  controllerManager: {kubeAPIQPS: 100}\n" + nodesAndToken + cluster) == [])
  }

  @Test func `limits of the API server are checked like all others`() {
    let cluster = """
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      apiServer:
        extraArgs:
        - {name: max-requests-inflight, value: "0"}

      """
    #expect(
      mistakes("  apiServer: {maxRequestsInFlight: 400}\n" + nodesAndToken + cluster) == [
        "s.yaml:6:36: maxRequestsInFlight is 400 here and 0 at s.yaml:16; remove one of the two, or "
          + "make them equal"
      ])
    #expect(
      mistakes("  apiServer: {maxMutatingRequestsInFlight: 0}\n" + nodesAndToken + cluster) == [
        "s.yaml:16:42: maxRequestsInFlight and maxMutatingRequestsInFlight are both 0, so "
          + "kube-apiserver would not start; with priority and fairness their sum must be positive"
      ])
    #expect(
      mistakes(
        "  apiServer: {maxMutatingRequestsInFlight: 0, enablePriorityAndFairness: false}\n"
          + nodesAndToken + cluster) == [])
    #expect(
      mistakes("  apiServer: {maxRequestsInFlight: -1}\n" + nodesAndToken) == [
        "s.yaml:6:36: `maxRequestsInFlight` is -1; give a number from 0 to 60000"
      ])
  }

  @Test func `a key and a KubeletConfiguration that differ are a mistake`() {
    let spec = """
        nodes: [{name: a, kubelet: {rotateCertificates: true}}]
        tokens: [{token: abcdef.0123456789abcdef}]
      ---
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      rotateCertificates: false
      """
    #expect(
      mistakes(spec) == [
        "s.yaml:6:51: rotateCertificates is true here and false at s.yaml:11; remove one of the "
          + "two, or make them equal"
      ])
  }

  @Test func `two objects of one name must be equal`() {
    let role = { (verb: String) in
      "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n"
        + "rules: [{verbs: [\(verb)], apiGroups: [''], resources: [nodes]}]\n"
    }
    #expect(mistakes(nodesAndToken + role("get") + role("get")) == [])
    #expect(
      mistakes(nodesAndToken + role("get") + role("list")) == [
        "s.yaml:16:1: ClusterRole/r is defined here and, differently, at s.yaml:11; remove one of "
          + "the two"
      ])
  }

  @Test func `a token given twice must be the same`() {
    let kubeadm = """
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: InitConfiguration
      bootstrapTokens:
      - token: abcdef.0123456789abcdef
        ttl: 1h

      """
    #expect(
      mistakes(nodesAndToken + kubeadm) == [
        "s.yaml:9:5: Secret/kube-system/bootstrap-token-abcdef is defined here and, differently, "
          + "at s.yaml:14; remove one of the two"
      ])
  }

  @Test func `an override replaces, adds and reaches into lists`() throws {
    let overrides = [
      "spec.controllerManager.kubeAPIQPS=0.5", "spec.nodes[0].count=3",
      "spec.nodes.workers.start={at: 5s}", "spec.nodes.workers.names=n-{7}", "spec.seed=9",
    ]
    let scenario = try load(nodesAndToken, overrides: overrides).scenario
    #expect(scenario.controllerManager.kubeAPIMilliQPS == 500)
    #expect(scenario.groups[0].nodeNames == ["n-7", "n-8", "n-9"])
    #expect(scenario.groups[0].arrivals == .atOnce(.seconds(5)))
    #expect(scenario.seed == 9)
    #expect(try load(nodesAndToken, overrides: overrides, seed: 4).scenario.seed == 4)
  }

  @Test func `an override wins over an extraArg`() throws {
    let scenario = try load(
      nodesAndToken + cluster, overrides: ["spec.controllerManager.kubeAPIQPS=7"]
    ).scenario
    #expect(scenario.controllerManager.kubeAPIMilliQPS == 7_000)
  }

  @Test(arguments: [
    (
      "spec.controllerManager.kubeApiQPS=1",
      "unknown key “kubeApiQPS” in `spec.controllerManager`; did you mean `kubeAPIQPS`?"
    ),
    ("spec.seed", "no `=`; write `--set spec.key=value`"),
    (
      "seed=1",
      "“seed” is no path into the scenario; write it like `spec.controllerManager.kubeAPIQPS`"
    ),
    (
      "spec.nodes.4.count=1",
      "the list has no element “4”; give an index from 0 to 0, or one of `workers`"
    ),
    ("spec.nodes.workers.count=many", "`count` is “many”; write a whole number"),
    ("spec.nodes.workers.name.x=1", "“x” is below a plain value (s.yaml:7); set the key above it"),
    ("spec.duration=10", "`duration`: “10” has no unit; write `10s` for seconds"),
    (
      "spec..=1",
      "“spec..” is no path into the scenario; write it like `spec.controllerManager.kubeAPIQPS`"
    ),
  ])
  func `a bad override is a mistake like any other`(override: String, problem: String) {
    #expect(mistakes(nodesAndToken, overrides: [override]) == ["--set \(override): \(problem)"])
  }

  @Test(arguments: ["spec.duration=null", "spec.duration="])
  func `a key that an override empties is told as the override's`(override: String) {
    #expect(
      mistakes(nodesAndToken + "  duration: 5m\n", overrides: [override]) == [
        "--set \(override): `duration` has no value; give it one, or leave the key out"
      ])
  }

  @Test func `an override that is no YAML is a mistake`() {
    let found = mistakes(nodesAndToken, overrides: ["spec.seed=["])
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("--set spec.seed=[: YAML syntax: "))
  }

  @Test func `an element that is set to nothing is left out, and moves no other`() throws {
    let faults =
      "  faults: [{action: disk-full}, {action: kubelet-kill}, {name: c, action: kubelet-kill}]\n"
    let loaded = try load(
      nodesAndToken + faults,
      overrides: ["spec.faults[0]=", "spec.faults.c=", "spec.faults[1].at=5s"])
    #expect(loaded.scenario.faults.map(\.at) == [.seconds(5)])
  }
}

import Testing

/// A scenario with one mistake, and what jsonschema says about it.
struct SchemaMistake: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  let says: String

  var testDescription: String { name }

  private init(_ name: String, spec: String = "", group: String = "", says: String) {
    self.name = name
    text = Self.good(spec, group)
    self.says = says
  }

  private init(_ name: String, whole: String, says: String) {
    self.name = name
    text = whole
    self.says = says
  }

  /// A good scenario, with further lines of `spec` and of its group of nodes.
  static func good(_ spec: String, _ group: String) -> String {
    """
    apiVersion: bootsim.dev/v1alpha1
    kind: Scenario
    metadata: {name: test}
    spec:
      tokens: [{token: abcdef.0123456789abcdef}]
      nodes:
      - name: workers
    \(group.isEmpty ? "" : "    \(group)\n")\(spec.isEmpty ? "" : "  \(spec)\n")
    """
  }

  private static let head = "apiVersion: bootsim.dev/v1alpha1\nkind: Scenario\n"

  static let all: [SchemaMistake] = documents + values + groups + choices + faults

  private static let documents = [
    SchemaMistake(
      "no metadata", whole: head + "spec: {nodes: [{name: a}]}", says: "'metadata' is a required"),
    SchemaMistake("no spec", whole: head + "metadata: {name: a}", says: "'spec' is a required"),
    SchemaMistake(
      "another version", whole: "apiVersion: bootsim.dev/v2\nkind: Scenario\nmetadata: {name: a}",
      says: "'bootsim.dev/v2' is not one of"),
    SchemaMistake(
      "a name with a capital", whole: head + "metadata: {name: Mine}\nspec: {nodes: [{name: a}]}",
      says: "'Mine' does not match"),
    SchemaMistake(
      "an empty list of nodes", whole: head + "metadata: {name: a}\nspec: {nodes: []}",
      says: "[] "),
    SchemaMistake(
      "no nodes", whole: head + "metadata: {name: a}\nspec: {}", says: "'nodes' is a required"),
    SchemaMistake(
      "key at the top", whole: head + "metadata: {name: a}\nspec: {nodes: [{name: a}]}\nClock: 1",
      says: "'Clock' was unexpected"),
  ]

  private static let values = [
    SchemaMistake("a list of no names", group: "names: []", says: "[] "),
    SchemaMistake("a list of no times", group: "start: {times: []}", says: "[] "),
    SchemaMistake("unknown key", spec: "sede: 1", says: "'sede' was unexpected"),
    SchemaMistake("a duration without unit", spec: "duration: 30", says: "30 is greater than"),
    SchemaMistake("a unit that is none", spec: "duration: 30sec", says: "does not match"),
    SchemaMistake("a duration below zero", spec: "duration: -1s", says: "does not match"),
    SchemaMistake("a time without date", spec: "start: noon", says: "does not match"),
    SchemaMistake("a seed with words", spec: "seed: seven", says: "does not match"),
    SchemaMistake("a seed below zero", spec: "seed: -1", says: "less than the minimum"),
    SchemaMistake(
      "more servers than there can be", spec: "apiServer: {replicas: 16}",
      says: "16 is greater than the maximum of 15"),
    SchemaMistake("no boolean", spec: "allowDuplicateNodeNames: yes", says: "type 'boolean'"),
    SchemaMistake("a word that is none", spec: "stopWhen: Ready", says: "is not one of"),
    SchemaMistake("no preset", spec: "preset: kubespray", says: "is not one of ['kubeadm']"),
    SchemaMistake(
      "a rate of zero", spec: "approval: [{name: a, external: {qps: 0}}]",
      says: "less than the minimum"),
    SchemaMistake(
      "a drift without unit", spec: "apiServer: {clock: {drift: 5}}", says: "5 is greater"),
    SchemaMistake(
      "a list that is none", spec: "apiServer: {authorizationMode: RBAC}", says: "type 'array'"),
    SchemaMistake(
      "an authorizer that is none", spec: "apiServer: {authorizationMode: [ABAC]}",
      says: "'ABAC' is not one of"),
    SchemaMistake(
      "a mapping that is none", spec: "controllerManager: on", says: "not of type 'object'"),
    SchemaMistake("a URL that is none", spec: "apiServer: {url: host}", says: "does not match"),
  ]

  private static let groups = [
    SchemaMistake("unknown key of a group", group: "cuont: 3", says: "'cuont' was unexpected"),
    SchemaMistake("a count with words", group: "count: many", says: "does not match"),
    SchemaMistake(
      "a token that is none", spec: "tokens: [{token: abcdef}]", says: "does not match"),
    SchemaMistake("no node", group: "count: 0", says: "0 is less than the minimum of 1"),
    SchemaMistake(
      "a key of a key", group: "kubelet: {rotateCertificate: true}", says: "was unexpected"),
    SchemaMistake(
      "uniform without end", group: "start: {uniform: {from: 1s}}", says: "'to' is a required"),
  ]

  private static let choices = [
    SchemaMistake(
      "two starts", group: "start: {at: 1s, poisson: {perSecond: 1}}", says: "valid under each"),
    SchemaMistake("no start", group: "start: {}", says: "is a required property"),
    SchemaMistake(
      "two kinds of a distribution",
      spec: "latency: {read: {constant: 1s, exponential: {mean: 1s}}}", says: "valid under each"),
    SchemaMistake(
      "two expectations", spec: "expect: [{ready: 1, failed: 1}]", says: "valid under each"),
    SchemaMistake("an expectation of nothing", spec: "expect: [{by: 1m}]", says: "is a required"),
    SchemaMistake("a count that is none", spec: "expect: [{ready: most}]", says: "does not match"),
    SchemaMistake(
      "token and tokenID", group: "bootstrapKubeconfig: {token: a, tokenID: b}",
      says: "should not be valid under"),
    SchemaMistake(
      "a request that asks nothing", spec: "requests: [{name: a}]", says: "is a required"),
  ]

  private static let faults = [
    SchemaMistake(
      "more than all nodes", spec: "faults: [{action: kubelet-kill, on: {percent: 101}}]",
      says: "101 is greater than the maximum of 100"),
    SchemaMistake("no action", spec: "faults: [{at: 1s}]", says: "'action' is a required"),
    SchemaMistake("an action that is none", spec: "faults: [{action: boom}]", says: "not one of"),
    SchemaMistake("an action without its key", spec: "faults: [{action: loss}]", says: "'loss' is"),
    SchemaMistake(
      "a key of another action", spec: "faults: [{action: partition, loss: 3}]",
      says: "'loss' is not one of"),
    SchemaMistake(
      "an action that is over at once", spec: "faults: [{action: kubelet-kill, for: 3s}]",
      says: "'for' is not one of"),
    SchemaMistake(
      "nodes instead of a component", spec: "faults: [{action: pod-kill, on: {group: workers}}]",
      says: "is not"),
  ]
}

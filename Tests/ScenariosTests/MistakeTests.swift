import Scenarios
import Testing

/// Each kind of mistake, with its exact place, problem and cure.
struct MistakeTests {
  @Test func `an unknown key gets the nearest right one`() {
    #expect(
      mistakes("  controlerManager: {}\n" + nodesAndToken) == [
        "s.yaml:6:3: unknown key “controlerManager” in `spec`; did you mean `controllerManager`?"
      ])
    #expect(
      mistakes(
        "  nodes:\n  - name: workers\n    cuont: 2\n  tokens: [{token: abcdef.0123456789abcdef}]\n")
        == ["s.yaml:8:5: unknown key “cuont” in `spec.nodes[]`; did you mean `count`?"])
    #expect(
      mistakes("  latency: {network: {zzzzzzzzzz: 1s}}\n" + nodesAndToken) == [
        "s.yaml:6:22: `Distribution` lacks its kind; give one of `constant`, `uniform`, "
          + "`exponential`, `quantiles`",
        "s.yaml:6:23: unknown key “zzzzzzzzzz” in `Distribution`; use one of `constant`, "
          + "`uniform`, `exponential`, `quantiles`",
      ])
  }

  @Test func `all mistakes of all files come in one list, in the order of their places`() {
    let spec = """
        seed: minus one
        start: yesterday
        files: [m.yaml, missing.yaml]
        nodes:
        - name: Workers
          count: many
        apiServer: {anonymousAuth: 1}
        tokens:
        - token: abc.def

      """
    #expect(
      mistakes(spec, files: ["m.yaml": "kind: Secret\n"]) == [
        "m.yaml:1:1: not a Kubernetes object: no apiVersion and kind; give both, or remove the "
          + "document",
        "s.yaml:6:9: `seed` is “minus one”; give a whole number from 0 to 18446744073709551615",
        "s.yaml:7:10: `start` is “yesterday”; write a time like 2026-01-01T00:00:00Z",
        "s.yaml:8:19: cannot read missing.yaml; give a file relative to the scenario's folder",
        "s.yaml:10:5: the bootstrap kubeconfig has no token, and the input defines none; add "
          + "`spec.tokens`, or `bootstrapKubeconfig.token`",
        "s.yaml:10:11: “Workers” cannot be the name of a group; use lower-case letters, digits, "
          + "`-` and `.`, letters or digits at both ends",
        "s.yaml:11:12: `count` is “many”; write a whole number",
        "s.yaml:12:30: `anonymousAuth` is “1”; write `true` or `false`",
        "s.yaml:14:12: “abc.def” is no bootstrap token; write 6 characters, a point and 16 "
          + "characters of [a-z0-9]",
      ])
  }

  @Test(arguments: [
    ("10", "“10” has no unit; write `10s` for seconds"),
    ("10 minutes", "“ minutes” is no unit of time; use ns, us, ms, s, m, h or d"),
    ("soon", "“soon” is not a duration; write it like `1h30m`, `250ms` or `10s`"),
    ("36526d", "“36526d” is more than 100 years; give at most 36525d"),
    (
      "99999999999999999999999h",
      "“99999999999999999999999h” is more than 100 years; give at most 36525d"
    ),
    ("1.2.3s", "“1.2.3s” is not a duration; write it like `1h30m`, `250ms` or `10s`"),
  ])
  func `a duration needs a unit and a size`(text: String, problem: String) {
    #expect(
      mistakes("  duration: \(text)\n" + nodesAndToken) == ["s.yaml:6:13: `duration`: \(problem)"])
  }

  @Test func `a duration below zero is only for clocks`() {
    #expect(
      mistakes(
        "  nodes: [{name: workers, start: {at: -1s}}]\n"
          + "  tokens: [{token: abcdef.0123456789abcdef}]\n"
      )
        == ["s.yaml:6:39: `at` is -1s; give a duration not below zero"])
    #expect(
      mistakes("  apiServer: {clock: {offset: 30000d}}\n" + nodesAndToken) == [
        "s.yaml:6:31: an offset of more than 20 years; give a smaller offset"
      ])
    #expect(mistakes("  apiServer: {clock: {offset: -7305d}}\n" + nodesAndToken) == [])
  }

  @Test(arguments: [
    ("0", "`qps` is 0; give a rate from 0.001 to 1000000000 per second"),
    ("-1", "`qps` is -1; give a rate above zero"),
    ("0.0001", "`qps`: “0.0001” has more than three decimals; give at most three"),
    ("20/s", "`qps`: “20/s” is not a number; write it like `20` or `0.5`"),
    ("1e9", "`qps`: “1e9” is not a number; write it like `20` or `0.5`"),
    (
      "99999999999999999999",
      "`qps` is 99999999999999999999; give a rate from 0.001 to 1000000000 per second"
    ),
    ("[20]", "`qps` is a list; write a number such as `20`"),
  ])
  func `a rate is a number above zero`(text: String, problem: String) {
    #expect(
      mistakes("  approval: [{name: a, external: {qps: \(text)}}]\n" + nodesAndToken) == [
        "s.yaml:6:40: \(problem)"
      ])
  }

  @Test func `a controller's rate is a number of any sign`() {
    #expect(
      mistakes("  controllerManager: {kubeAPIQPS: 99999999999999999999}\n" + nodesAndToken) == [
        "s.yaml:6:35: `kubeAPIQPS` is 99999999999999999999; give at most 1000000000 per second, or -1 "
          + "for no limit"
      ])
    #expect(
      mistakes("  controllerManager: {kubeAPIQPS: -fast}\n" + nodesAndToken) == [
        "s.yaml:6:35: `kubeAPIQPS`: “fast” is not a number; write it like `20` or `0.5`"
      ])
  }

  @Test func `drift needs its unit`() {
    #expect(
      mistakes("  apiServer: {clock: {drift: 50}}\n" + nodesAndToken) == [
        "s.yaml:6:30: `drift`: “50” is not a drift; write it like `50ppm` or `-20ppb`"
      ])
    #expect(
      mistakes("  apiServer: {clock: {drift: {uniform: {from: 2ppm, to: 1ppm}}}}\n" + nodesAndToken)
        == ["s.yaml:6:57: `to` is less than `from`; exchange the two"])
  }

  @Test func `distributions must make sense`() {
    #expect(
      mistakes("  latency: {read: {quantiles: {p50: 3ms, p90: 2ms, p99: 9ms}}}\n" + nodesAndToken)
        == [
          "s.yaml:6:47: `p90` is less than `p50`; let min, p50, p90, p99, max grow"
        ])
    #expect(
      mistakes("  latency: {read: {quantiles: {p50: 3ms}}}\n" + nodesAndToken) == [
        "s.yaml:6:31: `Distribution.quantiles` lacks `p90`; give p50, p90 and p99",
        "s.yaml:6:31: `Distribution.quantiles` lacks `p99`; give p50, p90 and p99",
      ])
    #expect(
      mistakes("  latency: {read: {uniform: {from: 3ms, to: 2ms}}}\n" + nodesAndToken) == [
        "s.yaml:6:45: `to` (2ms) is before `from` (3ms); exchange the two"
      ])
    #expect(
      mistakes("  latency: {read: {constant: 1ms, exponential: {mean: 1ms}}}\n" + nodesAndToken)
        == [
          "s.yaml:6:48: `constant` and `exponential` exclude each other; keep one of them"
        ])
  }

  @Test func `groups and nodes have names of their own`() {
    let token = "  tokens: [{token: abcdef.0123456789abcdef}]\n"
    #expect(
      mistakes("  nodes:\n  - {name: a, names: 'x-{1}'}\n  - {name: a, names: 'y-{1}'}\n" + token)
        == [
          "s.yaml:8:12: a second group “a”; the first is on line 7; give each group a "
            + "name of its own"
        ])
    let twice = "  nodes:\n  - {name: a, count: 3, names: 'x-{1}'}\n  - {name: b, names: 'x-{3}'}\n"
    #expect(
      mistakes(twice + token) == [
        "s.yaml:8:12: two nodes are called “x-3”; rename one, or set "
          + "`spec.allowDuplicateNodeNames: true`"
      ])
    #expect(mistakes("  allowDuplicateNodeNames: true\n" + twice + token) == [])
    #expect(
      mistakes("  nodes: [{name: a, names: [a, B_c]}]\n" + token) == [
        "s.yaml:6:32: “B_c” cannot be the name of a node; use lower-case letters, digits, `-` and "
          + "`.`, letters or digits at both ends"
      ])
    let long = String(repeating: "n", count: 300)
    #expect(
      mistakes("  nodes: [{name: a, names: [\(long)]}]\n" + token) == [
        "s.yaml:6:29: “\(long.prefix(60))…” is too long for the name of a node: 300 bytes; use at "
          + "most 253"
      ])
    #expect(
      mistakes("  nodes: [{name: a, count: 3, names: [a, b]}]\n" + token) == [
        "s.yaml:6:38: 2 names for 3 nodes; give one name a node, or leave `count` out"
      ])
    #expect(
      mistakes("  nodes: [{name: a, count: 2, names: [a]}]\n" + token) == [
        "s.yaml:6:38: 1 name for 2 nodes; give one name a node, or leave `count` out"
      ])
    #expect(
      mistakes("  nodes: [{name: a, names: 'x-{a}'}]\n" + token) == [
        "s.yaml:6:28: “x-{a}” is no pattern of names; write it like `worker-{00001}`: the first "
          + "number, in its width"
      ])
  }

  @Test func `start times come from a list or a CSV column, one a node`() {
    let token = "  tokens: [{token: abcdef.0123456789abcdef}]\n"
    #expect(
      mistakes("  nodes: [{name: a, count: 3, start: {times: [1s, 2s]}}]\n" + token) == [
        "s.yaml:6:46: 2 start times for 3 nodes; give one time a node"
      ])
    let csv = "  nodes: [{name: a, start: {csv: {file: t.csv, column: second}}}]\n" + token
    #expect(
      mistakes(csv, files: ["t.csv": "node,seconds\na,1\n"]) == [
        "s.yaml:6:56: t.csv has no column “second”; name one of `node`, `seconds`"
      ])
    #expect(
      mistakes(csv, files: ["t.csv": "second,name\n1\n\n2,5s\nx\n"]) == [
        "t.csv:5:1: “x” is no number of seconds; write it like `12.5`"
      ])
    #expect(
      mistakes("  nodes: [{name: a, start: {at: 1s, times: [1s]}}]\n" + token) == [
        "s.yaml:6:44: `at` and `times` exclude each other; keep one of them"
      ])
  }

  @Test func `a group has nodes`() {
    let group = { (keys: String) in
      mistakes("  nodes: [{name: a, \(keys)}]\n  tokens: [{token: abcdef.0123456789abcdef}]\n")
    }
    let noNames = "s.yaml:6:28: `names` is an empty list; give at least one name"
    #expect(group("names: []") == [noNames])
    #expect(group("names: [], count: 2") == [noNames])
    #expect(
      group("start: {times: []}") == [
        "s.yaml:6:36: `times` is an empty list; give at least one time"
      ])
    #expect(
      mistakes(
        "  nodes: [{name: a, start: {csv: {file: t.csv, column: t}}}]\n"
          + "  tokens: [{token: abcdef.0123456789abcdef}]\n", files: ["t.csv": "t\n\n"])
        == ["t.csv:1:1: no row below the header; give at least one row"])
  }

  @Test(arguments: [
    "http://x:99999", "https://:0", "https://x:0", "https://x:65536", "https://x:+1", "https://x:y",
    "https://::1", "https://[::1]:0", "https://", "https:///a", "https://a b",
  ])
  func `a server has a host, and a port from 1 to 65535`(url: String) {
    #expect(
      mistakes("  apiServer: {url: '\(url)'}\n" + nodesAndToken) == [
        "s.yaml:6:20: “\(url)” is no URL of an API server; write it like `https://192.0.2.1:6443`"
      ])
  }

  @Test(arguments: [
    "http://x", "https://x:65535/a:b", "https://[2001:db8::1]", "https://[2001:db8::1]:6443",
    "https://u:p@x:1", "https://x:",
  ])
  func `a server may be told in any way that client-go takes`(url: String) {
    #expect(mistakes("  apiServer: {url: '\(url)'}\n" + nodesAndToken) == [])
  }

  @Test func `a CSV table that can be read in two ways is refused with its line`() {
    let csv =
      "  nodes: [{name: a, start: {csv: {file: t.csv, column: t}}}]\n"
      + "  tokens: [{token: abcdef.0123456789abcdef}]\n"
    for (text, mistake) in [
      ("t,t\n1,2\n", "1:1: two columns “t”; give each a name of its own"),
      (
        "t\n1\n2,5\n",
        "3:1: 2 fields, and the header has 1; write a comma in a field in quotes: \"a,b\""
      ),
      ("node,\"t\na,1\n", "1:1: a quote that is not closed; close it on its line"),
      ("node,t\n\"a,1\n", "2:1: a quote that is not closed; close it on its line"),
    ] {
      #expect(mistakes(csv, files: ["t.csv": text]) == ["t.csv:\(mistake)"])
    }
  }

  @Test func `a choice that does not exist gets the nearest right one`() {
    #expect(
      mistakes("  stopWhen: allready\n" + nodesAndToken) == [
        "s.yaml:6:13: `stopWhen` is “allready”; did you mean `AllReady`?"
      ])
    #expect(
      mistakes("  preset: kops\n" + nodesAndToken) == [
        "s.yaml:6:11: `preset` is “kops”; give one of `kubeadm`"
      ])
    #expect(
      mistakes("  stopWhen: Never\n" + nodesAndToken) == [
        "s.yaml:6:13: nothing ends the run; add `spec.duration`"
      ])
  }

  @Test func `a policy is manual or external, with sensible hours`() {
    #expect(
      mistakes("  approval: [{name: a}]\n" + nodesAndToken) == [
        "s.yaml:6:14: `spec.approval[]` lacks its kind; give one of `manual`, `external`"
      ])
    #expect(
      mistakes("  approval: [{name: a, manual: {workingHours: 09:00-09:00}}]\n" + nodesAndToken)
        == [
          "s.yaml:6:47: working hours end when they begin; write `00:00-24:00` for all day"
        ])
    #expect(
      mistakes("  approval: [{name: a, manual: {workingHours: nine}}]\n" + nodesAndToken) == [
        "s.yaml:6:47: “nine” are no working hours; write them like `09:00-17:00`"
      ])
    #expect(
      mistakes("  approval: [{name: a, manual: {workingDays: [Mon, Mo]}}]\n" + nodesAndToken) == [
        "s.yaml:6:52: `workingDays` is “Mo”; did you mean `Mon`?"
      ])
  }

  @Test func `head and spec are needed`() {
    #expect(
      mistakesOfText("kind: Scenario\n") == [
        "s.yaml:1:1: no apiVersion; write `apiVersion: bootsim.dev/v1alpha1`",
        "s.yaml:1:1: the document lacks `spec`; add `spec:` with at least `nodes`",
      ])
    #expect(
      mistakesOfText(
        "apiVersion: bootsim.dev/v1\nkind: Scenario\nmetadata: {name: a}\nspec: {nodes: []}\n") == [
          "s.yaml:1:13: apiVersion “bootsim.dev/v1” is not known; write "
            + "`apiVersion: bootsim.dev/v1alpha1`",
          "s.yaml:4:7: `spec` lacks `nodes`; add a list with at least one group of nodes",
        ])
    #expect(
      mistakes(nodesAndToken + "---\n" + head) == [
        "s.yaml:11:1: a second document of kind Scenario; the first is on line 1; put it into a "
          + "file of its own"
      ])
  }

  @Test func `the year 2262 is out of reach`() {
    #expect(
      mistakes("  start: 2199-01-01T00:00:00Z\n  duration: 36500d\n" + nodesAndToken) == [
        "s.yaml:6:10: start, duration and clusterSigningDuration reach beyond the year 2262; start "
          + "earlier, or shorten them"
      ])
    #expect(
      mistakes("  start: 2200-01-01T00:00:00Z\n" + nodesAndToken) == [
        "s.yaml:6:10: `start` is after 2199; give an earlier time"
      ])
  }

  @Test func `an object that Kubernetes refuses is a mistake`() {
    let object = """
      ---
      apiVersion: v1
      kind: Secret
      type: bootstrap.kubernetes.io/token
      metadata: {name: bootstrap-token-123456, namespace: kube-system}
      data: {token-id: "*"}
      stringData:
        token-id: 123456
        usage-bootstrap-authentication: true
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: a}
      roleRef: {kind: Role, name: b}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: c}
      rules: [{verbs: get}]
      """
    #expect(
      mistakes(nodesAndToken + object) == [
        "s.yaml:15:18: Secret: `token-id` is “*”, which Kubernetes refuses; write base64, or use "
          + "stringData",
        "s.yaml:17:13: Secret: `token-id` is “123456”, which Kubernetes refuses; write a string, "
          + "in quotes",
        "s.yaml:18:35: Secret: `usage-bootstrap-authentication` is “true”, which Kubernetes "
          + "refuses; write a string, in quotes",
        "s.yaml:23:10: ClusterRoleBinding a refers to a Role, which Kubernetes refuses; refer to a "
          + "ClusterRole",
        "s.yaml:28:9: ClusterRole: a rule without verbs, which Kubernetes refuses; give at least "
          + "one verb",
        "s.yaml:28:17: ClusterRole: `verbs` is “get”, which Kubernetes refuses; write a list",
      ])
  }
}

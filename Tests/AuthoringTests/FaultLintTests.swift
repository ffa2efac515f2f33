import Testing

@testable import Scenarios

/// What `bootsim lint` says of faults and requests, beyond one example each.
struct FaultLintTests {
  private func findings(
    _ spec: [String], start: String = "uniform: {from: 0s, to: 10m}"
  ) throws -> [String: String] {
    let lines = [
      "preset: kubeadm",
      "nodes: [{name: workers, count: 30, start: {\(start)}}]",
      "tokens: [{token: abcdef.0123456789abcdef, ttl: 24h}]",
    ]
    let head = "apiVersion: bootsim.dev/v1alpha1\nkind: Scenario\nmetadata: {name: test}\nspec:\n"
    let text = head + (lines + spec).map { "  \($0)\n" }.joined()
    let input = try ScenarioFile.lintInput(text: text, path: "s.yaml") { _ in "" }
    return Dictionary(LintReport.run(input).map { ($0.rule, $0.problem) }) { first, _ in first }
  }

  private static let endless: [(fault: String, harm: String)] = [
    ("token-delete", "the API server refuses the token of group workers"),
    ("token-expire", "the token has expired when"),
    ("token-patch, data: {usage-bootstrap-authentication: 'false'}", "refuses the token"),
    (
      "binding-absent, binding: 'kubeadm:kubelet-bootstrap'",
      "may not create CSRs"
    ),
    (
      "binding-absent, binding: 'kubeadm:node-autoapprove-bootstrap'",
      "nobody approves the CSRs of group workers"
    ),
    ("signing-ca-expire", "the signing CA ends at"),
    ("signing-ca-replace", "the API server refuses every certificate"),
    ("serving-ca-replace", "nodes do not trust the API server's certificate, and"),
    ("serving-certificate-expire", "the API server's certificate has expired, and"),
    ("pod-failure, on: kube-apiserver", "the API server is down, and"),
    ("pod-pause, on: kube-controller-manager", "no controller-manager works, and"),
    ("delay, latency: 40s", "what they send comes after they have given up, and"),
    ("partition", "they are cut off, and"), ("kubelet-stop", "their kubelets do not run, and"),
    ("disk-full", "their disks are full, and"),
    ("bootstrap-kubeconfig-absent", "they have no bootstrap kubeconfig, and"),
  ]

  @Test(arguments: endless)
  func `a fault without an end is told with what it does`(fault: String, harm: String) throws {
    let found = try findings(["faults: [{name: f, at: 5m, action: \(fault)}]"])
    let problem = try #require(found["fault-never-ends"], "\(found)")
    #expect(problem.hasPrefix("f lasts to the end of the run: "))
    #expect(problem.contains(harm), "\(problem)")
  }

  @Test(arguments: endless.map(\.fault))
  func `it is not where it ends, comes later, or is expected`(fault: String) throws {
    for spec in [
      ["faults: [{name: f, at: 5m, for: 1m, action: \(fault)}]"],
      ["faults: [{name: f, at: 2h, action: \(fault)}]"],
      ["faults: [{name: f, at: 5m, action: \(fault)}]", "expect: [{failed: '>= 1'}]"],
    ] {
      #expect(try findings(spec)["fault-never-ends"] == nil, "\(spec)")
    }
  }

  @Test func `a pause ends with the process that is killed, if that is one of those paused`() throws
  {
    let faults = { (action: String, paused: String, killed: String) in
      [
        "controllerManager: {replicas: 2}",
        "faults: [{at: 5m, action: \(action)-pause, on: \(paused)}, "
          + "{at: 6m, action: \(action)-kill, on: \(killed)}]",
      ]
    }
    let manager = "kube-controller-manager"
    for (action, paused, killed, ends) in [
      ("kubelet", "{group: workers}", "{group: workers}", true),
      ("kubelet", "{group: workers}", "{node: workers-1}", false),
      ("pod", manager, manager, true), ("pod", manager, manager + ", replica: 0", false),
    ] {
      let found = try findings(faults(action, paused, killed))["fault-never-ends"]
      #expect((found == nil) == ends, "\(action) \(killed): \(found ?? "")")
    }
  }

  @Test func `one replica of several, or some of the nodes, does not stop all`() throws {
    for spec in [
      [
        "apiServer: {replicas: 3}",
        "faults: [{action: pod-failure, on: kube-apiserver, replica: 1}]",
      ],
      [
        "controllerManager: {replicas: 2}",
        "faults: [{action: pod-failure, on: kube-controller-manager, replica: 0}]",
      ],
      ["faults: [{at: 5m, action: partition, on: {percent: 50}}]"],
    ] {
      #expect(try findings(spec)["fault-never-ends"] == nil, "\(spec)")
    }
  }

  @Test(arguments: [
    "faults: [{action: disk-full, on: {node: workers-1}}]",
    "faults: [{action: partition, on: {percent: 50}}]",
  ])
  func `some of the nodes never come where all come after it`(faults: String) throws {
    let problem = try #require(try findings([faults])["fault-never-ends"])
    #expect(problem.contains("some nodes of group workers are never Ready"), "\(problem)")
  }

  /// J.3: the only controller-manager reaches the API server of its own host, and no other.
  @Test(arguments: [(0, true), (1, false)])
  func `the API server beside the only controller-manager stops all`(
    replica: Int, isFound: Bool
  ) throws {
    let found = try findings([
      "apiServer: {replicas: 3}",
      "faults: [{action: pod-failure, on: kube-apiserver, replica: \(replica)}]",
    ])
    #expect((found["fault-never-ends"] != nil) == isFound, "\(found)")
  }

  @Test func `the clock of one API server of three is not that of all`() throws {
    let found = try findings([
      "apiServer: {replicas: 3}",
      "faults: [{action: time-offset, timeOffset: -30m, on: kube-apiserver, replica: 2}]",
    ])
    let problem = try #require(found["clock-step-beyond-backdate"])
    #expect(problem.contains("ahead of that of one of 3 API servers while"), "\(problem)")
  }

  @Test func `an empty token is none`() throws {
    let found = try findings(
      [], start: "at: 0s}, bootstrapKubeconfig: {token: ''")
    let problem = try #require(found["token-refused"], "\(found)")
    #expect(problem == "the token of group workers is empty, so that its nodes are anonymous")
  }

  @Test(arguments: [
    "time-offset, timeOffset: 0s", "time-drift, drift: 0ppm", "delay, latency: 0s",
    "token-patch, data: {usage-bootstrap-authentication: 'true'}",
  ])
  func `a fault that leaves all as it was has no effect`(fault: String) throws {
    let found = try findings(["faults: [{at: 1m, action: \(fault)}]"])
    #expect(found["fault-without-effect"] != nil, "\(found)")
  }

  @Test func `a fault before the first node is none where another needs it`() throws {
    let late = "nodes: [{name: workers, start: {at: 1m}}]"
    let stale = "{for: 2m, action: secrets-stale}"
    let head = [
      "faults: [{for: 30s, action: token-delete}]",
      "faults: [{for: 30s, action: token-delete}, \(stale)]",
    ]
    let found = try head.map { faults in
      let text = """
        apiVersion: bootsim.dev/v1alpha1
        kind: Scenario
        metadata: {name: test}
        spec:
          preset: kubeadm
          tokens: [{token: abcdef.0123456789abcdef}]
          \(late)
          \(faults)
        """
      let input = try ScenarioFile.lintInput(text: text, path: "s.yaml") { _ in "" }
      return LintReport.run(input).contains { $0.rule == "fault-without-effect" }
    }
    #expect(found == [true, false])
  }

  @Test(arguments: [
    ("-9m", "is not valid yet"), ("366d", "has expired"), ("2h", "are up to 2h ahead"),
    ("-4m", ""), ("30m", ""),
  ])
  func `a node's clock may be stepped as far as its certificates last`(
    offset: String, told: String
  ) throws {
    let fault = "faults: [{at: 3m, action: time-offset, timeOffset: \(offset)}]"
    let found = try findings(["controllerManager: {clusterSigningDuration: 1h}", fault])
    guard !told.isEmpty else { return #expect(found["node-clock-step-too-far"] == nil) }
    #expect(found["node-clock-step-too-far"]?.contains(told) == true, "\(found)")
    let others = try findings([
      fault.replacing("timeOffset", with: "on: {node: 'none-*'}, timeOffset"),
      "controllerManager: {clusterSigningDuration: 1h}",
    ])
    #expect(others["node-clock-step-too-far"] == nil)
  }

  @Test(arguments: [("1m", 5), ("90s", 8)])
  func `a request that is repeated beyond the end is told with how many`(
    every: String, late: Int
  ) throws {
    let found = try findings([
      "duration: 20m",
      "requests: [{name: r, at: 10m, every: \(every), count: 15, ask: {path: /healthz}}]",
    ])
    #expect(
      found["act-after-end"]
        == "\(late) of the 15 requests of r would not come before the run ends, at 20m")
  }

  @Test(arguments: [("20m", true), ("19m59s", false)])
  func `what comes at the very end comes too late`(time: String, isLate: Bool) throws {
    let found = try findings([
      "duration: 20m", "requests: [{name: r, at: \(time), ask: {path: /healthz}}]",
    ])
    #expect(
      found["act-after-end"]
        == (isLate ? "r would not come before the run ends, at 20m" : nil))
    let starts = try findings(["duration: 20m"], start: "at: \(time)")
    #expect(
      starts["starts-after-end"]
        == (isLate ? "30 nodes of group workers would not start before the run ends, at 20m" : nil))
  }

  @Test func `a request that needs an earlier one comes after it`() throws {
    let create =
      "create: {spec: {signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}, "
      + "subject: {commonName: jane}}"
    for (time, isEarly) in [("1m", true), ("3m", false)] {
      let found = try findings([
        "requests:", "- {name: made, at: 2m, \(create)}",
        "- {name: approved, at: \(time), approve: {of: request/made}}",
      ])
      #expect((found["request-too-early"] != nil) == isEarly, "\(found)")
    }
  }
}

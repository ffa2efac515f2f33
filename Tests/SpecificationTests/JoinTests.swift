import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section N.2 of protocol.md: `kubeadm join` of a worker.
struct JoinTests {
  private func play(
    _ faults: [TimedFault] = [], until end: Duration? = nil,
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].joinsByKubeadm = true
      scenario.controllerManager.bootstrapsigner = true
      scenario.faults = faults
      scenario.duration = end
      if end != nil { scenario.stop = .duration }
      scenario.roles += Self.roles
      scenario.bindings += Self.bindings
      change(&scenario)
    }.play()
  }

  /// D.2.
  private static let configMaps = [
    ("kube-public", "cluster-info"), ("kube-system", "kubeadm-config"),
    ("kube-system", "kubelet-config"), ("kube-system", "kube-proxy"),
  ]
  private static let roles =
    configMaps.map { namespace, name in
      RBAC.Role(
        name: name, namespace: namespace,
        rules: [
          RBAC.Rule(
            verbs: ["get"], apiGroups: [""], resources: ["configmaps"], resourceNames: [name])
        ])
    } + [
      RBAC.Role(
        name: "kubeadm:get-nodes",
        rules: [RBAC.Rule(verbs: ["get"], apiGroups: [""], resources: ["nodes"])])
    ]
  private static let bindings =
    configMaps.map { namespace, name in
      RBAC.Binding(
        name: name, namespace: namespace, refersToClusterRole: false, roleName: name,
        subjects: name == "cluster-info"
          ? [.user("system:anonymous")] : [.group(Cluster.bootstrapGroup)])
    } + [Cluster.binding("kubeadm:get-nodes", "kubeadm:get-nodes", Cluster.bootstrapGroup)]

  private func deleted(_ at: Duration, for length: Duration? = nil) -> TimedFault {
    TimedFault(
      name: "deleted", at: at, length: length,
      fault: .token(TokenFault(tokenID: "abcdef", action: .delete)))
  }

  @Test func `N.2 cluster-info twice, three configurations, the Node, and then the kubelet`() {
    let played = play()
    let calls = played.all(.requestAnswered).prefix(6)
    #expect(
      calls.map(\.call) == [
        .getClusterInfo, .getClusterInfo, .getKubeadmConfig, .getKubeProxyConfig,
        .getKubeletConfig, .getNode,
      ])
    #expect(
      calls.map { played.world.username(of: $0.actor) }
        == Array(repeating: "system:anonymous", count: 2)
        + Array(repeating: "system:bootstrap:abcdef", count: 4))
    #expect(calls.last?.answer == .notFound)
    #expect(played.all(.kubeletStarted).count == 1)
    #expect(played.ending == .allReady)
  }

  @Test func `N.2 row 4 a Ready Node of the same name ends kubeadm join before the kubelet starts`()
  {
    let played = play { scenario in
      scenario.allowsDuplicateNodeNames = true
      var clone = scenario.groups[0]
      clone.name = "clone"
      clone.arrivals = .atOnce(.seconds(60))
      scenario.groups.append(clone)
    }
    #expect(played.seconds(.nodeJoined).count == 1)
    #expect(played.all(.requestAnswered, .getNode).filter { $0.node == 1 }.map(\.answer) == [.ok])
    let failed = played.all(.joinFailed)
    #expect(failed.map(\.node) == [1])
    #expect(
      failed.map { played.world.message(of: $0) } == [
        "error execution phase kubelet-start: a Node with name \"node-1\" and status \"Ready\" "
          + "already exists in the cluster. You must delete the existing Node or change the name of "
          + "this new joining Node"
      ])
    #expect(played.all(.kubeletStarted).map(\.node) == [0])
    #expect(played.world.node(at: 1).settlement == .joinFailed)
  }

  @Test func `N.2 row 4 a Node that is Unknown, or was never Ready, is no obstacle`() {
    // L.6: Unknown 50 to 60 s after its machine was switched off.
    var workers = NodeSelector()
    workers.group = "workers"
    for (start, joins) in [(Int64(30), false), (110, true)] {
      let played = play(
        [
          TimedFault(
            name: "off", at: .seconds(20), length: nil,
            fault: .kubelet(workers, .stop))
        ], until: .seconds(130)
      ) { scenario in
        scenario.allowsDuplicateNodeNames = true
        var clone = scenario.groups[0]
        clone.name = "clone"
        clone.arrivals = .atOnce(.seconds(start))
        scenario.groups.append(clone)
      }
      #expect(played.all(.nodeJoined).contains { $0.node == 1 } == joins, "\(start) s")
    }
    let adopted = play { $0.existingNodes = ["node-1"] }
    #expect(adopted.all(.nodeJoined).count == 1)
    let taken = play {
      $0.existingNodes = ["node-1"]
      $0.existingReadyNodes = ["node-1"]
    }
    #expect(taken.all(.nodeJoined).isEmpty && taken.all(.joinFailed).count == 1)
  }

  @Test func `N.2 row 8 the bootstrap kubeconfig is deleted once the certificate is there`() {
    let played = play(until: .seconds(60)) {
      withoutApproval(&$0)
      var manual = ApproverSettings.Manual()
      manual.firstLook = .milliseconds(30_200)
      $0.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    #expect(played.seconds(.bootstrapKubeconfigWritten) == [0])
    // Row 7: polled every second from the moment that the kubelet answered.
    #expect(played.seconds(.bootstrapKubeconfigDeleted) == [31])
    #expect(played.seconds(.nodeJoined) == [31])
  }

  @Test func `O45 a token without a signature is looked for every five seconds`() {
    let played = play([deleted(.zero, for: .seconds(12))]) {
      $0.groups[0].arrivals = .atOnce(.seconds(1))
    }
    #expect(played.seconds(.requestAnswered, .getClusterInfo) == [1, 6, 11, 16, 16])
    #expect(played.ending == .allReady)
  }

  @Test func `behind a load balancer kubeadm and the kubelet that it starts are two clients`() {
    let played = play { $0.apiServer.replicas = 2 }
    #expect(played.all(.connectionOpened).first?.call == .createRequest)
    #expect(played.ending == .allReady)
  }

  @Test func `N.2 row 1 discovery gives up after five minutes and nothing tries again`() throws {
    let played = play([deleted(.zero)], until: .minutes(20)) {
      $0.groups[0].arrivals = .atOnce(.seconds(1))
    }
    let failed = try #require(played.all(.joinFailed).first)
    #expect(failed.time == .zero + .seconds(301))
    #expect(
      played.world.message(of: failed)
        == "\(Self.identity)could not find a JWS signature in the cluster-info ConfigMap for token "
        + "ID \"abcdef\"")
    #expect(played.all(.kubeletStarted).isEmpty)
    #expect(played.world.failedCount == 1)
  }

  @Test(arguments: [
    ("kubeadm-config", Call.getKubeadmConfig, "config map"),
    ("kubelet-config", .getKubeletConfig, "component configs"),
  ])
  func `N.2 row 3 preflight without its binding fails after 350 ms`(
    name: String, call: Call, what: String
  ) {
    let played = play { $0.bindings.removeAll { $0.name == name } }
    #expect(played.all(.requestAnswered, call).count == 7)
    #expect(played.seconds(.joinFailed) == [0.35])
    #expect(
      messages(played) == [
        "error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: failed to "
          + "get \(what): configmaps \"\(name)\" is forbidden: User \"system:bootstrap:abcdef\" "
          + "cannot get resource \"configmaps\" in API group \"\" in the namespace \"kube-system\""
      ])
    #expect(played.ending == .settled)
  }

  /// Source: kubeadm componentconfigs/configset.go, `fromConfigMap`, and kubeproxy.go.
  @Test func `N.2 row 3 goes on without a configuration of kube-proxy that it may not see`() {
    let played = play { $0.bindings.removeAll { $0.name == "kube-proxy" } }
    #expect(played.all(.requestAnswered, .getKubeProxyConfig).count == 7)
    #expect(played.seconds(.requestAnswered, .getKubeletConfig) == [0.35])
    #expect(played.ending == .allReady)
  }

  private static let identity =
    "error execution phase preflight: couldn't validate the identity of the API Server: "

  private func messages(_ played: Played) -> [String?] {
    played.all(.joinFailed).map { played.world.message(of: $0) }
  }

  /// Source: kubeadm discovery/token/token.go, `validateClusterInfoToken`.
  @Test func `N.2 row 1 a signature with another secret ends discovery at once`() {
    let played = play { $0.groups[0].bootstrapKubeconfig.token = "abcdef.ffffffffffffffff" }
    #expect(played.seconds(.requestAnswered, .getClusterInfo) == [0])
    #expect(played.seconds(.joinFailed) == [0])
    #expect(
      messages(played) == [
        "\(Self.identity)failed to verify JWS signature of received cluster info object, can't "
          + "trust this API Server"
      ])
    #expect(played.all(.authenticationFailed).isEmpty)
  }

  /// Source: kubeadm apis/kubeadm/validation/validation.go, `ValidateDiscovery`.
  @Test func `N.2 what is no token is not even tried`() {
    let malformed = play { $0.groups[0].bootstrapKubeconfig.token = "ABCDEF.0123456789abcdef" }
    let problem = "Invalid value: \"ABCDEF.0123456789abcdef\": the bootstrap token is invalid"
    #expect(
      messages(malformed) == [
        "[discovery.bootstrapToken.token: \(problem), discovery.tlsBootstrapToken: \(problem)]"
      ])
    let missing = play { $0.groups[0].bootstrapKubeconfig.token = nil }
    #expect(
      messages(missing) == ["discovery: Invalid value: \"\": bootstrapToken or file must be set"])
    #expect(malformed.all(.requestAnswered).isEmpty && missing.all(.requestAnswered).isEmpty)
    #expect(missing.ending == .settled)
  }

  /// Source: kubeadm preflight/checks.go, `RunJoinNodeChecks`.
  @Test func `N.2 row 3 a machine that is not fit is not joined`() {
    let runtime =
      "\t[ERROR CRI]: could not connect to the container runtime: failed to create new CRI runtime "
      + "service: validate service connection: validate CRI v1 runtime API for endpoint "
      + "\"unix:///var/run/containerd/containerd.sock\": rpc error: code = Unavailable desc = "
      + "connection error: desc = \"transport: Error while dialing: dial unix "
      + "/var/run/containerd/containerd.sock: connect: no such file or directory\"\n"
    let file =
      "\t[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: /etc/kubernetes/kubelet.conf already "
      + "exists\n"
    for (hasFile, lines) in [(false, runtime), (true, file + runtime)] {
      let played = play {
        $0.groups[0].hasContainerRuntime = false
        if hasFile { $0.groups[0].disk.kubeconfig.state = .present }
      }
      #expect(
        messages(played) == [
          "error execution phase preflight: [preflight] Some fatal errors occurred:\n\(lines)"
            + "[preflight] If you know what you are doing, you can make a check non-fatal with "
            + "`--ignore-preflight-errors=...`"
        ])
      #expect(played.all(.requestAnswered).isEmpty && played.all(.kubeletStarted).isEmpty)
      #expect(played.world.node(at: 0).settlement == .joinFailed)
    }
  }

  /// Source: kubeadm discovery/token/token.go, `BuildInsecureBootstrapKubeConfig`.
  @Test func `N.2 row 2 only the second look at cluster-info verifies the server`() {
    let played = play {
      $0.groups[0].clockOffset = SignedDistribution(.constant(.zero), shift: .hours(-2))
    }
    #expect(played.seconds(.requestAnswered, .getClusterInfo) == [0])
    #expect(played.seconds(.connectionFailed, .getClusterInfo).count == 60)
    #expect(played.seconds(.joinFailed) == [300])
    #expect(
      messages(played) == [
        "\(Self.identity)failed to request the cluster-info ConfigMap: Get "
          + "\"https://192.0.2.1:6443/api/v1/namespaces/kube-public/configmaps/cluster-info"
          + "?timeout=10s\": tls: failed to verify certificate: x509: certificate has expired or is "
          + "not yet valid: current time 2025-12-31T22:04:55Z is before 2025-12-31T23:55:00Z"
      ])
  }

  /// Source: kubeadm util/kubeconfig/kubeconfig.go, `ToClientSet`; apimachinery pkg/util/wait/loop.go.
  @Test func `N.2 row 1 a try is given up after 10 s, and the next one has been due since`() {
    let cut = TimedFault(
      name: "cut", at: .zero, length: .minutes(10), fault: .network(NodeSelector(), .partition))
    let played = play([cut], until: .minutes(20))
    let times = played.seconds(.connectionFailed, .getClusterInfo)
    #expect(times.count == 30)
    #expect(played.seconds(.joinFailed) == [300])
    #expect(messages(played).first??.hasSuffix("?timeout=10s\": context deadline exceeded") == true)
    // A request that is under way when the time is over is waited for.
    var late = cut
    late.at = .seconds(292)
    let slow = play([deleted(.zero), late], until: .minutes(20))
    #expect(slow.seconds(.joinFailed) == [305])
  }

  @Test func `O46 kubeadm gives up after five minutes, and the kubelet may still succeed`() throws {
    let played = play {
      withoutApproval(&$0)
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(400)
      $0.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    let failed = try #require(played.all(.joinFailed).first)
    #expect(failed.time == .zero + .minutes(5))
    #expect(
      played.world.message(of: failed)
        == "error execution phase kubelet-wait-bootstrap: failed while waiting for TLS bootstrap: "
        + "context deadline exceeded")
    #expect(played.seconds(.bootstrapKubeconfigDeleted) == [300])
    #expect(played.seconds(.certificateStored) == [400])
    #expect(played.ending == .allReady)
  }

  @Test func `O46 a restart after kubeadm gave up finds nothing to bootstrap from`() {
    let kill = TimedFault(
      name: "kill", at: .seconds(350), fault: .kubelet(NodeSelector(), .kill))
    let played = play([kill], until: .seconds(500)) {
      withoutApproval(&$0)
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(400)
      $0.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    // O1: one start each 10 s.
    #expect(played.seconds(.bootstrapKubeconfigUnusable).prefix(3) == [360, 370, 380])
    #expect(played.world.readyCount == 0)
  }
}

import Scenarios
import SimulationKernel
import TLSBootstrap
import Testing

/// Real Kubernetes objects, unmodified.
struct ManifestTests {
  @Test func `a scenario does not name itself among its files`() {
    #expect(
      mistakes(nodesAndToken + "  files: [s.yaml]\n").count == 1)
    #expect(
      mistakes(nodesAndToken + "  files: [./s.yaml]\n").contains {
        $0.contains("“./s.yaml” is this scenario itself")
      })
  }

  private func load(
    fixture name: String, _ spec: String = nodesAndToken
  ) throws -> LoadedScenario {
    try ScenariosTests.load("  files: [m.yaml]\n" + spec, files: ["m.yaml": try fixture(name)])
  }

  @Test func `a bootstrap token Secret is read with its data decoded`() throws {
    let loaded = try load(fixture: "bootstrap-token.yaml", "  nodes: [{name: workers}]\n")
    let secret = try #require(loaded.scenario.secrets.first)
    #expect(loaded.scenario.secrets.count == 1)
    #expect(secret.name == "bootstrap-token-xtok01")
    #expect(secret.namespace == "kube-system")
    #expect(secret.type == "bootstrap.kubernetes.io/token")
    #expect(secret.tokenID == "xtok01")
    #expect(secret.tokenSecret == "0123456789abcdef")
    #expect(secret.expiration == .never)
    #expect(secret.usageBootstrapAuthentication == "true")
    #expect(secret.authExtraGroups == "system:bootstrappers:kubeadm:default-node-token")
    #expect(!secret.hasDeletionTimestamp)
    #expect(loaded.scenario.groups[0].bootstrapKubeconfig.token == "xtok01.0123456789abcdef")
    #expect(loaded.notes == [])
  }

  @Test func `a List of ClusterRoles is read with all rules`() throws {
    let roles = try load(fixture: "cluster-roles.yaml").scenario.roles
    let bootstrapper = try #require(roles.first { $0.name == "system:node-bootstrapper" })
    #expect(bootstrapper.namespace == nil)
    #expect(
      bootstrapper.rules == [
        RBAC.Rule(
          verbs: ["create", "get", "list", "watch"], apiGroups: ["certificates.k8s.io"],
          resources: ["certificatesigningrequests"])
      ])
    let node = try #require(roles.first { $0.name == "system:node" })
    #expect(node.rules.contains { $0.apiGroups == ["", "events.k8s.io"] })
    let controller = try #require(
      roles.first { $0.name == "system:controller:certificate-controller" })
    #expect(
      controller.rules.contains {
        $0.resourceNames == ["kubernetes.io/kube-apiserver-client-kubelet"]
          && $0.verbs == ["approve"]
      })
  }

  @Test func `the built-in roles are those of a recorded API server`() throws {
    let recorded = try load(fixture: "cluster-roles.yaml").scenario.roles
    #expect(recorded.count == 12)
    for role in recorded {
      let builtin = BuiltinRoles.roles.first {
        $0.name == role.name && $0.namespace == role.namespace
      }
      #expect(builtin.map { sorted($0.rules) } == sorted(role.rules), "\(role.name)")
    }
  }

  private func sorted(_ rules: [RBAC.Rule]) -> [RBAC.Rule] {
    let inside = rules.map { rule in
      RBAC.Rule(
        verbs: rule.verbs.sorted(), apiGroups: rule.apiGroups.sorted(),
        resources: rule.resources.sorted(), resourceNames: rule.resourceNames.sorted(),
        nonResourceURLs: rule.nonResourceURLs.sorted())
    }
    return inside.sorted { "\($0)" < "\($1)" }
  }

  @Test func `kubeadm's bindings are read`() throws {
    let bindings = try load(fixture: "kubeadm-bindings.yaml").scenario.bindings
    #expect(
      bindings.map(\.name) == [
        "kubeadm:kubelet-bootstrap", "kubeadm:node-autoapprove-bootstrap",
        "kubeadm:node-autoapprove-certificate-rotation",
      ])
    #expect(
      bindings[0].subjects == [.group("system:bootstrappers:kubeadm:default-node-token")])
    #expect(bindings[2].subjects == [.group("system:nodes")])
    #expect(bindings.map(\.refersToClusterRole) == [true, true, true])
  }

  @Test func `kubeadm's configuration gives token, URL and extraArgs`() throws {
    let loaded = try load(fixture: "kubeadm-init.yaml", "  nodes: [{name: workers}]\n")
    let secret = try #require(loaded.scenario.secrets.first)
    #expect(secret.name == "bootstrap-token-abcdef")
    let day: Int64 = 86_400_000_000_000
    #expect(secret.expiration == .at(Scenario().start + day))
    #expect(secret.usageBootstrapAuthentication == "true")
    #expect(loaded.scenario.apiServer.url == "https://192.0.2.1:6443")
    #expect(loaded.scenario.controllerManager.kubeAPIMilliQPS == 20_000)
    #expect(loaded.scenario.controllerManager.clusterSigningDuration == .hours(8_760))
    #expect(loaded.scenario.apiServer.maxRequestsInFlight == 300)
    #expect(loaded.notes == [])
  }

  @Test func `a KubeletConfiguration applies to all groups when it is the only one`() throws {
    let loaded = try load(fixture: "kubelet-configuration.yaml")
    #expect(loaded.scenario.groups[0].kubelet == KubeletSettings())
    #expect(loaded.notes == [])
  }

  @Test func `Node and Lease exist at the start`() throws {
    #expect(try load(fixture: "node.yaml").scenario.existingNodes == ["node-kept"])
    #expect(try load(fixture: "lease.yaml").scenario.existingLeases == ["node-k1r"])
  }

  @Test func `objects may stand in the scenario's own file, with empty documents between`() throws {
    let text =
      "# only a comment\n---\n" + head + "  nodes: [{name: workers}]\n---\n# nothing\n---\n"
      + (try fixture("bootstrap-token.yaml"))
    #expect(try loadText(text).scenario.secrets.count == 1)
  }

  @Test func `every input is kept with its full text, the scenario first`() throws {
    let text = try fixture("node.yaml")
    let loaded = try ScenariosTests.load(
      "  files: [./m.yaml, m.yaml]\n" + nodesAndToken, files: ["m.yaml": text],
      overrides: ["spec.seed=3"])
    #expect(loaded.inputs.map(\.path) == ["s.yaml", "--set", "m.yaml"])
    #expect(loaded.inputs[0].text.hasPrefix("apiVersion: bootsim.dev/v1alpha1"))
    #expect(loaded.inputs[1].text == "spec.seed=3")
    #expect(loaded.inputs[2].text == text)
  }

  @Test func `other kinds are skipped with one note a kind`() throws {
    let pods = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    let loaded = try ScenariosTests.load(nodesAndToken + "---\n" + pods + "---\n" + pods)
    #expect(
      loaded.notes == ["s.yaml:11:1: Pod is skipped (and 1 more): not part of bootstrapping"])
  }

  @Test func `a field that matters but is not modelled is named`() throws {
    let configuration = """
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      rotateCertificates: false
      tlsCertFile: /x.pem
      nodeLeaseDurationSeconds: 20
      registerNode: false
      kubeAPIQPS: 0
      kubeAPIBurst: 100
      cgroupDriver: systemd
      """
    let loaded = try ScenariosTests.load(nodesAndToken + "---\n" + configuration)
    #expect(
      loaded.notes == [
        "s.yaml:14:14: KubeletConfiguration.tlsCertFile is not modelled: a kubelet with its own "
          + "serving certificate requests none",
        "s.yaml:15:27: KubeletConfiguration.nodeLeaseDurationSeconds is not modelled: 40 is used",
        "s.yaml:17:13: KubeletConfiguration.kubeAPIQPS is not modelled: the kubelet's main client has no "
          + "limit",
      ])
    #expect(!loaded.scenario.groups[0].kubelet.rotateCertificates)
    #expect(!loaded.scenario.groups[0].kubelet.registersNode)
  }

  @Test func `rotateCertificates left out is false, and true with kubeadm`() throws {
    let configuration =
      "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
    let plain = try ScenariosTests.load(nodesAndToken + configuration)
    #expect(!plain.scenario.groups[0].kubelet.rotateCertificates)
    #expect(plain.notes.count == 1)
    let kubeadm = try ScenariosTests.load("  preset: kubeadm\n" + nodesAndToken + configuration)
    #expect(kubeadm.scenario.groups[0].kubelet.rotateCertificates)
  }

  @Test func `a group names its KubeletConfiguration by file`() throws {
    let configuration = { (seconds: Int) in
      "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
        + "rotateCertificates: true\nnodeStatusUpdateFrequency: \(seconds)s\n"
    }
    let scenario = try ScenariosTests.load(
      """
        nodes:
        - {name: a, kubelet: {configuration: a.yaml}}
        - {name: b, kubelet: {configuration: b.yaml}}
        - {name: c}
        tokens: [{token: abcdef.0123456789abcdef}]

      """, files: ["a.yaml": configuration(7), "b.yaml": configuration(8)]
    ).scenario
    #expect(
      scenario.groups.map(\.kubelet.nodeStatusUpdateFrequency)
        == [.seconds(7), .seconds(8), .seconds(10)])
  }

  @Test func `extraArgs are read as v1beta3 writes them`() throws {
    let scenario = try ScenariosTests.load(
      nodesAndToken + """
        ---
        apiVersion: kubeadm.k8s.io/v1beta3
        kind: ClusterConfiguration
        controlPlaneEndpoint: api.example.com
        apiServer:
          extraArgs:
            anonymous-auth: "false"
            enable-bootstrap-token-auth: "false"
            authorization-mode: RBAC
            disable-admission-plugins: NodeRestriction
            enable-priority-and-fairness: "false"
            max-requests-inflight: "0"
            max-mutating-requests-inflight: "50"
        controllerManager:
          extraArgs:
            kube-api-qps: "100"
            kube-api-burst: "200"
            cluster-signing-duration: 1h0m0s
            cluster-signing-key-file: ""
            controllers: "*,-csrapproving"
            use-service-account-credentials: "false"
        """
    ).scenario
    #expect(scenario.apiServer.url == "https://api.example.com:6443")
    #expect(!scenario.apiServer.anonymousAuth)
    #expect(!scenario.apiServer.enableBootstrapTokenAuth)
    #expect(!scenario.apiServer.nodeRestriction)
    #expect(!scenario.apiServer.enablePriorityAndFairness)
    #expect(scenario.apiServer.maxRequestsInFlight == 0)
    #expect(scenario.apiServer.maxMutatingRequestsInFlight == 50)
    #expect(scenario.apiServer.authorizationModes == [.rbac])
    #expect(scenario.controllerManager.kubeAPIMilliQPS == 100_000)
    #expect(scenario.controllerManager.kubeAPIBurst == 200)
    #expect(scenario.controllerManager.clusterSigningDuration == .hours(1))
    #expect(!scenario.controllerManager.hasSigningKey)
    #expect(!scenario.controllerManager.csrapproving)
    #expect(scenario.controllerManager.csrsigning)
    #expect(!scenario.controllerManager.useServiceAccountCredentials)
  }

  @Test func `admission plugins that are switched off are off, and others are noted`() throws {
    let read = { (flags: String, spec: String) in
      try ScenariosTests.load(
        spec + nodesAndToken + """
          ---
          apiVersion: kubeadm.k8s.io/v1beta3
          kind: ClusterConfiguration
          apiServer: {extraArgs: {\(flags)}}
          """)
    }
    let off = try read(
      "disable-admission-plugins: 'CertificateApproval,CertificateSigning,PodSecurity'", "")
    #expect(off.scenario.apiServer.nodeRestriction)
    #expect(!off.scenario.apiServer.certificateApproval)
    #expect(!off.scenario.apiServer.certificateSigning)
    #expect(off.scenario.apiServer.certificateSubjectRestriction)
    #expect(
      off.notes == [
        "s.yaml:13:52: admission plugins are not modelled: PodSecurity"
      ])
    let others = try read(
      "enable-admission-plugins: CertificateApproval",
      "  apiServer: {certificateSubjectRestriction: false}\n")
    #expect(!others.scenario.apiServer.nodeRestriction)
    #expect(others.scenario.apiServer.certificateApproval)
    #expect(!others.scenario.apiServer.certificateSubjectRestriction)
    #expect(others.notes.isEmpty)
  }

  @Test(arguments: [("0", 0), ("0.0", 0), ("-1", -1_000), ("0.5", 500)])
  func `--kube-api-qps may be 0 and below, as the key may`(text: String, milliQPS: Int64) throws {
    let byFlag = try ScenariosTests.load(
      nodesAndToken + """
        ---
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        controllerManager:
          extraArgs: [{name: kube-api-qps, value: "\(text)"}]
        """
    ).scenario.controllerManager
    let byKey = try ScenariosTests.load(
      "  controllerManager: {kubeAPIQPS: \(text)}\n" + nodesAndToken
    ).scenario.controllerManager
    #expect(byFlag.kubeAPIMilliQPS == milliQPS && byKey.kubeAPIMilliQPS == milliQPS)
    #expect(byFlag.kubeAPIBurst == 30)
  }

  @Test func `a burst of 0 is client-go's default without a rate, and beside one no start`() {
    let flags = { (qps: String) in
      mistakes(
        nodesAndToken + """
          ---
          apiVersion: kubeadm.k8s.io/v1beta4
          kind: ClusterConfiguration
          controllerManager:
            extraArgs: {kube-api-qps: "\(qps)", kube-api-burst: "0"}
          """)
    }
    #expect(flags("0").isEmpty && flags("-1").isEmpty)
    #expect(
      flags("20").map { $0.drop { $0 != " " } } == [
        " --kube-api-burst is 0 beside a rate, so kube-controller-manager would not start; give at "
          + "least 1"
      ])
  }

  @Test
  func `N.1 kubeadm's tokens live 24 h by the administrator's clock, in whole seconds`() throws {
    let expiration = { (ttl: String, offset: String) in
      try ScenariosTests.load(
        "  administrator: {clock: {offset: \(offset)}}\n  nodes: [{name: workers}]\n" + """
          ---
          apiVersion: kubeadm.k8s.io/v1beta4
          kind: InitConfiguration
          bootstrapTokens:
          - token: abcdef.0123456789abcdef
            \(ttl)
          """
      ).scenario.secrets[0].expiration
    }
    let start = Scenario().start
    let hour: Int64 = 3_600_000_000_000
    #expect(try expiration("description: x", "0s") == .at(start + 24 * hour))
    #expect(try expiration("description: x", "-90m") == .at(start + 22 * hour + hour / 2))
    #expect(try expiration("ttl: 2h0m0s", "-90m") == .at(start + hour / 2))
    #expect(try expiration("ttl: 2h0m0s", "1.9s") == .at(start + 2 * hour + 1_000_000_000))
    #expect(try expiration("ttl: 0s", "-90m") == .never)
    #expect(try expiration("expires: 2026-01-01T01:00:00Z", "-90m") == .at(start + hour))
  }

  @Test func `a Secret is read as it is, right or wrong`() throws {
    let secrets = try ScenariosTests.load(
      nodesAndToken + """
        ---
        apiVersion: v1
        kind: Secret
        type: Opaque
        metadata: {name: bootstrap-token-aaaaaa, deletionTimestamp: 2026-01-01T00:00:00Z}
        stringData: {token-id: aaaaaa, expiration: tomorrow}
        ---
        apiVersion: v1
        kind: Secret
        type: bootstrap.kubernetes.io/token
        metadata: {name: bootstrap-token-bbbbbb, namespace: kube-system}
        data: {token-id: YWFhYWFh}
        stringData: {token-id: bbbbbb, expiration: "2026-01-01T00:00:00+01:00"}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: tls, namespace: default}
        """)
    let first = secrets.scenario.secrets[0]
    #expect(first.type == "Opaque")
    #expect(first.namespace == "default")
    #expect(first.hasDeletionTimestamp)
    #expect(first.expiration == .unparsable("tomorrow"))
    #expect(first.tokenSecret == nil)
    let second = secrets.scenario.secrets[1]
    #expect(second.tokenID == "bbbbbb")
    #expect(second.expiration == .at(Scenario().start - 3_600_000_000_000))
    #expect(secrets.scenario.secrets.count == 3)
    #expect(secrets.notes.contains("s.yaml:24:1: Secret tls is skipped: no bootstrap token"))
  }

  @Test func `the preset adds kubeadm's bindings except those of the files`() throws {
    let scenario = try load(
      fixture: "kubeadm-bindings.yaml", "  preset: kubeadm\n" + nodesAndToken
    ).scenario
    #expect(scenario.bindings.filter { $0.name == "kubeadm:kubelet-bootstrap" }.count == 1)
    #expect(scenario.bindings.contains { $0.name == "kubeadm:get-nodes" })
    #expect(
      scenario.roles.contains {
        $0.name == "kubeadm:kubelet-config" && $0.namespace == "kube-system"
      })
    let own = try ScenariosTests.load(
      "  preset: kubeadm\n" + nodesAndToken + """
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: "kubeadm:kubelet-bootstrap"}
        roleRef: {kind: ClusterRole, name: view}
        """
    ).scenario
    #expect(
      own.bindings.filter { $0.name == "kubeadm:kubelet-bootstrap" }.map(\.roleName) == ["view"])
  }
}

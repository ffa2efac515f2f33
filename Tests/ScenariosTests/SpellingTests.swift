import Scenarios
import Testing

/// Names in Kubernetes objects that are a slip, and names that are not.
struct SpellingTests {
  private func notes(_ object: String) throws -> [String] {
    try load(nodesAndToken + "---\n" + object + "\n").notes
  }

  private static let kubelet =
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
  private static let cluster =
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
  private static let secret =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: bootstrap-token-xxxxxx, namespace: kube-system}\n"

  @Test func `a kind that is a slip, and a token elsewhere than in kube-system, are told`() throws {
    let binding =
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRolebinding\nmetadata: {name: b}\n"
    #expect(
      try notes(binding).contains { $0.hasSuffix("is skipped: did you mean ClusterRoleBinding?") })
    let secret =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: bootstrap-token-xxxxxx, namespace: kube-sytem}\n"
      + "type: bootstrap.kubernetes.io/token\n"
      + "stringData: {token-id: xxxxxx, token-secret: xxxxxxxxxxxxxxxx}"
    let loaded = try load(
      "  nodes: [{name: w, bootstrapKubeconfig: {tokenID: abcdef}}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef}]\n---\n" + secret + "\n")
    #expect(
      loaded.notes.contains {
        $0.contains("is in namespace kube-sytem: the API server knows tokens of kube-system only")
      })
  }

  @Test(arguments: [
    ("cluster-signing-duration, value: 30d", "Go knows no days: write hours, such as 720h"),
    ("controllers, value: '*,-csraproving'", "did you mean `csrapproving`?"),
    ("controllers, value: '*,tokencleaners'", "did you mean `tokencleaner`?"),
  ])
  func `a flag with which kube-controller-manager would not start is a mistake`(
    flag: String, cure: String
  ) throws {
    let object = Self.cluster + "controllerManager:\n  extraArgs: [{name: \(flag)}]"
    let errors = #expect(throws: ScenarioErrors.self) { try notes(object) }
    #expect(errors.map { "\($0)".contains(cure) && "\($0)".contains("would not start") } == true)
    let fine = "controllers, value: '*,bootstrapsigner,tokencleaner,-nodeipam,cloud-node-lifecycle'"
    _ = try notes(Self.cluster + "controllerManager:\n  extraArgs: [{name: \(fine)}]")
  }

  @Test(arguments: [
    ("Node,RBCA", "did you mean `RBAC`?"), ("Node, RBAC", "did you mean `RBAC`?"),
    ("node,RBAC", "did you mean `Node`?"), ("X509", "use `Node`, `RBAC`, `AlwaysAllow`"),
  ])
  func `an authorization mode that is none is a mistake`(modes: String, cure: String) throws {
    let argument = "apiServer:\n  extraArgs: [{name: authorization-mode, value: '\(modes)'}]"
    let errors = #expect(throws: ScenarioErrors.self) { try notes(Self.cluster + argument) }
    #expect("\(errors.map { "\($0)" } ?? "")".contains("kube-apiserver would not start; \(cure)"))
    let webhook = argument.replacing(modes, with: "Node,RBAC,Webhook")
    #expect(
      try notes(Self.cluster + webhook).contains { $0.contains("mode Webhook is not modelled") })
  }

  @Test(arguments: [
    ("rbac.authorisation.k8s.io/v1", "is skipped: did you mean rbac.authorization.k8s.io/v1?"),
    ("v1", "is skipped: rbac.authorization.k8s.io/v1 is what bootstrapping needs"),
    (
      "rbac.authorization.k8s.io/v1beta1",
      "did you mean rbac.authorization.k8s.io/v1? It is read as"
    ),
  ])
  func `an API version that a known kind has not is told`(version: String, told: String) throws {
    let object = "apiVersion: \(version)\nkind: ClusterRole\nmetadata: {name: r}\nrules: []"
    let found = try notes(object).filter { $0.contains("apiVersion") }
    #expect(found.count == 1)
    #expect(found.first?.contains(told) == true, "\(found)")
    for fine in ["kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4"] {
      #expect(try notes("apiVersion: \(fine)\nkind: ClusterConfiguration") == [])
    }
  }

  @Test(arguments: [
    ("usage-bootstrap-authentication: 'True'", "which counts as false; did you mean “true”?"),
    ("usage-bootstrap-authentication: 'ture'", "which counts as false; did you mean “true”?"),
    ("usage-bootstrap-authentication: 'yes'", "which counts as false; “true” is what gives it"),
    ("usage-authentication: 'true'", "did you mean `usage-bootstrap-authentication`?"),
    ("usage-bootstrap-authentication: 'false'", ""), ("usage-bootstrap-signing: 'true'", ""),
  ])
  func `a usage of a token that nothing takes for given is told`(
    usage: String, told: String
  ) throws {
    let spec =
      "  nodes: [{name: w, bootstrapKubeconfig: {tokenID: abcdef}}]\n"
      + "  tokens: [{token: abcdef.0123456789abcdef}]\n---\n"
    let data = "stringData: {token-id: xxxxxx, token-secret: xxxxxxxxxxxxxxxx, \(usage)}\n"
    let found = try load(spec + Self.secret + "type: bootstrap.kubernetes.io/token\n" + data)
      .notes.filter { $0.contains("usage-") }
    guard !told.isEmpty else { return #expect(found == []) }
    #expect(found.count == 1 && found[0].contains(told), "\(found)")
  }

  @Test func `a usage that kubeadm does not know is a mistake`() throws {
    let object =
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n"
      + "- {token: ghijkl.0123456789abcdef, usages: [signing, authentification]}"
    let errors = #expect(throws: ScenarioErrors.self) { try notes(object) }
    #expect(
      "\(errors.map { "\($0)" } ?? "")".contains(
        "which kubeadm refuses; did you mean `authentication`?"))
  }

  @Test(arguments: [
    (kubelet + "rotateCertificate: true", "13:1: KubeletConfiguration", "rotateCertificates"),
    (kubelet + "serverTlsBootstrap: true", "13:1: KubeletConfiguration", "serverTLSBootstrap"),
    (kubelet + "kubeApiQps: 5", "13:1: KubeletConfiguration", "kubeAPIQPS"),
    (cluster + "certificateValidity: 1h", "", ""),
    (
      cluster + "certificatesValidityPeriod: 1h", "13:1: ClusterConfiguration",
      "certificateValidityPeriod"
    ),
    (cluster + "apiServer:\n  extraArg: []", "14:3: ClusterConfiguration.apiServer", "extraArgs"),
    (
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n"
        + "- token: abcdef.0123456789abcdef\n  group: []",
      "15:3: InitConfiguration.bootstrapTokens[]", "groups"
    ),
    (secret + "data:\n  token-ids: eHh4eHh4", "15:3: Secret.data", "token-id"),
    (
      secret + "stringData:\n  usage-bootstrap-authentification: 'true'",
      "15:3: Secret.stringData", "usage-bootstrap-authentication"
    ),
    (
      "apiVersion: v1\nkind: Config\ncurrent-context: a\nusers:\n- name: a\n  user: {tokn: x}",
      "16:10: kubeconfig.users[].user", "token"
    ),
  ])
  func `a field that is a slip from one that is read is told with its place`(
    object: String, place: String, meant: String
  ) throws {
    let found = try notes(object).filter { $0.contains("unknown field") }
    guard !meant.isEmpty else { return #expect(found == []) }
    let note = try #require(found.first)
    #expect(found.count == 1)
    #expect(note.hasPrefix("s.yaml:\(place) has an unknown field "))
    #expect(note.hasSuffix("; did you mean `\(meant)`?"))
  }

  @Test(arguments: [
    "{cluster-signing-durations: 1h}", "[{name: cluster-signing-durations, value: 1h}]",
  ])
  func `a flag that is a slip is told, in both forms of extraArgs`(arguments: String) throws {
    let column = arguments.hasPrefix("{") ? 15 : 22
    let notes = try notes(
      Self.cluster + "controllerManager:\n  extraArgs: \(arguments)\n")
    #expect(
      notes == [
        "s.yaml:14:\(column): kube-controller-manager --cluster-signing-durations is unknown; did you "
          + "mean `cluster-signing-duration`?"
      ])
  }

  @Test func `AlwaysAllow is told to switch anonymous requests off`() throws {
    let text = "anonymous requests are refused: AlwaysAllow switches --anonymous-auth off"
    let key = try load(nodesAndToken + "  apiServer: {authorizationMode: [Node, AlwaysAllow]}\n")
    #expect(key.notes == ["s.yaml:10:34: \(text)"])
    #expect(try load(nodesAndToken).notes == [])
  }

  @Test func `a flag one letter short is told`() throws {
    let notes = try notes(Self.cluster + "controllerManager: {extraArgs: {kube-api-qp: '5'}}")
    #expect(notes.count == 1 && notes[0].hasSuffix("did you mean `kube-api-qps`?"))
  }

  /// Every field of Kubernetes v1.36 that stands beside those that are read.
  @Test(arguments: [
    kubelet
      + mapping(
        """
        enableServer staticPodPath podLogsDir syncFrequency fileCheckFrequency httpCheckFrequency \
        staticPodURLHeader address port readOnlyPort tlsCipherSuites tlsMinVersion authentication \
        authorization registryPullQPS registryBurst imagePullCredentialsVerificationPolicy \
        preloadedImagesVerificationAllowlist eventRecordQPS eventBurst enableDebuggingHandlers \
        enableContentionProfiling healthzPort healthzBindAddress oomScoreAdj clusterDomain clusterDNS \
        streamingConnectionIdleTimeout imageMinimumGCAge imageMaximumGCAge \
        imageGCHighThresholdPercent imageGCLowThresholdPercent volumeStatsAggPeriod kubeletCgroups \
        systemCgroups cgroupRoot cgroupsPerQOS cgroupDriver cpuManagerPolicy cpuManagerPolicyOptions \
        cpuManagerReconcilePeriod memoryManagerPolicy topologyManagerPolicy topologyManagerScope \
        topologyManagerPolicyOptions qosReserved runtimeRequestTimeout hairpinMode maxPods podCIDR \
        podPidsLimit resolvConf runOnce cpuCFSQuota cpuCFSQuotaPeriod nodeStatusMaxImages maxOpenFiles \
        contentType serializeImagePulls maxParallelImagePulls evictionHard evictionSoft \
        evictionSoftGracePeriod evictionPressureTransitionPeriod evictionMaxPodGracePeriod \
        evictionMinimumReclaim podsPerCore enableControllerAttachDetach protectKernelDefaults \
        makeIPTablesUtilChains iptablesMasqueradeBit iptablesDropBit failSwapOn memorySwap \
        containerLogMaxSize containerLogMaxFiles containerLogMaxWorkers containerLogMonitorInterval \
        configMapAndSecretChangeDetectionStrategy systemReserved kubeReserved systemReservedCgroup \
        kubeReservedCgroup enforceNodeAllocatable allowedUnsafeSysctls volumePluginDir \
        kernelMemcgNotification logging enableSystemLogHandler enableSystemLogQuery \
        shutdownGracePeriodCriticalPods shutdownGracePeriodByPodPriority crashLoopBackOff \
        reservedMemory enableProfilingHandler enableDebugFlagsHandler seccompDefault \
        memoryThrottlingFactor registerWithTaints tracing localStorageCapacityIsolation \
        containerRuntimeEndpoint imageServiceEndpoint failCgroupV1 userNamespaces
        """),
    cluster
      + mapping(
        """
        etcd networking kubernetesVersion scheduler dns proxy certificatesDir imageRepository \
        clusterName encryptionAlgorithm
        """) + "apiServer: {extraEnvs: [], extraVolumes: [], certSANs: []}\n"
      + "controllerManager: {extraEnvs: [], extraVolumes: []}\n",
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n"
      + mapping("certificateKey dryRun nodeRegistration patches skipPhases timeouts")
      + "bootstrapTokens: [{token: abcdef.0123456789abcdef, description: x}]\n",
    secret + "type: bootstrap.kubernetes.io/token\nimmutable: true\nstringData: {description: x}\n",
    "apiVersion: v1\nkind: Config\npreferences: {}\nextensions: []\nclusters:\n"
      + "- cluster: {disable-compression: true, extensions: [], proxy-url: x, tls-server-name: x}\n"
      + "contexts:\n- context: {namespace: x, extensions: []}\nusers:\n- user: {"
      + [
        "client-key", "client-key-data", "tokenFile", "as", "as-uid", "as-groups", "as-user-extra",
        "username", "password", "auth-provider", "exec", "extensions",
      ].map { "\($0): x" }.joined(separator: ", ") + "}\n",
  ])
  func `no other field of Kubernetes is taken for a slip`(object: String) throws {
    #expect(try notes(object).filter { $0.contains("did you mean") } == [])
  }

  private static func mapping(_ names: String) -> String {
    names.split(separator: " ").map { "\($0): x\n" }.joined()
  }

  @Test(arguments: [
    (
      "apiServer",
      """
      admission-control-config-file aggregator-reject-forwarding-redirect api-audiences \
      authentication-config authentication-token-webhook-cache-ttl authorization-config \
      authorization-webhook-cache-authorized-ttl cert-dir client-ca-file contention-profiling \
      cors-allowed-origins default-watch-cache-size delete-collection-workers \
      disabled-metrics disable-http2-serving egress-selector-config-file enable-aggregator-routing \
      enable-garbage-collector enable-logs-handler encryption-provider-config endpoint-reconciler-type \
      event-ttl external-hostname feature-gates goaway-chance http2-max-streams-per-connection \
      identity-lease-duration-seconds kubelet-certificate-authority kubelet-client-certificate \
      kubelet-client-key kubelet-timeout lease-reuse-duration-seconds livez-grace-period \
      max-connection-bytes-per-sec min-request-timeout oidc-issuer-url peer-ca-file \
      permit-address-sharing permit-port-sharing proxy-client-cert-file request-timeout \
      requestheader-allowed-names shutdown-delay-duration storage-backend storage-media-type \
      strict-transport-security-directives tls-cert-file tls-min-version token-auth-file watch-cache
      """
    ),
    (
      "controllerManager",
      """
      authentication-kubeconfig authorization-always-allow-paths authorization-kubeconfig \
      attach-detach-reconcile-sync-period cidr-allocator-type cluster-signing-kubelet-client-cert-file \
      cluster-signing-kubelet-client-key-file cluster-signing-kubelet-serving-cert-file \
      cluster-signing-kubelet-serving-key-file cluster-signing-legacy-unknown-cert-file \
      concurrent-cron-job-syncs concurrent-deployment-syncs concurrent-namespace-syncs \
      configure-cloud-routes controller-start-interval disable-attach-detach-reconcile-sync \
      enable-dynamic-provisioning enable-garbage-collector enable-leader-migration flex-volume-plugin-dir \
      horizontal-pod-autoscaler-sync-period kube-api-content-type kubeconfig large-cluster-size-threshold \
      leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace \
      leader-migration-config legacy-service-account-token-clean-up-period master max-endpoints-per-slice \
      min-resync-period mirroring-concurrent-service-endpoint-syncs namespace-sync-period \
      node-eviction-rate node-startup-grace-period node-sync-period pv-recycler-increment-timeout-nfs \
      pvclaimbinder-sync-period resource-quota-sync-period root-ca-file route-reconciliation-period \
      secondary-node-eviction-rate unhealthy-zone-threshold
      """
    ),
  ])
  func `no other flag is taken for a slip`(component: String, flags: String) throws {
    let arguments = flags.split(separator: " ").map { "\($0): x" }.joined(separator: ", ")
    let notes = try notes(Self.cluster + "\(component): {extraArgs: {\(arguments)}}\n")
    #expect(notes.filter { $0.contains("did you mean") } == [])
  }

  /// Protocol.md G: resyncs are played, with the least period that kube-controller-manager has by itself.
  @Test func `of the period of resyncs the note says which one is played`() throws {
    let notes = try notes(
      Self.cluster + "controllerManager: {extraArgs: {min-resync-period: 6h}}\n")
    let note = "kube-controller-manager --min-resync-period is not modelled: 12 h is used"
    #expect(notes.contains { $0.hasSuffix(note) }, "\(notes)")
  }
}

import SimulationKernel
import TLSBootstrap

extension ScenarioFile {
  /// Every key of the format. Unknown keys are found with this table, and docs/SCENARIO.md is held
  /// equal to it by a test.
  public static let keys: [KeyDocumentation] =
    documentKeys + nodeKeys + tokenKeys + controlPlaneKeys + approvalKeys + requestKeys
    + latencyKeys + faultKeys + expectationKeys + typeKeys + profileKeys

  /// The JSON Schema of scenario files.
  public static var jsonSchema: String { JSONSchema.text }

  /// The table of keys as text, one key a paragraph.
  public static var schemaText: String {
    keys.map { key in
      let unit = key.unit.isEmpty ? "" : ", \(key.unit)"
      let value = key.default.isEmpty ? "needed" : "default \(key.default)"
      return "\(key.path)\n    \(key.type)\(unit); \(value)\n    \(key.text)\n"
    }.joined()
  }
}

/// Defaults are written from the values that the code uses, so that they cannot differ.
private typealias Key = KeyDocumentation

private let scenario = Scenario()
private let client = CSRClientSettings()
private let none = "none"

private func text(_ flag: Bool) -> String { flag ? "true" : "false" }

private let documentKeys: [Key] = [
  Key("apiVersion", ScenarioFile.apiVersion, default: "", "Version of the format."),
  Key("kind", "Scenario", default: "", "Exactly one document of the file has it."),
  Key("metadata", "mapping", default: "", "About the document."),
  Key(
    "metadata.name", "string", matching: KubernetesName.pattern, default: "",
    "Name of the scenario, in lower-case letters, digits, `-` and `.`; the trace is named after it."
  ),
  Key("spec", "mapping", default: "", "What the run is made of."),
  Key(
    "spec.seed", "integer", in: 0...Int64.max, default: "\(scenario.seed)",
    "Seed of every draw; `--seed` replaces it."),
  Key(
    "spec.start", "time", unit: "RFC 3339", default: Timestamp.text(scenario.start),
    "True time at the start of the run, before 2200."),
  Key(
    "spec.duration", "duration", default: "24h; without end for `stopWhen: Never`",
    "The run ends after this time at the latest."),
  Key(
    "spec.stopWhen", "Settled, AllReady or Never",
    default: "Settled; with `duration` Never",
    "`Settled`: when every node is Ready, or only an outside act can change its state. `AllReady`: "
      + "when every node is Ready. `Never`: only `duration` ends the run."),
  Key(
    "spec.preset", "kubeadm", default: none,
    "`kubeadm` adds the roles and bindings that `kubeadm init` creates, except those that the "
      + "files define."),
  Key(
    "spec.files", "list of paths", default: none,
    "Files with Kubernetes objects, relative to the scenario's folder."),
  Key(
    "spec.allowDuplicateNodeNames", "boolean", default: "false",
    "Lets several nodes have one name, as cloned machines do."),
  Key("spec.administrator", "mapping", default: none, "Who runs kubeadm and kubectl."),
  Key(
    "spec.administrator.clock", "Clock", default: "no error",
    "Clock of the administrator's host: tokens expire by it, manual approvals are dated by it."),
]

private let nodeKeys: [Key] = [
  Key(
    "spec.nodes", "list of mappings", default: "",
    "Groups of nodes that are alike, at most 10000."),
  Key(
    "spec.nodes[].name", "string", matching: KubernetesName.pattern, default: "",
    "Name of the group; `--set spec.nodes.NAME.count=…` finds it by it."),
  Key(
    "spec.nodes[].kind", "kubelet or csrClient", default: "kubelet",
    "`csrClient`: no nodes, but bare clients that each request a certificate with the token, as a "
      + "kubelet does, and are served when they have it."),
  Key(
    "spec.nodes[].csrClient", "mapping", default: none, "Configuration of clients of that kind."),
  Key(
    "spec.nodes[].csrClient.patience", "duration", default: Quantity.text(client.patience),
    "How long a client waits for one certificate."),
  Key(
    "spec.nodes[].csrClient.gap", "duration", default: Quantity.text(client.gap),
    "From giving up, or being refused, to its next CSR."),
  Key(
    "spec.nodes[].csrClient.kubeAPIQPS", "rate", unit: "requests per second",
    default: Quantity.text(milli: client.kubeAPIMilliQPS), "Limit of each client's own requests."),
  Key(
    "spec.nodes[].csrClient.kubeAPIBurst", "integer", in: 1...1_000_000_000, unit: "requests",
    default: "\(client.kubeAPIBurst)", "Burst of that limit."),
  Key(
    "spec.nodes[].count", "integer", in: 1...Int64(NodeGroupReader.mostNodes), unit: "nodes",
    default: "length of the list of names, times or rows; else 1",
    "How many nodes the group has, at most \(NodeGroupReader.mostNodes) in all groups together."),
  Key(
    "spec.nodes[].names", "pattern or list of strings", default: "`NAME-{1}`",
    "Node names. In a pattern such as `worker-{00001}` the digits are the first number and its "
      + "width."),
  Key("spec.nodes[].start", "mapping", default: "at 0s", "When the kubelets start."),
  Key(
    "spec.nodes[].start.at", "duration", default: "0s", "All at once, this long after the start."),
  Key(
    "spec.nodes[].start.uniform", "mapping", default: none,
    "Each at a time of its own, uniform between two."),
  Key("spec.nodes[].start.uniform.from", "duration", default: "0s", "Earliest start."),
  Key("spec.nodes[].start.uniform.to", "duration", default: "", "Latest start."),
  Key("spec.nodes[].start.poisson", "mapping", default: none, "As a Poisson process."),
  Key(
    "spec.nodes[].start.poisson.perSecond", "rate", unit: "nodes per second", default: "",
    "Mean rate, with at most three decimals."),
  Key("spec.nodes[].start.poisson.from", "duration", default: "0s", "When the process begins."),
  Key(
    "spec.nodes[].start.times", "list of durations", default: none,
    "One time a node, in the order of the names."),
  Key("spec.nodes[].start.csv", "mapping", default: none, "Times from a CSV file, one row a node."),
  Key(
    "spec.nodes[].start.csv.file", "path", default: "",
    "CSV file with a header line, relative to the scenario's folder."),
  Key(
    "spec.nodes[].start.csv.column", "string", unit: "seconds", default: "",
    "Name of the column with the seconds after the start."),
  Key(
    "spec.nodes[].join", "None or Kubeadm", default: "None",
    "`Kubeadm`: at its start a node runs `kubeadm join`, which looks for the cluster, writes the "
      + "bootstrap kubeconfig, starts the kubelet, waits and deletes the file again."),
  Key(
    "spec.nodes[].bootstrapKubeconfig", "mapping",
    default: "the only kubeconfig or token of the input",
    "The file from which the kubelets bootstrap."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.state", "Present, Absent, Unreadable or Unset",
    default: "Present",
    "Whether the file is on the node's disk; `kubeadm join` writes it. `Unset`: the kubelet is "
      + "started without `--bootstrap-kubeconfig`."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.file", "path", default: none,
    "A kubeconfig (`kind: Config`), relative to the scenario's folder; server, CA and token are "
      + "taken from it."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.server", "URL", default: "the API server's URL",
    "Server that the kubeconfig names."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.certificateAuthority", "Cluster or Other", default: "Cluster",
    "Whether its CA is the one of the API server's certificate."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.token", "string", default: "the only token of the input",
    "The bearer token as written in the file, right or wrong; empty: none."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.tokenID", "string", default: none,
    "The token with this ID among `spec.tokens`, Secrets and InitConfiguration."),
  Key(
    "spec.nodes[].kubeconfig", "mapping", default: "the only kubelet kubeconfig of the input",
    "The kubelet's own kubeconfig (`--kubeconfig`) at the start."),
  Key(
    "spec.nodes[].kubeconfig.state", "Present, Absent, Unreadable, Inaccessible or Unset",
    default: "Present; without `kubeconfig` Absent",
    "Whether the file is on the node's disk. `Unreadable`: it cannot be parsed. `Inaccessible`: it "
      + "cannot even be looked at. `Unset`: the kubelet is started without `--kubeconfig`."),
  Key(
    "spec.nodes[].kubeconfig.file", "path", default: none,
    "A kubeconfig (`kind: Config`), relative to the scenario's folder; server, CA and client "
      + "certificate are taken from it."),
  Key(
    "spec.nodes[].kubeconfig.server", "URL", default: "the API server's URL",
    "Server that the kubeconfig names."),
  Key(
    "spec.nodes[].kubeconfig.certificateAuthority", "Cluster or Other", default: "Cluster",
    "Whether its CA is the one of the API server's certificate."),
  Key(
    "spec.nodes[].kubeconfig.clientCertificate", "File, Inline or None",
    default: "as in `file`; Inline with `certificate`; else File",
    "Where its client certificate is: in `kubelet-client-current.pem`, in the kubeconfig itself, or "
      + "nowhere."),
  Key(
    "spec.nodes[].kubeconfig.certificate", "ClientCertificate", default: "as in `file`",
    "The certificate inside the kubeconfig."),
  Key(
    "spec.nodes[].currentCertificate", "ClientCertificate", default: "none on disk",
    "What `kubelet-client-current.pem` leads to at the start."),
  Key(
    "spec.nodes[].temporaryKey", "Absent, Present or Corrupt", default: "Absent",
    "`kubelet-client.key.tmp`, which a kubelet without `rotateCertificates` leaves while it waits."),
  Key(
    "spec.nodes[].containerRuntime", "Present or Absent", default: "Present",
    "Whether a container runtime answers the kubelet. Without one it fails just after it has begun to "
      + "bootstrap, at each start."),
  Key("spec.nodes[].kubelet", "mapping", default: none, "Configuration of the kubelets."),
  Key(
    "spec.nodes[].kubelet.configuration", "path",
    default: "the only KubeletConfiguration of the input",
    "A file with a KubeletConfiguration, relative to the scenario's folder."),
  Key(
    "spec.nodes[].kubelet.rotateCertificates", "boolean",
    default: text(KubeletSettings().rotateCertificates),
    "true: bootstrap in the background, with renewal. false: bootstrap first, without renewal."),
  Key(
    "spec.nodes[].kubelet.serverTLSBootstrap", "boolean",
    default: text(KubeletSettings().serverTLSBootstrap),
    "Whether the kubelet requests a serving certificate."),
  Key(
    "spec.nodes[].kubelet.registerNode", "boolean", default: text(KubeletSettings().registersNode),
    "Whether the kubelet creates its Node; else one of its name has to exist, or to be made by a request."
  ),
  Key(
    "spec.nodes[].kubelet.nodeStatusUpdateFrequency", "duration",
    default: Quantity.text(KubeletSettings().nodeStatusUpdateFrequency),
    "How often the kubelet computes its node status."),
  Key(
    "spec.nodes[].kubelet.nodeStatusReportFrequency", "duration",
    default: "\(Quantity.text(KubeletSettings().nodeStatusReportFrequency)); with "
      + "`nodeStatusUpdateFrequency` the same",
    "How often at least a status that did not change is sent."),
  Key(
    "spec.nodes[].kubelet.heartbeats", "Derived or Played", default: "Derived",
    "`Played`: Lease renewals and status reports of Ready nodes are requests of the run, as load or to "
      + "see them fail. `Derived`: they are not events."),
  Key(
    "spec.nodes[].kubelet.restartSec", "duration",
    default: Quantity.text(KubeletSettings().restartSeconds),
    "`RestartSec` of the systemd unit."),
  Key("spec.nodes[].clock", "Clock", default: "no error", "Clocks of the nodes, one draw each."),
]

private let tokenKeys: [Key] = [
  Key("spec.tokens", "list of mappings", default: none, "Bootstrap tokens, in place of Secrets."),
  Key(
    "spec.tokens[].token", "string", matching: #"^[a-z0-9]{6}\.[a-z0-9]{16}$"#, default: "",
    "ID and secret, `[a-z0-9]{6}.[a-z0-9]{16}`."),
  Key(
    "spec.tokens[].ttl", "duration", default: "24h",
    "Life of the token from its creation; 0: without end. Excludes `expires`."),
  Key(
    "spec.tokens[].createdAt", "time", unit: "RFC 3339",
    default: "start of the run, on the administrator's clock",
    "When the token was made, not after the start."),
  Key(
    "spec.tokens[].expires", "time", unit: "RFC 3339", default: "creation + ttl",
    "When the token expires."),
  Key(
    "spec.tokens[].usages", "list of signing, authentication", default: "both",
    "What the token may be used for."),
  Key(
    "spec.tokens[].groups", "list of strings",
    default: "`system:bootstrappers:kubeadm:default-node-token`",
    "Groups besides `system:bootstrappers`."),
]

private let controlPlaneKeys: [Key] = apiServerKeys + controllerManagerKeys

private let apiServerKeys: [Key] = [
  Key("spec.apiServer", "mapping", default: none, "kube-apiserver."),
  Key(
    "spec.apiServer.url", "URL", default: scenario.apiServer.url,
    "Where it is reached; else from ClusterConfiguration, InitConfiguration or the kubeconfigs."),
  Key(
    "spec.apiServer.enableBootstrapTokenAuth", "boolean",
    default: text(scenario.apiServer.enableBootstrapTokenAuth), "`--enable-bootstrap-token-auth`."),
  Key(
    "spec.apiServer.anonymousAuth", "boolean", default: text(scenario.apiServer.anonymousAuth),
    "`--anonymous-auth`; with the mode AlwaysAllow it is off."),
  Key(
    "spec.apiServer.nodeRestriction", "boolean", default: text(scenario.apiServer.nodeRestriction),
    "Whether the admission plugin NodeRestriction is on."),
  Key(
    "spec.apiServer.authorizationMode", "list of Node, RBAC, AlwaysAllow, AlwaysDeny",
    default: "`[Node, RBAC]`", "`--authorization-mode`, in order."),
  Key(
    "spec.apiServer.servingCertificateNotBefore", "time", unit: "RFC 3339",
    default: "5 min before the start", "NotBefore of its serving certificate."),
  Key(
    "spec.apiServer.servingCertificateNotAfter", "time", unit: "RFC 3339",
    default: "1 year after the start", "NotAfter of its serving certificate."),
  Key(
    "spec.apiServer.certificateAuthority", "path", default: none,
    "PEM file of the CA of its serving certificate; kubeconfigs with another CA do not trust it."),
  Key(
    "spec.apiServer.certificateAuthorityData", "base64", default: none,
    "The same, written as in a kubeconfig."),
  Key(
    "spec.apiServer.trustsSigningCA", "boolean", default: text(scenario.apiServer.trustsSigningCA),
    "Whether `--client-ca-file` holds the CA with which the controller-manager signs."),
  Key("spec.apiServer.clock", "Clock", default: "no error", "Its clock."),
  Key(
    "spec.apiServer.enablePriorityAndFairness", "boolean",
    default: text(scenario.apiServer.enablePriorityAndFairness),
    "`--enable-priority-and-fairness`; without it only requests in flight are counted."),
  Key(
    "spec.apiServer.maxRequestsInFlight", "integer", in: ScenarioReader.requestsInFlight,
    unit: "requests",
    default: "\(scenario.apiServer.maxRequestsInFlight)",
    "`--max-requests-inflight`: with priority and fairness a part of the seats, else the most reads; "
      + "0: no limit."),
  Key(
    "spec.apiServer.maxMutatingRequestsInFlight", "integer", in: ScenarioReader.requestsInFlight,
    unit: "requests",
    default: "\(scenario.apiServer.maxMutatingRequestsInFlight)",
    "`--max-mutating-requests-inflight`: the same for writes."),
  Key(
    "spec.apiServer.replicas", "integer", in: 1...15, unit: "servers",
    default: "\(scenario.apiServer.replicas)",
    "API servers behind a load balancer, at most 15. Each has seats, queues and a token cache of its own; "
      + "controller-manager n asks server n modulo their number, as kubeadm has it."),
  Key(
    "spec.apiServer.balancing", "roundRobin or source",
    default: scenario.apiServer.balancing.rawValue,
    "How the load balancer chooses the server of a new connection: in turn, or by the client's address."
  ),
]

private let controllerManagerKeys: [Key] = [
  Key("spec.controllerManager", "mapping", default: none, "kube-controller-manager."),
  Key(
    "spec.controllerManager.running", "boolean", default: text(scenario.controllerManager.running),
    "Whether it runs at all."),
  Key(
    "spec.controllerManager.startsAt", "duration",
    default: "long before the run: one leads, with synced caches",
    "When its processes start; until then there is none, nor a leader's Lease."),
  Key(
    "spec.controllerManager.replicas", "integer", in: 1...9,
    default: "\(scenario.controllerManager.replicas)", "How many there are, at most 9."),
  Key(
    "spec.controllerManager.leaderElect", "boolean",
    default: text(scenario.controllerManager.leaderElect),
    "`--leader-elect`; without it every replica acts at once."),
  Key(
    "spec.controllerManager.leaseDuration", "duration",
    default: Quantity.text(scenario.controllerManager.leaseDuration),
    "`--leader-elect-lease-duration`: how old a Lease must be to be taken over."),
  Key(
    "spec.controllerManager.renewDeadline", "duration",
    default: Quantity.text(scenario.controllerManager.renewDeadline),
    "`--leader-elect-renew-deadline`: how long a leader tries to renew before it exits."),
  Key(
    "spec.controllerManager.retryPeriod", "duration",
    default: Quantity.text(scenario.controllerManager.retryPeriod),
    "`--leader-elect-retry-period`: from one try to the next; a candidate's × U[1, 2.2)."),
  Key(
    "spec.controllerManager.kubeAPIQPS", "rate", unit: "requests per second",
    default: Quantity.text(milli: scenario.controllerManager.kubeAPIMilliQPS),
    "`--kube-api-qps`, of each controller's client."),
  Key(
    "spec.controllerManager.kubeAPIBurst", "integer", in: 1...1_000_000_000, unit: "requests",
    default: "\(scenario.controllerManager.kubeAPIBurst)", "`--kube-api-burst`."),
  Key(
    "spec.controllerManager.concurrentCSRSyncs", "integer", in: 1...1_000, unit: "workers",
    default: "\(scenario.controllerManager.concurrentCSRSyncs)",
    "Workers of csrapproving and of each signer; a constant in Kubernetes."),
  Key(
    "spec.controllerManager.clusterSigningDuration", "duration",
    default: Quantity.text(scenario.controllerManager.clusterSigningDuration),
    "`--cluster-signing-duration`: life of the certificates."),
  Key(
    "spec.controllerManager.signingKey", "boolean",
    default: text(scenario.controllerManager.hasSigningKey),
    "Whether `--cluster-signing-cert-file` and `-key-file` are given; else no signer starts."),
  Key(
    "spec.controllerManager.signingCANotAfter", "time", unit: "RFC 3339",
    default: "10 years after the start", "NotAfter of the CA that signs."),
  Key(
    "spec.controllerManager.useServiceAccountCredentials", "boolean",
    default: text(scenario.controllerManager.useServiceAccountCredentials),
    "`--use-service-account-credentials`."),
  Key(
    "spec.controllerManager.controllers", "mapping", default: none, "`--controllers` as switches."),
  Key(
    "spec.controllerManager.controllers.csrapproving", "boolean",
    default: text(scenario.controllerManager.csrapproving), "Automatic approval."),
  Key(
    "spec.controllerManager.controllers.csrsigning", "boolean",
    default: text(scenario.controllerManager.csrsigning), "The four signers."),
  Key(
    "spec.controllerManager.controllers.csrcleaner", "boolean",
    default: text(scenario.controllerManager.csrcleaner),
    "Deletes CSRs that are over, in a pass an hour."),
  Key(
    "spec.controllerManager.controllers.tokencleaner", "boolean",
    default: "true with `preset: kubeadm` or kubeadm's configuration, else false",
    "Deletes the Secrets of expired bootstrap tokens."),
  Key(
    "spec.controllerManager.controllers.bootstrapsigner", "boolean",
    default: "true with `preset: kubeadm` or kubeadm's configuration, else false",
    "Signs `cluster-info` for each bootstrap token."),
  Key(
    "spec.controllerManager.controllers.nodelifecycle", "boolean",
    default: text(scenario.controllerManager.nodelifecycle),
    "Finds nodes Unknown whose heartbeats stopped."),
  Key(
    "spec.controllerManager.nodeMonitorPeriod", "duration",
    default: Quantity.text(scenario.controllerManager.nodeMonitorPeriod),
    "`--node-monitor-period`: how often it looks."),
  Key(
    "spec.controllerManager.nodeMonitorGracePeriod", "duration",
    default: Quantity.text(scenario.controllerManager.nodeMonitorGracePeriod),
    "`--node-monitor-grace-period`: how long a node may be silent."),
  Key("spec.controllerManager.clock", "Clock", default: "no error", "Its clock."),
]

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
private let none = "none"

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

private let tokenKeys: [Key] = [
  Key("spec.tokens", "list of mappings", default: none, "Bootstrap tokens, in place of Secrets."),
  Key(
    "spec.tokens[].token", "string", matching: #"^[a-z0-9]{6}\.[a-z0-9]{16}$"#, default: "",
    "ID and secret, `[a-z0-9]{6}.[a-z0-9]{16}`."),
  Key(
    "spec.tokens[].ttl", "duration", default: Quantity.text(TokenDefinition.defaultTimeToLive),
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
    default: KeyTable.list([TokenDefinition.defaultGroup]),
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
    default: "\(scenario.apiServer.enableBootstrapTokenAuth)", "`--enable-bootstrap-token-auth`."),
  Key(
    "spec.apiServer.anonymousAuth", "boolean", default: "\(scenario.apiServer.anonymousAuth)",
    "`--anonymous-auth`; with the mode AlwaysAllow it is off."),
  Key(
    "spec.apiServer.nodeRestriction", "boolean", default: "\(scenario.apiServer.nodeRestriction)",
    "Whether the admission plugin NodeRestriction is on."),
  Key(
    "spec.apiServer.certificateApproval", "boolean",
    default: "\(scenario.apiServer.certificateApproval)",
    "Whether CertificateApproval is on: who approves must have `approve` on the signer."),
  Key(
    "spec.apiServer.certificateSigning", "boolean",
    default: "\(scenario.apiServer.certificateSigning)",
    "Whether CertificateSigning is on: who signs must have `sign` on the signer."),
  Key(
    "spec.apiServer.certificateSubjectRestriction", "boolean",
    default: "\(scenario.apiServer.certificateSubjectRestriction)",
    "Whether CertificateSubjectRestriction is on: no CSR for `kubernetes.io/kube-apiserver-client` may name "
      + "`system:masters`."),
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
    "spec.apiServer.trustsSigningCA", "boolean", default: "\(scenario.apiServer.trustsSigningCA)",
    "Whether `--client-ca-file` holds the CA with which the controller-manager signs."),
  Key("spec.apiServer.clock", "Clock", default: "no error", "Its clock."),
  Key(
    "spec.apiServer.enablePriorityAndFairness", "boolean",
    default: "\(scenario.apiServer.enablePriorityAndFairness)",
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
    "spec.controllerManager.running", "boolean", default: "\(scenario.controllerManager.running)",
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
    default: "\(scenario.controllerManager.leaderElect)",
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
    "spec.controllerManager.kubeAPIQPS", "rate, 0 or below", unit: "requests per second",
    default: Quantity.text(milli: scenario.controllerManager.kubeAPIMilliQPS),
    "`--kube-api-qps`, of each controller's client. 0: client-go's default of 5 for each API group; below 0: no "
      + "limit."),
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
    default: "\(scenario.controllerManager.hasSigningKey)",
    "Whether `--cluster-signing-cert-file` and `-key-file` are given; else no signer starts."),
  Key(
    "spec.controllerManager.signingCANotAfter", "time", unit: "RFC 3339",
    default: "10 years after the start", "NotAfter of the CA that signs."),
  Key(
    "spec.controllerManager.useServiceAccountCredentials", "boolean",
    default: "\(scenario.controllerManager.useServiceAccountCredentials)",
    "`--use-service-account-credentials`."),
  Key(
    "spec.controllerManager.controllers", "mapping", default: none, "`--controllers` as switches."),
  Key(
    "spec.controllerManager.controllers.csrapproving", "boolean",
    default: "\(scenario.controllerManager.csrapproving)", "Automatic approval."),
  Key(
    "spec.controllerManager.controllers.csrsigning", "boolean",
    default: "\(scenario.controllerManager.csrsigning)", "The four signers."),
  Key(
    "spec.controllerManager.controllers.csrcleaner", "boolean",
    default: "\(scenario.controllerManager.csrcleaner)",
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
    default: "\(scenario.controllerManager.nodelifecycle)",
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

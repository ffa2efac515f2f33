/// Keys of a scenario from the flags with which a control plane runs.
struct ClusterFlags {
  /// Below `spec.apiServer` and `spec.controllerManager`, in YAML.
  private(set) var apiServer: [(key: String, value: String)] = []
  private(set) var controllerManager: [(key: String, value: String)] = []
  private(set) var controllers: [(key: String, value: String)] = []
  /// What could not be taken over.
  private(set) var remarks: [String] = []

  init(_ dump: ClusterDump) {
    if let server = dump.apiServers.first { takeServer(server, dump) }
    if let manager = dump.controllerManagers.first { takeManager(manager, dump) }
    if dump.controllerManagers.count > 1 {
      controllerManager.append(("replicas", "\(dump.controllerManagers.count)"))
    }
  }

  private static let serverKeys = [
    ("enable-bootstrap-token-auth", "enableBootstrapTokenAuth"),
    ("anonymous-auth", "anonymousAuth"),
    ("enable-priority-and-fairness", "enablePriorityAndFairness"),
    ("max-requests-inflight", "maxRequestsInFlight"),
    ("max-mutating-requests-inflight", "maxMutatingRequestsInFlight"),
  ]

  private static let managerKeys = [
    ("kube-api-qps", "kubeAPIQPS"), ("kube-api-burst", "kubeAPIBurst"),
    ("cluster-signing-duration", "clusterSigningDuration"),
    ("use-service-account-credentials", "useServiceAccountCredentials"),
    ("leader-elect", "leaderElect"), ("leader-elect-lease-duration", "leaseDuration"),
    ("leader-elect-renew-deadline", "renewDeadline"),
    ("leader-elect-retry-period", "retryPeriod"), ("node-monitor-period", "nodeMonitorPeriod"),
    ("node-monitor-grace-period", "nodeMonitorGracePeriod"),
  ]

  private mutating func takeServer(_ flags: ProcessFlags, _ dump: ClusterDump) {
    let owner = Owner("kube-apiserver", "apiServer", dump)
    for (flag, key) in Self.serverKeys {
      if let value = flags[flag], isOurs(flag, value, owner) { apiServer.append((key, value)) }
    }
    // Off unless the flag says otherwise, while a scenario's default is kubeadm's.
    let token = "enable-bootstrap-token-auth"
    if flags[token] == nil, isOurs(token, "false", owner) {
      apiServer.append(("enableBootstrapTokenAuth", "false"))
    }
    let plugins = flags["enable-admission-plugins"] ?? ""
    if isOurs("enable-admission-plugins", plugins, owner) {
      let isOn = plugins.split(separator: ",").contains("NodeRestriction")
      apiServer.append(("nodeRestriction", "\(isOn)"))
    }
    let disabled = flags["disable-admission-plugins"] ?? ""
    if isOurs("disable-admission-plugins", disabled, owner) {
      for plugin in ["Approval", "Signing", "SubjectRestriction"]
      where disabled.split(separator: ",").contains("Certificate\(plugin)") {
        apiServer.append(("certificate\(plugin)", "false"))
      }
    }
    if let modes = flags["authorization-mode"], isOurs("authorization-mode", modes, owner) {
      let known = modes.split(separator: ",").filter {
        ["Node", "RBAC", "AlwaysAllow", "AlwaysDeny"].contains($0)
      }
      apiServer.append(("authorizationMode", "[\(known.joined(separator: ", "))]"))
    }
    let taken =
      Self.serverKeys.map(\.0) + [
        "enable-admission-plugins", "disable-admission-plugins", "authorization-mode",
        "client-ca-file",
      ]
    remarkOnTheRest(flags, taken, owner)
  }

  private mutating func takeManager(_ flags: ProcessFlags, _ dump: ClusterDump) {
    let owner = Owner("kube-controller-manager", "controllerManager", dump)
    for (flag, key) in Self.managerKeys {
      if let value = flags[flag], isOurs(flag, value, owner) {
        controllerManager.append((key, value))
      }
    }
    let files = ["cluster-signing-cert-file", "cluster-signing-kubelet-client-cert-file"]
    if files.allSatisfy({ (flags[$0] ?? "").isEmpty && owner.configured($0) == nil }) {
      controllerManager.append(("signingKey", "false"))
    }
    if let list = flags["controllers"], isOurs("controllers", list, owner) {
      controllers = PlayedController.all.map { ($0.alias, "\($0.isEnabled(in: list))") }
    }
    let taken =
      Self.managerKeys.map(\.0) + files + [
        "controllers", "cluster-signing-key-file", "cluster-signing-kubelet-client-key-file",
        "root-ca-file",
      ]
    remarkOnTheRest(flags, taken, owner)
  }

  /// kubeadm's configuration of one component.
  private struct Owner {
    let component: String
    private let arguments: [(name: String, value: String)]

    init(_ component: String, _ key: String, _ dump: ClusterDump) {
      self.component = component
      arguments = dump.clusterConfigurations.flatMap { configuration in
        let extra = configuration[key]?["extraArgs"]
        let listed = (extra?.elements ?? []).compactMap { element in
          element["name"]?.text.map { ($0, element["value"]?.text ?? "") }
        }
        return listed + (extra?.entries ?? []).map { ($0.key, $0.value.text ?? "") }
      }
    }

    /// What kubeadm-config says of a flag.
    func configured(_ flag: String) -> String? { arguments.first { $0.name == flag }?.value }
  }

  /// Whether kubeadm-config leaves the flag to the process.
  private mutating func isOurs(_ flag: String, _ value: String, _ owner: Owner) -> Bool {
    guard let other = owner.configured(flag) else { return true }
    if other != value {
      remarks.append(
        "\(owner.component) runs with --\(flag)=\(value), and kubeadm's configuration says "
          + "“\(other)”, which is used: correct one of the two")
    }
    return false
  }

  private mutating func remarkOnTheRest(
    _ flags: ProcessFlags, _ taken: [String], _ owner: Owner
  ) {
    let rest = flags.values.map(\.name).filter {
      !taken.contains($0) && !ExtraArguments.isHarmless($0) && !$0.hasSuffix("-file")
        && !$0.hasPrefix("requestheader-") && !$0.hasSuffix("kubeconfig")
    }
    if !rest.isEmpty {
      let list = rest.map { "--\($0)" }.joined(separator: ", ")
      remarks.append("flags of \(owner.component) that are not modelled: \(list)")
    }
  }
}

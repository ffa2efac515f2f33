import TLSBootstrap

/// What rules ask of faults.
extension Fault {
  var isToken: Bool { if case .token = self { true } else { false } }
  /// The extra groups that it gives a token; nil: it leaves them.
  var tokenGroups: String? {
    guard case .token(let fault) = self, case .patch(let patch) = fault.action else { return nil }
    return patch.authExtraGroups
  }
  var isStaleSecrets: Bool { if case .staleSecrets = self { true } else { false } }
  var isBinding: Bool { if case .binding = self { true } else { false } }
  var isManagerClock: Bool { if case .managerClock = self { true } else { false } }
  var isNodeClock: Bool { if case .nodeClock = self { true } else { false } }
  var isServerClock: Bool { if case .serverClock = self { true } else { false } }
  var isServerDown: Bool {
    switch self {
    case .apiServerDown, .apiServerKilled: true
    default: false
    }
  }
  var isServerPaused: Bool { if case .apiServerPaused = self { true } else { false } }
  var breaksConnections: Bool { isServerDown || isServerPaused || isNetwork }
  /// Whether it ends a controller-manager's work, also by the API server of its host.
  var stopsManager: Bool {
    switch self {
    case .manager, .managerNetwork, .apiServerDown(_?, _), .apiServerPaused: true
    default: false
    }
  }
  var pausesManager: Bool {
    if case .manager(let fault) = self { fault.action == .pause } else { false }
  }
  /// Whether its packets do not come, or come late, while its process is there.
  var cutsManager: Bool { if case .managerNetwork = self { true } else { false } }

  var expiresSigningCA: Bool { self == .authority(.expireSigningCA) }
  var replacesServingCA: Bool { self == .authority(.replaceServingCA) }
  var expiresServingCertificate: Bool { self == .authority(.expireServingCertificate) }
  /// Whether it leaves a CA out of `--client-ca-file`, or signs with one that is not in it.
  var replacesClientCA: Bool {
    self == .authority(.replaceClientCA) || self == .authority(.replaceSigningCA)
  }
  /// Whether kubelets cannot reach the API server, or do not trust it.
  var keepsFromServer: Bool { breaksConnections || expiresServingCertificate || replacesServingCA }

  var isNetwork: Bool { if case .network = self { true } else { false } }
  var isPartition: Bool { if case .network(_, .partition) = self { true } else { false } }

  var isKubelet: Bool { if case .kubelet = self { true } else { false } }
  var stopsKubelet: Bool { if case .kubelet(_, .stop) = self { true } else { false } }
  var pausesKubelet: Bool { if case .kubelet(_, .pause) = self { true } else { false } }

  var stopsRuntime: Bool { if case .runtimeDown = self { true } else { false } }

  var wipesDisk: Bool { if case .disk(_, .wipe) = self { true } else { false } }
  var fillsDisk: Bool { if case .disk(_, .fill) = self { true } else { false } }
  var corruptsCertificate: Bool {
    if case .disk(_, .corruptCertificate) = self { true } else { false }
  }
  var deletesBootstrapKubeconfig: Bool {
    if case .disk(_, .deleteBootstrapKubeconfig) = self { true } else { false }
  }
}

extension NodeSelector {
  /// As `spec.faults[].on` has it: `group: "workers", percent: 20`.
  var keys: String {
    let count: String? =
      switch mode {
      case .all: nil
      case .fixed(let count): "fixed: \(count)"
      case .percent(let share): "percent: \(share)"
      }
    let names = [group.map { "group: \"\($0)\"" }, name.map { "node: \"\($0)\"" }]
    return (names + [count]).compactMap { $0 }.joined(separator: ", ")
  }
}

import TLSBootstrap

/// What rules ask of faults.
extension Fault {
  var isToken: Bool { if case .token = self { true } else { false } }
  var isStaleSecrets: Bool { if case .staleSecrets = self { true } else { false } }
  var isBinding: Bool { if case .binding = self { true } else { false } }
  var isManager: Bool { if case .manager = self { true } else { false } }
  var isManagerClock: Bool { if case .managerClock = self { true } else { false } }
  var isNodeClock: Bool { if case .nodeClock = self { true } else { false } }
  var isServerDown: Bool { if case .apiServerDown = self { true } else { false } }

  var isAuthority: Bool { if case .authority = self { true } else { false } }
  var expiresSigningCA: Bool { self == .authority(.expireSigningCA) }
  var replacesServingCA: Bool { self == .authority(.replaceServingCA) }

  var isNetwork: Bool { if case .network = self { true } else { false } }
  var isPartition: Bool { if case .network(_, .partition) = self { true } else { false } }

  var isKubelet: Bool { if case .kubelet = self { true } else { false } }
  var stopsKubelet: Bool { if case .kubelet(_, .stop) = self { true } else { false } }
  var pausesKubelet: Bool { if case .kubelet(_, .pause) = self { true } else { false } }

  var wipesDisk: Bool { if case .disk(_, .wipe) = self { true } else { false } }
  var fillsDisk: Bool { if case .disk(_, .fill) = self { true } else { false } }
  var corruptsCertificate: Bool {
    if case .disk(_, .corruptCertificate) = self { true } else { false }
  }
  var deletesBootstrapKubeconfig: Bool {
    if case .disk(_, .deleteBootstrapKubeconfig) = self { true } else { false }
  }
}

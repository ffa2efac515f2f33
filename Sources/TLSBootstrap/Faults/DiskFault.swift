/// Something happens to the disk of a node.
public enum DiskFault: UInt8, Hashable, Sendable {
  /// What the kubelet wrote is gone; what the machine's image brings, the bootstrap kubeconfig, stays.
  case wipe
  /// No certificate can be stored (O33).
  case fill
  /// The bootstrap kubeconfig is missing: deleted, or not written yet.
  case deleteBootstrapKubeconfig
  /// `kubelet-client-current.pem` cannot be loaded as a pair (O34).
  case corruptCertificate

  func begin(_ world: inout World, _ nodes: [NodeID]) {
    world.forEach(of: nodes) { kubelet, _ in
      switch self {
      case .wipe: kubelet.disk.wipe()
      case .fill: kubelet.disk.isFull = true
      case .deleteBootstrapKubeconfig: kubelet.disk.isBootstrapKubeconfigDeleted = true
      case .corruptCertificate: kubelet.disk.isCertificateCorrupt = true
      }
    }
  }

  func end(_ world: inout World, _ nodes: [NodeID]) {
    world.forEach(of: nodes) { kubelet, _ in
      switch self {
      case .wipe: break
      case .fill: kubelet.disk.isFull = false
      case .deleteBootstrapKubeconfig: kubelet.disk.isBootstrapKubeconfigDeleted = false
      case .corruptCertificate: kubelet.disk.isCertificateCorrupt = false
      }
    }
  }
}

extension Kubelet.Disk {
  fileprivate mutating func wipe() {
    let earlier = self
    self = Kubelet.Disk()
    if earlier.kubeconfig == .unset { kubeconfig = .unset }
    // A new key is another key.
    keysMade = earlier.keysMade
    isFull = earlier.isFull
    isBootstrapKubeconfigDeleted = earlier.isBootstrapKubeconfigDeleted
  }
}

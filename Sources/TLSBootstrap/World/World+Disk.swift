import SimulationKernel

/// What is on the nodes' disks before the run begins.
extension World {
  mutating func prepareDisks() {
    for index in kubelets.indices {
      let given = turn.facts.group(of: NodeID(index)).disk
      guard given != NodeDisk() else { continue }
      kubelets[index].disk = disk(given, of: NodeID(index))
    }
    earlierCertificates = turn.certificates.count
  }

  private mutating func disk(_ given: NodeDisk, of node: NodeID) -> Kubelet.Disk {
    var disk = Kubelet.Disk()
    disk.isCertificateCorrupt = given.certificate.state == .corrupt
    disk.isLinkHalfMade = given.certificate.isLinkHalfMade
    if given.certificate.state == .present { disk.certificate = add(given.certificate, of: node) }
    switch given.temporaryKey {
    case .absent: break
    case .present:
      disk.keysMade = 1
      disk.temporaryKey = 1
    case .corrupt: disk.isTemporaryKeyCorrupt = true
    }
    disk.kubeconfig = Kubelet.Disk.Kubeconfig(given.kubeconfig)
    if disk.kubeconfig == .inline, given.kubeconfig.certificate.state == .present {
      disk.inlineCertificate = add(given.kubeconfig.certificate, of: node)
    }
    return disk
  }

  private mutating func add(_ given: ClientCertificate, of node: NodeID) -> UInt32 {
    let validity = given.validity(from: turn.facts.scenario.start)
    return turn.add(
      Certificate(
        request: nil, node: node, signed: .zero, notBefore: validity.lowerBound,
        notAfter: validity.upperBound, isTrusted: given.isTrusted))
  }
}

extension Kubelet.Disk.Kubeconfig {
  fileprivate init(_ given: KubeletKubeconfig) {
    switch (given.state, given.source) {
    case (.unset, _): self = .unset
    case (.absent, _): self = .absent
    case (.inaccessible, _): self = .inaccessible
    case (.unreadable, _): self = .unreadable
    case (.present, .currentFile): self = .pointsAtFile
    case (.present, .inline): self = .inline
    case (.present, .none): self = .withoutCertificate
    }
  }
}

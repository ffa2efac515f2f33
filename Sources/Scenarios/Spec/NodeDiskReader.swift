import TLSBootstrap

/// Reads `kubeconfig`, `currentCertificate` and `temporaryKey` of a group of nodes.
struct NodeDiskReader {
  let reading: Reading
  let manifests: Manifests
  let folder: String
  let nodeNames: [String]

  private var common: KubeconfigReader {
    KubeconfigReader(reading: reading, manifests: manifests, folder: folder)
  }

  func disk(_ group: Section) -> NodeDisk {
    var disk = NodeDisk()
    disk.kubeconfig = kubeconfig(group)
    if let section = group.section("currentCertificate", as: "ClientCertificate") {
      disk.certificate = certificate(section)
    }
    let key = group.choice(
      "temporaryKey",
      [("Absent", NodeDisk.FileState.absent), ("Present", .present), ("Corrupt", .corrupt)])
    disk.temporaryKey = key?.value ?? .absent
    return disk
  }

  private func kubeconfig(_ group: Section) -> KubeletKubeconfig {
    var result = KubeletKubeconfig()
    let section = group.section("kubeconfig")
    let file = file(section)
    let state = section?.choice(
      "state",
      [
        ("Present", KubeletKubeconfig.State.present), ("Absent", .absent),
        ("Unreadable", .unreadable), ("Inaccessible", .inaccessible), ("Unset", .unset),
      ])
    result.state = state?.value ?? (section == nil && file == nil ? .absent : .present)
    if let file, !file.isUsable, result.state == .present { result.state = .unreadable }
    result.server = common.server(section, file)
    result.trustsServer = common.trustsServer(section, file)
    readClientCertificate(section, file, &result)
    return result
  }

  private func readClientCertificate(
    _ section: Section?, _ file: Kubeconfig?, _ result: inout KubeletKubeconfig
  ) {
    var found: Located<ClientCertificatePEM>?
    switch file?.clientCertificate {
    case .inline(let certificate, let place):
      result.source = .inline
      found = certificate.map { Located($0, at: place) }
      if certificate == nil {
        reading.note(place, "client-certificate-data holds no certificate: it is corrupt")
        result.certificate.state = .corrupt
      }
    case .file(let path):
      result.source = .currentFile
      if !path.value.hasSuffix("/kubelet-client-current.pem") {
        reading.note(path.place, "\(path.value) is taken for kubelet-client-current.pem")
      }
    case .some(.none): result.source = .none
    case nil: break
    }
    let source = section?.choice(
      "clientCertificate",
      [("File", KubeletKubeconfig.Source.currentFile), ("Inline", .inline), ("None", .none)])
    if let source { result.source = source.value }
    let inline = section?.section("certificate", as: "ClientCertificate")
    if inline != nil, source == nil, file == nil { result.source = .inline }
    if let inline {
      result.certificate = certificate(inline, found: found)
    } else if let found {
      take(found, into: &result.certificate)
    }
  }

  /// The kubeconfig of the file that the group names; when it names nothing, the only one.
  private func file(_ section: Section?) -> Kubeconfig? {
    guard let file = section?.string("file") else {
      let own = manifests.kubeconfigs.filter(\.isKubelets)
      return own.count == 1 && section == nil ? own[0] : nil
    }
    return common.kubeconfig(in: file)
  }
}

// MARK: Certificates

extension NodeDiskReader {
  private func certificate(
    _ section: Section, found: Located<ClientCertificatePEM>? = nil
  ) -> ClientCertificate {
    var result = ClientCertificate()
    let state = section.choice(
      "state",
      [
        ("Present", (NodeDisk.FileState.present, false)), ("Absent", (.absent, false)),
        ("Corrupt", (.corrupt, false)), ("Updated", (.present, true)),
      ])
    (result.state, result.isLinkHalfMade) = state?.value ?? (.present, false)
    if let found = pem(section) ?? found { take(found, into: &result) }
    if let time = section.time("notBefore") { result.notBefore = time.value }
    if let time = section.time("notAfter") { result.notAfter = time.value }
    result.isTrusted =
      section.choice("issuer", [("Cluster", true), ("Other", false)])?.value ?? true
    if let before = result.notBefore, let after = result.notAfter, after < before {
      reading.fail(
        section.place(of: "notAfter"), "`notAfter` is before `notBefore`", cure: "exchange the two")
    }
    return result
  }

  private func pem(_ section: Section) -> Located<ClientCertificatePEM>? {
    guard let file = section.string("file"),
      let text = reading.text(of: FilePath.resolve(file.value, in: folder), namedAt: file.place)
    else { return nil }
    guard let certificate = ClientCertificatePEM(text) else {
      reading.fail(
        file.place, "\(file.value) holds no certificate",
        cure: "give a PEM file that begins with one, or say `state: Corrupt`")
      return nil
    }
    return Located(certificate, at: file.place)
  }

  private func take(
    _ found: Located<ClientCertificatePEM>, into certificate: inout ClientCertificate
  ) {
    certificate.notBefore = found.value.notBefore
    certificate.notAfter = found.value.notAfter
    let isOwn =
      nodeNames.count == 1 && found.value.commonName == "system:node:\(nodeNames[0])"
      && found.value.organizations == ["system:nodes"]
    if !isOwn {
      reading.note(
        found.place,
        "this certificate is for \(found.value.commonName ?? "nobody"): each node is taken to have "
          + "one of its own with the same validity")
    }
  }
}

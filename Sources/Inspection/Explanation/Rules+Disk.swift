import TLSBootstrap

/// What is wrong with the files of the node (A.1, A.2, O1, O2, O34, O35, O37).
extension Rule {
  static let bootstrapKubeconfig = "/etc/kubernetes/bootstrap-kubelet.conf"
  static let pki = "/var/lib/kubelet/pki"

  /// Writes a bootstrap kubeconfig with a fresh token.
  ///
  /// - Parameter options: of the command that makes the token.
  static func writesBootstrapKubeconfig(
    _ node: NodeCase, options: String = ""
  ) -> [Remedy.Command] {
    // kubeadm writes it.
    if node.record.settlement == .joinFailed { return joinsAgain(node) }
    let file = "--kubeconfig=\(bootstrapKubeconfig)"
    let flag = Remedy.Command.on(node, "# kubelet: --bootstrap-kubeconfig=\(bootstrapKubeconfig)")
    return (node.group.bootstrapKubeconfig.state == .unset ? [flag] : [])
      + [.onControlPlane("kubeadm token create\(options)   # prints it")]
      + [
        "TOKEN=…   # as it was printed",
        "kubectl config set-cluster bootstrap \(file) --server=\(node.server) "
          + "--certificate-authority=/etc/kubernetes/pki/ca.crt --embed-certs",
        "kubectl config set-credentials kubelet-bootstrap \(file) --token=\"$TOKEN\"",
        "kubectl config set-context bootstrap \(file) --cluster=bootstrap "
          + "--user=kubelet-bootstrap",
        "kubectl config use-context bootstrap \(file)",
        "systemctl restart kubelet",
      ].map { .on(node, $0) }
  }

  static func writesBootstrapKubeconfig(_ node: NodeCase) -> Remedy {
    Remedy(writesBootstrapKubeconfig(node), overrides: freshBootstrapKubeconfig(node))
  }

  /// The same in the scenario: the file is there, with a token that the API server knows.
  private static func freshBootstrapKubeconfig(_ node: NodeCase) -> [String] {
    let isThere = node.group.bootstrapKubeconfig.state == .present
    return (node.leavingOut(\.deletesBootstrapKubeconfig) ?? [])
      + (isThere ? [] : ["\(node.groupKey).bootstrapKubeconfig.state=Present"])
      + (node.tokenText == nil ? [] : writesGoodToken(node))
  }

  /// `kubelet-client-current.pem`, where it is corrupt, is removed: a fault that does that removes it instead, at
  /// once, and with it what else the kubelet wrote, which it writes anew.
  private static func removesCertificate(_ node: NodeCase) -> [String] {
    if let removed = node.replacing(\.corruptsCertificate, by: "disk-wipe") { return removed }
    let isCorrupt = node.group.disk.certificate.state == .corrupt
    return isCorrupt ? ["\(node.groupKey).currentCertificate.state=Absent"] : []
  }

  static let diskRules = [
    Rule(
      number: "A.1", title: "the kubelet was started without --kubeconfig",
      settlements: [.standalone], holds: { _ in true }, clues: [],
      needed: { _ in "--kubeconfig in the kubelet's flags: without it it asks no API server at all"
      },
      remedy: { node in
        Remedy(
          [
            .on(node, "kubeadm reset && kubeadm join …   # writes the flags and the files")
          ], overrides: ["\(node.groupKey).kubeconfig.state=Absent"])
      }),
    Rule(
      number: "A.1", title: "the kubelet's kubeconfig cannot be loaded",
      settlements: [.kubeconfigUnusable], holds: { _ in true },
      clues: [.kubeletLog("run.go:72")],
      needed: { _ in
        "a kubelet.conf that loads, with a certificate that exists, or --bootstrap-kubeconfig"
      },
      remedy: { node in
        let certificate = removesCertificate(node)
        let corrupt = certificate.isEmpty ? "" : " \(pki)/kubelet-client-current.pem"
        return Remedy(
          [.on(node, "rm -f \(LogWriter.kubeconfigPath)\(corrupt)")]
            + writesBootstrapKubeconfig(node),
          overrides: ["\(node.groupKey).kubeconfig.state=Absent"] + certificate
            + freshBootstrapKubeconfig(node))
      }),
    Rule(
      number: "O2", title: "the bootstrap kubeconfig cannot be parsed",
      settlements: [.bootstrapKubeconfigUnreadable], holds: { _ in true },
      clues: [.kubeletLog("run.go:72")],
      needed: { _ in "a bootstrap kubeconfig that parses and names a server" },
      remedy: { node in
        Remedy(
          [.on(node, "rm \(bootstrapKubeconfig)")] + writesBootstrapKubeconfig(node),
          overrides: freshBootstrapKubeconfig(node))
      }),
    Rule(
      number: "O34", title: "kubelet-client-current.pem holds no certificate with its key",
      settlements: [.certificateCorrupt], holds: { _ in true },
      clues: [.kubeletLog("run.go:72"), .kubeletLog("bootstrap.go:252")],
      faults: \.corruptsCertificate,
      needed: { _ in "a pair that loads, or no file at all: the kubelet then bootstraps anew" },
      remedy: { node in
        Remedy(
          [.on(node, "rm \(pki)/kubelet-client-current.pem && systemctl restart kubelet")]
            // It then has to bootstrap.
            + (node.tokenText == nil ? [] : writesBootstrapKubeconfig(node)),
          overrides: removesCertificate(node)
            + (node.tokenText == nil ? [] : freshBootstrapKubeconfig(node)))
      }),
    Rule(
      number: "O35", title: "kubelet-client.key.tmp holds no key",
      settlements: [.keyCorrupt], holds: { _ in true }, clues: [.kubeletLog("run.go:72")],
      needed: { _ in "a key file that loads, or no file at all: the kubelet then makes a new key" },
      remedy: { node in
        Remedy(
          [.on(node, "rm \(pki)/kubelet-client.key.tmp && systemctl restart kubelet")],
          overrides: ["\(node.groupKey).temporaryKey=Absent"])
      }),
    Rule(
      number: "O37",
      title: "a certificate was on its disk already (a link left half-way is mended at the start)",
      settlements: [.ready],
      holds: { node in
        guard let found = node.sightings.last(.kubeconfigValid)?.first.id else { return false }
        return node.sightings.last(.certificateStored).map { found < $0.first.id } ?? true
      },
      clues: [.kubeletLog("bootstrap.go:85")],
      needed: { _ in "nothing: it needed no CSR" }, remedy: { _ in Remedy() }),
  ]
}

/// What the kubelet says of its files (protocol.md A.1, A.2, O34, O35).
extension World {
  static let kubeletKubeconfig = "/etc/kubernetes/kubelet.conf"
  /// Source: kubelet's default `containerRuntimeEndpoint`.
  private static let runtimeSocket = "/run/containerd/containerd.sock"
  private static let folder = "/var/lib/kubelet/pki"

  static func missingRuntime(at socket: String) -> String {
    "validate service connection: validate CRI v1 runtime API for endpoint \"unix://\(socket)\": rpc "
      + "error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: "
      + "dial unix \(socket): connect: no such file or directory\""
  }

  func diskMessage(of event: TraceEvent) -> String? {
    let node = NodeID(Int(event.node))
    switch event.kind {
    case .storedPairUnusable:
      return "failed to initialize client certificate manager: could not convert data from "
        + "\"\(Self.folder)/kubelet-client-current.pem\" into cert/key pair"
    case .containerRuntimeMissing: return Self.missingRuntime(at: Self.runtimeSocket)
    case .temporaryKeyUnusable:
      return "error loading key from \(Self.folder)/kubelet-client.key.tmp: <nil>"
    case .kubeconfigExpired:
      return "part of the existing bootstrap client certificate in \(Self.kubeletKubeconfig) is "
        + "expired: " + expiry(of: node, at: event)
    case .kubeconfigUnusable:
      guard let verdict = KubeconfigVerdict(rawValue: UInt8(truncatingIfNeeded: event.value)) else {
        preconditionFailure("verdict \(event.value)")
      }
      let group = turn.facts.group(of: node)
      return group.bootstrapKubeconfig.state == .unset
        ? loadingMessage(verdict, rotates: group.kubelet.rotateCertificates)
        : validityMessage(verdict)
    default: return nil
    }
  }

  /// A.1: without a bootstrap kubeconfig it has to load.
  private func loadingMessage(_ verdict: KubeconfigVerdict, rotates: Bool) -> String {
    let head = rotates ? "unable to load kubeconfig: " : "invalid kubeconfig: "
    let path = Self.kubeletKubeconfig
    switch verdict {
    case .missing: return head + "stat \(path): no such file or directory"
    case .inaccessible: return head + "stat \(path): input/output error"
    case .certificateMissing: return head + Self.missingPair
    case .unreadable, .pairUnusable, .noCertificate, .expired, .valid:
      return head + "error loading config file \"\(path)\""
    }
  }

  /// A.2: the log line of the check that failed; of the second, the error that ends the process.
  private func validityMessage(_ verdict: KubeconfigVerdict) -> String? {
    let path = Self.kubeletKubeconfig
    switch verdict {
    case .inaccessible:
      return "error reading existing bootstrap kubeconfig \(path): stat \(path): input/output error"
    case .unreadable:
      return "unable to read existing bootstrap client config from \(path): "
        + "error loading config file \"\(path)\""
    case .certificateMissing:
      return "unable to read existing bootstrap client config from \(path): " + Self.missingPair
    case .pairUnusable:
      return "unable to load TLS configuration from existing bootstrap client config read from "
        + path
    case .noCertificate:
      return "unable to read TLS certificates from existing bootstrap client config read from "
        + path
    case .valid, .missing, .expired: return nil
    }
  }

  private static let missingPair =
    "invalid configuration: unable to read client-cert \(folder)/kubelet-client-current.pem for "
    + "default-auth due to open \(folder)/kubelet-client-current.pem: no such file or directory"

  /// NotAfter of the certificate that the kubelet had found expired.
  private func expiry(of node: NodeID, at event: TraceEvent) -> String {
    let now = clock(of: node.index, at: event.time, event: event.id).reading(at: event.time)
    let expired = turn.certificates.last { $0.node == node && $0.notAfter < now }
    return expired.map { Timestamp.goText($0.notAfter) } ?? ""
  }
}

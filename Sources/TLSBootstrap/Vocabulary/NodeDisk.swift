import SimulationKernel

/// What is on a node's disk at the start besides the bootstrap kubeconfig (protocol.md A.1 to A.3).
public struct NodeDisk: Hashable, Sendable {
  public var kubeconfig = KubeletKubeconfig()
  /// What `kubelet-client-current.pem` leads to.
  public var certificate = ClientCertificate(state: .absent)
  /// `kubelet-client.key.tmp` of MODE-F.
  public var temporaryKey = FileState.absent

  public init() {}

  /// Of a file with a key, or with a certificate and its key.
  public enum FileState: UInt8, Hashable, Sendable {
    case absent, present
    /// The file is there, but holds no key, or no certificate with its key.
    case corrupt
  }
}

/// The kubelet's own kubeconfig (`--kubeconfig`), as it is at the start.
public struct KubeletKubeconfig: Hashable, Sendable {
  public var state = State.absent
  /// `https://host:port`; nil: the API server's own URL.
  public var server: String?
  /// Whether the file's CA (or `insecure-skip-tls-verify`) accepts the API server's certificate.
  public var trustsServer = true
  public var source = Source.currentFile
  /// The certificate inside the kubeconfig, where the source is `inline`.
  public var certificate = ClientCertificate()

  public init() {}

  /// What is at the path of `--kubeconfig`.
  public enum State: UInt8, Hashable, Sendable {
    case absent, present
    /// The file is there, but cannot be parsed.
    case unreadable
    /// The file cannot even be looked at: an error other than “no such file”.
    case inaccessible
    /// The kubelet is started without `--kubeconfig`.
    case unset
  }

  /// Where its user's certificate is.
  public enum Source: UInt8, Hashable, Sendable {
    /// `client-certificate: …/kubelet-client-current.pem`, as the kubelet writes it.
    case currentFile
    /// `client-certificate-data`, as `kubeadm init` writes it.
    case inline
    case none
  }
}

/// A client certificate with its key that was made before the run.
public struct ClientCertificate: Hashable, Sendable {
  public var state: NodeDisk.FileState
  /// Nanoseconds since 1970; nil: as if kubeadm had made it at the start of the run, 5 min before that,
  /// and one year later.
  public var notBefore: Int64?
  public var notAfter: Int64?
  /// Whether a CA of the API server's `--client-ca-file` signed it.
  public var isTrusted = true
  /// Whether only `kubelet-client-updated.pem` leads to it: the kubelet was killed between two steps of A.8 (O37).
  public var isLinkHalfMade = false

  public init(state: NodeDisk.FileState = .present) { self.state = state }

  /// NotBefore and NotAfter, in nanoseconds since 1970.
  ///
  /// - Parameter start: of the run, in nanoseconds since 1970.
  package func validity(from start: Int64) -> ClosedRange<Int64> {
    let made = start - CertificateValidity.backdate.nanoseconds
    let notBefore = notBefore ?? made
    return notBefore...max(notBefore, notAfter ?? made + Duration.days(365).nanoseconds)
  }
}

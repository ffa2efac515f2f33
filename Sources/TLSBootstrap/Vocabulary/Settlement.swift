/// Why nothing but an outside act can change a node's fate.
public enum Settlement: UInt8, CaseIterable, Hashable, Sendable {
  /// Not settled: the node waits for something that may still come.
  case waiting
  case ready
  /// O1: neither kubeconfig nor bootstrap kubeconfig.
  case bootstrapKubeconfigMissing
  /// O2.
  case bootstrapKubeconfigUnreadable
  /// O7 to O13: every request of this token is answered 401.
  case tokenRefused
  /// O15: no binding allows the token's groups to create a CSR.
  case notAllowedToCreate
  /// O16.
  case notAllowedToWatch
  /// O17, O23: nobody will approve.
  case nobodyApproves
  /// O19: a policy denies the node's CSRs.
  case denied
  /// O20.
  case refusedBySigner
  /// O21, O22: nobody will sign.
  case nobodySigns
  /// O3: the server of the kubeconfig is not there.
  case serverUnreachable
  /// O5, or the serving certificate is past its NotAfter (O6).
  case serverNotTrusted
  /// O25, M.2: the API server refuses the node's certificate.
  case certificateRefused
  /// O38, O40: the certificate expired and nothing is left to bootstrap with.
  case certificateExpired
  /// A.1: started without `--kubeconfig`.
  case standalone
  /// A.1, A.2: the kubeconfig is there, but is no use.
  case kubeconfigUnusable
  /// O34.
  case certificateCorrupt
  /// O35.
  case keyCorrupt
  /// O30: its key names a CSR whose certificate has expired.
  case requestOutdated
  /// N.2, O45: `kubeadm join` gave up before the kubelet was started.
  case joinFailed
  /// No container runtime answers the kubelet, which fails soon after its start.
  case containerRuntimeMissing
  /// L.3: its kubelet does not register, and nobody else made its Node.
  case nodeMissing

  /// One line for people.
  public var text: String {
    switch self {
    case .waiting: "waiting"
    case .ready: "Ready"
    case .bootstrapKubeconfigMissing: "bootstrap kubeconfig is missing (O1)"
    case .bootstrapKubeconfigUnreadable: "bootstrap kubeconfig cannot be read (O2)"
    case .tokenRefused: "bootstrap token is refused: 401 (O7–O13)"
    case .notAllowedToCreate: "not allowed to create CSRs: 403 (O15)"
    case .notAllowedToWatch: "not allowed to watch CSRs: 403 (O16)"
    case .nobodyApproves: "nobody will approve its CSR (O17, O18, O23, O24)"
    case .denied: "its CSR is denied (O19)"
    case .refusedBySigner: "the signer refuses its CSR (O20)"
    case .nobodySigns: "nobody will sign its CSR (O21, O22)"
    case .serverUnreachable: "API server cannot be reached (O3)"
    case .serverNotTrusted: "API server's certificate is not trusted (O5, O6)"
    case .certificateRefused: "API server refuses its certificate: 401 (O25)"
    case .certificateExpired: "its certificate expired (O38, O40)"
    case .standalone: "runs standalone, without a kubeconfig (A.1)"
    case .kubeconfigUnusable: "kubeconfig cannot be loaded (A.1)"
    case .certificateCorrupt: "kubelet-client-current.pem is corrupt (O34)"
    case .keyCorrupt: "kubelet-client.key.tmp is corrupt (O35)"
    case .joinFailed: "kubeadm join failed (N.2)"
    case .containerRuntimeMissing: "its container runtime does not answer"
    case .nodeMissing: "its kubelet does not register, and there is no Node (L.3)"
    case .requestOutdated: "its key names a CSR whose certificate has expired (O30)"
    }
  }
}

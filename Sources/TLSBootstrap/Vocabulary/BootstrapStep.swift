/// The fifteen steps of the bootstrap, by their numbers.
public enum BootstrapStep: UInt8, CaseIterable, Hashable, Sendable {
  case kubeletStarts = 1
  case looksForKubeconfig
  case findsBootstrapKubeconfig
  case readsServerAndToken
  case authenticates
  case isAuthorized
  case createsRequest
  case requestIsApproved
  case certificateIsMade
  case certificateIsWrittenToStatus
  case fetchesCertificate
  case writesKubeconfig
  case nodeIsReady
  case renewsCertificate
  case renewalIsIssued

  /// A sentence part: "kubelet starts".
  public var title: String {
    switch self {
    case .kubeletStarts: "kubelet starts"
    case .looksForKubeconfig: "looks for its kubeconfig"
    case .findsBootstrapKubeconfig: "finds the bootstrap kubeconfig"
    case .readsServerAndToken: "reads server URL and token"
    case .authenticates: "authenticates with the token"
    case .isAuthorized: "is authorized to create a CSR"
    case .createsRequest: "creates the CSR"
    case .requestIsApproved: "CSR is approved"
    case .certificateIsMade: "certificate is made"
    case .certificateIsWrittenToStatus: "certificate is written to the status"
    case .fetchesCertificate: "fetches the certificate"
    case .writesKubeconfig: "writes kubelet.kubeconfig"
    case .nodeIsReady: "works; node becomes Ready"
    case .renewsCertificate: "renews the certificate"
    case .renewalIsIssued: "renewal is approved and issued"
    }
  }
}

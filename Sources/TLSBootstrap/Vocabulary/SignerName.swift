/// The signers of kube-controller-manager (protocol.md H.1), in the order in which it starts them.
public enum SignerName: UInt8, CaseIterable, Hashable, Sendable {
  case kubeletServing
  case kubeAPIServerClientKubelet
  case kubeAPIServerClient
  case legacyUnknown
  /// Of somebody else, so that nobody here signs; the text is in the CSR's shape.
  case other

  /// Those of kube-controller-manager.
  public static let allCases: [SignerName] = [
    .kubeletServing, .kubeAPIServerClientKubelet, .kubeAPIServerClient, .legacyUnknown,
  ]

  public init(text: String) {
    self = Self.allCases.first { $0.text == text } ?? .other
  }

  public var text: String {
    switch self {
    case .kubeletServing: "kubernetes.io/kubelet-serving"
    case .kubeAPIServerClientKubelet: "kubernetes.io/kube-apiserver-client-kubelet"
    case .kubeAPIServerClient: "kubernetes.io/kube-apiserver-client"
    case .legacyUnknown: "kubernetes.io/legacy-unknown"
    case .other: ""
    }
  }
}

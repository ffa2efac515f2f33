/// The signers of kube-controller-manager (protocol.md H.1), in the order in which it starts them.
public enum SignerName: UInt8, CaseIterable, Hashable, Sendable {
  case kubeletServing
  case kubeAPIServerClientKubelet
  case kubeAPIServerClient
  case legacyUnknown

  public var text: String {
    switch self {
    case .kubeletServing: "kubernetes.io/kubelet-serving"
    case .kubeAPIServerClientKubelet: "kubernetes.io/kube-apiserver-client-kubelet"
    case .kubeAPIServerClient: "kubernetes.io/kube-apiserver-client"
    case .legacyUnknown: "kubernetes.io/legacy-unknown"
    }
  }
}

import TLSBootstrap

extension ApproverSettings {
  /// Whether it approves, and CSRs for a node's client certificate may be among those that it is for.
  package var isForNodeClients: Bool {
    decision == .approve && [nil, .kubeAPIServerClientKubelet].contains(matching.signerName)
  }
}

/// Who sent a request that is anonymous, or whose credentials were refused: the number of its identity says so, for
/// the User-Agent alone.
extension Identity {
  /// - Parameters:
  ///   - kind: `nobody` or `anonymous`.
  ///   - entry: the entry of `spec.requests`, where it is one's.
  init(_ kind: Kind, sentBy client: PendingCall.Client, entry: UInt32 = 0) {
    switch client {
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .csrClient:
      self.init(kind)
    case .client: self.init(kind, Self.firstEntry + Int(entry))
    case .approver, .signer, .administrator, .externalApprover, .controllerManager, .kubeadm,
      .csrcleaner, .tokenCleaner, .bootstrapSigner:
      self.init(kind, Int(client.rawValue))
    }
  }

  /// Smaller numbers are those of clients' kinds; 0: a kubelet.
  private static let firstEntry = 256

  /// Of `spec.requests`, where it is one's.
  var entry: Int? { number < Self.firstEntry ? nil : number - Self.firstEntry }

  fileprivate var sender: PendingCall.Client {
    PendingCall.Client(rawValue: UInt8(truncatingIfNeeded: number)) ?? .kubelet
  }
}

extension World {
  /// The User-Agent of a request that its identity does not tell.
  func userAgent(ofUnknown identity: Identity, _ call: Call) -> String {
    if let entry = identity.entry { return turn.facts.scenario.requests[entry].name }
    switch identity.sender {
    case .kubeadm: return Self.kubeadmAgent
    case .approver, .signer, .csrcleaner, .controllerManager, .administrator, .externalApprover:
      return userAgent(of: call, by: Identity(.certificateController))
    case .tokenCleaner: return userAgent(of: call, by: Identity(.tokenCleaner))
    case .bootstrapSigner: return userAgent(of: call, by: Identity(.bootstrapSigner))
    case .clientCertificateManager, .servingCertificateManager, .kubelet, .csrClient, .client:
      return Self.kubeletAgent(call)
    }
  }

  private static let platform = "(linux/amd64) kubernetes/$Format"
  static let managerAgent = "kube-controller-manager/\(ModelledKubernetes.version) \(platform)"
  /// Source: client-go `DefaultKubernetesUserAgent`; no recording has kubeadm.
  static let kubeadmAgent = "kubeadm/\(ModelledKubernetes.version) \(platform)"

  static func kubeletAgent(_ call: Call) -> String {
    call == .getHealthz ? "Go-http-client/2.0" : "kubelet/\(ModelledKubernetes.version) \(platform)"
  }
}

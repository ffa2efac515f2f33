/// A.2: is the kubeconfig still valid? The checks in their order, and the first that fails.
public enum KubeconfigVerdict: UInt8, Hashable, Sendable {
  case valid
  case missing
  /// `stat` fails otherwise: fatal.
  case inaccessible
  case unreadable
  /// It names a certificate file that is not there.
  case certificateMissing
  /// Certificate and key do not load as a pair.
  case pairUnusable
  case noCertificate
  /// By the kubelet's clock; equality still counts as valid, NotBefore is not looked at.
  case expired

  init(_ disk: Kubelet.Disk, at now: Int64, _ certificates: [Certificate]) {
    switch disk.kubeconfig {
    case .absent, .unset: self = .missing
    case .inaccessible: self = .inaccessible
    case .unreadable: self = .unreadable
    case .withoutCertificate: self = .noCertificate
    case .pointsAtFile, .inline:
      let certificate = disk.certificateOfKubeconfig
      if certificate != TraceEvent.none {
        self = now > certificates[Int(certificate)].notAfter ? .expired : .valid
      } else if disk.kubeconfig == .inline || disk.isCertificateCorrupt {
        self = .pairUnusable
      } else {
        self = .certificateMissing
      }
    }
  }
}

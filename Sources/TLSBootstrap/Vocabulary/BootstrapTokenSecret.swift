/// A Secret of type `bootstrap.kubernetes.io/token`, as far as the authenticator reads it (C.3).
public struct BootstrapTokenSecret: Hashable, Sendable {
  public var name: String
  public var namespace = "kube-system"
  public var type = "bootstrap.kubernetes.io/token"
  /// Keys of its data, as written; nil: not there.
  public var tokenID: String?
  public var tokenSecret: String?
  /// By the API server's clock, and by the controller-manager's.
  public var expiration: Expiration = .never
  public var usageBootstrapAuthentication: String?
  public var usageBootstrapSigning: String?
  public var authExtraGroups: String?
  /// Whether it is deleted and waits for a finalizer.
  public var hasDeletionTimestamp = false

  public init(name: String) { self.name = name }

  /// What the key `expiration` says.
  public enum Expiration: Hashable, Sendable {
    /// It is empty, or not there.
    case never
    /// Nanoseconds since 1970.
    case at(Int64)
    /// Counts as expired (C.3 row 7).
    case unparsable(String)

    /// Whether no life is left, or the time cannot be read, when a clock shows `now` in Unix nanoseconds
    /// (C.3 row 7, I.2).
    func hasPassed(at now: Int64) -> Bool {
      switch self {
      case .never: false
      case .unparsable: true
      case .at(let time): time <= now
      }
    }
  }
}

extension BootstrapTokenSecret {
  /// What the names of all of them begin with.
  package static let namePrefix = "bootstrap-token-"

  /// What the Secret of a token is called.
  package static func name(ofToken id: String) -> String { namePrefix + id }

  /// `id.secret`, as kubeconfigs have it; nil: one of the two is not there.
  package var token: String? {
    guard let tokenID, let tokenSecret else { return nil }
    return "\(tokenID).\(tokenSecret)"
  }
}

extension Sequence<BootstrapTokenSecret> {
  /// The one that the authenticator finds for a token; nil: there is none (C.3).
  package func secret(ofToken id: String) -> BootstrapTokenSecret? {
    let name = BootstrapTokenSecret.name(ofToken: id)
    return first { $0.name == name && $0.namespace == "kube-system" }
  }
}

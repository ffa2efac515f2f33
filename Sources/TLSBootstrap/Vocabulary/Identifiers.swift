/// A node of the scenario, by its place among all nodes in the order of the file.
public struct NodeID: Hashable, Sendable {
  public let index: UInt32

  public init(_ index: Int) { self.index = UInt32(index) }
}

/// A CertificateSigningRequest, by the order of its creation.
public struct RequestID: Hashable, Sendable {
  public let index: UInt32

  public init(_ index: Int) { self.index = UInt32(index) }
}

/// Who a request acts as, once authenticated: a kind and, for kinds of many, a number.
///
/// Packed into 32 bits, because it travels with every request. `World.username(of:)` spells it.
public struct Identity: Hashable, Sendable {
  /// The kind in the uppermost 4 bits, the number below.
  public let packed: UInt32

  /// How a user is known.
  public enum Kind: UInt8, Hashable, Sendable {
    /// Nobody: the credentials were refused, or the request never arrived. The number tells who sent it
    /// (`sentBy`), of this and the next.
    case nobody
    /// `system:anonymous` (C.2).
    case anonymous
    /// `system:bootstrap:<id>`; the number is that of the token in the scenario (C.3).
    case bootstrapToken
    /// `system:node:<name>`; the number is that of the node (C.5).
    case node
    /// `system:serviceaccount:kube-system:certificate-controller` (J.2).
    case certificateController
    /// `system:kube-controller-manager` (J.2).
    case controllerManager
    /// The user of an approval policy; the number is that of the policy.
    case approver
    /// A client of `spec.requests`; the number is that of its user in `ClientTable`.
    case client
    /// `system:serviceaccount:kube-system:token-cleaner`, and `…:bootstrap-signer` (I.2, I.3).
    case tokenCleaner, bootstrapSigner
  }

  init(packed: UInt32) { self.packed = packed }

  public init(_ kind: Kind, _ number: Int = 0) {
    packed = UInt32(kind.rawValue) << 28 | UInt32(number)
  }

  public var kind: Kind {
    guard let kind = Kind(rawValue: UInt8(packed >> 28)) else {
      preconditionFailure("identity \(packed)")
    }
    return kind
  }
  public var number: Int { Int(packed & 0x0FFF_FFFF) }

  public static let nobody = Identity(.nobody)
  public static let anonymous = Identity(.anonymous)
}

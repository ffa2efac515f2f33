import SimulationKernel

/// A request on its way: from the client's decision to send it to its answer.
///
/// The wide fields come first, so that it has 64 bytes: it is copied several times on its way.
struct PendingCall: Hashable, Sendable {
  var received = Instant.zero
  /// Node, worker, policy or number of the call, by the client's kind.
  var owner: UInt32
  /// The node that it concerns, or `TraceEvent.none`.
  var node: UInt32
  /// The CSR that it names or created, or `TraceEvent.none`.
  var request: UInt32 = TraceEvent.none
  /// The process of the node that sent it; an answer to a later process is nobody's.
  var generation: UInt32 = 0
  /// MODE-F: the number of the private key, from which the name of the CSR follows (A.5). For token
  /// requests: the number of the token that was issued.
  var key: UInt32 = 0
  /// The client's copy of the object's resource version, for updates.
  var resourceVersion: UInt32 = 0
  var certificate: UInt32 = TraceEvent.none
  var identity = Identity.nobody
  var cause: UInt32 = 0
  var credential: Credential
  var call: Call
  var client: Client
  /// The node's attempt that the call belongs to.
  var attempt: UInt16 = 0
  /// Which of the kubelet's loops asks, where several make the same call.
  var purpose = KubeletTimer.processIsUp
  /// For updates of approval: denied instead of approved. For SARs: asks for `selfnodeclient`.
  var flag = false
  /// For SARs: the verdict. For updates of the status: whether it carries a certificate.
  var verdict = false
  var answer = Answer.ok

  init(call: Call, client: Client, owner: UInt32, node: UInt32, credential: Credential) {
    self.call = call
    self.client = client
    self.owner = owner
    self.node = node
    self.credential = credential
  }

  /// Who waits for the answer.
  enum Client: UInt8, Hashable, Sendable {
    /// The kubelet's certificate managers; `owner` is the node.
    case clientCertificateManager, servingCertificateManager
    /// The rest of the kubelet, and MODE-F's bootstrap.
    case kubelet
    case approver, signer
    case administrator, externalApprover
    /// The controller-manager's own, for the token of its controllers.
    case controllerManager
    /// Other clients; `owner` is the entry of `spec.requests`, `key` the number of kubectl's try.
    case client

    /// Whether the network lies between it and the API server.
    var isOnNode: Bool {
      switch self {
      case .clientCertificateManager, .servingCertificateManager, .kubelet: true
      case .approver, .signer, .administrator, .externalApprover, .controllerManager, .client:
        false
      }
    }

    var component: TraceEvent.ComponentName {
      switch self {
      case .clientCertificateManager, .servingCertificateManager, .kubelet: .kubelet
      case .approver: .approver
      case .signer: .signer
      case .administrator: .administrator
      case .externalApprover: .externalApprover
      case .controllerManager: .controllerManager
      case .client: .client
      }
    }
  }
}

/// What a client presents to be known by.
struct Credential: Hashable, Sendable {
  enum Kind: UInt8, Hashable, Sendable {
    case none
    /// The bootstrap kubeconfig's token; the number is that of the token text.
    case token
    /// The number is that of the certificate.
    case certificate
    /// A component of the control plane, or an approver; the number is the packed identity.
    case component
    /// The controllers' token; the number is that of its issue.
    case serviceAccountToken
    /// Those of another client; the number is that of the entry of `spec.requests`.
    case client
  }
  var number: UInt32
  var kind: Kind

  static let none = Credential(number: 0, kind: .none)
  static func token(_ number: Int) -> Credential {
    Credential(number: UInt32(number), kind: .token)
  }
  static func certificate(_ number: UInt32) -> Credential {
    Credential(number: number, kind: .certificate)
  }
  static func serviceAccountToken(_ number: UInt32) -> Credential {
    Credential(number: number, kind: .serviceAccountToken)
  }
  static func component(_ identity: Identity) -> Credential {
    Credential(number: identity.packed, kind: .component)
  }
}

/// The calls in flight, by number; numbers of answered calls are used again.
struct CallTable: Sendable {
  private var calls: [PendingCall] = []
  /// Free numbers; of them the first `freeCount` count, so that taking one does not change the array.
  private var free: [UInt32] = []
  private var freeCount = 0

  @inline(__always)
  mutating func add(_ call: PendingCall) -> UInt32 {
    guard freeCount > 0 else {
      calls.append(call)
      return UInt32(calls.count - 1)
    }
    freeCount -= 1
    let number = free[freeCount]
    calls[Int(number)] = call
    return number
  }

  subscript(number: UInt32) -> PendingCall {
    _read { yield calls[Int(number)] }
    _modify { yield &calls[Int(number)] }
  }

  mutating func remove(_ number: UInt32) -> PendingCall {
    release(number)
    return calls[Int(number)]
  }

  /// The call is over; its number is free.
  mutating func release(_ number: UInt32) {
    if freeCount < free.count {
      free[freeCount] = number
    } else {
      free.append(number)
    }
    freeCount += 1
  }
}

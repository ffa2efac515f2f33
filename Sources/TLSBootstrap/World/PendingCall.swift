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
  /// The process of the node, or of the controller-manager (`ManagerProcess.packed`), that sent it; an
  /// answer to a later process is nobody's.
  var generation: UInt32 = 0
  /// MODE-F: the number of the private key, from which the name of the CSR follows (A.5). For token
  /// requests: the number of the token that was issued. For the leaders' Lease: its holder's process.
  /// For Secrets: the place in the scenario.
  var key: UInt32 = 0
  /// For updates: the client's copy of the object's resource version; 0: it asks for none. For watches of a
  /// CSR: the API server's start from which on it has all events, from 1; 0: it begins anew. For the
  /// leaders' Lease: how often it changed hands. For /healthz: the number of the try.
  var resourceVersion: UInt32 = 0
  var certificate: UInt32 = TraceEvent.none
  var identity = Identity.nobody
  var cause: UInt32 = 0
  var credential: Credential
  var call: Call
  var client: Client
  /// The node's attempt that the call belongs to.
  var attempt: UInt16 = 0
  /// Of one that was sent again: what was left of its client's own timeout, if it has one, in milliseconds.
  var timeLeft: UInt16 = 0
  /// Which of the kubelet's loops asks, where several make the same call.
  var purpose = KubeletTimer.processIsUp
  /// For updates of approval: denied instead of approved; for other clients' updates: anything else but
  /// approved. For SARs: asks for `selfnodeclient`. For updates of the leaders' Lease: without a look at it
  /// before. For a LIST of one CSR: its informer's. In the answer to a watch of a CSR: it goes on where it
  /// ended; to cluster-info: it has the signature of the node's token; to kubeadm's look at the Node: it is Ready.
  var flag = false
  /// In the answer to a SAR: allowed. For updates of approval: by the permission for `selfnodeclient`. For
  /// updates of the status: it carries a certificate. For watches and LISTs of a CSR: the client's informer has
  /// seen it.
  var verdict = false
  var answer = Answer.ok
  /// How often it has been sent again after a 429 (A.11).
  var retries: UInt8 = 0
  /// With a 429: what the server asks the client to wait, in seconds.
  var retryAfter: UInt8 = 0
  var fate = Fate.awaited
  /// Where it is served.
  var seat = Seat()

  /// The API server that has it, and the priority level that it has a seat of: in one byte.
  struct Seat: Hashable, Sendable {
    private var bits: UInt8 = 0x0F

    init() {}

    @inline(__always)
    init(_ replica: Int, _ level: PriorityLevel?) {
      bits = UInt8(replica) << 4 | (level?.rawValue ?? 0x0F)
    }

    /// From 0.
    var replica: Int {
      @inline(__always)
      get { Int(bits >> 4) }
    }

    var level: PriorityLevel? {
      @inline(__always)
      get { PriorityLevel(rawValue: bits & 0x0F) }
      @inline(__always)
      set { bits = bits & 0xF0 | (newValue?.rawValue ?? 0x0F) }
    }
  }

  /// What became of it on its way.
  enum Fate: UInt8, Hashable, Sendable {
    case awaited
    /// Its client waits before it sends it again (A.11).
    case paused
    /// A server has it: it waits for a seat, or is executed.
    case inHand
    /// The server that had it went down, or its connection was closed on its way; its client has been told.
    case lost
    /// Its client was told 504, or closed its connection, while it was still under way (O43, B.6).
    case abandoned
    /// Its number belongs to no call.
    case free
  }

  init(call: Call, client: Client, owner: UInt32, node: UInt32, credential: Credential) {
    self.call = call
    self.client = client
    self.owner = owner
    self.node = node
    self.credential = credential
  }

  /// A request of a controller-manager's own clients.
  ///
  /// - Parameter number: how many such requests there were.
  init(_ call: Call, of process: ManagerProcess, number: inout UInt32) {
    number += 1
    self.init(
      call: call, client: .controllerManager, owner: number, node: TraceEvent.none,
      credential: .component(Identity(.controllerManager)))
    generation = process.packed
  }

  /// Who waits for the answer.
  enum Client: UInt8, Hashable, Sendable {
    /// The kubelet's certificate managers; `owner` is the node.
    case clientCertificateManager, servingCertificateManager
    /// The rest of the kubelet, and MODE-F's bootstrap.
    case kubelet
    case approver, signer
    case administrator, externalApprover
    /// The controller-manager's own: election, start-up, and the token of its controllers.
    case controllerManager
    /// Other clients; `owner` is the entry of `spec.requests`, `key` the number of kubectl's try.
    case client
    /// `kubeadm join`; `owner` is the node.
    case kubeadm
    case csrcleaner, tokenCleaner, bootstrapSigner
    /// A bare CSR client; `owner` is its node number.
    case csrClient

    /// Whether the network lies between it and the API server.
    var isOnNode: Bool {
      switch self {
      case .clientCertificateManager, .servingCertificateManager, .kubelet, .kubeadm, .csrClient:
        true
      case .approver, .signer, .administrator, .externalApprover, .controllerManager, .client,
        .csrcleaner, .tokenCleaner, .bootstrapSigner:
        false
      }
    }

    /// Whether it is a client of the controller-manager.
    var isInManager: Bool { isOfManager || self == .approver || self == .signer }

    /// A client of the controller-manager whose requests are few, and draw their latencies by number.
    var isOfManager: Bool {
      switch self {
      case .controllerManager, .csrcleaner, .tokenCleaner, .bootstrapSigner: true
      case .clientCertificateManager, .servingCertificateManager, .kubelet, .approver, .signer,
        .administrator, .externalApprover, .client, .kubeadm, .csrClient:
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
      case .kubeadm: .kubeadm
      case .csrcleaner: .csrcleaner
      case .tokenCleaner: .tokenCleaner
      case .bootstrapSigner: .bootstrapSigner
      case .csrClient: .csrClient
      }
    }
  }
}

/// What a client presents to be known by.
struct Credential: Hashable, Sendable {
  enum Kind: UInt8, Hashable, Sendable {
    /// Nothing; the number is that of an anonymous identity, which tells who sent it.
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
  static func none(of client: PendingCall.Client) -> Credential {
    Credential(number: UInt32(Identity(.anonymous, sentBy: client).number), kind: .none)
  }
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
  /// The number that is used next; that after it is the `owner` of its call, and so on. As large as the
  /// table: none is free.
  private var free: UInt32 = 0
  /// What is kept of each call that is or was queued; short, because few ever are.
  private var waits: [Wait] = []

  private struct Wait: Sendable {
    var place: QueuedPlace?
    /// The seat for which it waited.
    var seat: PriorityAndFairness.Seat?
  }

  @inline(__always)
  mutating func add(_ call: PendingCall) -> UInt32 {
    let number = free
    if Int(number) == calls.count {
      free += 1
      calls.append(call)
    } else {
      free = calls[Int(number)].owner
      calls[Int(number)] = call
      if Int(number) < waits.count, waits[Int(number)].seat != nil { waits[Int(number)] = Wait() }
    }
    calls[Int(number)].fate = .awaited
    return number
  }

  // Inlined, because a coroutine that is called allocates its frame.
  subscript(number: UInt32) -> PendingCall {
    @inline(__always)
    _read { yield calls[Int(number)] }
    @inline(__always)
    _modify { yield &calls[Int(number)] }
  }

  /// A server has a call, and knows from whom it comes.
  @inline(__always)
  mutating func begin(
    _ number: UInt32, by identity: Identity, in seat: PendingCall.Seat, at now: Instant
  ) {
    // One change for all fields: each looks whether the array is shared.
    func begin(_ call: inout PendingCall) {
      call.fate = .inHand
      call.seat = seat
      call.received = now
      call.identity = identity
    }
    begin(&calls[Int(number)])
  }

  /// The calls that a server has, by number, those included whose clients wait no longer.
  func inHand(on replica: Int) -> [UInt32] {
    calls.indices.filter {
      calls[$0].seat.replica == replica && [.inHand, .abandoned].contains(calls[$0].fate)
    }.map { UInt32($0) }
  }

  /// The calls of a kubelet's main client that it waits for, by number.
  func awaited(by node: UInt32, generation: UInt32) -> [UInt32] {
    calls.indices.filter {
      calls[$0].owner == node && calls[$0].client == .kubelet
        && calls[$0].generation == generation
        && [.awaited, .paused, .inHand].contains(calls[$0].fate)
    }.map { UInt32($0) }
  }

  /// Whether a call waits for a seat.
  func isQueued(_ number: UInt32) -> Bool { place(of: number) != nil }

  /// Where a call waits for a seat; nil: it does not.
  func place(of number: UInt32) -> QueuedPlace? {
    Int(number) < waits.count ? waits[Int(number)].place : nil
  }

  @inline(__always)
  mutating func remove(_ number: UInt32) -> PendingCall {
    let call = calls[Int(number)]
    release(number)
    return call
  }

  /// The call is over; its number is free.
  @inline(__always)
  mutating func release(_ number: UInt32) {
    calls[Int(number)].fate = .free
    calls[Int(number)].owner = free
    free = number
  }

  /// The call waits at this place.
  mutating func beginWait(of number: UInt32, at place: QueuedPlace) {
    setWait(Wait(place: place), of: number)
  }

  /// The call no longer waits: for the seat that it got, if it did.
  mutating func endWait(of number: UInt32, for seat: PriorityAndFairness.Seat? = nil) {
    setWait(Wait(seat: seat), of: number)
  }

  private mutating func setWait(_ wait: Wait, of number: UInt32) {
    while waits.count <= Int(number) { waits.append(Wait()) }
    waits[Int(number)] = wait
  }

  /// The seat for which a call had to wait; nil: it had one at once.
  mutating func takeSeat(of number: UInt32) -> PriorityAndFairness.Seat? {
    guard Int(number) < waits.count else { return nil }
    defer { waits[Int(number)].seat = nil }
    return waits[Int(number)].seat
  }

  /// The calls that are queued, by number, and their places.
  var queued: [(number: UInt32, place: QueuedPlace)] {
    waits.enumerated().compactMap { number, wait in wait.place.map { (UInt32(number), $0) } }
  }
}

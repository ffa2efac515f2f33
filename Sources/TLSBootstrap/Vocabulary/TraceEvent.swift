import SimulationKernel

/// One thing that happened: a row of the trace, and what the digest is made of.
///
/// Numbers only (48 bytes), because one is made for everything that happens; `World` spells them.
public struct TraceEvent: Hashable, Sendable {
  /// 1, 2, 3 … in order.
  public var id: UInt32
  /// The event that led to this one, which is earlier; 0 for none.
  public var cause: UInt32
  /// When, on the clock that never errs. A `requestAnswered` is stamped when the server had it done.
  public var time: Instant
  /// What the kind says: mostly a length of time in nanoseconds, else 0.
  public var value: Int64
  /// The node that it concerns, or `none`.
  public var node: UInt32
  /// The CSR that it concerns (`RequestID.index`), or `none`.
  public var request: UInt32
  /// Who acted, for calls; of a `keyTaken` or `seatAwaited` the event that ended its wait.
  public var identity: UInt32
  /// The node's attempt, from 1; 0 where no node is concerned.
  public var attempt: UInt16
  public var component: ComponentName
  /// 1…15 where a step of the bootstrap is reached, else 0.
  public var step: UInt8
  public var kind: Kind
  public var call: Call
  public var answer: Answer

  /// No node, no CSR, no certificate.
  public static let none = UInt32.max

  /// Who acted, for calls.
  public var actor: Identity { kind.namesEnd ? .nobody : Identity(packed: identity) }
  /// The event that ended a wait in a queue: of a key the `keyDone` of the worker that took it next,
  /// of a request the `requestAnswered` whose seat it got; 0 where it did not wait, or where the
  /// server's limits were raised.
  public var endedBy: UInt32 { kind.namesEnd ? identity : 0 }

  /// The part of the cluster in which something happened.
  public enum ComponentName: UInt8, CaseIterable, Hashable, Sendable {
    case kubelet, apiserver, approver, signer, administrator, externalApprover, systemd
    /// Its own client, which fetches the controllers' token.
    case controllerManager
    /// Whoever does what `spec.faults` says.
    case scenario
    /// Somebody else, who acts as `spec.requests` says.
    case client
    case kubeadm
    case csrcleaner, tokenCleaner, bootstrapSigner, nodeLifecycle
    /// A bare client of client-go's `certificate/csr` package.
    case csrClient

    public var text: String {
      switch self {
      case .kubelet: "kubelet"
      case .apiserver: "kube-apiserver"
      case .approver: "csrapproving"
      case .signer: "csrsigning"
      case .administrator: "administrator"
      case .externalApprover: "external-approver"
      case .systemd: "systemd"
      case .controllerManager: "kube-controller-manager"
      case .scenario: "scenario"
      case .client: "client"
      case .kubeadm: "kubeadm"
      case .csrcleaner: "csrcleaner"
      case .tokenCleaner: "tokencleaner"
      case .bootstrapSigner: "bootstrapsigner"
      case .nodeLifecycle: "node-lifecycle"
      case .csrClient: "csr-client"
      }
    }
  }

  /// What happened. `value` is in nanoseconds where it is a time.
  public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
    // systemd and the kubelet's start (steps 1 to 4).
    case kubeletStarted  // value: how often before
    case kubeconfigMissing, kubeconfigExpired, kubeconfigValid
    case bootstrapKubeconfigLoaded, bootstrapKubeconfigUnusable
    case credentialsRead
    case kubeconfigWrittenEarly, kubeletRunsEarly
    case serverAwaited  // MODE-F gave up on /healthz; value: how long it waited
    // Requests.
    case limiterWaited  // value: how long the client's token bucket made it wait
    case authenticated, authenticationFailed
    case authorized, authorizationFailed
    case requestAnswered  // value: since it arrived
    case connectionFailed
    // Controllers (steps 8 to 10).
    case keyTaken  // a worker took the key; value: how long it was queued
    case keyDone  // value: how long the worker held it
    case reviewAllowed, reviewRefused
    case notRecognized
    case retryScheduled  // value: the delay
    case certificateSigned  // value: NotAfter, in Unix nanoseconds on the signer's clock
    case signingFailed
    // The kubelet's wait and what it does with the certificate (steps 11 to 15).
    case approvalSeen
    case certificateFetched
    case certificateStored
    case kubeconfigWritten
    case connectionsClosed
    case waitEnded  // timed out, denied, failed or deleted; value: how long it waited
    case attemptFailed
    case backedOff  // value: until the next attempt
    case rotationPlanned  // value: how long from now
    case rotationStarted
    case certificateExpired
    case kubeletExited  // value: after how long without a certificate (B.6); else 0
    case kubeletRestartPlanned  // value: RestartSec
    // Becoming Ready (step 13).
    case nodeRegistered
    case nodeAdopted
    case informerSynced
    case leaseCreated, leaseSkipped
    case csiNodeCreated
    case networkReady
    case statusPatched
    case nodeReady  // value: since the node's first start
    case nodeLost
    // Approvers other than the controller-manager's.
    case administratorLooked  // value: how many CSRs were pending
    case administratorDecided
    // A component met an event that no longer concerns it.
    case ignored
    // Only an outside act can change this node's fate.
    case settled  // value: `Settlement` raw value
    // What the kubelet finds on its disk (steps 2 to 4).
    case kubeconfigLoaded  // without a bootstrap kubeconfig nothing but loading is asked
    case kubeconfigUnusable  // value: `KubeconfigVerdict` raw value
    case storedPairUnusable, temporaryKeyUnusable
    // The controllers' token (J.2).
    case tokenAwaited  // value: how long a controller's request waited for it
    case tokenStored  // value: until it is asked for anew
    case tokenUnavailable
    // A full disk.
    case storeFailed  // the new pair cannot be stored (B.4 row 6)
    // kubeadm join (N.2).
    case joinStarted
    case bootstrapKubeconfigWritten, bootstrapKubeconfigDeleted
    case nodeJoined
    case joinFailed  // value: `KubeadmJoin.Failure` raw value, above its byte the `PreflightErrors`
    // What the scenario does to the cluster.
    case faultBegan, faultEnded  // value: the fault's place in `spec.faults`, from 0
    // Other clients.
    case requestSent  // its message says whose and what
    case requestNotSent  // there is no such CSR or certificate, or kubectl has nothing to write
    case shapeRefused  // the signer's check of the CSR failed: it will be Failed
    // Load (K.3, K.4, A.11).
    case seatAwaited  // value: how long the request was queued before it was executed
    case retryAfterWaited  // the client sends again; value: the Retry-After
    case writeCommitted  // after its client was told 504, or was gone; value: since it arrived
    // The life of a controller-manager; value: which replica, from 0.
    case managerStarted, managerKilled, managerExited
    case managerRestartPlanned  // value: until it starts again
    case managerPaused, managerResumed
    case leaderElected
    case controllersStarted  // value: how many CSRs it found
    // What a kubelet that waits for its CSR learns (O28).
    case deletionSeen
    // Bootstrap tokens (I.2, I.3).
    case tokenRemoved  // its Secret is gone; value: how many Secrets are left
    case clusterInfoSigned  // value: how many signatures it has now
    // node-lifecycle (L.6).
    case nodeUnknown  // value: since the heartbeats stopped
    case nodeKnown  // a heartbeat was seen again; value: how long it was Unknown
    // Bare CSR clients.
    case csrClientStarted
    // A CSR that a kubelet waits for was deleted, and made again under its name (O29).
    case replacementSeen
    // A load balancer gave a client's new connection to one of several API servers.
    case connectionOpened  // value: the server's number, from 0
    // The kubelet finds no container runtime, and fails.
    case containerRuntimeMissing
    // It stops answering a kubelet that runs (L.4).
    case runtimeLost  // for 30 s; value: since the kubelet last listed its containers
    case runtimeRegained
    /// The informer's resync (G).
    case informerResynced  // value: how many CSRs the controllers have not finished

    /// Whether it marks a step of MODE-B that is reached before those with smaller numbers.
    public var isEarly: Bool { self == .kubeconfigWrittenEarly || self == .kubeletRunsEarly }
    /// Whether it names the event that ended its wait, in place of who acted.
    var namesEnd: Bool { self == .keyTaken || self == .seatAwaited }
    /// `nodeReady`, in the trace's own words.
    public var text: String { "\(self)" }
  }
}

/// Requests that a kubelet without a certificate made in one of its loops while nothing could change
/// their answer (protocol.md L.2): derived from the wait, not played one by one.
public struct WaitingRequests: Hashable, Sendable {
  public var node: UInt32
  public var attempt: UInt16
  public var call: Call
  public var answer: Answer
  /// How many; the first and the last of them when they were sent.
  public var count: UInt32
  public var first: Instant
  public var last: Instant
  /// The event that began the wait.
  public var cause: UInt32
}

/// One of the requests that `WaitingRequests` sums up, where a run is asked to list them.
public struct WaitingRequest: Hashable, Sendable {
  public var time: Instant
  public var node: UInt32
  public var call: Call
  public var answer: Answer
}

/// Takes what a run records. Called with batches, so that one dynamic call serves thousands of events.
public protocol TraceSink {
  /// - Throws: whatever stops the recording; the run then stops too.
  mutating func record(_ events: UnsafeBufferPointer<TraceEvent>) throws
  mutating func record(_ requests: WaitingRequests) throws
  mutating func record(_ requests: [WaitingRequest]) throws
}

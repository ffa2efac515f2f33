import SimulationKernel

/// Spells the numbers of a trace and lists the cluster's objects; `World` is one.
public protocol TraceDirectory {
  var nodeCount: Int { get }
  func node(at index: Int) -> NodeRecord
  var requestCount: Int { get }
  func request(at index: Int) -> RequestRecord
  var certificateCount: Int { get }
  func certificate(at index: Int) -> CertificateRecord
  /// `system:node:worker-1`.
  func username(of identity: Identity) -> String
  /// The client's User-Agent header.
  func userAgent(of call: Call, by identity: Identity) -> String
  /// What a client of `spec.requests` asks for, where its call does not say it (`Call.foreignRead`).
  func asked(by identity: Identity) -> ForeignRequest?
  /// What the client, or for `authenticationFailed` the server's log, says; nil where nothing failed.
  func message(of event: TraceEvent) -> String?
  func message(of requests: WaitingRequests) -> String?
}

/// A node, or a bare CSR client, at the end of the run.
public struct NodeRecord: Hashable, Sendable {
  public var kind: Kind
  public var name: String
  public var group: String
  /// `rotateCertificates` of its kubelet: true is MODE-B.
  public var rotateCertificates: Bool
  /// When its first process started; `.never`: none has.
  public var started: Instant
  /// When it became Ready first; of a client when it had its certificate.
  public var ready: Instant?
  public var settlement: Settlement
  /// Each start of its kubelet is one, each further CSR too; at most 65,535.
  public var attempts: Int
  /// Of its kubelet.
  public var restarts: Int

  /// What gets the certificate.
  public enum Kind: String, Hashable, Sendable { case kubelet, csrClient }
}

/// A CertificateSigningRequest at the end of the run.
public struct RequestRecord: Hashable, Sendable {
  public var name: String
  /// The node whose kubelet created it; nil: another client did.
  public var node: NodeID?
  /// As written.
  public var signerName: String
  public var requestor: Identity
  /// True time, as are those below; nil: it did not come to that.
  public var created: Instant
  public var approved: Instant?
  public var denied: Instant?
  public var failed: Instant?
  public var issued: Instant?
  /// As kubectl prints it (E.4).
  public var condition: String
  /// Those of Failed where it has that condition, else those of its decision.
  public var reason: String
  public var message: String
}

/// A condition of a CSR, as it is stored or sent.
public struct RequestCondition: Hashable, Sendable {
  public let type: String
  public var status = "True"
  public let reason: String
  public let message: String
  /// When whoever set it says that it was, in nanoseconds since 1970; nil: that is left to the API server.
  public var date: Int64?
}

/// A certificate that was made during the run.
public struct CertificateRecord: Hashable, Sendable {
  /// 128 bits in hexadecimal.
  public var serial: String
  public var request: RequestID
  /// nil: of no node's CSR.
  public var node: NodeID?
  public var signed: Instant
  /// Nanoseconds since 1970, whole seconds (H.3).
  public var notBefore: Int64
  public var notAfter: Int64
}

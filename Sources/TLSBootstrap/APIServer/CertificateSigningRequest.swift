import SimulationKernel

/// A CSR as the API server stores it; everything that a kubelet's own CSR leaves open.
struct CertificateSigningRequest: Hashable, Sendable {
  /// Five characters after `csr-`, as a number; MODE-F: the number of the key, whose hash is the name.
  let name: UInt64
  let isNamedByKey: Bool
  let node: NodeID
  /// The process of the node that created it.
  var generation: UInt32
  let signerName: SignerName
  /// 0: a kubelet's own; else its place in `ClientTable.shapes`, from 1.
  var shape: UInt16 = 0
  let requestor: Identity
  let created: Instant
  /// Of the latest write; 1 is the create.
  var resourceVersion: UInt32 = 1
  var conditions: RequestConditions = []
  /// When Approved or Denied was set; a CSR is decided once.
  var decided = Instant.never
  var issued = Instant.never
  /// The approval policy that decided, or after all of them the entry of `spec.requests`; nil:
  /// csrapproving.
  var decider: UInt16?
  /// Approved as `selfnodeclient`.
  var isSelfApproved = false
  var certificate: UInt32 = TraceEvent.none
  /// Its creation, then the latest change of its conditions, as whoever wrote them dated them: seconds
  /// since 1970 (M.1 rows 13 to 15).
  var date: Int64
  /// Whether the creator's watch is open.
  var isWatched = false
  /// The API server that has it.
  var watchingReplica: UInt8 = 0
  /// The delivery that the next one must not overtake.
  var lastDelivery = Instant.zero
  /// The event that wrote it last.
  var writtenBy: UInt32 = 0

  /// `resourceVersion` as events and caches keep it; nothing is written that often.
  var shortVersion: UInt16 { UInt16(clamping: resourceVersion) }

  /// Whether the kubelet whose CSR it is also made it: another client can make it again.
  var isKubeletsOwn: Bool { shape == 0 && requestor.kind != .client }
}

/// The condition Failed of a CSR.
struct RequestFailure: Hashable, Sendable {
  /// When it was set, and its date: seconds since 1970, as whoever set it had them.
  let at: Instant
  let date: Int64
  /// The entry of `spec.requests` that set it; nil: a signer.
  let entry: Int?
  /// The date of the decision that was there before; nil: there was none yet.
  var decisionDate: Int64?

  init(at instant: Instant, _ clock: Clock, entry: Int? = nil) {
    at = instant
    date = clock.seconds(at: instant)
    self.entry = entry
  }
}

/// What the conditions and the certificate of a CSR say, as a watcher sees it.
struct RequestConditions: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  static let approved = RequestConditions(rawValue: 1)
  static let denied = RequestConditions(rawValue: 2)
  static let failed = RequestConditions(rawValue: 4)
  static let issued = RequestConditions(rawValue: 8)
  // Not conditions, but of the same interest to who watches.
  static let deleted = RequestConditions(rawValue: 16)
  /// Set by a client of `spec.requests`, not by a policy.
  static let decidedOnce = RequestConditions(rawValue: 32)
  /// Its creator saw another CSR of its name in its place.
  static let replaced = RequestConditions(rawValue: 64)
  /// There are conditions of types that Kubernetes does not know.
  static let other = RequestConditions(rawValue: 128)

  /// As kubectl prints it (E.4).
  var text: String {
    var text = contains(.denied) ? "Denied" : contains(.approved) ? "Approved" : "Pending"
    if contains(.failed) { text += ",Failed" }
    if contains(.issued) { text += ",Issued" }
    return text
  }
}

/// A signed certificate (H.3).
struct Certificate: Hashable, Sendable {
  /// nil: made before the run.
  let request: RequestID?
  let node: NodeID
  let signed: Instant
  /// Nanoseconds since 1970 in whole seconds, as ASN.1 has them.
  let notBefore: Int64
  let notAfter: Int64
  /// Whether a CA of `--client-ca-file` signed it (C.5).
  var isTrusted: Bool
}

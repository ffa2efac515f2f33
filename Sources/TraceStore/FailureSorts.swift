import TLSBootstrap

/// The failed requests whose message is the same but for names, by what decides it, each with an
/// example. Their rows need no message of their own, and can be written before it is known.
struct FailureSorts {
  private(set) var examples: [(key: Key, example: Example)] = []
  private var known: Set<Key> = []

  struct Key: Hashable {
    let kind: TraceEvent.Kind
    let call: Call
    let answer: Answer
    let client: Identity
  }

  enum Example {
    case event(TraceEvent)
    case requests(WaitingRequests)
  }

  /// - Returns: false where the message is the event's own, or there is none.
  mutating func note(_ event: TraceEvent) -> Bool {
    guard let key = Self.key(of: event) else { return false }
    if known.insert(key).inserted { examples.append((key, .event(event))) }
    return true
  }

  /// nil: the message is the event's own, or there is none.
  static func key(of event: TraceEvent) -> Key? {
    guard event.kind == .requestAnswered || event.kind == .authorizationFailed,
      ![.none, .deleteSecret].contains(event.call), event.answer.readsAlike,
      event.actor.kind != .client
    else { return nil }
    return Key(
      kind: event.kind, call: event.call, answer: event.answer, client: event.actor.client)
  }

  /// - Returns: false where the message is that of these requests only.
  mutating func note(_ requests: WaitingRequests) -> Bool {
    guard requests.answer.readsAlike else { return false }
    let key = Key(
      kind: .requestAnswered, call: requests.call, answer: requests.answer, client: .anonymous)
    if known.insert(key).inserted { examples.append((key, .requests(requests))) }
    return true
  }
}

extension Identity {
  /// Whose failures read as this one's: all nodes are one client.
  var client: Identity { kind == .node ? Identity(.node) : self }

  /// `user.id`: below 2¹⁵ for 2,048 nodes, so that most references take two bytes; a kind has four bits.
  var rowID: Int64 { Int64(number) << 4 | Int64(kind.rawValue) }

  /// nil: of no kind that there is.
  package init?(rowID: Int64) {
    guard let kind = Kind(rawValue: UInt8(rowID & 0xF)) else { return nil }
    self.init(kind, Int(rowID >> 4))
  }
}

extension Answer {
  /// Whether call and client decide the message, but for the names of node and CSR.
  fileprivate var readsAlike: Bool {
    switch self {
    case .unauthorized, .forbidden, .notFound, .alreadyExists, .conflict, .exclusiveConditions,
      .gone, .timeout, .methodNotAllowed:
      true
    case .ok, .created:
      false
    // The signer's name, the node's name without quotes, server and time, UIDs, the path.
    case .forbiddenToApprove, .forbiddenToSign, .forbiddenCommonName, .connectionRefused,
      .unknownAuthority, .servingCertificateExpired, .servingCertificateNotYetValid, .badRequest,
      .invalid, .forbiddenByAdmission, .connectionLost, .dialTimeout, .handshakeTimeout,
      .tooManyRequests, .deadlineExceeded, .tooLarge, .unsupportedMediaType, .unknownError,
      .connectionClosed,
      .replaced, .internalError:
      false
    }
  }
}

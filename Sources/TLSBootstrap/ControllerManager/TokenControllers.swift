import SimulationKernel

/// tokencleaner and bootstrapsigner, over one informer of token Secrets (protocol.md I.2, I.3).
struct TokenControllers: Hashable, Sendable {
  /// Numbers of the Secrets that tokencleaner's worker has still to delete, the last one first.
  private(set) var doomed: [UInt32] = []
  /// What bootstrapsigner's update says, while it is on its way.
  var signing: ClusterInfo?

  mutating func doom(_ secrets: [UInt32]) { doomed = secrets }
  mutating func finishDeletion() { doomed.removeLast() }
}

/// `kube-public/cluster-info`: which tokens have a key `jws-kubeconfig-<id>`, in the order of their Secrets.
struct ClusterInfo: Hashable, Sendable {
  private var signatures: [Signature] = []

  private struct Signature: Hashable, Sendable {
    let tokenID: String
    /// With which it is made.
    let secret: String
  }

  var tokenIDs: [String] { signatures.map(\.tokenID) }

  init() {}

  /// What bootstrapsigner would write: every valid token for signing (I.3), by this reading of its clock.
  init(_ secrets: [BootstrapTokenSecret], at now: Int64) {
    signatures = secrets.compactMap { secret in
      guard let id = secret.tokenID, let text = secret.tokenSecret, !text.isEmpty,
        secret.isTokenObject, secret.usageBootstrapSigning == "true",
        secret.name == BootstrapTokenSecret.name(ofToken: id), !secret.isExpired(at: now)
      else { return nil }
      return Signature(tokenID: id, secret: text)
    }
  }

  /// The secret of the signature for this token; nil: there is none.
  func secret(ofToken id: String) -> String? {
    signatures.first { $0.tokenID == id }?.secret
  }
}

extension BootstrapTokenSecret {
  /// What the controllers' informer selects: by type, in kube-system.
  var isTokenObject: Bool {
    namespace == "kube-system" && type == "bootstrap.kubernetes.io/token"
  }

  /// No life left, or no time that can be read (I.2).
  func isExpired(at now: Int64) -> Bool {
    expiration.hasPassed(at: now)
  }
}

extension ControllerManager {
  /// tokencleaner's worker takes the next Secret, if there is one.
  mutating func deleteNextToken(_ turn: inout Turn) {
    guard let secret = tokens.doomed.last else { return }
    let delay = turn.chance.length(
      turn.facts.latency.tokenDeletion, .tokenDeletion, life.process.packed, secret)
    turn.schedule(.tokenDeletionTimer(life.process), after: delay)
  }

  mutating func deleteToken(_ turn: inout Turn) {
    guard let secret = tokens.doomed.last else { return }
    var call = tokenCall(.deleteSecret, .tokenCleaner, .tokenCleaner, &turn)
    call.key = secret
    turn.call(call)
  }

  mutating func signClusterInfo(_ wanted: ClusterInfo, _ turn: inout Turn) {
    tokens.signing = wanted
    turn.call(tokenCall(.updateClusterInfo, .bootstrapSigner, .bootstrapSigner, &turn))
  }

  private func tokenCall(
    _ call: Call, _ client: PendingCall.Client, _ account: Identity.Kind, _ turn: inout Turn
  ) -> PendingCall {
    let hasAccount = turn.facts.scenario.controllerManager.useServiceAccountCredentials
    turn.managerCalls += 1
    var call = PendingCall(
      call: call, client: client, owner: turn.managerCalls, node: TraceEvent.none,
      credential: .component(Identity(hasAccount ? account : .controllerManager)))
    call.generation = life.process.packed
    return call
  }
}

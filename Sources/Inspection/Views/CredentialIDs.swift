import SimulationKernel
import TLSBootstrap

/// What tells one credential of a user from another: `user.extra` under this key (protocol.md C.5, J.2).
///
/// Of a certificate the SHA-256 of its DER, as the views print it; of a service account's token its JTI,
/// which the model has not and which is made from the event that issued it.
package struct CredentialIDs: Sendable {
  package static let key = "authentication.kubernetes.io/credential-id"
  /// The annotation of the request that a token is issued by.
  package static let issuedKey = "authentication.kubernetes.io/issued-credential-id"

  private let world: World
  private let seed: UInt64
  private let identifiers: DrawnIdentifiers
  /// By node: from when on its kubelet presents the certificate of which CSR.
  private var certificates: [UInt32: [Presented]] = [:]
  /// From when on the controllers present the token of which event.
  private var tokens: [Presented] = []
  /// By CSR: hashing its certificate anew for each request was most of an export's time.
  private var hashes: [UInt32: String?] = [:]

  private struct Presented {
    let since: Instant
    let number: UInt32
  }

  /// - Parameter world: at the end of what is looked at.
  package init(_ world: World, seed: UInt64) {
    self.world = world
    self.seed = seed
    identifiers = DrawnIdentifiers(seed: seed)
  }

  /// To be told in the order of the run.
  package mutating func noteStored(node: UInt32, request: UInt32, at instant: Instant) {
    certificates[node, default: []].append(Presented(since: instant, number: request))
  }

  package mutating func noteToken(issuedBy event: UInt32, at instant: Instant) {
    tokens.append(Presented(since: instant, number: event))
  }

  package func identifier(ofTokenIssuedBy event: UInt32) -> String {
    "JTI=" + identifiers.uuid("Token/\(event)")
  }

  /// Of who asked at this instant; nil: the server has none, or the model does not say which.
  package mutating func identifier(of identity: Identity, at instant: Instant) -> String? {
    switch identity.kind {
    case .nobody, .anonymous, .bootstrapToken, .tokenCleaner, .bootstrapSigner: return nil
    case .node: return identifier(ofNode: identity.number, at: instant)
    case .certificateController:
      return Self.latest(tokens, at: instant).map { identifier(ofTokenIssuedBy: $0) }
    case .controllerManager: return drawn("kube-controller-manager")
    case .approver: return identifier(ofUser: world.username(of: identity))
    case .client: return identifier(ofClient: identity, at: instant)
    }
  }

  /// A node without a certificate of the run has one from before it.
  private mutating func identifier(ofNode node: Int, at instant: Instant) -> String? {
    guard let request = Self.latest(certificates[UInt32(node)] ?? [], at: instant) else {
      return drawn("node/\(node)")
    }
    return identifier(ofRequest: request)
  }

  private mutating func identifier(ofRequest request: UInt32) -> String? {
    if let known = hashes[request] { return known }
    let identifier = PlaceholderPEM(ofRequest: Int(request), of: world, seed: seed)
      .certificateBytes.map { "X509SHA256=" + SHA256.hexadecimal(of: $0) }
    hashes[request] = identifier
    return identifier
  }

  private mutating func identifier(ofClient identity: Identity, at instant: Instant) -> String? {
    if world.impersonation(of: identity) != nil { return nil }
    let client = world.client(of: identity)
    guard client.presentsCertificate else {
      return identifier(ofUser: world.username(of: identity))
    }
    switch client.request.credentials.certificate {
    case .ofNode(let name):
      let node = (0..<world.nodeCount).first { world.node(at: $0).name == name }
      return node.flatMap { identifier(ofNode: $0, at: instant) }
    case .ofRequest(let name):
      let issued = world.requests(ofClient: name).last { request in
        world.request(at: request).issued.map { $0 <= instant } ?? false
      }
      return issued.flatMap { identifier(ofRequest: UInt32($0)) }
    case .handmade: return drawn("client/\(client.request.name)")
    case nil: return nil
    }
  }

  /// Whose credentials are not modelled has none, but for the owner of kubeadm's admin.conf.
  private func identifier(ofUser name: String) -> String? {
    name == "kubernetes-admin" ? drawn(name) : nil
  }

  /// Of a certificate whose bytes the model has not.
  private func drawn(_ name: String) -> String {
    "X509SHA256=" + identifiers.hash("certificate/\(name)")
  }

  private static func latest(_ presented: [Presented], at instant: Instant) -> UInt32? {
    presented.last { $0.since <= instant }?.number
  }
}

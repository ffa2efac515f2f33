import SimulationKernel

@testable import TLSBootstrap

/// Other clients and what they are told, for the tests of `spec.requests`.
enum Clients {
  static let resource = "certificatesigningrequests.certificates.k8s.io"
  static let token = "abcdef.0123456789abcdef"

  /// Answers to the entries of `spec.requests`, with their messages, in order.
  static func answers(_ played: Played) -> [(code: UInt16, message: String?)] {
    played.events.filter { $0.kind == .requestAnswered && isClients($0, played) }
      .map { ($0.answer.code, played.world.message(of: $0)) }
  }

  private static func isClients(_ event: TraceEvent, _ played: Played) -> Bool {
    let causes = played.chain(of: event).dropFirst().prefix(2).map(\.kind)
    return causes.first == .requestSent
      || [.authenticationFailed, .authorizationFailed].contains(causes.first)
        && causes.last == .requestSent
  }

  /// A cluster without nodes, in which others act.
  static func play(
    _ entries: [ClientRequest], nodes: Int = 0, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: max(1, nodes)) { scenario in
      if nodes == 0 { scenario.groups = [] }
      scenario.requests = entries
      change(&scenario)
    }.play()
  }

  static func entry(
    _ act: ClientRequest.Act, at seconds: Int64 = 0, name: String = "it",
    _ change: (inout ClientCredentials) -> Void = { _ in }
  ) -> ClientRequest {
    var entry = ClientRequest(name: name, act: act)
    entry.at = .seconds(seconds)
    change(&entry.credentials)
    return entry
  }

  static func withToken(_ credentials: inout ClientCredentials) {
    credentials = .anonymous
    credentials.token = token
  }

  static func asNode(
    _ name: String, _ organizations: [String] = ["system:nodes"]
  ) -> (inout ClientCredentials) -> Void {
    { credentials in
      credentials = .anonymous
      var made = HandmadeCertificate()
      made.commonName = name
      made.organizations = organizations
      credentials.certificate = .handmade(made)
    }
  }

  static func get(_ resource: String, name: String, namespace: String = "") -> ForeignRequest {
    var request = ForeignRequest()
    request.resource = resource
    request.name = name
    request.namespace = namespace
    return request
  }
}

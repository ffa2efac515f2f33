import SimulationKernel

/// A CA, or the API server's certificate, expires or is replaced.
public enum AuthorityFault: UInt8, Hashable, Sendable {
  /// The signing CA's NotAfter is this moment, by the controller-manager's clock (O22).
  case expireSigningCA
  /// The controller-manager signs with a CA that is not in the API server's `--client-ca-file` (O25).
  case replaceSigningCA
  /// The API server's `--client-ca-file` holds another CA: it refuses every certificate made so far.
  case replaceClientCA
  /// The API server's certificate is signed by another CA than that of the kubeconfigs (O5).
  case replaceServingCA
  /// NotAfter of the API server's certificate is this moment, by its own clock (O6).
  case expireServingCertificate

  func change(_ scenario: inout Scenario, began: Instant) {
    switch self {
    case .expireSigningCA:
      let clock = Clock(start: scenario.start, skew: scenario.controllerManager.clock)
      scenario.controllerManager.signingCANotAfter = clock.reading(at: began)
    case .replaceSigningCA, .replaceClientCA: scenario.apiServer.trustsSigningCA = false
    case .replaceServingCA:
      for index in scenario.groups.indices {
        scenario.groups[index].bootstrapKubeconfig.trustsServer = false
        scenario.groups[index].disk.kubeconfig.trustsServer = false
      }
    case .expireServingCertificate:
      let clock = Clock(start: scenario.start, skew: scenario.apiServer.clock)
      scenario.apiServer.servingCertificateNotAfter = clock.reading(at: began)
    }
  }

  func begin(_ world: inout World) { take(effect: true, &world) }

  func end(_ world: inout World) { take(effect: false, &world) }

  private func take(effect holds: Bool, _ world: inout World) {
    switch self {
    case .replaceClientCA: world.trustCertificates(!holds)
    // C.5: with the CA expires the chain below it.
    case .expireSigningCA: world.lookAtCertificates(of: world.allNodes)
    case .replaceSigningCA, .replaceServingCA, .expireServingCertificate: break
    }
  }
}

extension World {
  fileprivate mutating func trustCertificates(_ isTrusted: Bool) {
    for index in turn.certificates.indices { turn.certificates[index].isTrusted = isTrusted }
    lookAtCertificates(of: allNodes)
  }
}

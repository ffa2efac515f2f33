import SimulationKernel

/// Nothing new reaches an API server's cache of Secrets, as when its watch of etcd hangs (O42).
extension World {
  /// - Parameter replica: nil: every one.
  mutating func freezeSecrets(of replica: Int?) {
    for index in server.replicas(hitBy: replica) {
      server.replicas[index].freezeSecrets(turn.facts.tokens.tokens)
    }
  }

  mutating func thawSecrets(of replica: Int?) {
    for index in server.replicas(hitBy: replica) {
      server.replicas[index].thawSecrets()
    }
  }
}

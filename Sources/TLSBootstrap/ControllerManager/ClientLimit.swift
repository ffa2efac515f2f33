import SimulationKernel

/// What `--kube-api-qps` and `--kube-api-burst` make of a client of the controller-manager (protocol.md A.11, J.1).
///
/// Source: client-go kubernetes/clientset.go `NewForConfigAndClient`, rest/config.go `RESTClientForConfigAndClient`.
public struct ClientLimit: Hashable, Sendable {
  /// Of a client without a rate. Source: A.11; rest/config.go `DefaultQPS`, 5/s.
  private static let defaultMilliRate: Int64 = 5_000

  /// What a token bucket gets per 1,000 s, and how much it holds.
  public let milliRate: Int64
  public let burst: Int64
  /// Without a rate of its own a clientset has a bucket for each API group.
  public let isPerGroup: Bool

  /// - Returns: nil: below zero there is no limit.
  init?(milliQPS: Int64, burst: Int64) {
    guard milliQPS >= 0 else { return nil }
    isPerGroup = milliQPS == 0
    milliRate = isPerGroup ? Self.defaultMilliRate : milliQPS
    self.burst = burst
  }

  /// A full bucket of it.
  var bucket: TokenBucket { TokenBucket(milliRate: milliRate, burst: burst) }
}

extension ControllerManagerSettings {
  /// Of each controller's client; nil: there is none.
  public var clientLimit: ClientLimit? {
    ClientLimit(milliQPS: kubeAPIMilliQPS, burst: kubeAPIBurst)
  }
}

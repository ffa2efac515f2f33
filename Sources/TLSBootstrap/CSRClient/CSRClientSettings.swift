import SimulationKernel

/// What distinguishes a group of bare CSR clients from one of kubelets.
public struct CSRClientSettings: Hashable, Sendable {
  /// How long it waits for one certificate. Source: B.4, client-go `certificateWaitTimeout`, 15 min.
  public var patience = Duration.minutes(15)
  /// From giving up to the next CSR. Source: groundtruth/README.md, collapse, 2 s.
  public var gap = Duration.seconds(2)
  /// Requests per 1,000 s. Source: B.4, client-go's default of 5/s.
  public var kubeAPIMilliQPS: Int64 = 5_000
  /// Source: B.4, client-go's default of 10.
  public var kubeAPIBurst: Int64 = 10

  public init() {}
}

import SimulationKernel

/// How long the kubelet of a control-plane node waits before it starts a static pod that ended again (protocol.md
/// J.3).
struct RestartBackOff: Hashable, Sendable {
  /// Before the first restart. Source: J.3; kubelet, 10 s.
  private static let first = Duration.seconds(10)
  /// Doubling up to this. Source: J.3; kubelet, 300 s.
  private static let longest = Duration.seconds(300)
  /// A process that lived longer begins the series anew.
  ///
  /// Twice the longest. Source: client-go util/flowcontrol/backoff.go, `hasExpired`.
  private static let reset = Duration.minutes(10)

  /// When the process started.
  private(set) var started = Instant.zero
  /// How many ends before it count together.
  private var ends: UInt8 = 0

  mutating func start(at now: Instant) { started = now }

  /// The process ended now.
  mutating func next(at now: Instant) -> Duration {
    if now - started > Self.reset { ends = 0 }
    defer { if ends < 8 { ends += 1 } }
    return min(Self.first * (1 << Int64(ends)), Self.longest)
  }
}

import SimulationKernel
import TLSBootstrap

/// The clock of the host on which tokens are made (protocol.md M, clock H).
struct TokenClock {
  let start: Int64
  let skew: ClockSkew

  /// What the host's clock shows at the start of the run.
  var now: Int64 { start + skew.offset.nanoseconds }

  /// When a token expires; zero: never. Whole seconds, as kubeadm writes them (N.1).
  func expiration(createdAt: Int64?, timeToLive: Duration) -> BootstrapTokenSecret.Expiration {
    guard timeToLive != .zero else { return .never }
    let (sum, overflow) = (createdAt ?? now).addingReportingOverflow(timeToLive.nanoseconds)
    guard !overflow else { return .never }
    return .at(Timestamp.wholeSeconds(sum))
  }

  /// The expiration that a Secret holds.
  static func expiration(_ text: String) -> BootstrapTokenSecret.Expiration {
    guard !text.isEmpty else { return .never }
    return switch Timestamp.parse(text) {
    case nil: .unparsable(text)
    // No run gets to 2262.
    case .outOfRange(isFuture: true): .never
    case .outOfRange(isFuture: false): .at(0)
    case .at(let nanoseconds): .at(max(0, nanoseconds))
    }
  }
}

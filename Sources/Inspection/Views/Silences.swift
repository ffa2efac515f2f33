import SimulationKernel
import TLSBootstrap

/// When no API server answers, because each is down or paused by a fault (K.4, A.11).
///
/// By the scenario, not by what happened: one that is killed and starts again within seconds is taken to go on.
struct Silences {
  private let spans: [Range<Instant>]

  init(_ scenario: Scenario) {
    let spans = (0..<scenario.apiServer.replicas).map { replica in
      Self.joined(scenario.faults.compactMap { Self.span($0, of: replica, scenario.faults) })
    }
    self.spans = spans.dropFirst().reduce(spans.first ?? []) { common, own in
      common.flatMap { one in own.map { one.clamped(to: $0) } }.filter { !$0.isEmpty }
    }
  }

  /// The last instant, at most this one, in which an API server answered.
  func lastAnswer(before instant: Instant) -> Instant {
    spans.first { $0.contains(instant) }?.lowerBound ?? instant
  }

  /// A pause is over when its process ends.
  private static func span(
    _ fault: TimedFault, of replica: Int, _ all: [TimedFault]
  ) -> Range<Instant>? {
    let start = Instant.zero + fault.at
    let end = fault.length.map { start + $0 } ?? .never
    switch fault.fault {
    case .apiServerDown(nil, _), .apiServerDown(replica, _): return start..<end
    case .apiServerPaused(nil), .apiServerPaused(replica):
      let killed = all.filter { $0.at >= fault.at && $0.fault.ends(replica) }.map(\.at).min()
      return start..<min(end, killed.map { .zero + $0 } ?? .never)
    default: return nil
    }
  }

  /// In order, and those that meet as one.
  private static func joined(_ spans: [Range<Instant>]) -> [Range<Instant>] {
    spans.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, span in
      if let last = joined.last, span.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
      } else {
        joined.append(span)
      }
    }
  }
}

extension Fault {
  /// Whether it ends the process of this API server.
  fileprivate func ends(_ replica: Int) -> Bool {
    switch self {
    case .apiServerDown(nil, _), .apiServerDown(replica, _), .apiServerKilled(nil),
      .apiServerKilled(replica):
      true
    default: false
    }
  }
}

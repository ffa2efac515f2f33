import SimulationKernel

/// The run's random streams, split by name once, by node and draw later.
///
/// A draw is a function of (seed, stream name, node, number of the draw), so that one more draw of
/// one node changes no other node's (protocol.md Q lists the owners).
struct Chance: Sendable {
  /// Every jitter takes its least value, as the golden timelines of section S want it.
  let isLowest: Bool
  private let streams: [RandomStream]

  /// The streams, by name; a coding key tells it without the reflection that printing a case takes.
  enum Stream: Int, CaseIterable, CodingKey, Sendable {
    case start, clock, healthz, attemptBackoff, rotation, status
    case reflectorNodes, reflectorServices, reflectorCSIDrivers, reflectorRuntimeClasses
    case network, watch, managerNetwork, approverNetwork, requestName, key, serial
    case fault, client, reflectorRequest, networkFault
    case managerStart, leaderElection, backlog, tokenDeletion, heartbeat, resync
  }

  init(seed: UInt64, isLowest: Bool) {
    self.isLowest = isLowest
    let root = RandomStream(seed: seed)
    streams = Stream.allCases.map { root.split($0.stringValue) }
  }

  /// The stream of the n-th draw of this node (or worker, or object).
  @inline(__always)
  func stream(_ stream: Stream, _ owner: UInt32, _ draw: UInt32) -> RandomStream {
    streams[stream.rawValue].draw(Int(owner) << 32 | Int(draw))
  }

  /// `jit(duration, numerator/denominator)`: only ever adds.
  @inline(__always)
  func jitter(
    _ duration: Duration, by numerator: Int64, over denominator: Int64, _ name: Stream,
    _ owner: UInt32, _ draw: UInt32
  ) -> Duration {
    if isLowest { return duration }
    var source = stream(name, owner, draw)
    return source.jitter(duration, by: numerator, over: denominator)
  }

  /// The jitters of one stream and owner.
  @inline(__always)
  func jitters(_ name: Stream, _ owner: UInt32) -> Jitters {
    Jitters(stream: streams[name.rawValue], owner: Int(owner) << 32, isLowest: isLowest)
  }

  struct Jitters {
    fileprivate let stream: RandomStream
    fileprivate let owner: Int
    fileprivate let isLowest: Bool

    /// `jit(duration, 1)`: up to twice the duration.
    @inline(__always)
    func doubling(_ duration: Duration, _ draw: UInt32) -> Duration {
      if isLowest { return duration }
      var source = stream.draw(owner | Int(draw))
      return source.jitter(duration, by: 1, over: 1)
    }
  }

  func length(_ distribution: Distribution, _ name: Stream, _ owner: UInt32, _ draw: UInt32)
    -> Duration
  {
    if case .constant(let length) = distribution { return length }
    var source = stream(name, owner, draw)
    return distribution.draw(from: &source)
  }

  /// The same from a table, where it is drawn from for every request.
  @inline(__always)
  func length(
    _ number: Int, in table: DistributionTable, _ name: Stream, _ owner: UInt32, _ draw: UInt32
  ) -> Duration {
    table.constant(number) ?? table.draw(number, from: stream(name, owner, draw))
  }
}

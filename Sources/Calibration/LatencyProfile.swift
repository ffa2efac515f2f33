import Scenarios
import SimulationKernel
import TLSBootstrap

/// How long requests took in a cluster: what `spec.latency.profile` of a scenario names.
package struct LatencyProfile: Sendable {
  /// The fewest requests that a latency is taken from.
  ///
  /// 100: of fewer there is no 99th percentile.
  package static let fewest = 100

  /// Points of a distribution, in microseconds.
  package struct Quantiles: Hashable, Sendable {
    package let least, p50, p90, p99, p999, greatest: Int64
  }

  /// A key of `spec.latency`, and what it is taken from.
  package struct Latency: Sendable {
    package let key: String
    package let count: Int
    /// nil: too few.
    package let distribution: Distribution.Quantiles?
  }

  /// Requests that are alike.
  package struct Request: Sendable {
    package let verb, group, resource, subresource, path, response: String
    package let count: Int
    /// Requests per 1,000 s of the time that the logs cover; nil where they cover none.
    package let milliRate: Int64?
    package let quantiles: Quantiles
  }

  /// First and last instant of what was used, in nanoseconds since 1970.
  package let first, last: Int64
  package let used: Int
  /// Every latency that an audit log can tell.
  package let latencies: [Latency]
  package let requests: [Request]

  /// nil: the tally has no request.
  package init?(_ tally: AuditTally) {
    guard tally.used > 0 else { return nil }
    first = tally.first
    last = tally.last
    used = tally.used
    let span = last - first
    requests = tally.times.sorted { $0.key < $1.key }.map { kind, times in
      Request(
        verb: kind.verb, group: kind.group, resource: kind.resource,
        subresource: kind.subresource, path: kind.path, response: kind.response.rawValue,
        count: times.count, milliRate: Self.milliRate(of: times.count, in: span),
        quantiles: times.quantiles)
    }
    latencies = Self.latencies(tally.times)
  }

  package var span: Duration { Duration(nanoseconds: last - first) }

  private static func milliRate(of count: Int, in span: Int64) -> Int64? {
    guard span > 0 else { return nil }
    let product = Int64(count).multipliedFullWidth(by: 1_000_000_000_000)
    guard product.high < span else { return nil }
    return span.dividingFullWidth(product).quotient
  }
}

// MARK: From requests to latencies of a scenario

extension LatencyProfile {
  private static func latencies(_ times: [RequestKind: ServiceTimes]) -> [Latency] {
    var sums: [PartialKeyPath<Latencies>: ServiceTimes] = [:]
    let fields = fieldsOfCalls
    for (kind, times) in times {
      guard let field = field(of: kind, fields) else { continue }
      sums[field, default: ServiceTimes()].add(times)
    }
    let told = Set(fields.values).union([\Latencies.refusal])
    return Latencies.keys.filter { told.contains($0.field) }.map { key in
      let sum = sums[key.field] ?? ServiceTimes()
      return Latency(
        key: key.key, count: sum.count,
        distribution: sum.count < fewest ? nil : distribution(sum.quantiles, count: sum.count))
    }
  }

  /// The latency that stands for a request's time; nil: the simulator makes no such request, or it is a
  /// refusal for load or by a conflict, which the simulator works out itself.
  private static func field(
    of kind: RequestKind, _ fields: [[String]: PartialKeyPath<Latencies>]
  ) -> PartialKeyPath<Latencies>? {
    switch kind.response {
    case .success:
      fields[[kind.verb, kind.group, kind.resource, kind.subresource, kind.path]]
    case .unauthorized, .forbidden: \Latencies.refusal
    case .notFound, .conflict, .tooManyRequests, .clientError, .serverError: nil
    }
  }

  /// The latency of each request that the simulator makes by itself; those of `spec.requests` may be any.
  private static var fieldsOfCalls: [[String]: PartialKeyPath<Latencies>] {
    var fields: [[String]: PartialKeyPath<Latencies>] = [:]
    let others: [Call] = [.deleteRequest, .listBetaRequest]
    for call in Call.allCases where !call.shape.verb.isEmpty && !others.contains(call) {
      let shape = call.shape
      fields[[shape.verb, shape.group, shape.resource, shape.subresource, shape.path]] =
        Latencies.serviceTime(of: call)
    }
    return fields
  }

  /// The greatest value is the 99.9th percentile, or of fewer than 1,000 requests the 99th: a scenario
  /// draws evenly between its last two points, and the one slowest request must not make a hundredth
  /// of all draws slow.
  private static func distribution(
    _ quantiles: Quantiles, count: Int
  ) -> Distribution.Quantiles {
    let duration = { (microseconds: Int64) in Duration(nanoseconds: microseconds * 1_000) }
    return Distribution.Quantiles(
      least: duration(quantiles.least), p50: duration(quantiles.p50),
      p90: duration(quantiles.p90), p99: duration(quantiles.p99),
      greatest: duration(count < 1_000 ? quantiles.p99 : quantiles.p999))
  }
}

import Calibration
import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap

/// What came of reading audit logs, for people and as JSON.
package struct CalibrationReport {
  private let tally: AuditTally
  private let profile: LatencyProfile
  private let output: String?
  private let csrTimes: String?

  /// - Parameters:
  ///   - output: where the profile is; nil: it was not written.
  ///   - csrTimes: where the times of CSRs are; nil: they were not kept.
  package init(
    _ tally: AuditTally, _ profile: LatencyProfile, output: String?, csrTimes: String? = nil
  ) {
    self.tally = tally
    self.profile = profile
    self.output = output
    self.csrTimes = csrTimes
  }

  private var reasons: [(reason: Unused, count: Int)] {
    Unused.allCases.compactMap { reason in tally.unused[reason].map { (reason, $0) } }
  }
}

// MARK: For people

extension CalibrationReport {
  package var text: String {
    ([
      row(
        "Read",
        "\(Quantity.count(tally.files, "file")), \(Quantity.count(tally.events, "audit event"))"),
      row(
        "Used",
        "\(Quantity.count(tally.used, "request")) in \(Text.length(profile.span)), "
          + "\(Quantity.count(profile.requests.count, "kind"))"),
    ] + unusedRows + [""] + latencyRows + [""] + requestRows + [
      "",
      row("Profile", output ?? "not written; give --output FILE"),
    ] + csrRows).joined(separator: "\n")
  }

  private var unusedRows: [String] {
    reasons.enumerated().map { index, entry in
      let places = (tally.places[entry.reason] ?? []).map(\.description)
      let shown = places.isEmpty ? "" : ": \(places.joined(separator: ", "))"
      let more = entry.count > places.count && !places.isEmpty ? ", …" : ""
      return row(
        index == 0 ? "Not used" : "",
        "\(Quantity.count(entry.count)) \(entry.reason.text(of: entry.count))\(shown)\(more)")
    }
  }

  private var csrRows: [String] {
    guard let csrTimes, let counts = tally.csrTimes?.counts else { return [] }
    return [
      row(
        "CSR times",
        "\(csrTimes): \(Quantity.count(counts.created, "CSR")), "
          + "\(Quantity.count(counts.approved)) approved, \(Quantity.count(counts.issued)) issued")
    ]
  }

  private var latencyRows: [String] {
    [Text.left("spec.latency", 28) + Self.heads]
      + profile.latencies.map { latency in
        guard let points = latency.distribution else {
          return Text.left(latency.key, 28) + Text.right(Quantity.count(latency.count), 10)
            + "  fewer than \(LatencyProfile.fewest): left out, the scenario's default stays"
        }
        let times = [points.least, points.p50, points.p90, points.p99, points.greatest]
        return Text.left(latency.key, 28) + Text.right(Quantity.count(latency.count), 10)
          + Text.right("", 10) + times.map(Self.milliseconds).joined()
      }
  }

  private var requestRows: [String] {
    [Text.left("Request", 60) + Self.heads]
      + profile.requests.map { request in
        let object =
          request.resource.isEmpty
          ? request.path
          : [request.resource, request.subresource].filter { !$0.isEmpty }.joined(separator: "/")
        let rate = request.milliRate.map { Text.rate(milli: $0) } ?? "-"
        let quantiles = request.quantiles
        let times = [
          quantiles.least, quantiles.p50, quantiles.p90, quantiles.p99, quantiles.greatest,
        ].map { Duration(nanoseconds: $0 * 1_000) }
        return Text.left("\(request.verb) \(object) \(request.response)", 60)
          + Text.right(Quantity.count(request.count), 10) + Text.right(rate, 10)
          + times.map(Self.milliseconds).joined()
      }
  }

  private static let heads =
    Text.right("count", 10) + Text.right("/s", 10)
    + ["min ms", "p50 ms", "p90 ms", "p99 ms", "max ms"].map { Text.right($0, 12) }.joined()

  private static func milliseconds(_ duration: Duration) -> String {
    let microseconds = duration.nanoseconds / 1_000
    return Text.right("\(microseconds / 1_000).\(Text.pad(microseconds % 1_000, 3))", 12)
  }

  private func row(_ name: String, _ text: String) -> String { Text.left(name, 15) + text }
}

// MARK: JSON

extension CalibrationReport {
  private struct Object: Encodable {
    struct Request: Encodable {
      let verb, group, resource, subresource, path, response: String
      let count: Int
      let perSecond: Double?
      let microseconds: Points
    }
    struct Latency: Encodable {
      let key: String
      let count: Int
      let isUsed: Bool
    }
    struct Points: Encodable { let min, p50, p90, p99, p999, max: Int64 }
    struct Reason: Encodable {
      let reason: String
      let count: Int
      let places: [String]
    }
    let files, events, used: Int
    let from, to: String
    let notUsed: [Reason]
    let latencies: [Latency]
    let requests: [Request]
    let profile: String?
    let csrTimes: CSRs?
    struct CSRs: Encodable {
      let file: String
      let created, approved, issued: Int
    }
  }

  /// One JSON object; keys sorted, so that equal logs print equal bytes.
  package func json() throws -> String {
    let object = Object(
      files: tally.files, events: tally.events, used: tally.used,
      from: Timestamp.text(profile.first), to: Timestamp.text(profile.last),
      notUsed: reasons.map {
        Object.Reason(
          reason: "\($0.reason)", count: $0.count,
          places: (tally.places[$0.reason] ?? []).map(\.description))
      },
      latencies: profile.latencies.map {
        Object.Latency(key: $0.key, count: $0.count, isUsed: $0.distribution != nil)
      },
      requests: profile.requests.map(Self.object), profile: output, csrTimes: csrObject)
    return try JSONText.pretty(object)
  }

  private var csrObject: Object.CSRs? {
    guard let csrTimes, let counts = tally.csrTimes?.counts else { return nil }
    return Object.CSRs(
      file: csrTimes, created: counts.created, approved: counts.approved, issued: counts.issued)
  }

  private static func object(_ request: LatencyProfile.Request) -> Object.Request {
    let quantiles = request.quantiles
    return Object.Request(
      verb: request.verb, group: request.group, resource: request.resource,
      subresource: request.subresource, path: request.path, response: request.response,
      count: request.count, perSecond: request.milliRate.map { Double($0) / 1_000 },
      microseconds: Object.Points(
        min: quantiles.least, p50: quantiles.p50, p90: quantiles.p90, p99: quantiles.p99,
        p999: quantiles.p999, max: quantiles.greatest))
  }
}

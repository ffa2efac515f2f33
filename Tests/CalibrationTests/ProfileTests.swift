import SimulationKernel
import TLSBootstrap
import Testing

@testable import Calibration

/// From a log by way of the profile's text into a scenario.
struct ProfileTests {
  private func profile(_ lines: [String]) throws -> LatencyProfile {
    var tally = AuditTally()
    try AuditLog.with { log in try tally.read(path: log.write(lines)) }
    return try #require(LatencyProfile(tally))
  }

  private func latencies(_ profile: LatencyProfile, beside: String = "") throws -> Latencies {
    try Latencies.read(profile: profile.yaml(command: "-"), beside: beside)
  }

  @Test func `a scenario takes what was measured, and its own keys win`() throws {
    let profile = try profile(Line.requests(Array(1...1_000)))
    let microseconds = { Duration(nanoseconds: $0 * 1_000) }
    let measured = Distribution.quantiles(
      Distribution.Quantiles(
        least: microseconds(1), p50: microseconds(500), p90: microseconds(900),
        p99: microseconds(990), greatest: microseconds(999)))
    var expected = Latencies()
    expected.createRequest = measured
    #expect(try latencies(profile) == expected)
    expected.createRequest = .constant(.seconds(1))
    #expect(try latencies(profile, beside: ", createRequest: 1s") == expected)
  }

  @Test func `of fewer than a thousand requests the slowest does not count`() throws {
    let profile = try profile(Line.requests(Array(repeating: 100, count: 199) + [900_000]))
    let latency = try #require(profile.latencies.first { $0.key == "createRequest" })
    #expect(latency.count == 200)
    #expect(latency.distribution?.greatest == Duration(nanoseconds: 100_000))
  }

  @Test func `refusals of all kinds are one latency, and too few requests none`() throws {
    let lines = Line.requests(Array(1...150)) { line in
      line.code = line.id.hasSuffix("0") ? 201 : 403
    }
    let profile = try profile(lines)
    let counts = Dictionary(
      uniqueKeysWithValues: profile.latencies.map { ($0.key, ($0.count, $0.distribution != nil)) })
    #expect(counts["refusal"]?.0 == 135)
    #expect(counts["refusal"]?.1 == true)
    #expect(counts["createRequest"]?.0 == 15)
    #expect(counts["createRequest"]?.1 == false)
    #expect(try latencies(profile).createRequest == Latencies().createRequest)
  }

  @Test func `only latencies that an audit log can tell are in a profile`() throws {
    let told = try profile([Line().text]).latencies.map(\.key)
    #expect(
      told == [
        "createRequest", "createSubjectAccessReview", "updateApproval", "updateStatus",
        "listRequest", "read", "write", "refusal",
      ])
  }

  @Test func `hostile names stay texts in the profile`() throws {
    let reference = #"{"resource":"a: b, }\n#é\\","subresource":"yes"}"#
    let lines = Line.requests(Array(1...100)) + [Line(id: "x", reference: reference).text]
    let profile = try profile(lines)
    #expect(try latencies(profile).createRequest != Latencies().createRequest)
  }
}

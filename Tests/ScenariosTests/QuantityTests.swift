import SimulationKernel
import Testing
import TLSBootstrap

@testable import Scenarios

struct QuantityTests {
  @Test(
    arguments: [
      ("0", 0), ("1ns", 1), ("1us", 1_000), ("1µs", 1_000), ("1.5ms", 1_500_000),
      ("250ms", 250_000_000), ("1h30m", 5_400_000_000_000), ("0.1m", 6_000_000_000),
      ("0.333333333333333333h", 1_199_999_999_999), (".5s", 500_000_000), ("1.s", 1_000_000_000),
      ("2d12h", 216_000_000_000_000), ("-10s", -10_000_000_000), ("+1s", 1_000_000_000),
      ("36525d", 3_155_760_000_000_000_000), ("24h0m0s", 86_400_000_000_000),
      ("0.0000000000000000000000000001s", 0),
    ] as [(String, Int64)])
  func `durations are exact`(text: String, nanoseconds: Int64) throws {
    #expect(try Quantity.duration(text).nanoseconds == nanoseconds)
  }

  @Test(arguments: ["0s", "1ns", "999us", "2.97ms", "10s", "1h30m", "8760h", "-1.5s", "36h0.25s"])
  func `a duration is written as it is read`(text: String) throws {
    #expect(Quantity.text(try Quantity.duration(text)) == text)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1_767_225_600_000_000_000),
      ("2024-02-29T23:59:59.5Z", 1_709_251_199_500_000_000),
      ("2026-01-01T05:30:00+05:30", 1_767_225_600_000_000_000),
      // Source: Go's time/format.go, `parse`: an hour may have one digit, an offset 24 hours and 60 minutes.
      ("2026-01-02T00:00:00+24:00", 1_767_225_600_000_000_000),
      ("2025-12-31T23:00:00-00:60", 1_767_225_600_000_000_000),
      ("2026-01-01T5:30:00+05:30", 1_767_225_600_000_000_000),
      ("1969-12-31T23:59:59Z", -1_000_000_000), ("2262-04-11T23:47:16Z", 9_223_372_036_000_000_000),
    ] as [(String, Int64)])
  func `times are exact`(text: String, nanoseconds: Int64) {
    #expect(Timestamp.parse(text) == .at(nanoseconds))
  }

  @Test(arguments: [
    "", "2026", "2026-01-01", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-02-29T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+0530",
    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00ZZ", "２０２６-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456789123456789", "2026-01-01T00:00:00+25:00",
    "2026-01-01T00:00:00+00:61", "2026-01-01T:00:00Z", "2026-01-01T5:0:00Z",
  ])
  func `what Go would not parse is no time`(text: String) {
    #expect(Timestamp.parse(text) == nil)
  }

  @Test func `times beyond 64 bits of nanoseconds are told apart`() {
    #expect(Timestamp.parse("9999-12-31T23:59:59Z") == .outOfRange(isFuture: true))
    #expect(Timestamp.parse("0001-01-01T00:00:00Z") == .outOfRange(isFuture: false))
  }

  @Test(arguments: ["1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "2199-12-31T23:59:59Z"])
  func `a time is written as it is read`(text: String) {
    guard case .at(let nanoseconds) = Timestamp.parse(text) else {
      Issue.record("\(text) is a time")
      return
    }
    #expect(Timestamp.text(nanoseconds) == text)
  }

  @Test(
    arguments: [
      ("00:00", 0), ("08:30", 30_600), ("23:59", 86_340), ("24:00", 86_400), ("24:01", nil),
      ("25:00", nil), ("12:60", nil), ("8:30", nil), ("08:3", nil), ("0830", nil),
      ("08:30:00", nil), ("-1:00", nil), ("", nil),
    ] as [(String, Int64?)])
  func `a time of day is HH:MM up to 24:00`(text: String, seconds: Int64?) {
    #expect(Quantity.timeOfDay(Substring(text)) == seconds)
  }

  @Test func `the nearest word is within half of its letters`() {
    #expect(
      NearestKey.nearest(to: "kubeapiqps", among: ["kubeAPIQPS", "kubeAPIBurst"]) == "kubeAPIQPS")
    #expect(NearestKey.nearest(to: "zzzzzzzz", among: ["seed", "nodes"]) == nil)
  }
}

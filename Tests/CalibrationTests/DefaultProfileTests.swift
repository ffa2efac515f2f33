import Foundation
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing

@testable import Calibration

/// The latencies of a scenario that says nothing else: what `bootsim calibrate` makes of a recording
/// with an idle CPU. `UPDATE_PROFILE=1` writes both files anew.
struct DefaultProfileTests {
  private static let root = Repository.root
  private static let profile = root.appendingPathComponent("scenarios/profiles/idle.yaml")
  private static let source = root.appendingPathComponent(
    "Sources/TLSBootstrap/Vocabulary/RecordedLatencies.swift")
  private static let recording = root.deletingLastPathComponent()
    .appendingPathComponent("shared/groundtruth/audit/d20_rate10.audit.jsonl.gz")
  private static let command =
    "bootsim calibrate \(recording.lastPathComponent) --output \(profile.lastPathComponent)"
  private static let hasRecording = FileManager.default.fileExists(atPath: recording.path)

  @Test(.enabled(if: hasRecording, "the recording is not in ../shared"))
  func `the default profile is what calibrate makes of the recording`() throws {
    var tally = AuditTally()
    try tally.read(path: Self.recording.path)
    let profile = try #require(LatencyProfile(tally))
    try hold(profile.yaml(command: Self.command), Self.profile)
    try hold(Self.source(of: profile), Self.source)
  }

  @Test func `the vocabulary's defaults are those of the default profile`() throws {
    let profile = try String(contentsOf: Self.profile, encoding: .utf8)
    #expect(try Latencies.read(profile: profile) == Latencies())
  }

  private func hold(_ text: String, _ file: URL) throws {
    if ProcessInfo.processInfo.environment["UPDATE_PROFILE"] == "1" {
      try Data(text.utf8).write(to: file)
    }
    let held = try String(contentsOf: file, encoding: .utf8)
    #expect(held == text, "run this test once with UPDATE_PROFILE=1")
  }

  /// The profile's latencies in Swift.
  private static func source(of profile: LatencyProfile) -> String {
    let lines = profile.latencies.compactMap { latency -> String? in
      guard let points = latency.distribution else { return nil }
      let times = [points.least, points.p50, points.p90, points.p99, points.greatest]
        .map { grouped($0.nanoseconds / 1_000) }.joined(separator: ", ")
      return "  static let \(latency.key) = microseconds(\(times))\n"
    }
    return """
      import SimulationKernel

      /// Service times of a control plane with an idle CPU: 600 nodes joined a Kubernetes v1.36.2 at 10 a
      /// second.
      ///
      /// Made by the test DefaultProfileTests with UPDATE_PROFILE=1, as scenarios/profiles/idle.yaml is by
      /// `\(command)`.
      enum RecordedLatencies {
      \(lines.joined())
        private static func microseconds(
          _ least: Int64, _ p50: Int64, _ p90: Int64, _ p99: Int64, _ greatest: Int64
        ) -> Distribution {
          let length: (Int64) -> Duration = { Duration(nanoseconds: $0 * 1_000) }
          return .quantiles(
            Distribution.Quantiles(
              least: length(least), p50: length(p50), p90: length(p90), p99: length(p99),
              greatest: length(greatest)))
        }
      }

      """
  }

  private static func grouped(_ number: Int64) -> String {
    guard number >= 1_000 else { return "\(number)" }
    return "\(number / 1_000)_" + String(1_000 + number % 1_000).dropFirst()
  }
}

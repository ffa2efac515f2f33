import Foundation
import Testing

@testable import Conformance

/// The simulator beside the recordings, within the bounds that docs/FIDELITY.md states.
struct ConformanceTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Recordings").path

  @Test(arguments: ThroughputRun.all.map(\.name))
  func `J.1 rate-limited runs come out within 3 % or 60 ms, and 20 ms to issue`(name: String) throws
  {
    let run = try #require(ThroughputRun.all.first { $0.name == name })
    let checks = try run.checks(Recordings(folder: Self.folder))
    #expect(checks.count { $0.verdict != .shown } == (run.isRateLimited ? 5 : 0))
    #expect(broken(checks) == [])
  }

  @Test(arguments: CollapseRun.all.map(\.clients))
  func `0.9 the collapse comes out as measured`(clients: Int) throws {
    let checks = try CollapseRun(clients: clients).checks(Recordings(folder: Self.folder))
    #expect(checks.allSatisfy { $0.verdict != .shown })
    #expect(broken(checks) == [])
  }

  @Test(arguments: [true, false])
  func `A.3, B.4, L.2 a node makes the recorded requests in the recorded order`(
    rotateCertificates: Bool
  ) throws {
    let requests = try #require(
      NodeRequests.all.first { $0.rotateCertificates == rotateCertificates })
    let checks = try requests.checks(Recordings(folder: Self.folder))
    #expect(checks.count { $0.verdict == .held } >= 10)
    #expect(broken(checks) == [])
  }

  @Test func `A.4, B.2, B.6, L.2 a kubelet's recorded times lie among the simulated ones`() throws {
    let recordings = try Recordings(folder: Self.folder)
    let checks = try KubeletTimes.all.flatMap { try $0.checks(recordings) }
    #expect(checks.count > 60)
    #expect(broken(checks) == [])
  }

  @Test func `B.3 rotation deadlines are distributed as the recorded draws are`() throws {
    #expect(broken(try RotationDraws().checks(Recordings(folder: Self.folder))) == [])
  }

  @Test func `percentiles are interpolated linearly`() {
    #expect(Figure.percentile(50, of: [4, 1, 2, 3]) == 2.5)
    #expect(Figure.percentile(90, of: [0, 10]) == 9)
    #expect(Figure.percentile(99, of: [7]) == 7)
  }

  @Test func `a difference past the bound is broken, and without a bound only shown`() {
    let check = { (tolerance: Double?) in
      ConformanceCheck(.curves, "run", "p50", recorded: 1, simulated: 1.2, tolerance: tolerance)
    }
    #expect(check(0.1).verdict == .broken)
    #expect(check(0.3).verdict == .held)
    #expect(check(nil).verdict == .shown)
    #expect(check(0.3).bound == "± 0.300 s" && check(0.3).recorded == "1.000 s")
  }

  @Test func `a folder or a recording that is missing is named`() throws {
    #expect(throws: RecordingError.self) { try Recordings(folder: "/no/such/folder") }
    let empty = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: empty) }
    let error = #expect(throws: RecordingError.self) {
      try Conformance(Recordings(folder: empty.path))
    }
    #expect(error?.description.contains("throughput/d20_k50.csv cannot be read") == true)
  }

  private func broken(_ checks: [ConformanceCheck]) -> [String] {
    checks.filter { $0.verdict == .broken }.map {
      "\($0.subject) \($0.quantity): \($0.recorded), simulated \($0.simulated), \($0.bound)"
    }
  }
}

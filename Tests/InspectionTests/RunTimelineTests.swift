import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing
import TraceStore

@testable import HTMLReport

struct RunTimelineTests {
  /// The last part of each curve against the world at the end, which counts by itself.
  @Test func `the curves end where the world does`() throws {
    let recording = try Recording(
      "kubeadm-5000-workers", overrides: ["spec.nodes.workers.count=60"])
    let timeline = try RunTimeline(recording.opened(), name: "run")
    #expect(timeline.reached[.nodeIsReady]?.last == recording.end.readyCount)
    #expect(timeline.reached[.createsRequest]?.last == 60)
    #expect(timeline.pending.last.last == 0)
    #expect(timeline.unsigned.last.last == 0)
    #expect(timeline.waitingForToken.last.last == 0)
    #expect(timeline.pending.most.max() ?? 0 > 0)
  }

  /// O19, O28 and O43: denied, deleted, and created for a client that had been told 504.
  @Test(arguments: [
    ("o19-denied", []), ("o28-request-deleted", []),
    ("o43-slow-create", ["spec.controllerManager.controllers.csrapproving=false"]),
  ])
  func `a CSR waits until it is decided on or deleted, whoever created it`(
    name: String, overrides: [String]
  ) throws {
    let recording = try Recording("failures/\(name)", overrides: overrides, level: .steps)
    let timeline = try RunTimeline(recording.opened(), name: "run")
    let conditions = (0..<recording.end.requestCount).map {
      recording.end.request(at: $0).condition
    }
    #expect(!conditions.isEmpty)
    #expect(timeline.pending.last.last == conditions.count { $0 == "Pending" }, "\(conditions)")
    #expect(timeline.unsigned.last.last == conditions.count { $0 == "Approved" }, "\(conditions)")
  }

  @Test func `every request is in one of the parts`() throws {
    let recording = try Recording("expired-token")
    let timeline = try RunTimeline(recording.opened(), name: "run")
    let sums = Dictionary(
      uniqueKeysWithValues: timeline.answers.map { ($0.code, $0.counts.reduce(0, +)) })
    let trace = try recording.opened().trace
    let played = try trace.rows(
      "SELECT code, count(*) FROM requests WHERE code > 0 GROUP BY code"
    ) { (code: $0[0] as Int, count: $0[1] as Int) }
    let waiting = try trace.rows(
      "SELECT code, sum(count) FROM waiting_requests WHERE code > 0 GROUP BY code"
    ) { (code: $0[0] as Int, count: $0[1] as Int) }
    let expected = Dictionary((played + waiting).map { ($0.code, $0.count) }, uniquingKeysWith: +)
    #expect(sums.filter { $0.key > 0 } == expected)
  }
}

extension RunTimelineTests {
  /// Of a run of half an hour a part lasts more than four seconds: all wait within one of them.
  @Test func `the most that wait at once are told, also of waits within one part`() throws {
    let recording = try Recording(
      "kubeadm-5000-workers",
      overrides: [
        "spec.nodes.workers.count=20", "spec.duration=30m", "spec.stopWhen=Never",
        "spec.nodes.workers.start={at: 1s}",
      ], level: .steps)
    let timeline = try RunTimeline(recording.opened(), name: "run")
    let waits = (0..<20).map { recording.end.request(at: $0) }
    let most = waits.map { wait in
      waits.count { other in
        other.created <= wait.created && (other.approved ?? .never) > wait.created
      }
    }.max()
    #expect(most ?? 0 > 0)
    #expect(timeline.pending.most.max() == most)
    #expect(timeline.pending.last.last == 0)
  }
}

struct StretchTests {
  /// A run of 0.5 s beside one of 4 s, in eight parts each: all of it is in the first part.
  @Test func `beside a longer run nothing of a shorter one is lost`() {
    let stretch = Stretch(own: 500, longest: 4_000)
    let counts = [0, 3, 0, 0, 1, 0, 0, 2]
    #expect(stretch.values(counts, .sum, afterwards: 0) == [6, 0, 0, 0, 0, 0, 0, 0])
    #expect(stretch.values(counts, .most) == [3, 2, 2, 2, 2, 2, 2, 2])
    #expect(stretch.values([1, 2, 3, 4, 5, 6, 7, 8], .last) == Array(repeating: 8, count: 8))
  }

  @Test func `the longer run stays as it is, and half of it has two parts in one`() {
    let counts = [1, 2, 3, 4]
    #expect(Stretch(own: 800, longest: 800).values(counts, .sum) == counts)
    #expect(Stretch(own: 400, longest: 800).values(counts, .sum, afterwards: 0) == [3, 7, 0, 0])
  }
}

struct TimeAxisTests {
  @Test(arguments: [1, 10, 45, 600, 10_800, 20_000, 345_600, 400_000, 40_000_000] as [Int64])
  func `ticks are few, round and inside the run`(_ seconds: Int64) {
    let axis = TimeAxis(end: Instant.zero + .seconds(seconds))
    #expect((3...9).contains(axis.ticks.count))
    #expect(axis.ticks.allSatisfy { $0 <= axis.end })
    #expect(Set(axis.ticks.map(axis.label)).count == axis.ticks.count)
  }

  @Test func `the label of a tick at the very end ends with the drawing`() {
    let labels = TimeAxis(end: Instant.zero + .seconds(600)).drawing(from: 0, to: 9).text
    #expect(labels.contains("<text x=\"760\" text-anchor=\"end\" y=\"25\">10:00</text>"))
    #expect(labels.contains("text-anchor=\"middle\" y=\"25\">8:00</text>"))
  }
}

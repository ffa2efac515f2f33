import Foundation
import SimulationKernel
import Testing

@testable import Regression
@testable import TLSBootstrap

struct EventTrailTests {
  /// What an event's place is found from: a run of so many events, one of which may be another.
  private func tally(
    _ count: Int, changed: Int? = nil, comparedWith earlier: Golden.Events? = nil
  ) throws -> EventTally {
    let tally = EventTally(comparedWith: earlier)
    let events = (1...max(1, count)).prefix(count).map { number in
      TraceEvent(
        .limiterWaited, by: .kubelet, value: Int64(number == changed ? 0 : number))
    }
    try events.withUnsafeBufferPointer { try tally.record($0) }
    return tally
  }

  private func events(_ count: Int) throws -> Golden.Events {
    let world = World(Scenario())
    let events = try tally(count).events(world)
    // As it comes back from the file.
    return try JSONDecoder().decode(Golden.Events.self, from: JSONEncoder().encode(events))
  }

  @Test(arguments: [1, 2, 4_095, 8_191, 8_192])
  func `of a run of up to 8,192 events the first that differs is found`(changed: Int) throws {
    let golden = try events(8_192)
    #expect(golden.trail.every == 1)
    let now = try tally(8_192, changed: changed, comparedWith: golden)
    #expect(now.firstDifference == changed...changed)
  }

  @Test(arguments: [1, 5, 40_000, 99_999, 100_000])
  func `of a longer run it lies between two marks`(changed: Int) throws {
    let golden = try events(100_000)
    #expect(golden.trail.every == 16)
    #expect(golden.trail.marks.count == 6_250)
    let now = try tally(100_000, changed: changed, comparedWith: golden)
    let range = try #require(now.firstDifference)
    #expect(range.contains(changed))
    #expect(range.count == 16)
  }

  @Test func `the same run has no such event`() throws {
    #expect(try tally(20_000, comparedWith: events(20_000)).firstDifference == nil)
    #expect(try tally(0, comparedWith: events(0)).firstDifference == nil)
  }

  @Test func `a run that goes on, or ends before, differs where the shorter one ends`() throws {
    #expect(try tally(501, comparedWith: events(500)).firstDifference == 501...501)
    #expect(try tally(499, comparedWith: events(500)).firstDifference == 500...500)
    #expect(try tally(500, comparedWith: events(0)).firstDifference == 1...1)
  }

  /// 100,000 events have marks 16 apart, so that what comes after the last one is in no mark.
  @Test func `what comes after the last mark is found by the digest`() throws {
    let golden = try events(100_007)
    let now = try tally(100_007, changed: 100_003, comparedWith: golden)
    #expect(now.firstDifference?.contains(100_003) == true)
  }

  @Test(arguments: [#"{"every":1,"marks":["A"]}"#, #"{"every":0,"marks":[]}"#, #"{"every":1}"#])
  func `marks that are none are refused`(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(EventTrail.self, from: Data(text.utf8))
    }
  }
}
